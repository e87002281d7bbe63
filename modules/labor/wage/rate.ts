// Owns: the ordinary hour of a day: what the contract says, what the law says at least (minimum wage act 6(3), LSA decree
// 6(2)). Not here: lines (lines.ts), which days (days.ts).
import type { CivilDate } from '../../../core/base/civil-time.ts'
import { ZERO, fraction, isLess, larger, plus, smaller, times } from './fraction.ts'
import type { Fraction } from './fraction.ts'
import { floorWage, valueOn } from './law.ts'
import { netMinutes } from './shift-minutes.ts'
import type { WageInput, WageTerms, WageVersion } from './types.ts'

/** Minutes a day that count at most in averages, and above which work is overtime of everybody (LSA 50(2)). */
export const DAY_LIMIT = 480
/** Minutes a week, likewise (LSA 50(1)). */
export const WEEK_LIMIT = 2_400
/** From here on a week's average brings a weekly holiday and annual leave (LSA 18(3)). */
export const SHORT_WEEK = 900
const DEFAULT_WORKDAYS = 20

/** Scheduled minutes of a weekday. */
export function plannedMinutes({ schedule }: WageTerms, weekday: number): number {
  const times = schedule[weekday] ?? null
  return times === null ? 0 : netMinutes(times)
}

/** Scheduled minutes of a week. */
export function weeklyMinutes(terms: WageTerms): number {
  return terms.schedule.reduce((sum, times) => sum + (times === null ? 0 : netMinutes(times)), 0)
}

/** Work days of comparable full-time people in four weeks. */
export function workdays4wOn(law: WageInput['law'], date: CivilDate): number {
  return valueOn(law.regularWorkdays4w, date) ?? DEFAULT_WORKDAYS
}

/** Minutes of a weekly holiday: what a full-timer's day is to a week, eight hours at most (LSA decree, table 2). */
export function restMinutes({
  contractedMin,
  weeks,
  workdays4w,
}: {
  contractedMin: number
  weeks: number
  workdays4w: number
}): Fraction {
  return smaller(fraction(contractedMin * 4, weeks * workdays4w), fraction(DAY_LIMIT))
}

/** Minutes that a monthly wage pays for: 209 hours of 40 + 8 a week, else (week + weekly holiday) x 365/84 (LSA decree 6(2)4). */
export function monthlyMinutes(weeklyMin: number, workdays4w: number): Fraction {
  if (weeklyMin === 0) return ZERO
  const rest = weeklyMin < SHORT_WEEK ? ZERO : restMinutes({ contractedMin: weeklyMin, weeks: 1, workdays4w })
  if (weeklyMin === WEEK_LIMIT && rest.num === BigInt(DAY_LIMIT) && rest.den === 1n) return fraction(209 * 60)
  return times(plus(fraction(weeklyMin), rest), fraction(365, 84))
}

/** Ordinary won an hour as agreed; 0 where the contract names no hours to divide by. */
export function agreedHourly(terms: WageTerms, workdays4w: number): Fraction {
  const stated = fraction(terms.ordinaryHourly)
  const weekly = weeklyMinutes(terms)
  if (terms.wageKind === 'HOURLY' || weekly === 0) return stated
  if (terms.wageKind === 'DAILY') {
    const days = terms.schedule.filter((day) => day !== null && netMinutes(day) > 0).length
    return larger(stated, fraction(terms.fixedPay * 60n * BigInt(days), weekly))
  }
  const month = monthlyMinutes(weekly, workdays4w)
  return larger(stated, fraction(terms.fixedPay * 60n * month.den, month.num))
}

/** What one day is paid by. */
export type Rate = {
  /** Equal where kind, won and surcharge are. */
  readonly key: string
  /** Won an hour. */
  readonly hourly: Fraction
  /** Won a month, of a monthly wage. */
  readonly monthly: Fraction
  /** Whether the law's floor stands in for what was agreed. */
  readonly isFloor: boolean
  /** Surcharge, millionths. */
  readonly premiumPpm: number
}

/** The rate of a day under a version. */
export function rateOn(input: WageInput, { terms }: WageVersion, date: CivilDate): Rate {
  const { law, contract } = input
  const floor = fraction(floorWage(law, date, { ...terms, startOn: contract.startOn }))
  const workdays4w = workdays4wOn(law, date)
  const agreed = agreedHourly(terms, workdays4w)
  const month = monthlyMinutes(weeklyMinutes(terms), workdays4w)
  const leastMonth = times(floor, times(month, fraction(1, 60)))
  const pay = fraction(terms.fixedPay)
  const isMonthly = terms.wageKind === 'MONTHLY'
  const [hourly, monthly] = [larger(agreed, floor), isMonthly ? larger(pay, leastMonth) : ZERO]
  const premiumPpm = Math.max(terms.premiumPpm, valueOn(law.premiumPpm, date) ?? 0)
  return {
    key: [terms.wageKind, hourly.num, hourly.den, monthly.num, monthly.den, premiumPpm].join('|'),
    ...{ hourly, monthly, premiumPpm },
    isFloor: isLess(agreed, floor) || (isMonthly && isLess(pay, leastMonth)),
  }
}
