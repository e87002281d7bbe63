// Owns: payment.resolve: a payment operator decides a dispute, with or without money back. Not here: opening one (dispute.ts).
import { must } from '../../core/base/assert.ts'
import { isFailure } from '../../core/base/errors.ts'
import { KEY_PURPOSES, defineTransaction } from '../../core/execution/module.ts'
import { checkGiveBack, giveBack, payIn } from './give-back.ts'
import { Resolved } from './merchant-events.ts'
import { requirePsp } from './merchant.ts'
import { pays } from './merchant-store.ts'
import { ResolvePayload } from './pay-schema.ts'
import type { PointsPort } from './points-port.ts'

/** Builds the transaction over the chain's points. */
export function createResolve(points: PointsPort) {
  return defineTransaction({
    type: 0x0313,
    name: 'payment.resolve',
    about: 'Decides a dispute; what the payer gets back comes from the merchant.',
    payload: ResolvePayload,
    keyPurpose: KEY_PURPOSES.authentication,

    checkStateless: () => null,

    checkStateful: (view, { payload, sender, block }) => {
      const refused = requirePsp(view, sender, block)
      if (refused !== null) return refused
      const pay = payIn(view, payload.payId, ['DISPUTED'])
      if (isFailure(pay)) return pay
      return payload.refund === 0n ? null : checkGiveBack(view, { pay, amount: payload.refund, block })
    },

    apply: (context, { payload, block }) => {
      const { payId, refund, reasonCode } = payload
      const pay = pays.mustGet(context.view, payId)
      if (refund === 0n) {
        const { stateBefore } = must(pay.dispute, 'a disputed payment has a dispute')
        pays.set(context.view, payId, { ...pay, state: stateBefore, dispute: null })
      } else giveBack(context, { payId, amount: refund, refundRef: 'DISPUTE', block }, points)
      context.emit(Resolved, { payId, merchantId: pay.merchantId, refund, reasonCode })
    },
  })
}
