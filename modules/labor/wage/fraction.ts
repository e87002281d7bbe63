// Owns: exact fractions of won and minutes. Not here: what they mean.
import { assert } from '../../../core/base/assert.ts'

/** `num / den`, `den` above 0, in lowest terms. */
export type Fraction = { readonly num: bigint; readonly den: bigint }

/** Nothing. */
export const ZERO: Fraction = { num: 0n, den: 1n }

function gcd(a: bigint, b: bigint): bigint {
  let [x, y] = [a < 0n ? -a : a, b]
  while (y !== 0n) [x, y] = [y, x % y]
  return x
}

/** The fraction in lowest terms. */
export function fraction(num: bigint | number, den: bigint | number = 1n): Fraction {
  const [n, d] = [BigInt(num), BigInt(den)]
  assert(d > 0n, 'a denominator is above 0')
  if (d === 1n) return { num: n, den: d }
  const shared = gcd(n, d)
  return { num: n / shared, den: d / shared }
}

/** Sum of two. */
export function plus(a: Fraction, b: Fraction): Fraction {
  return a.den === 1n && b.den === 1n ? { num: a.num + b.num, den: 1n } : fraction(a.num * b.den + b.num * a.den, a.den * b.den)
}

/** Product of two. */
export function times(a: Fraction, b: Fraction): Fraction {
  return fraction(a.num * b.num, a.den * b.den)
}

/** True if `a` is less than `b`. */
export function isLess(a: Fraction, b: Fraction): boolean {
  return a.num * b.den < b.num * a.den
}

/** The larger of two. */
export function larger(a: Fraction, b: Fraction): Fraction {
  return isLess(a, b) ? b : a
}

/** The smaller of two. */
export function smaller(a: Fraction, b: Fraction): Fraction {
  return isLess(b, a) ? b : a
}

/** Rounded down, of a fraction that is not negative. */
export function floorOf({ num, den }: Fraction): bigint {
  return num / den
}

/** Rounded up, of a fraction that is not negative. */
export function ceilOf({ num, den }: Fraction): bigint {
  return (num + den - 1n) / den
}

/** Rounded to the nearest, half upwards, of a fraction that is not negative. */
export function roundOf({ num, den }: Fraction): bigint {
  return (num * 2n + den) / (den * 2n)
}
