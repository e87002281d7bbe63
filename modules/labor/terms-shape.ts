// Owns: whether terms are complete and can be meant, by themselves. Not here: whether they are lawful (law.ts).
import { isCivilDate } from '../../core/base/civil-time.ts'
import { failure } from '../../core/base/errors.ts'
import type { Failure } from '../../core/base/errors.ts'
import type { Hash32 } from '../../core/base/ids.ts'
import { ZERO_HASH } from '../../core/base/ids.ts'
import { LaborError } from './errors.ts'
import { WEEK_DAYS } from './terms-schema.ts'
import type { Span, Terms, Times } from './terms-schema.ts'

/** Minutes of a day. */
export const DAY_MIN = 1_440
/** Most won of one sum. */
export const AMOUNT_MAX = 10n ** 12n
/** Largest surcharge that can be agreed, millionths: the largest that the law could ever ask; a payslip line holds its double. */
export const PREMIUM_PPM_MAX = 10_000_000
const INSURANCE_BITS = 15
const PROBATION_MONTHS_MAX = 12
const MONTH_MIN_MAX = 31 * DAY_MIN

const missing = (field: string): Failure => failure(LaborError.TERM_MISSING, { field })
const invalid = (field: string, needs: string): Failure => failure(LaborError.TERM_INVALID, { field, needs })

/** Whether a shift's times can be meant: it ends after it begins, on its own day or the next, and lasts at most a day. */
export function isSpan({ startMin, endMin }: Span): boolean {
  return startMin < DAY_MIN && startMin < endMin && endMin - startMin <= DAY_MIN
}

/** Whether breaks stand in order inside of their shift. */
export function hasOrderedBreaks({ startMin, endMin, breaks }: Times): boolean {
  let from = startMin
  for (const span of breaks) {
    if (span.startMin < from || span.endMin <= span.startMin) return false
    from = span.endMin
  }
  return from <= endMin
}

/** LABOR_AMOUNT_ZERO or LABOR_AMOUNT_TOO_LARGE. */
export function checkAmount(amount: bigint): Failure | null {
  if (amount === 0n) return failure(LaborError.AMOUNT_ZERO)
  return amount > AMOUNT_MAX ? failure(LaborError.AMOUNT_TOO_LARGE, { amount: amount.toString() }) : null
}

/** LABOR_TERM_MISSING or LABOR_TERM_INVALID, naming the field. */
export function checkTermsShape(terms: Terms, docHash: Hash32): Failure | null {
  return checkCommitments(terms, docHash) ?? checkDates(terms) ?? checkSchedule(terms) ?? checkPay(terms) ?? checkRest(terms)
}

function checkCommitments(terms: Terms, docHash: Hash32): Failure | null {
  if (docHash === ZERO_HASH) return missing('docHash')
  for (const field of ['placeCommit', 'dutiesCommit', 'docCommit'] as const) if (terms[field] === ZERO_HASH) return missing(field)
  return null
}

function checkDates({ startOn, endOn }: Terms): Failure | null {
  if (startOn === 0) return missing('startOn')
  if (!isCivilDate(startOn)) return invalid('startOn', 'a day as yyyymmdd')
  if (endOn === null) return null
  return isCivilDate(endOn) && endOn >= startOn ? null : invalid('endOn', 'a day from startOn on')
}

function checkSchedule({ schedule, weeklyHolidayDow, weekStartDow }: Terms): Failure | null {
  if (schedule.length !== WEEK_DAYS) return invalid('schedule', 'seven entries from Monday')
  if (schedule.every((times) => times === null)) return missing('schedule')
  if (!schedule.every((times) => times === null || isSpan(times))) return invalid('schedule', 'days that end after they begin')
  const runsOver = (times: Times | null | undefined, next: Times | null | undefined): boolean =>
    times !== null && times !== undefined && next !== null && next !== undefined && times.endMin > next.startMin + DAY_MIN
  if (schedule.some((times, dow) => runsOver(times, schedule[(dow + 1) % WEEK_DAYS])))
    return invalid('schedule', 'days that do not run into the next')
  if (weekStartDow >= WEEK_DAYS) return invalid('weekStartDow', '0 Monday to 6 Sunday')
  if (weeklyHolidayDow >= WEEK_DAYS) return invalid('weeklyHolidayDow', '0 Monday to 6 Sunday')
  return schedule[weeklyHolidayDow] === null ? null : invalid('weeklyHolidayDow', 'a day without work')
}

function checkPay(terms: Terms): Failure | null {
  const { wageKind, ordinaryHourly, fixedPay, components, premiumPpm, payDay, payMonthOffset } = terms
  if (ordinaryHourly === 0n) return missing('ordinaryHourly')
  if (ordinaryHourly > AMOUNT_MAX) return invalid('ordinaryHourly', 'at most 10^12')
  if (wageKind === 'HOURLY' && fixedPay !== 0n) return invalid('fixedPay', '0 of an hourly wage')
  if (wageKind !== 'HOURLY' && fixedPay === 0n) return missing('fixedPay')
  if (fixedPay > AMOUNT_MAX) return invalid('fixedPay', 'at most 10^12')
  if (components.some(({ krw }) => krw === 0n || krw > AMOUNT_MAX)) return invalid('components', 'sums from 1 to 10^12')
  if (premiumPpm > PREMIUM_PPM_MAX) return invalid('premiumPpm', `at most ${PREMIUM_PPM_MAX}`)
  if (payDay === 0) return missing('payDay')
  if (payDay > 31) return invalid('payDay', '1 to 31')
  // Hours after a payday inside of the month would be late the day they are worked.
  const isAfterMonth = payMonthOffset === 1 || (payMonthOffset === 0 && payDay === 31)
  return isAfterMonth ? null : invalid('payMonthOffset', '1, or 0 with payDay 31')
}

function checkRest({ probationMonths, monthlyScheduledMin, insuranceFlags, forbiddenClauses }: Terms): Failure | null {
  if (probationMonths > PROBATION_MONTHS_MAX) return invalid('probationMonths', `at most ${PROBATION_MONTHS_MAX}`)
  if (monthlyScheduledMin === 0) return missing('monthlyScheduledMin')
  if (monthlyScheduledMin > MONTH_MIN_MAX) return invalid('monthlyScheduledMin', `at most ${MONTH_MIN_MAX}`)
  if (insuranceFlags > INSURANCE_BITS) return invalid('insuranceFlags', `at most ${INSURANCE_BITS}`)
  return new Set(forbiddenClauses).size === forbiddenClauses.length ? null : invalid('forbiddenClauses', 'each once')
}
