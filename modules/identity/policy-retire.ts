// Owns: identity.policy.retire: a policy takes no new consents; given ones run out. Not here: registration (policy-register.ts).
import { failure } from '../../core/base/errors.ts'
import { KEY_PURPOSES, defineTransaction } from '../../core/execution/module.ts'
import { checkPolicyActive, requireVerifier } from './consent.ts'
import { PolicyRetirePayload } from './consent-schema.ts'
import { IdentityError } from './errors.ts'
import { PolicyRetired } from './events.ts'
import { policies } from './store.ts'

/** By the agency whose policy it is. */
export const policyRetire = defineTransaction({
  type: 0x0216,
  name: 'identity.policy.retire',
  about: 'Retires a verification policy of the sender.',
  payload: PolicyRetirePayload,
  keyPurpose: KEY_PURPOSES.authentication,

  checkStateless: () => null,

  checkStateful: (view, { payload, sender, block }) => {
    const { policyId } = payload
    const policy = policies.get(view, policyId)
    if (policy !== null && policy.verifier !== sender) return failure(IdentityError.NOT_AUTHORIZED)
    return checkPolicyActive(view, policyId, sender) ?? requireVerifier(view, { account: sender, policyId, block })
  },

  apply: ({ view, emit }, { payload: { policyId } }) => {
    const policy = policies.mustGet(view, policyId)
    policies.set(view, policyId, { ...policy, status: 'RETIRED' })
    emit(PolicyRetired, { policyId, version: policy.version })
  },
})
