// Owns: identity.issuer.suspend: by decision of the city council an issuer may not issue for now. Not here: its end
// (issuer-revoke.ts).
import { failure } from '../../core/base/errors.ts'
import { KEY_PURPOSES, defineTransaction } from '../../core/execution/module.ts'
import { cutSpans, writeIndex } from './accreditation.ts'
import { applyMandate, checkMandate } from './council.ts'
import { IdentityError } from './errors.ts'
import { IssuerSuspended } from './events.ts'
import { issuers } from './store.ts'
import { SuspendIssuerPayload } from './trust-schema.ts'

const ACT = { type: 0x020f, payload: SuspendIssuerPayload }

/** What was issued before `effectiveAt` is for the verifier to judge. */
export const issuerSuspend = defineTransaction({
  ...ACT,
  name: 'identity.issuer.suspend',
  about: 'Suspends an accredited issuer as of a time, by mandate of the city council.',
  keyPurpose: KEY_PURPOSES.authentication,
  blockLane: 'authority',

  checkStateless: () => null,

  checkStateful: (view, call) => {
    const { issuer, effectiveAt } = call.payload
    const record = issuers.get(view, issuer)
    if (record === null) return failure(IdentityError.ISSUER_UNKNOWN)
    if (record.status !== 'ACCREDITED') return failure(IdentityError.STATE_INVALID, { status: record.status })
    if (effectiveAt > call.block.time) return failure(IdentityError.DATE_INVALID, { effectiveAt })
    return checkMandate(view, ACT, call)
  },

  apply: ({ view, emit }, call) => {
    const { issuer, effectiveAt } = call.payload
    const before = issuers.mustGet(view, issuer)
    applyMandate(view, ACT, call)
    const spans = cutSpans(before.spans, effectiveAt)
    issuers.set(view, issuer, { ...before, status: 'SUSPENDED', decidedAt: call.block.height, spans })
    writeIndex(view, issuer, { before: before.types, types: [] })
    emit(IssuerSuspended, { issuer, effectiveAt })
  },
})
