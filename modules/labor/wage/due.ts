// Owns: when wages fall due and what they bear when they are late (LSA 36, 37, 43; domain.md 8.5). Not here: how much they are
// (period.ts).
import { addDays, daysOf } from '../../../core/base/civil-time.ts'
import type { CivilDate, CivilMonth } from '../../../core/base/civil-time.ts'
import { periodOfMonth } from './calendar.ts'
import { lastPaydayBy } from './law.ts'
import type { WageLaw, WagePeriod } from './types.ts'

const YEAR_DAYS = 365n
const PPM = 1_000_000n

/** When a contract pays a month. */
export type PaydayTerms = { readonly payDay: number; readonly payMonthOffset: number }

/** The payday of a month's wage: the day of the month or its last; the day before where that is a holiday. */
export function paydayOf(law: WageLaw, month: CivilMonth, { payDay, payMonthOffset }: PaydayTerms): CivilDate {
  const { from, to } = periodOfMonth(month, payMonthOffset)
  return lastPaydayBy(law, Math.min(from + payDay - 1, to))
}

/** The day by which everything is paid after the end (LSA 36). */
export function finalDueOf(law: WageLaw, endOn: CivilDate): CivilDate {
  return addDays(endOn, law.finalPayDays)
}

/** The day on which a month's wage falls due: its payday, or 14 days after the end where that is earlier. */
export function dueDateOf(law: WageLaw, month: CivilMonth, terms: PaydayTerms, endOn: CivilDate | null): CivilDate {
  const payday = paydayOf(law, month, terms)
  return endOn === null ? payday : Math.min(payday, finalDueOf(law, endOn))
}

/** A sum that was due on a day and paid on another; `leftOn` is the last day of service where it has come. */
export type LatePayment = {
  readonly principal: bigint
  readonly dueOn: CivilDate
  readonly paidOn: CivilDate
  readonly leftOn: CivilDate | null
  /** Stretches without interest, none sharing a day with another: the law's exceptions (LSA 37(2), decree 18). */
  readonly excepted?: readonly WagePeriod[]
}

/**
 * The last day without interest: the due date. What fell due in service before 2025-10-23 bears it only after the end, from the
 * day on which
 * everything had to be paid (transition rule of the amendment); null while that has not come.
 */
export function interestBase(law: WageLaw, { dueOn, leftOn }: Pick<LatePayment, 'dueOn' | 'leftOn'>): CivilDate | null {
  if (dueOn >= law.serviceInterestFrom) return dueOn
  return leftOn === null ? null : Math.max(dueOn, finalDueOf(law, leftOn))
}

function overlapDays(a: WagePeriod, b: WagePeriod): number {
  return Math.max(0, daysOf(Math.min(a.to, b.to)) - daysOf(Math.max(a.from, b.from)) + 1)
}

/** A stretch of days at one rate. */
export type InterestSpan = { readonly ppm: number; readonly days: number }

/** The days that bear interest, by rate: from the day after the base up to the day of payment. */
export function interestSpans(law: WageLaw, late: LatePayment): readonly InterestSpan[] {
  const base = interestBase(law, late)
  if (base === null || late.paidOn <= base) return []
  const whole = { from: addDays(base, 1), to: late.paidOn }
  return law.arrearsPpm.flatMap(({ from, value: ppm }, at) => {
    const next = law.arrearsPpm[at + 1]
    const span = {
      from: Math.max(from, whole.from),
      to: next === undefined ? whole.to : Math.min(addDays(next.from, -1), whole.to),
    }
    const free = (late.excepted ?? []).reduce((sum, period) => sum + overlapDays(span, period), 0)
    const days = overlapDays(span, span) - free
    return days > 0 ? [{ ppm, days }] : []
  })
}

/** Interest on arrears in won, rounded up: principal x ppm x days / (1,000,000 x 365). */
export function arrearsInterest(law: WageLaw, late: LatePayment): bigint {
  const weighed = interestSpans(law, late).reduce((sum, { ppm, days }) => sum + BigInt(ppm) * BigInt(days), 0n)
  const divisor = PPM * YEAR_DAYS
  return (late.principal * weighed + divisor - 1n) / divisor
}

/** Days from the due date to the payment; 0 when in time. */
export function daysLate({ dueOn, paidOn }: Pick<LatePayment, 'dueOn' | 'paidOn'>): number {
  return Math.max(0, daysOf(paidOn) - daysOf(dueOn))
}
