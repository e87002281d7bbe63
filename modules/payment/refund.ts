// Owns: payment.refund: a merchant gives back a part or all of a payment, under a reference of its own that serves once.
// Not here: how it splits (give-back.ts).
import { DAY_MS } from '../../core/base/civil-time.ts'
import { failure, isFailure } from '../../core/base/errors.ts'
import { KEY_PURPOSES, defineTransaction } from '../../core/execution/module.ts'
import { paramAt } from '../governance/keeper.ts'
import { PaymentError } from './errors.ts'
import { checkGiveBack, checkOwner, giveBack, payIn } from './give-back.ts'
import { pays, refunds } from './merchant-store.ts'
import { RefundPayload } from './pay-schema.ts'
import type { PointsPort } from './points-port.ts'
import { checkAmount } from './wallet.ts'

/** Builds the transaction over the chain's points; a suspended or closed merchant refunds as well. */
export function createRefund(points: PointsPort) {
  return defineTransaction({
    type: 0x0311,
    name: 'payment.refund',
    about: 'Gives back a part or all of a payment: won from the merchant, points to the lots they came from.',
    payload: RefundPayload,
    keyPurpose: KEY_PURPOSES.authentication,

    checkStateless: ({ payload }) => checkAmount(payload.amount),

    checkStateful: (view, { payload, sender, block }) => {
      const { payId, amount, refundRef } = payload
      const pay = payIn(view, payId, ['CAPTURED', 'PART_REFUNDED'])
      if (isFailure(pay)) return pay
      const { merchantId } = pay
      const stranger = checkOwner(view, merchantId, sender)
      if (stranger !== null) return stranger
      if (refunds.has(view, { merchantId, refundRef })) return failure(PaymentError.REFUND_REF_USED, { refundRef })
      const days = Number(paramAt(view, 'payment.refundDays', block))
      if (block.time > pay.paidAt + days * DAY_MS) return failure(PaymentError.REFUND_WINDOW, { days })
      return checkGiveBack(view, { pay, amount, block })
    },

    apply: (context, { payload, block }) => {
      const { payId, amount, refundRef } = payload
      const { merchantId } = pays.mustGet(context.view, payId)
      const parts = giveBack(context, { payId, amount, refundRef, block }, points)
      refunds.set(context.view, { merchantId, refundRef }, { payId, amount, ...parts, refundedAt: block.time })
    },
  })
}
