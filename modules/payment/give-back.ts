// Owns: won, points and fee that go back to a payer, exact over any number of refunds (domain.md 7.4).
// Not here: who may ask for it (refund.ts, resolve.ts).
import { kstDate } from '../../core/base/civil-time.ts'
import { failure, isFailure } from '../../core/base/errors.ts'
import type { Failure } from '../../core/base/errors.ts'
import type { TxId } from '../../core/base/ids.ts'
import type { ApplyContext, BlockEnv } from '../../core/execution/module.ts'
import type { ReadView } from '../../core/state/view.ts'
import { PaymentError } from './errors.ts'
import { applyMove, checkMove } from './ledger.ts'
import { Refunded } from './merchant-events.ts'
import { book } from './merchant.ts'
import { merchants, pays } from './merchant-store.ts'
import type { Pay } from './pay-schema.ts'
import type { PointsPort } from './points-port.ts'
import { wallets } from './store.ts'
import { checkLeaving, credit } from './wallet.ts'

/** The payment, or PAYMENT_PAY_UNKNOWN. */
export function findPay(view: ReadView, payId: TxId): Pay | Failure {
  return pays.get(view, payId) ?? failure(PaymentError.PAY_UNKNOWN)
}

/** PAYMENT_PAY_STATE unless the payment is in one of these states. */
export function checkPayState(pay: Pay, allowed: readonly Pay['state'][]): Failure | null {
  return allowed.includes(pay.state) ? null : failure(PaymentError.PAY_STATE, { state: pay.state })
}

/** The parts of a refund of `amount`: each is the difference of what all refunds together give back, so that nothing drifts. */
export function splitRefund(pay: Pay, amount: bigint): { krwBack: bigint; pointsBack: bigint; feeBack: bigint } {
  const sum = pay.refunded + amount
  const pointsBack = (sum * pay.pointsPart) / pay.total - pay.pointsBack
  const feeBack = (sum * pay.fee) / pay.total - pay.feeBack
  return { krwBack: amount - pointsBack, pointsBack, feeBack }
}

/** PAYMENT_REFUND_EXCEEDS, or why the merchant cannot give so much won back now. The payer's limits do not count. */
export function checkGiveBack(view: ReadView, back: { pay: Pay; amount: bigint; block: BlockEnv }): Failure | null {
  const { pay, amount, block } = back
  if (pay.refunded + amount > pay.total)
    return failure(PaymentError.REFUND_EXCEEDS, { left: (pay.total - pay.refunded).toString() })
  const { krwBack } = splitRefund(pay, amount)
  if (krwBack === 0n) return null
  const merchant = merchants.mustGet(view, pay.merchantId)
  const wallet = wallets.mustGet(view, merchant.owner)
  const payer = wallets.mustGet(view, pay.payer)
  return checkLeaving(wallet, krwBack) ?? checkMove(view, { from: wallet.bank, to: payer.bank, amount: krwBack }, block)
}

/** Gives back and writes the payment. */
export function giveBack(
  context: ApplyContext,
  back: { payId: TxId; amount: bigint; refundRef: string; block: BlockEnv },
  points: PointsPort,
): { krwBack: bigint; pointsBack: bigint; feeBack: bigint } {
  const { view, emit } = context
  const { payId, amount, refundRef, block } = back
  const pay = pays.mustGet(view, payId)
  const { merchantId, payer } = pay
  const parts = splitRefund(pay, amount)
  const { krwBack, pointsBack, feeBack } = parts
  if (krwBack > 0n) {
    const { owner } = merchants.mustGet(view, merchantId)
    const from = wallets.mustGet(view, owner)
    wallets.set(view, owner, { ...from, balance: from.balance - krwBack })
    const to = wallets.mustGet(view, payer)
    wallets.set(view, payer, credit(to, krwBack))
    applyMove(view, { from: from.bank, to: to.bank, amount: krwBack })
  }
  if (pointsBack > 0n) points.restore(context, { payId, owner: payer, merchantId, points: pointsBack, block })
  const refunded = pay.refunded + amount
  pays.set(view, payId, {
    ...pay,
    refunded,
    pointsBack: pay.pointsBack + pointsBack,
    feeBack: pay.feeBack + feeBack,
    refunds: pay.refunds + 1,
    state: refunded === pay.total ? 'REFUNDED' : 'PART_REFUNDED',
    dispute: null,
  })
  book(view, { merchantId, day: kstDate(block.time), krw: krwBack, points: pointsBack, fee: feeBack, isRefund: true })
  emit(Refunded, { payId, merchantId, payer, amount, krwBack, pointsBack, feeBack, refundRef })
  return parts
}

/** PAYMENT_NOT_MERCHANT unless the account owns the merchant of the payment. */
export function checkOwner(view: ReadView, merchantId: string, account: string): Failure | null {
  const owner = merchants.mustGet(view, merchantId).owner
  return owner === account ? null : failure(PaymentError.NOT_MERCHANT, { merchantId })
}

/** A payment that a rule needs, or why it may not be touched. */
export function payIn(view: ReadView, payId: TxId, allowed: readonly Pay['state'][]): Pay | Failure {
  const pay = findPay(view, payId)
  return isFailure(pay) ? pay : (checkPayState(pay, allowed) ?? pay)
}
