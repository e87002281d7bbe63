// Owns: one line of a breakdown: its amount and its article. Not here: which lines there are (period.ts).
import { assertNever } from '../../../core/base/assert.ts'
import { ceilOf, floorOf, fraction, smaller, times } from './fraction.ts'
import type { Fraction } from './fraction.ts'
import type { WageLine, WageLineCode, WagePeriod } from './types.ts'

/** The whole, in millionths. */
export const WHOLE_PPM = 1_000_000
const HOUR_MIN = 60

/** Where each line stands in law. LSA labor standards act, LSAD its decree, PTA part-time act, MWA minimum wage act. */
const ARTICLES: Readonly<Record<WageLineCode, string>> = {
  BASE: 'LSA-43(1);MWA-6(1)',
  MONTHLY_PAY: 'LSA-43(1);MWA-6(1)',
  EXCESS: 'LSA-56(1);PTA-6(3)',
  NIGHT: 'LSA-56(3)',
  HOLIDAY: 'LSA-56(2)1',
  HOLIDAY_OVER_8H: 'LSA-56(2)2',
  PAID_HOLIDAY: 'LSA-55(2)',
  PAID_LEAVE: 'LSA-60(5)',
  CLOSURE: 'LSA-46(1)',
  WEEKLY_HOLIDAY: 'LSA-55(1);LSAD-30(1)',
  ALLOWANCE: 'LSA-17(1)1',
  ABSENCE: 'LSA-2(1)5',
}

/** Where a line stands in law, such as `LSA-56(1)`; several apart by semicolons. */
export function articleOf(code: WageLineCode): string {
  return ARTICLES[code]
}

/** What a line is made of; `won` follows. */
export type LineParts = Omit<WageLine, 'won' | 'law' | 'name'> & { readonly name?: string; readonly law?: string }

/** The exact amount of a line before it is rounded. */
export function exactWon({ unit, quantity, rate, ppm }: Pick<WageLine, 'unit' | 'quantity' | 'rate' | 'ppm'>): Fraction {
  const amount = times(rate, quantity)
  if (unit === 'MINUTE') return times(amount, fraction(ppm, HOUR_MIN * WHOLE_PPM))
  if (unit === 'DAY' || unit === 'MONTH') return times(amount, fraction(ppm, WHOLE_PPM))
  return assertNever(unit)
}

/** A line with its amount: earnings are rounded up to a won, so that no rounding takes anything from what the law gives. */
export function buildLine(parts: LineParts): WageLine {
  return { ...parts, name: parts.name ?? '', law: parts.law ?? articleOf(parts.code), won: ceilOf(exactWon(parts)) }
}

/** A deduction: rounded down, and never more than `most`. */
export function buildCut(parts: LineParts, most: bigint): WageLine {
  const won = floorOf(smaller(exactWon(parts), fraction(most)))
  return { ...parts, name: parts.name ?? '', law: parts.law ?? articleOf(parts.code), won }
}

/** Minutes at a share of a rate. */
export function minuteLine(
  code: WageLineCode,
  { from, to }: WagePeriod,
  { quantity, rate, ppm = WHOLE_PPM, law }: { quantity: Fraction | number; rate: Fraction; ppm?: number; law?: string },
): LineParts {
  const minutes = typeof quantity === 'number' ? fraction(quantity) : quantity
  return { code, from, to, unit: 'MINUTE', quantity: minutes, rate, ppm, ...(law === undefined ? {} : { law }) }
}
