// Owns: identity.verify.review: a person decides what a machine decided before. Not here: the dispute (verify-dispute.ts).
import { equalBytes } from '../../core/base/bytes.ts'
import { kstDate } from '../../core/base/civil-time.ts'
import { failure, isFailure } from '../../core/base/errors.ts'
import type { Address } from '../../core/base/ids.ts'
import { KEY_PURPOSES, defineTransaction } from '../../core/execution/module.ts'
import type { ReadView } from '../../core/state/view.ts'
import { findConsent, requireVerifier } from './consent.ts'
import { VerifyReviewPayload } from './consent-schema.ts'
import { IdentityError } from './errors.ts'
import { VerificationReviewed } from './events.ts'
import { consents, dids } from './store.ts'

/** By a reviewer with the role VERIFIER for the policy, who is not the agency's DID and shares no key with it. */
export const verifyReview = defineTransaction({
  type: 0x021b,
  name: 'identity.verify.review',
  about: 'A human reviewer decides a disputed outcome.',
  payload: VerifyReviewPayload,
  keyPurpose: KEY_PURPOSES.assertion,

  checkStateless: () => null,

  checkStateful: (view, { payload, sender, block }) => {
    const consent = findConsent(view, payload.receiptCommit)
    if (isFailure(consent)) return consent
    const { policyId, verifier, status } = consent
    const stranger = requireVerifier(view, { account: sender, policyId, block })
    if (stranger !== null) return stranger
    if (sender === verifier || shareKey(view, sender, verifier)) return failure(IdentityError.REVIEW_NOT_HUMAN)
    return status === 'DISPUTED' ? null : failure(IdentityError.STATE_INVALID, { status })
  },

  apply: ({ view, emit }, { payload, sender, block }) => {
    const { receiptCommit, outcome, reasonCommit } = payload
    const consent = consents.mustGet(view, receiptCommit)
    const review = { by: sender, outcome, reasonCommit, reviewedOn: kstDate(block.time) }
    consents.set(view, receiptCommit, { ...consent, status: 'REVIEWED', review })
    emit(VerificationReviewed, { receiptCommit, by: sender, outcome })
  },
})

// An automatic key under a second name would make the machine its own judge.
function shareKey(view: ReadView, reviewer: Address, verifier: Address): boolean {
  const keysOf = (did: Address): readonly Uint8Array[] => (dids.get(view, did)?.keys ?? []).map((key) => key.pub)
  const automatic = keysOf(verifier)
  return keysOf(reviewer).some((pub) => automatic.some((other) => equalBytes(pub, other)))
}
