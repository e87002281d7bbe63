// Owns: one account's money as arithmetic on its record: what is available, crediting, spending, limits.
// Not here: banks (ledger.ts), state.
import type { CivilDate } from '../../core/base/civil-time.ts'
import { failure } from '../../core/base/errors.ts'
import type { Failure } from '../../core/base/errors.ts'
import { PaymentError } from './errors.ts'
import { AMOUNT_MAX } from './schema.ts'
import type { Wallet } from './schema.ts'

/** The record of an account that this bank credits for the first time; the bank becomes its home. */
export function openWallet(bank: string): Wallet {
  return { bank, balance: 0n, locked: 0n, exempt: false, spentOn: 0, spent: 0n, convertedIn: 0, converted: 0n, freeze: null }
}

/** PAYMENT_AMOUNT_ZERO or PAYMENT_AMOUNT_TOO_LARGE. */
export function checkAmount(amount: bigint): Failure | null {
  if (amount === 0n) return failure(PaymentError.AMOUNT_ZERO)
  return amount > AMOUNT_MAX ? failure(PaymentError.AMOUNT_TOO_LARGE, { amount: amount.toString() }) : null
}

/** Won that can leave the account now: nothing while it is frozen, what lies above a partly frozen amount otherwise. */
export function availableOf({ balance, freeze }: Wallet): bigint {
  if (freeze === null) return balance
  return freeze.amount === null || freeze.amount >= balance ? 0n : balance - freeze.amount
}

/** PAYMENT_INSUFFICIENT or PAYMENT_ACCOUNT_FROZEN unless the amount can leave. */
export function checkLeaving(wallet: Wallet | null, amount: bigint): Failure | null {
  if (wallet === null) return failure(PaymentError.INSUFFICIENT, { available: '0' })
  if (wallet.freeze !== null && availableOf(wallet) < amount)
    return failure(PaymentError.ACCOUNT_FROZEN, { reason: wallet.freeze.reasonCode })
  return wallet.balance < amount ? failure(PaymentError.INSUFFICIENT, { available: wallet.balance.toString() }) : null
}

/** PAYMENT_HOLD_LIMIT unless the account may hold this much more; won on the way to redemption still counts. */
export function checkHolding(wallet: Wallet, amount: bigint, holdLimit: bigint): Failure | null {
  if (wallet.exempt || wallet.balance + wallet.locked + amount <= holdLimit) return null
  return failure(PaymentError.HOLD_LIMIT, { limit: holdLimit.toString() })
}

/** Won that the account transferred on this Korean day. */
export function spentOn(wallet: Wallet, day: CivilDate): bigint {
  return wallet.spentOn === day ? wallet.spent : 0n
}

/** Won that was minted to the account in this year. */
export function convertedIn(wallet: Wallet, year: number): bigint {
  return wallet.convertedIn === year ? wallet.converted : 0n
}

/** The record after a transfer left; an exempt account is not counted. */
export function spend(wallet: Wallet, amount: bigint, day: CivilDate): Wallet {
  const balance = wallet.balance - amount
  return wallet.exempt ? { ...wallet, balance } : { ...wallet, balance, spentOn: day, spent: spentOn(wallet, day) + amount }
}

/** The record after won came in. */
export function credit(wallet: Wallet, amount: bigint): Wallet {
  return { ...wallet, balance: wallet.balance + amount }
}

/** The record after won was minted to it; an exempt account is not counted. */
export function convert(wallet: Wallet, amount: bigint, year: number): Wallet {
  const credited = credit(wallet, amount)
  return wallet.exempt ? credited : { ...credited, convertedIn: year, converted: convertedIn(wallet, year) + amount }
}
