// Owns: identity.issuer.revoke: by decision of the city council an issuer never issues again. Not here: a pause
// (issuer-suspend.ts).
import { failure } from '../../core/base/errors.ts'
import { KEY_PURPOSES, defineTransaction } from '../../core/execution/module.ts'
import { cutSpans, writeIndex } from './accreditation.ts'
import { applyMandate, checkMandate } from './council.ts'
import { IdentityError } from './errors.ts'
import { IssuerRevoked } from './events.ts'
import { issuers } from './store.ts'
import { RevokeIssuerPayload } from './trust-schema.ts'

const ACT = { type: 0x0210, payload: RevokeIssuerPayload }

/** After the theft of a key, everything from `compromisedSince` on is invalid: its dates prove nothing. */
export const issuerRevoke = defineTransaction({
  ...ACT,
  name: 'identity.issuer.revoke',
  about: 'Ends an issuer’s accreditation for good, by mandate of the city council.',
  keyPurpose: KEY_PURPOSES.authentication,
  blockLane: 'authority',

  checkStateless: () => null,

  checkStateful: (view, call) => {
    const { issuer, effectiveAt, compromisedSince } = call.payload
    const record = issuers.get(view, issuer)
    if (record === null) return failure(IdentityError.ISSUER_UNKNOWN)
    if (record.status === 'REVOKED') return failure(IdentityError.STATE_INVALID, { status: record.status })
    const latest = Math.max(effectiveAt, compromisedSince ?? 0)
    if (latest > call.block.time) return failure(IdentityError.DATE_INVALID, { effectiveAt })
    return checkMandate(view, ACT, call)
  },

  apply: ({ view, emit }, call) => {
    const { issuer, effectiveAt, compromisedSince } = call.payload
    const before = issuers.mustGet(view, issuer)
    applyMandate(view, ACT, call)
    const spans = cutSpans(before.spans, effectiveAt)
    const decided = { status: 'REVOKED', decidedAt: call.block.height } as const
    issuers.set(view, issuer, { ...before, ...decided, spans, compromisedSince })
    writeIndex(view, issuer, { before: before.types, types: [] })
    emit(IssuerRevoked, { issuer, effectiveAt, compromisedSince })
  },
})
