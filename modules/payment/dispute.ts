// Owns: payment.dispute: a payer holds something against a payment. Not here: the decision (resolve.ts).
import { DAY_MS } from '../../core/base/civil-time.ts'
import { failure, isFailure } from '../../core/base/errors.ts'
import { KEY_PURPOSES, defineTransaction } from '../../core/execution/module.ts'
import { paramAt } from '../governance/keeper.ts'
import { PaymentError } from './errors.ts'
import { payIn } from './give-back.ts'
import { Disputed } from './merchant-events.ts'
import { pays } from './merchant-store.ts'
import { DisputePayload } from './pay-schema.ts'

/** Nothing moves; the merchant cannot refund by itself until the dispute is decided. */
export const dispute = defineTransaction({
  type: 0x0312,
  name: 'payment.dispute',
  about: 'Disputes a payment; a payment operator decides.',
  payload: DisputePayload,
  keyPurpose: KEY_PURPOSES.authentication,

  checkStateless: () => null,

  checkStateful: (view, { payload, sender, block }) => {
    const pay = payIn(view, payload.payId, ['CAPTURED', 'PART_REFUNDED'])
    if (isFailure(pay)) return pay
    if (pay.payer !== sender) return failure(PaymentError.NOT_PAYER)
    const days = Number(paramAt(view, 'payment.disputeDays', block))
    return block.time > pay.paidAt + days * DAY_MS ? failure(PaymentError.DISPUTE_WINDOW, { days }) : null
  },

  apply: ({ view, emit }, { payload, block }) => {
    const { payId, reasonCode, caseCommit } = payload
    const pay = pays.mustGet(view, payId)
    const opened = { reasonCode, caseCommit, openedAt: block.time, stateBefore: pay.state }
    pays.set(view, payId, { ...pay, state: 'DISPUTED', dispute: opened })
    emit(Disputed, { payId, merchantId: pay.merchantId, reasonCode })
  },
})
