// Owns: money from a payer to a merchant: what must hold, and what is written, however the payer came to pay.
// Not here: codes (scan.ts, capture.ts), refunds (refund.ts), points themselves (modules/points).
import { kstDate } from '../../core/base/civil-time.ts'
import { failure, isFailure } from '../../core/base/errors.ts'
import type { Failure } from '../../core/base/errors.ts'
import type { Address, Hash32, TxId } from '../../core/base/ids.ts'
import type { ApplyContext, BlockEnv } from '../../core/execution/module.ts'
import type { ReadView } from '../../core/state/view.ts'
import { PaymentError } from './errors.ts'
import { applyMove, checkMove } from './ledger.ts'
import { checkDay } from './limits.ts'
import { Paid } from './merchant-events.ts'
import { book, checkTakesPayments, feeOf, findMerchant } from './merchant.ts'
import { journal, merchants, orders, pays } from './merchant-store.ts'
import type { PayKind } from './pay-schema.ts'
import type { PointsPort } from './points-port.ts'
import { wallets } from './store.ts'
import { checkLeaving, credit, spend } from './wallet.ts'

/** A payment to a merchant: `total` is won and points together. */
export type Taking = {
  readonly payId: TxId
  readonly merchantId: string
  readonly payer: Address
  readonly total: bigint
  readonly pointsPart: bigint
  readonly orderRef: string | null
  readonly block: BlockEnv
}

/** Why this payment cannot be taken now, or null. */
export function checkTaking(view: ReadView, taking: Taking, points: PointsPort): Failure | null {
  const { payId, merchantId, payer, total, pointsPart, orderRef, block } = taking
  const merchant = findMerchant(view, merchantId)
  if (isFailure(merchant)) return merchant
  const refused = checkTakesPayments(merchant)
  if (refused !== null) return refused
  if (merchant.owner === payer) return failure(PaymentError.SELF_PAYMENT)
  if (orderRef !== null && orders.has(view, { merchantId, orderRef })) return failure(PaymentError.ORDER_PAID, { orderRef })
  return (
    checkWon(view, { payer, owner: merchant.owner, amount: total - pointsPart, block }) ??
    (pointsPart === 0n ? null : points.checkSpend(view, { payId, owner: payer, merchantId, points: pointsPart, block }))
  )
}

function checkWon(
  view: ReadView,
  { payer, owner, amount, block }: { payer: Address; owner: Address; amount: bigint; block: BlockEnv },
): Failure | null {
  if (amount === 0n) return null
  const wallet = wallets.get(view, payer)
  const refused = checkLeaving(wallet, amount)
  if (wallet === null || refused !== null) return refused
  const payee = wallets.mustGet(view, owner)
  return checkDay(view, { wallet, amount, block }) ?? checkMove(view, { from: wallet.bank, to: payee.bank, amount }, block)
}

/** Takes the payment: won, points, fee, journal, receipt. */
export function take(
  context: ApplyContext,
  taking: Taking & { readonly kind: PayKind; readonly qrHash: Hash32 | null },
  points: PointsPort,
): void {
  const { view, emit } = context
  const { payId, merchantId, payer, total, pointsPart, orderRef, block, kind, qrHash } = taking
  const merchant = merchants.mustGet(view, merchantId)
  const krwPart = total - pointsPart
  if (krwPart > 0n) moveWon(context, { from: payer, to: merchant.owner, amount: krwPart, block })
  if (pointsPart > 0n) points.spend(context, { payId, owner: payer, merchantId, points: pointsPart, won: krwPart, block })
  const fee = feeOf(view, merchant, krwPart, block)
  const day = kstDate(block.time)
  const seq = book(view, { merchantId, day, krw: krwPart, points: pointsPart, fee, isRefund: false })
  pays.set(view, payId, {
    ...{ merchantId, payer, total, pointsPart, fee, kind, orderRef, qrHash },
    ...{ paidAt: block.time, state: 'CAPTURED' as const, refunded: 0n, pointsBack: 0n, feeBack: 0n, refunds: 0, dispute: null },
  })
  journal.set(view, { merchantId, seq }, { payId })
  if (orderRef !== null) orders.set(view, { merchantId, orderRef }, { payId })
  emit(Paid, { payId, merchantId, payer, total, krwPart, pointsPart, fee, kind, orderRef, seq })
}

/** Moves won between two accounts that have wallets; the sender's day counts it. */
function moveWon(
  { view }: ApplyContext,
  { from, to, amount, block }: { from: Address; to: Address; amount: bigint; block: BlockEnv },
): void {
  const payer = wallets.mustGet(view, from)
  wallets.set(view, from, spend(payer, amount, kstDate(block.time)))
  const payee = wallets.mustGet(view, to)
  wallets.set(view, to, credit(payee, amount))
  applyMove(view, { from: payer.bank, to: payee.bank, amount })
}
