// Owns: identity.policy.register: what an agency may ask, by decision of the city council. Not here: the whitelist (claims.ts).
import { failure } from '../../core/base/errors.ts'
import type { Failure } from '../../core/base/errors.ts'
import { KEY_PURPOSES, defineTransaction } from '../../core/execution/module.ts'
import { mayAsk } from './claims.ts'
import { requireVerifier } from './consent.ts'
import { PolicyRegisterPayload } from './consent-schema.ts'
import type { Clause } from './consent-schema.ts'
import { applyMandate, checkMandate } from './council.ts'
import { IdentityError } from './errors.ts'
import { PolicyRegistered } from './events.ts'
import { policies, policyVersions } from './store.ts'

const ACT = { type: 0x0215, payload: PolicyRegisterPayload }

/** A retired policy may come back as its next version, by the same agency. */
export const policyRegister = defineTransaction({
  ...ACT,
  name: 'identity.policy.register',
  about: 'Registers what an agency asks of holders for a purpose, by mandate of the city council.',
  keyPurpose: KEY_PURPOSES.authentication,

  checkStateless: ({ payload }) => {
    const { acceptedTypes, minAssurance, predicates, purposeCode } = payload
    const areTypes = acceptedTypes.length > 0 && new Set(acceptedTypes).size === acceptedTypes.length
    const isWhole = predicates.length > 0 && predicates.every(({ anyOf }) => anyOf.length > 0)
    const isSound = areTypes && isWhole && minAssurance >= 1 && minAssurance <= 3
    return isSound ? checkReach(purposeCode, predicates) : failure(IdentityError.POLICY_INVALID)
  },

  checkStateful: (view, call) => {
    const { payload, sender, block } = call
    const before = policies.get(view, payload.policyId)
    const stranger = requireVerifier(view, { account: sender, policyId: payload.policyId, block })
    if (stranger !== null) return stranger
    if (before !== null && before.status === 'ACTIVE') return failure(IdentityError.POLICY_EXISTS)
    if (before !== null && before.verifier !== sender) return failure(IdentityError.NOT_AUTHORIZED)
    return checkMandate(view, ACT, call)
  },

  apply: ({ view, emit }, call) => {
    const { payload, sender, block } = call
    const { policyId, ...asked } = payload
    const before = policies.get(view, policyId)
    const version = before === null ? 1 : before.version + 1
    applyMandate(view, ACT, call)
    if (before !== null) policyVersions.set(view, { policyId, version: before.version }, before)
    const times = { registeredAt: block.time, decidedAt: block.height }
    policies.set(view, policyId, { version, verifier: sender, ...asked, status: 'ACTIVE', ...times })
    emit(PolicyRegistered, { policyId, version, verifier: sender })
  },
})

function checkReach(purposeCode: string, predicates: readonly Clause[]): Failure | null {
  const claims = predicates.flatMap(({ anyOf }) => anyOf.map(({ claim }) => claim))
  const beyond = claims.find((claim) => !mayAsk(purposeCode, claim))
  return beyond === undefined ? null : failure(IdentityError.POLICY_OVERREACH, { purposeCode, claim: beyond })
}
