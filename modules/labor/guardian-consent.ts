// Owns: labor.guardianConsent: the guardian of a minor consents to an offer (LSA 66). Not here: who signs (accept.ts).
import { failure, isFailure } from '../../core/base/errors.ts'
import { ZERO_HASH } from '../../core/base/ids.ts'
import { KEY_PURPOSES, defineTransaction } from '../../core/execution/module.ts'
import { findContractIn } from './contract.ts'
import { LaborError } from './errors.ts'
import { GuardianConsented } from './events.ts'
import { GuardianConsentPayload } from './schema.ts'
import { contracts } from './store.ts'

/** A consent stands for the offer as it is; without it the minor cannot sign. */
export const guardianConsent = defineTransaction({
  type: 0x0502,
  name: 'labor.guardianConsent',
  about: 'The guardian that the offer names consents to a minor’s contract.',
  payload: GuardianConsentPayload,
  keyPurpose: KEY_PURPOSES.assertion,

  checkStateless: ({ payload }) =>
    payload.consentCommit === ZERO_HASH ? failure(LaborError.TERM_MISSING, { field: 'consentCommit' }) : null,

  checkStateful: (view, { payload, sender, block }) => {
    const contract = findContractIn(view, payload.contractId, ['OFFERED'])
    if (isFailure(contract)) return contract
    if (contract.minor === null) return failure(LaborError.NOT_MINOR)
    if (contract.minor.guardian !== sender) return failure(LaborError.NOT_GUARDIAN)
    return block.time > contract.expiresAt ? failure(LaborError.OFFER_EXPIRED) : null
  },

  apply: ({ view, emit }, { payload, sender }) => {
    const { contractId, consentCommit } = payload
    const contract = contracts.mustGet(view, contractId)
    contracts.set(view, contractId, { ...contract, minor: { guardian: sender, consentCommit } })
    emit(GuardianConsented, { contractId, guardian: sender })
  },
})
