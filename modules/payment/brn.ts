// Owns: Korean business registration numbers: ten digits, kind of business, check digit (domain.md 7.2). Not here: who holds one.
import { failure } from '../../core/base/errors.ts'
import type { Failure } from '../../core/base/errors.ts'
import { PaymentError } from './errors.ts'

const WEIGHTS = [1, 3, 7, 1, 3, 7, 1, 3, 5] as const
/** Smallest number of a tax office. */
const OFFICE_MIN = 101

/** PAYMENT_BRN_FORMAT, PAYMENT_BRN_CHECKSUM or PAYMENT_BRN_TYPE; null for a number that a business can have. */
export function checkBrn(brn: string): Failure | null {
  if (!/^\d{10}$/.test(brn)) return failure(PaymentError.BRN_FORMAT)
  const digits = [...brn].map(Number)
  const expected = checkDigit(digits)
  if (digits[9] !== expected) return failure(PaymentError.BRN_CHECKSUM, { expected, got: digits[9] ?? 0 })
  // All zeros pass the check sum, so office and kind are asked for as well.
  const kind = Number(brn.slice(3, 5))
  const isKind = (kind >= 1 && kind <= 79) || (kind >= 80 && kind <= 99)
  return Number(brn.slice(0, 3)) >= OFFICE_MIN && isKind ? null : failure(PaymentError.BRN_TYPE, { kind })
}

/** The last digit that the first nine ask for. */
export function checkDigit(digits: readonly number[]): number {
  const weighed = WEIGHTS.reduce((sum: number, weight, i) => sum + (digits[i] ?? 0) * weight, 0)
  const sum = weighed + Math.floor(((digits[8] ?? 0) * 5) / 10)
  return (10 - (sum % 10)) % 10
}
