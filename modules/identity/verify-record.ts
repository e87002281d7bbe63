// Owns: identity.verify.record: the outcome of one consent, once. Not here: the verification itself (off chain).
import { kstDate } from '../../core/base/civil-time.ts'
import { failure, isFailure } from '../../core/base/errors.ts'
import type { Failure } from '../../core/base/errors.ts'
import type { Infer } from '../../core/codec/schema.ts'
import { KEY_PURPOSES, defineTransaction } from '../../core/execution/module.ts'
import type { ReadView } from '../../core/state/view.ts'
import { findConsent, isOpen, isUsed, requireVerifier } from './consent.ts'
import { VerifyRecordPayload } from './consent-schema.ts'
import { IdentityError } from './errors.ts'
import { VerificationRecorded } from './events.ts'
import { consents, statusLists } from './store.ts'

/** Days only are kept: the minute of a check would lead from one agency's records to another's. */
export const verifyRecord = defineTransaction({
  type: 0x0219,
  name: 'identity.verify.record',
  about: 'Records the outcome of a verification that a holder consented to.',
  payload: VerifyRecordPayload,
  keyPurpose: KEY_PURPOSES.assertion,

  checkStateless: () => null,

  checkStateful: (view, { payload, sender, block }) => {
    const consent = findConsent(view, payload.receiptCommit)
    if (isFailure(consent)) return consent
    const { verifier, policyId, policyVersion, grantedOn } = consent
    if (verifier !== sender) return failure(IdentityError.NOT_AUTHORIZED)
    const stranger = requireVerifier(view, { account: sender, policyId, block })
    if (stranger !== null) return stranger
    if (isUsed(consent)) return failure(IdentityError.CONSENT_REPLAY)
    if (!isOpen(consent, block)) return failure(IdentityError.CONSENT_MISSING, { status: consent.status })
    if (payload.policyVersion !== policyVersion) return failure(IdentityError.VERSION_CONFLICT, { policyVersion })
    const isTimely = payload.checkedAt <= block.time && kstDate(payload.checkedAt) >= grantedOn
    if (!isTimely) return failure(IdentityError.DATE_INVALID, { checkedAt: payload.checkedAt })
    return checkSeen(view, payload.statusSeqs)
  },

  apply: ({ view, emit }, { payload, sender, block }) => {
    const { receiptCommit, outcome, statusSeqs, checkedAt } = payload
    const consent = consents.mustGet(view, receiptCommit)
    const found = { outcome, checkedOn: kstDate(checkedAt), recordedOn: kstDate(block.time), statusSeqs }
    consents.set(view, receiptCommit, { ...consent, status: 'FULFILLED', outcome: found })
    emit(VerificationRecorded, { receiptCommit, verifier: sender, outcome })
  },
})

// A verifier cannot have seen a list that is not there, nor a state that is still to come.
function checkSeen(view: ReadView, statusSeqs: Infer<typeof VerifyRecordPayload>['statusSeqs']): Failure | null {
  for (const { issuer, listId, seq } of statusSeqs) {
    const head = statusLists.get(view, { issuer, listId })
    if (head === null) return failure(IdentityError.STATUS_UNKNOWN)
    if (seq > head.seq) return failure(IdentityError.STATUS_SEQ, { latest: head.seq.toString() })
  }
  return null
}
