// Owns: what later rooms may ask of money: wallets, moving won under their own rules, wages with automatic redemption, merchants.
// Not here: this room's transactions.
import { failure } from '../../core/base/errors.ts'
import type { Failure } from '../../core/base/errors.ts'
import type { Address, TxId } from '../../core/base/ids.ts'
import type { ApplyContext, BlockEnv } from '../../core/execution/module.ts'
import type { ReadView } from '../../core/state/view.ts'
import { paramAt } from '../governance/keeper.ts'
import { checkBrn } from './brn.ts'
import { PaymentError } from './errors.ts'
import { RedeemRequested, Transferred } from './events.ts'
import { applyMove, checkMove } from './ledger.ts'
import type { Merchant } from './merchant-schema.ts'
import { merchantDays, merchants } from './merchant-store.ts'
import { NOTHING } from './merchant.ts'
import type { PointsMove as Move, PointsPort as Port, PointsSpend as Spend } from './points-port.ts'
import { enqueueRedemption } from './redemption.ts'
import type { MerchantDay } from './merchant-schema.ts'
import type { Wallet } from './schema.ts'
import { redemptions, wallets } from './store.ts'
import { availableOf, checkLeaving, credit, openWallet } from './wallet.ts'

/** Won from one account to another under the rules of a later room: neither daily nor holding limits count it. */
export type WonMove = { readonly from: Address; readonly to: Address; readonly amount: bigint; readonly block: BlockEnv }

/** Points that a payment spends or a refund gives back. */
export type PointsMove = Move
/** A payer’s points with the won of the same payment. */
export type PointsSpend = Spend
/** What the room of points gives payments. */
export type PointsPort = Port

/** The wallet of an account, or null when it never held won. */
export function readWallet(view: ReadView, account: Address): Wallet | null {
  return wallets.get(view, account)
}

/** Won that can leave the account now. */
export function availableWon(view: ReadView, account: Address): bigint {
  const wallet = wallets.get(view, account)
  return wallet === null ? 0n : availableOf(wallet)
}

/** PAYMENT_INSUFFICIENT, PAYMENT_ACCOUNT_FROZEN, PAYMENT_BANK_CAP or PAYMENT_OUTSTANDING_LIMIT; null when it can be made. */
export function checkWonMove(view: ReadView, { from, to, amount, block }: WonMove): Failure | null {
  const payer = wallets.get(view, from)
  const refused = checkLeaving(payer, amount)
  if (payer === null || refused !== null) return refused
  const payee = wallets.get(view, to) ?? openWallet(payer.bank)
  return checkMove(view, { from: payer.bank, to: payee.bank, amount }, block)
}

/** Makes a checked move; a receiver without a wallet gets the sender's bank as home. */
export function moveWon({ view, emit }: ApplyContext, { from, to, amount }: WonMove): void {
  const payer = wallets.mustGet(view, from)
  wallets.set(view, from, { ...payer, balance: payer.balance - amount })
  const payee = wallets.get(view, to) ?? openWallet(payer.bank)
  wallets.set(view, to, credit(payee, amount))
  applyMove(view, { from: payer.bank, to: payee.bank, amount })
  emit(Transferred, { from, to, amount, fromBank: payer.bank, toBank: payee.bank, memoCommit: null })
}

/**
 * Pays a wage (checked by `checkWonMove`): the holding limit does not stop it, and what the worker would hold beyond the limit
 * is asked back from the home bank at once (domain.md 7.1, `payment.autoRedeem`). `reqId` is the redemption's, if there is one.
 */
export function payWage(context: ApplyContext, move: WonMove & { readonly reqId: TxId }): { readonly redeemed: bigint } {
  moveWon(context, move)
  const { view, emit } = context
  const { to, reqId, block } = move
  const wallet = wallets.mustGet(view, to)
  // What is locked is on its way out already.
  const amount = wallet.balance - paramAt(view, 'payment.holdLimit', block)
  if (wallet.exempt || amount <= 0n || wallet.freeze !== null) return { redeemed: 0n }
  const { bank } = wallet
  wallets.set(view, to, { ...wallet, balance: wallet.balance - amount, locked: wallet.locked + amount })
  const request = { account: to, bank, amount, status: 'pending' as const, requestedAt: block.time }
  redemptions.set(view, reqId, { ...request, decidedAt: null, bankRef: null })
  enqueueRedemption(view, reqId)
  emit(RedeemRequested, { reqId, account: to, bank, amount })
  return { redeemed: amount }
}

/** True for a registration number that a business can have. */
export function isBrn(brn: string): boolean {
  return checkBrn(brn) === null
}

/** The merchant with this number, or null. */
export function readMerchant(view: ReadView, merchantId: string): Merchant | null {
  return merchants.get(view, merchantId)
}

/** PAYMENT_MERCHANT_UNKNOWN unless there is such a merchant. */
export function requireMerchant(view: ReadView, merchantId: string): Merchant | Failure {
  return merchants.get(view, merchantId) ?? failure(PaymentError.MERCHANT_UNKNOWN, { merchantId })
}

/** A merchant's sums of a Korean day. */
export function readMerchantDay(view: ReadView, merchantId: string, day: number): MerchantDay {
  return merchantDays.get(view, { merchantId, day }) ?? NOTHING
}
