// Owns: merchants as rules: who may change what in which state, what closing and approving do to the owner's wallet.
// Not here: the transactions (merchant-*.ts), payments (till.ts).
import { failure } from '../../core/base/errors.ts'
import type { Failure } from '../../core/base/errors.ts'
import type { Address } from '../../core/base/ids.ts'
import type { ApplyContext, BlockEnv } from '../../core/execution/module.ts'
import type { ReadView, WriteView } from '../../core/state/view.ts'
import { hasRole, paramAt, requireRole } from '../governance/keeper.ts'
import { PaymentError } from './errors.ts'
import { actsForCity } from './ledger.ts'
import { MerchantStateChanged } from './merchant-events.ts'
import type { Merchant } from './merchant-schema.ts'
import { merchantBooks, merchantDays, merchantOwners, merchants } from './merchant-store.ts'
import { wallets } from './store.ts'
import { openWallet } from './wallet.ts'

/** The merchant, or PAYMENT_MERCHANT_UNKNOWN. */
export function findMerchant(view: ReadView, merchantId: string): Merchant | Failure {
  return merchants.get(view, merchantId) ?? failure(PaymentError.MERCHANT_UNKNOWN, { merchantId })
}

/** PAYMENT_MERCHANT_STATE unless the merchant is in one of these states; closed ones are told PAYMENT_MERCHANT_CLOSED. */
export function checkState(merchant: Merchant, allowed: readonly Merchant['state'][]): Failure | null {
  if (allowed.includes(merchant.state)) return null
  if (merchant.state === 'CLOSED') return failure(PaymentError.MERCHANT_CLOSED)
  return failure(PaymentError.MERCHANT_STATE, { state: merchant.state, needs: allowed.join(' or ') })
}

/** PAYMENT_MERCHANT_INACTIVE or PAYMENT_MERCHANT_CLOSED unless the merchant takes payments. */
export function checkTakesPayments(merchant: Merchant): Failure | null {
  if (merchant.state === 'ACTIVE') return null
  if (merchant.state === 'CLOSED') return failure(PaymentError.MERCHANT_CLOSED)
  return failure(PaymentError.MERCHANT_INACTIVE, { state: merchant.state })
}

/** Whether the account is a payment operator on the block's day. */
export function actsAsPsp(view: ReadView, account: Address, block: BlockEnv): boolean {
  return hasRole(view, { account, role: 'PSP', scope: null, block })
}

/** GOVERNANCE_NOT_AUTHORIZED unless the account is a payment operator. */
export function requirePsp(view: ReadView, account: Address, block: BlockEnv): Failure | null {
  return requireRole(view, { account, role: 'PSP', scope: null, block })
}

/** GOVERNANCE_NOT_AUTHORIZED unless a payment operator or the city acts. */
export function requireOverseer(view: ReadView, account: Address, block: BlockEnv): Failure | null {
  return actsForCity(view, account, block) ? null : requirePsp(view, account, block)
}

/** Writes a merchant in its new state and tells. */
export function changeState(
  context: ApplyContext,
  change: { merchantId: string; state: Merchant['state']; reasonCode: string | null; block: BlockEnv; more?: Partial<Merchant> },
): void {
  const { merchantId, state, reasonCode, block, more } = change
  const merchant = merchants.mustGet(context.view, merchantId)
  merchants.set(context.view, merchantId, { ...merchant, ...more, state, reasonCode, changedAt: block.time })
  context.emit(MerchantStateChanged, { merchantId, owner: merchant.owner, state, reasonCode })
}

/** A business account has no holding limit: it opens at the settlement bank where it is not open yet. */
export function liftLimits(view: WriteView, merchant: Merchant): void {
  const wallet = wallets.get(view, merchant.owner) ?? openWallet(merchant.settleBank)
  const owner = merchantOwners.mustGet(view, merchant.owner)
  const isFirst = !owner.merchantIds.some((id) => isOpen(view, id))
  if (isFirst) merchantOwners.set(view, merchant.owner, { ...owner, wasExempt: wallet.exempt })
  wallets.set(view, merchant.owner, { ...wallet, exempt: true })
}

/** With the owner's last business its account has the limits again that it had before. Call once the state is written. */
export function restoreLimits(view: WriteView, account: Address): void {
  const owner = merchantOwners.mustGet(view, account)
  if (owner.merchantIds.some((id) => isOpen(view, id))) return
  const wallet = wallets.mustGet(view, account)
  wallets.set(view, account, { ...wallet, exempt: owner.wasExempt })
}

function isOpen(view: ReadView, merchantId: string): boolean {
  const { state } = merchants.mustGet(view, merchantId)
  return state === 'ACTIVE' || state === 'SUSPENDED'
}

/** The fee of so much won: floor(won x ppm / 10^6) of the tier, charged to the merchant, never added to the payer. */
export function feeOf(view: ReadView, merchant: Merchant, krwPart: bigint, block: BlockEnv): bigint {
  return (krwPart * paramAt(view, `payment.feePpm.${merchant.tier}`, block)) / 1_000_000n
}

/** Counts on a merchant's books and its day; negative counts are what went back. */
export function book(
  view: WriteView,
  entry: { merchantId: string; day: number; krw: bigint; points: bigint; fee: bigint; isRefund: boolean },
): number {
  const { merchantId, day, krw, points, fee, isRefund } = entry
  const books = merchantBooks.get(view, merchantId) ?? { payments: 0, feeOwed: 0n }
  const key = { merchantId, day }
  const sums = merchantDays.get(view, key) ?? NOTHING
  merchantBooks.set(view, merchantId, {
    payments: books.payments + (isRefund ? 0 : 1),
    feeOwed: isRefund ? books.feeOwed - fee : books.feeOwed + fee,
  })
  merchantDays.set(
    view,
    key,
    isRefund
      ? {
          ...sums,
          refunds: sums.refunds + 1,
          krwBack: sums.krwBack + krw,
          pointsBack: sums.pointsBack + points,
          feeBack: sums.feeBack + fee,
        }
      : { ...sums, payments: sums.payments + 1, krw: sums.krw + krw, points: sums.points + points, fee: sums.fee + fee },
  )
  return books.payments
}

/** The sums of a day without business. */
export const NOTHING = {
  payments: 0,
  krw: 0n,
  points: 0n,
  fee: 0n,
  refunds: 0,
  krwBack: 0n,
  pointsBack: 0n,
  feeBack: 0n,
}
