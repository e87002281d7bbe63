// Owns: identity.recovery.set: who may recover a DID, and how slowly. Not here: what a sound policy is (recovery.ts).
import { KEY_PURPOSES, defineTransaction } from '../../core/execution/module.ts'
import { failure } from '../../core/base/errors.ts'
import { isOwner } from './did-change.ts'
import { IdentityError } from './errors.ts'
import { RecoveryPolicySet } from './events.ts'
import { checkStatus } from './life.ts'
import { RecoverySetPayload } from './life-schema.ts'
import { checkPolicy, policyAt } from './recovery.ts'
import { dids, nextPolicies, pairwise } from './store.ts'

/** A first policy holds at once; a later one only after the delay of the policy in force, so that a thief cannot hurry. */
export const recoverySet = defineTransaction({
  type: 0x0208,
  name: 'identity.recovery.set',
  about: 'Sets who may recover a DID; the change of a policy waits out the delay of the one in force.',
  payload: RecoverySetPayload,
  keyPurpose: KEY_PURPOSES.invocation,

  checkStateless: () => null,

  checkStateful: (view, { payload, sender, block }) => {
    const { did, threshold, guardians, delaySec } = payload
    const bad = checkStatus(view, did, ['ACTIVE'])
    if (bad !== null) return bad
    if (!isOwner(did, dids.mustGet(view, did), sender)) return failure(IdentityError.NOT_AUTHORIZED)
    if (pairwise.has(view, did)) return failure(IdentityError.NOT_PAIRWISE)
    return checkPolicy(view, { threshold, guardians, delaySec }, block)
  },

  apply: ({ view, emit }, { payload, block }) => {
    const { did, threshold, guardians, delaySec } = payload
    const policy = { threshold, guardians, delaySec }
    const inForce = policyAt(view, did, block.time)
    const effectiveAt = inForce === null ? block.time : block.time + inForce.delaySec * 1_000
    dids.set(view, did, { ...dids.mustGet(view, did), recovery: inForce ?? policy })
    if (inForce === null) nextPolicies.remove(view, did)
    else nextPolicies.set(view, did, { policy, effectiveAt })
    emit(RecoveryPolicySet, { did, effectiveAt })
  },
})
