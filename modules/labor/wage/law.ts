// Owns: the law's figures by day, and the lowest wage of a day (minimum wage act 5, 6). Not here: the figures (law-table.ts).
import { addDays, yearOf } from '../../../core/base/civil-time.ts'
import type { CivilDate } from '../../../core/base/civil-time.ts'
import { afterMonths, weekdayOf } from './calendar.ts'
import type { Dated, WageLaw } from './types.ts'

const SUNDAY = 6
/** Most months of probation with a lower minimum wage (minimum wage act 5(2)). */
const PROBATION_MONTHS_MAX = 3

/** The value of a day: the latest that began by then; null before the first. */
export function valueOn<T>(values: readonly Dated<T>[], date: CivilDate): T | null {
  for (let at = values.length - 1; at >= 0; at--) {
    const entry = values[at]
    if (entry !== undefined && entry.from <= date) return entry.value
  }
  return null
}

/** The minimum wage of a day, won an hour; 0 before the first that the law's table has. */
export function minWageOn(law: WageLaw, date: CivilDate): bigint {
  return valueOn(law.minWage, date) ?? 0n
}

/** What lowers the minimum wage for a while: who is on probation, and how the contract is. */
export type Probation = {
  readonly startOn: CivilDate
  readonly probationMonths: number
  readonly termGe1Y: boolean
  readonly simpleLabor: boolean
}

/** Whether a day lies in the first three months of a probation that may be paid nine tenths. */
export function isReducedOn(date: CivilDate, { startOn, probationMonths, termGe1Y, simpleLabor }: Probation): boolean {
  if (!termGe1Y || simpleLabor || probationMonths === 0) return false
  return date < afterMonths(startOn, Math.min(probationMonths, PROBATION_MONTHS_MAX))
}

/** The lowest lawful won an hour on a day, rounded up. */
export function floorWage(law: WageLaw, date: CivilDate, probation: Probation): bigint {
  const full = minWageOn(law, date)
  return isReducedOn(date, probation) ? (full * 9n + 9n) / 10n : full
}

/** 1 May (act on the designation of Labour Day). */
export function isLabourDay(date: CivilDate): boolean {
  return date % 10_000 === 501
}

/** Whether wages fall due the day before instead (ministry's standard form): Sundays, public holidays, 1 May. */
export function isPaydayHoliday(law: WageLaw, date: CivilDate): boolean {
  return weekdayOf(date) === SUNDAY || isLabourDay(date) || law.publicHolidays.has(date)
}

/** The last day on or before a day that is no holiday. */
export function lastPaydayBy(law: WageLaw, date: CivilDate): CivilDate {
  let day = date
  while (isPaydayHoliday(law, day)) day = addDays(day, -1)
  return day
}

/** Whether the law's tables reach a year: later ones have neither a minimum wage of their own nor moving holidays. */
export function isTabled(law: WageLaw, date: CivilDate): boolean {
  return law.minWage.some(({ from }) => yearOf(from) === yearOf(date))
}
