// Owns: identity.consent.withdraw: the holder takes a consent back before it is used (PIPA 37). Not here: expiry (consent.ts).
import { KEY_PURPOSES, defineTransaction } from '../../core/execution/module.ts'
import { checkHeldConsent } from './consent.ts'
import { ConsentRefPayload } from './consent-schema.ts'
import { ConsentWithdrawn } from './events.ts'
import { consents } from './store.ts'

/** By the DID that gave it; the verifier destroys what it holds and records no outcome. */
export const consentWithdraw = defineTransaction({
  type: 0x0218,
  name: 'identity.consent.withdraw',
  about: 'Withdraws a consent that has not been used.',
  payload: ConsentRefPayload,
  keyPurpose: KEY_PURPOSES.authentication,

  checkStateless: () => null,

  checkStateful: (view, { payload: { receiptCommit }, sender: holder }) =>
    checkHeldConsent(view, { receiptCommit, holder, status: 'GRANTED' }),

  apply: ({ view, emit }, { payload: { receiptCommit } }) => {
    const consent = consents.mustGet(view, receiptCommit)
    consents.set(view, receiptCommit, { ...consent, status: 'WITHDRAWN' })
    emit(ConsentWithdrawn, { receiptCommit, verifier: consent.verifier })
  },
})
