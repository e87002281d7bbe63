// Owns: identity.issuer.accredit: by decision of the city council an issuer may issue. Not here: the decision (council.ts).
import { failure } from '../../core/base/errors.ts'
import { KEY_PURPOSES, defineTransaction } from '../../core/execution/module.ts'
import { checkIndex, checkLastDay, checkTypes, isOver, openSpan, writeIndex } from './accreditation.ts'
import { applyMandate, checkMandate } from './council.ts'
import { IdentityError } from './errors.ts'
import { IssuerAccredited } from './events.ts'
import { issuers } from './store.ts'
import { AccreditPayload } from './trust-schema.ts'

const ACT = { type: 0x020e, payload: AccreditPayload }

/** From PROPOSED, SUSPENDED, or an accreditation whose last day has passed. */
export const issuerAccredit = defineTransaction({
  ...ACT,
  name: 'identity.issuer.accredit',
  about: 'Accredits an issuer for credential types until a day, by mandate of the city council.',
  keyPurpose: KEY_PURPOSES.authentication,
  blockLane: 'authority',

  checkStateless: ({ payload }) => {
    const isLevel = payload.assurance >= 1 && payload.assurance <= 3
    return isLevel ? checkTypes(payload.types) : failure(IdentityError.ASSURANCE_INVALID, { assurance: payload.assurance })
  },

  checkStateful: (view, call) => {
    const { issuer, types, validUntil } = call.payload
    const record = issuers.get(view, issuer)
    if (record === null) return failure(IdentityError.ISSUER_UNKNOWN)
    if (record.status === 'REVOKED') return failure(IdentityError.STATE_INVALID, { status: record.status })
    if (record.status === 'ACCREDITED' && !isOver(record, call.block)) return failure(IdentityError.ISSUER_EXISTS)
    return checkLastDay(validUntil, call.block) ?? checkIndex(view, issuer, types) ?? checkMandate(view, ACT, call)
  },

  apply: ({ view, emit }, call) => {
    const { issuer, types, assurance, validUntil } = call.payload
    const before = issuers.mustGet(view, issuer)
    const spans = openSpan(before, call.block.time)
    const decided = { status: 'ACCREDITED', decidedAt: call.block.height } as const
    applyMandate(view, ACT, call)
    issuers.set(view, issuer, { ...before, ...decided, types, assurance, validUntil, spans })
    writeIndex(view, issuer, { before: before.types, types })
    emit(IssuerAccredited, { issuer, types, assurance, validUntil })
  },
})
