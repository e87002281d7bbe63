// Owns: what an hourly wage is by the month, and whether a monthly one reaches the minimum (LSA decree 6(2)4, minimum wage act
// 5). Not here: the wage of a real month (period.ts).
import { ceilOf, fraction, roundOf, times } from './fraction.ts'
import { monthlyMinutes } from './rate.ts'

const DEFAULT_WORKDAYS = 20

/** Won of an average month for so many minutes a week, to the nearest won: a figure to compare by. */
export function monthlyEquivalent(hourly: bigint, weeklyMin: number, workdays4w = DEFAULT_WORKDAYS): bigint {
  return roundOf(times(fraction(hourly, 60), monthlyMinutes(weeklyMin, workdays4w)))
}

/** The least lawful won of a month for so many minutes a week. */
export function leastMonthlyPay(minWage: bigint, weeklyMin: number, workdays4w = DEFAULT_WORKDAYS): bigint {
  return ceilOf(times(fraction(minWage, 60), monthlyMinutes(weeklyMin, workdays4w)))
}

/** Whether a monthly pay reaches the minimum wage, by cross-multiplication alone: pay x 60 against wage x minutes. */
export function reachesMinimum(pay: bigint, minWage: bigint, weeklyMin: number, workdays4w = DEFAULT_WORKDAYS): boolean {
  const { num, den } = monthlyMinutes(weeklyMin, workdays4w)
  return pay * 60n * den >= minWage * num
}
