// Owns: identity.recovery.start: a guardian lays new keys before the others; the delay begins. Not here: taking over
// (recovery-finish.ts).
import { failure, isFailure } from '../../core/base/errors.ts'
import type { Failure } from '../../core/base/errors.ts'
import { must } from '../../core/base/assert.ts'
import { KEY_PURPOSES, defineTransaction } from '../../core/execution/module.ts'
import { IdentityError } from './errors.ts'
import { RecoveryStarted } from './events.ts'
import { checkFirstKeys, checkKeyChange } from './keyset.ts'
import { checkStatus } from './life.ts'
import { RecoveryStartPayload } from './life-schema.ts'
import { checkNewKeys, checkPossession, countProofs } from './possession.ts'
import { guardianCommitment, isLapsed, openGuardian, policyAt, replacement } from './recovery.ts'
import { dids, recoveries } from './store.ts'

/** The starting guardian approves by starting. The policy of this moment governs the recovery to its end. */
export const recoveryStart = defineTransaction({
  type: 0x0209,
  name: 'identity.recovery.start',
  about: 'A guardian proposes new keys for a DID; its owner can cancel while the delay runs.',
  payload: RecoveryStartPayload,
  keyPurpose: KEY_PURPOSES.authentication,
  operations: ({ newKeys }) => countProofs(newKeys),

  checkStateless: ({ payload }) => checkNewKeys(payload.newKeys) ?? checkFirstKeys(payload.newKeys),

  checkStateful: (view, { payload, sender, block }): Failure | null => {
    const { did, salt, newKeys } = payload
    const bad = checkStatus(view, did, ['ACTIVE', 'SUSPENDED'])
    if (bad !== null) return bad
    const opened = openGuardian(policyAt(view, did, block.time), { did, guardian: sender, salt })
    if (isFailure(opened)) return opened
    const pending = recoveries.get(view, did)
    if (pending !== null && !isLapsed(pending, block.time)) return failure(IdentityError.RECOVERY_PENDING)
    const { keys } = dids.mustGet(view, did)
    return (
      checkKeyChange(view, { did, keys, change: replacement(keys, newKeys) }) ??
      checkPossession({ genesisHash: block.genesisHash, did, keys: newKeys })
    )
  },

  apply: ({ view, emit }, { payload, sender, block }) => {
    const { did, salt, newKeys } = payload
    const policy = must(policyAt(view, did, block.time), 'the policy was checked')
    const readyAt = block.time + policy.delaySec * 1_000
    recoveries.set(view, did, {
      ...policy,
      startedBy: sender,
      startedAt: block.time,
      readyAt,
      approvals: [guardianCommitment(sender, salt)],
      newKeys: newKeys.map(({ kid, type, pub, rel }) => ({ kid, type, pub, rel })),
    })
    emit(RecoveryStarted, { did, by: sender, readyAt })
  },
})
