// Owns: Korean civil time (KST = UTC+9, no daylight saving) of a block time, by integers alone.
// Not here: any clock, wage periods (modules/labor).
import { assert } from './assert.ts'
import type { TimeMs } from './ids.ts'

/** A day as yyyymmdd; u32 on the wire (domain.md 2). */
export type CivilDate = number
/** A month as yyyymm; u32 on the wire. */
export type CivilMonth = number

/** Milliseconds of a day; Korean civil time has no leap seconds and no daylight saving. */
export const DAY_MS = 86_400_000
/** Milliseconds of an hour. */
export const HOUR_MS = 3_600_000

const KST_OFFSET_MS = 9 * HOUR_MS
const DATE_MIN = 20000101
const DATE_MAX = 20991231

/** Days since 1970-01-01 of a day of the proleptic Gregorian calendar (era arithmetic: years count from March). */
export function daysOf(date: CivilDate): number {
  const day = date % 100
  const month = Math.floor(date / 100) % 100
  const year = Math.floor(date / 10_000) - (month <= 2 ? 1 : 0)
  const era = Math.floor(year / 400)
  const yearOfEra = year - era * 400
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear
  return era * 146_097 + dayOfEra - 719_468
}

/** The day that lies this many days after 1970-01-01. */
export function dateOfDays(days: number): CivilDate {
  const shifted = days + 719_468
  const era = Math.floor(shifted / 146_097)
  const dayOfEra = shifted - era * 146_097
  const leapDays = Math.floor(dayOfEra / 1_460) - Math.floor(dayOfEra / 36_524) + Math.floor(dayOfEra / 146_096)
  const yearOfEra = Math.floor((dayOfEra - leapDays) / 365)
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153)
  const day = dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  return year * 10_000 + month * 100 + day
}

/** The Korean day of a block time. */
export function kstDate(time: TimeMs): CivilDate {
  return dateOfDays(Math.floor((time + KST_OFFSET_MS) / DAY_MS))
}

/** Minutes from 00:00 KST of the block time's own day, 0 to 1439. */
export function kstMinutes(time: TimeMs): number {
  return Math.floor(((time + KST_OFFSET_MS) % DAY_MS) / 60_000)
}

/** The block time at which a Korean day begins. */
export function kstMidnight(date: CivilDate): TimeMs {
  return daysOf(date) * DAY_MS - KST_OFFSET_MS
}

/** The day `count` days later; earlier where negative. */
export function addDays(date: CivilDate, count: number): CivilDate {
  return dateOfDays(daysOf(date) + count)
}

/** Month of a day. */
export function monthOf(date: CivilDate): CivilMonth {
  return Math.floor(date / 100)
}

/** Year of a day. */
export function yearOf(date: CivilDate): number {
  return Math.floor(date / 10_000)
}

/** True for a day of the Gregorian calendar from 2000-01-01 to 2099-12-31 (domain.md 13.1). */
export function isCivilDate(value: number): boolean {
  if (!Number.isInteger(value) || value < DATE_MIN || value > DATE_MAX) return false
  return dateOfDays(daysOf(value)) === value
}

/** True for a month from 200001 to 209912. */
export function isCivilMonth(value: number): boolean {
  return Number.isInteger(value) && isCivilDate(value * 100 + 1)
}

/** The time as RFC 3339 text in UTC without fractions, such as 2026-11-23T00:00:00Z; milliseconds are dropped. */
export function formatUtc(time: TimeMs): string {
  assert(Number.isSafeInteger(time) && time >= 0, 'a time is a non-negative integer')
  const date = String(dateOfDays(Math.floor(time / DAY_MS))).padStart(8, '0')
  const seconds = Math.floor((time % DAY_MS) / 1_000)
  const two = (value: number): string => String(value).padStart(2, '0')
  const clock = `${two(Math.floor(seconds / 3_600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`
  return `${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6)}T${clock}Z`
}

/** The time of what `formatUtc` writes, from the year 2000 to 2099; null for any other text. */
export function parseUtc(text: string): TimeMs | null {
  const match = /^(\d{4})-(\d{2})-(\d{2})T([01]\d|2[0-3]):([0-5]\d):([0-5]\d)Z$/.exec(text)
  if (match === null) return null
  const date = Number(`${match[1]}${match[2]}${match[3]}`)
  if (!isCivilDate(date)) return null
  return daysOf(date) * DAY_MS + (Number(match[4]) * 3_600 + Number(match[5]) * 60 + Number(match[6])) * 1_000
}
