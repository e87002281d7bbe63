// Owns: identity.recovery.approve: one more guardian agrees to the keys. Not here: the count needed (recovery-finish.ts).
import { failure, isFailure } from '../../core/base/errors.ts'
import { KEY_PURPOSES, defineTransaction } from '../../core/execution/module.ts'
import { IdentityError } from './errors.ts'
import { RecoveryApproved } from './events.ts'
import { RecoveryApprovePayload } from './life-schema.ts'
import { guardianCommitment, openGuardian } from './recovery.ts'
import { recoveries } from './store.ts'

/** Guardians of the policy at the start count, whatever the owner's keys set since. */
export const recoveryApprove = defineTransaction({
  type: 0x020a,
  name: 'identity.recovery.approve',
  about: 'Another guardian opens its commitment and agrees to the proposed keys.',
  payload: RecoveryApprovePayload,
  keyPurpose: KEY_PURPOSES.authentication,

  checkStateless: () => null,

  checkStateful: (view, { payload, sender }) => {
    const { did, salt } = payload
    const pending = recoveries.get(view, did)
    if (pending === null) return failure(IdentityError.RECOVERY_NONE)
    const opened = openGuardian(pending, { did, guardian: sender, salt })
    if (isFailure(opened)) return opened
    return pending.approvals.includes(opened) ? failure(IdentityError.GUARDIAN_DUPLICATE) : null
  },

  apply: ({ view, emit }, { payload, sender }) => {
    const { did, salt } = payload
    const pending = recoveries.mustGet(view, did)
    const approvals = [...pending.approvals, guardianCommitment(sender, salt)]
    recoveries.set(view, did, { ...pending, approvals })
    emit(RecoveryApproved, { did, by: sender, approvals: approvals.length })
  },
})
