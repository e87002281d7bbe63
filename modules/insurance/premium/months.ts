// Owns: periods of months from a day (Civil Act 160). Not here: weeks and hours.
import { addDays, dateOfDays, daysOf } from '../../../core/base/civil-time.ts'
import type { CivilDate, CivilMonth } from '../../../core/base/civil-time.ts'

/**
 * Last day of a period of months that begins at 00:00 of a day: the day before the corresponding one, or the last of the month
 * where there is none (Civil Act 160(2), 160(3)).
 */
export function lastDayOfMonths(startOn: CivilDate, months: number): CivilDate {
  const at = Math.floor(startOn / 10_000) * 12 + (Math.floor(startOn / 100) % 100) - 1 + months
  const first = firstOf(at)
  const lastDay = dateOfDays(daysOf(firstOf(at + 1)) - 1)
  const day = first + (startOn % 100) - 1
  return day > lastDay ? lastDay : addDays(day, -1)
}

/** Whether an employment of these days lasts at least so many months; one without an end does. */
export function lastsMonths(startOn: CivilDate, endOn: CivilDate | null, months: number): boolean {
  return endOn === null || endOn >= lastDayOfMonths(startOn, months)
}

/** The month so many months later. */
export function addToMonth(month: CivilMonth, count: number): CivilMonth {
  return Math.floor(firstOf(Math.floor(month / 100) * 12 + (month % 100) - 1 + count) / 100)
}

/** The last day of a month. */
export function lastDayOfMonth(month: CivilMonth): CivilDate {
  return addDays(addToMonth(month, 1) * 100 + 1, -1)
}

function firstOf(months: number): CivilDate {
  return (Math.floor(months / 12) * 100 + (months % 12) + 1) * 100 + 1
}
