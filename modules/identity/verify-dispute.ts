// Owns: identity.verify.dispute: the holder asks for a person to look at an outcome (PIPA 37-2). Not here: the review.
import { kstDate } from '../../core/base/civil-time.ts'
import { KEY_PURPOSES, defineTransaction } from '../../core/execution/module.ts'
import { checkHeldConsent } from './consent.ts'
import { VerifyDisputePayload } from './consent-schema.ts'
import { VerificationDisputed } from './events.ts'
import { consents } from './store.ts'

/** By the DID that gave the consent, once per outcome. */
export const verifyDispute = defineTransaction({
  type: 0x021a,
  name: 'identity.verify.dispute',
  about: 'Disputes the outcome of a verification; a person must then review it.',
  payload: VerifyDisputePayload,
  keyPurpose: KEY_PURPOSES.authentication,

  checkStateless: () => null,

  checkStateful: (view, { payload: { receiptCommit }, sender: holder }) =>
    checkHeldConsent(view, { receiptCommit, holder, status: 'FULFILLED' }),

  apply: ({ view, emit }, { payload, block }) => {
    const { receiptCommit, reasonCommit } = payload
    const consent = consents.mustGet(view, receiptCommit)
    const dispute = { reasonCommit, disputedOn: kstDate(block.time) }
    consents.set(view, receiptCommit, { ...consent, status: 'DISPUTED', dispute })
    emit(VerificationDisputed, { receiptCommit, verifier: consent.verifier })
  },
})
