// Owns: annual leave of part-timers in hours (LSA 60, decree table 2). Not here: days on which it is taken (a record
// LEAVE_PAID).
import { addDays } from '../../../core/base/civil-time.ts'
import type { CivilDate } from '../../../core/base/civil-time.ts'
import { afterMonths } from './calendar.ts'
import { SHORT_WEEK, WEEK_LIMIT } from './rate.ts'
import type { Headcount } from './types.ts'

/** Days of a year of service with 80 per cent attendance, and the most they grow to. */
const YEAR_DAYS = 15
const YEAR_DAYS_MAX = 25
const FULL_DAY_HOURS = 8

/** How a year of service was kept. */
export type ServiceYear = {
  /** Whole years of service that are over. */
  readonly years: number
  /** Whether at least 80 per cent of the scheduled days of the last whole year were attended. */
  readonly isKept: boolean
  /** Months attended in full: of the first year, or of a year below 80 per cent. */
  readonly fullMonths: number
  readonly weeklyMin: number
  readonly headcount: Headcount
}

/** Days of leave as a full-timer has them: 15, one more for each two years beyond the first, 25 at most; a day a month before. */
export function leaveDays({ years, isKept, fullMonths }: Pick<ServiceYear, 'years' | 'isKept' | 'fullMonths'>): number {
  if (years === 0) return Math.min(fullMonths, 11)
  if (!isKept) return Math.min(fullMonths, 12)
  return Math.min(YEAR_DAYS + Math.floor((years - 1) / 2), YEAR_DAYS_MAX)
}

/** Hours of leave: days x week / 40 hours x 8, a part of an hour being an hour; none below 15 hours a week or five people. */
export function leaveHours(year: ServiceYear): number {
  const { weeklyMin, headcount } = year
  if (headcount === 'LT5' || weeklyMin < SHORT_WEEK) return 0
  const week = Math.min(weeklyMin, WEEK_LIMIT)
  return Math.ceil((leaveDays(year) * week * FULL_DAY_HOURS) / WEEK_LIMIT)
}

/** A day of attendance as leave sees it. */
export type AttendedDay = { readonly date: CivilDate; readonly wasScheduled: boolean; readonly wasKept: boolean }

/** Months of service, counted from the start, in which every scheduled day was kept; those that end by `asOf`. */
export function fullMonthsOf(startOn: CivilDate, asOf: CivilDate, days: readonly AttendedDay[]): number {
  let count = 0
  for (let month = 1; month <= 12; month++) {
    const [from, after] = [afterMonths(startOn, month - 1), afterMonths(startOn, month)]
    if (addDays(after, -1) > asOf) break
    const inside = days.filter(({ date, wasScheduled }) => wasScheduled && date >= from && date < after)
    if (inside.length > 0 && inside.every(({ wasKept }) => wasKept)) count += 1
  }
  return count
}

/** Whether at least 80 per cent of the scheduled days were kept. */
export function isYearKept(days: readonly AttendedDay[]): boolean {
  const scheduled = days.filter(({ wasScheduled }) => wasScheduled)
  return scheduled.filter(({ wasKept }) => wasKept).length * 100 >= scheduled.length * 80
}
