// Owns: identity.consent.grant: a holder lets one agency check under one policy. Not here: the presentation (off chain).
import { kstDate } from '../../core/base/civil-time.ts'
import { failure } from '../../core/base/errors.ts'
import { KEY_PURPOSES, defineTransaction } from '../../core/execution/module.ts'
import { checkLastDay } from './accreditation.ts'
import { scheduleItem } from './agenda.ts'
import { checkPairwise, checkPolicyActive } from './consent.ts'
import { ConsentGrantPayload } from './consent-schema.ts'
import { IdentityError } from './errors.ts'
import { ConsentGranted } from './events.ts'
import { consents, pairwise, policies } from './store.ts'

/** Sent by a pairwise DID. For a child under 14 the legal guardian signs along as the sponsor (PIPA 22-2). */
export const consentGrant = defineTransaction({
  type: 0x0217,
  name: 'identity.consent.grant',
  about: 'Leaves the receipt of a consent to one verification, by a pairwise DID.',
  payload: ConsentGrantPayload,
  keyPurpose: KEY_PURPOSES.authentication,

  checkStateless: () => null,

  checkStateful: (view, { payload, sender, sponsor, block }) => {
    const { receiptCommit, policyId, verifier, expiresOn, holderAge } = payload
    const inactive = checkPolicyActive(view, policyId, verifier)
    if (inactive !== null) return inactive
    if (consents.has(view, receiptCommit)) return failure(IdentityError.CONSENT_EXISTS)
    const isGuarded = sponsor !== null && sponsor !== sender && sponsor !== verifier
    if (holderAge === 'UNDER_14' && !isGuarded) return failure(IdentityError.GUARDIAN_CONSENT_REQUIRED)
    return checkPairwise(view, { holder: sender, verifier, block }) ?? checkLastDay(expiresOn, block)
  },

  apply: ({ view, emit }, { payload, sender, block }) => {
    const { receiptCommit, policyId, verifier, expiresOn } = payload
    consents.set(view, receiptCommit, {
      holder: sender,
      policyId,
      policyVersion: policies.mustGet(view, policyId).version,
      verifier,
      status: 'GRANTED',
      grantedOn: kstDate(block.time),
      expiresOn,
      outcome: null,
      dispute: null,
      review: null,
    })
    pairwise.set(view, sender, { verifier })
    scheduleItem(view, { day: expiresOn, item: { kind: 'consent', receiptCommit }, block })
    emit(ConsentGranted, { receiptCommit, policyId, verifier })
  },
})
