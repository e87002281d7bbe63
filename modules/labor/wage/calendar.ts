// Owns: weekdays, months and periods of months of Korean civil dates. Not here: single days (core/base/civil-time.ts), holidays
// (law.ts).
import { addDays, dateOfDays, daysOf } from '../../../core/base/civil-time.ts'
import type { CivilDate, CivilMonth } from '../../../core/base/civil-time.ts'
import type { WagePeriod } from './types.ts'

/** Days of a week. */
export const WEEK = 7

/** Weekday of a day number since 1970-01-01; 0 is Monday. */
export function weekdayOfDays(days: number): number {
  return (((days + 3) % WEEK) + WEEK) % WEEK
}

/** Weekday of a day; 0 is Monday. */
export function weekdayOf(date: CivilDate): number {
  return weekdayOfDays(daysOf(date))
}

/** Day number of the first day of the week that a day number lies in. */
export function weekStartOfDays(days: number, weekStartDow: number): number {
  return days - ((weekdayOfDays(days) - weekStartDow + WEEK) % WEEK)
}

/** First day of the month so many months after a month. */
function firstOfMonth(month: CivilMonth, later: number): CivilDate {
  const at = Math.floor(month / 100) * 12 + (month % 100) - 1 + later
  return (Math.floor(at / 12) * 100 + (at % 12) + 1) * 100 + 1
}

/** First and last day of a month. */
export function periodOfMonth(month: CivilMonth, later = 0): WagePeriod {
  return { from: firstOfMonth(month, later), to: dateOfDays(daysOf(firstOfMonth(month, later + 1)) - 1) }
}

/**
 * The day after a period of months that begins on a day (Civil Act 160): the same day of a later month, or the first of the
 * next.
 */
export function afterMonths(startOn: CivilDate, months: number): CivilDate {
  const { from, to } = periodOfMonth(Math.floor(startOn / 100), months)
  const day = from + (startOn % 100) - 1
  return day > to ? addDays(to, 1) : day
}

/** The day so many months before a day; the month's last where it has no such day. */
export function monthsBefore(date: CivilDate, months: number): CivilDate {
  const { from, to } = periodOfMonth(Math.floor(date / 100), -months)
  const day = from + (date % 100) - 1
  return Math.min(day, to)
}

/** Days from the first to the last, both counted. */
export function lengthOf({ from, to }: WagePeriod): number {
  return daysOf(to) - daysOf(from) + 1
}
