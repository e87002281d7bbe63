// Owns: identity.issuer.propose: an organisation asks to be accredited. Not here: the city's decision (issuer-accredit.ts).
import { failure } from '../../core/base/errors.ts'
import { KEY_PURPOSES, defineTransaction } from '../../core/execution/module.ts'
import { checkTypes } from './accreditation.ts'
import { IdentityError } from './errors.ts'
import { IssuerProposed } from './events.ts'
import { issuers, pairwise } from './store.ts'
import { ProposeIssuerPayload } from './trust-schema.ts'

/** May be repeated until the city has decided. */
export const issuerPropose = defineTransaction({
  type: 0x020d,
  name: 'identity.issuer.propose',
  about: 'Asks the city to accredit the sender as an issuer of credential types.',
  payload: ProposeIssuerPayload,
  keyPurpose: KEY_PURPOSES.authentication,

  checkStateless: ({ payload }) => checkTypes(payload.types),

  checkStateful: (view, { sender }) => {
    if (pairwise.has(view, sender)) return failure(IdentityError.NOT_PAIRWISE)
    const status = issuers.get(view, sender)?.status ?? 'PROPOSED'
    return status === 'PROPOSED' ? null : failure(IdentityError.ISSUER_EXISTS, { status })
  },

  apply: ({ view, emit }, { payload, sender, block }) => {
    const { orgCode, types, policyHash } = payload
    issuers.set(view, sender, {
      orgCode,
      policyHash,
      types,
      assurance: 0,
      validUntil: 0,
      status: 'PROPOSED',
      proposedAt: block.time,
      decidedAt: null,
      spans: [],
      compromisedSince: null,
    })
    emit(IssuerProposed, { issuer: sender, orgCode, types })
  },
})
