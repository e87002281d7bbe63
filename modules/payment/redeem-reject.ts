// Owns: payment.redeem.reject: the bank refuses to pay out, the tokens return to their holder.
// Not here: the same by time (redemption.ts).
import { KEY_PURPOSES, defineTransaction } from '../../core/execution/module.ts'
import { checkDecision, giveBack } from './redemption.ts'
import { RedeemRejectPayload } from './schema.ts'

/** The reason is a code, never text about a person. */
export const redeemReject = defineTransaction({
  type: 0x0304,
  name: 'payment.redeem.reject',
  about: 'Refuses a redemption; the locked tokens return to their holder.',
  payload: RedeemRejectPayload,
  keyPurpose: KEY_PURPOSES.authentication,

  checkStateless: () => null,

  checkStateful: (view, { payload, sender, block }) => checkDecision(view, { reqId: payload.reqId, sender, block }),

  apply: (context, { payload, block }) => {
    const { reqId, reasonCode } = payload
    giveBack(context, { reqId, status: 'rejected', reasonCode, time: block.time })
  },
})
