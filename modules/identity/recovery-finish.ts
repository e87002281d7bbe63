// Owns: identity.recovery.finish: the new keys take over, every old one is revoked. Not here: versions (did-change.ts).
import { failure } from '../../core/base/errors.ts'
import type { Address } from '../../core/base/ids.ts'
import { KEY_PURPOSES, defineTransaction } from '../../core/execution/module.ts'
import type { WriteView } from '../../core/state/view.ts'
import { writeVersion } from './did-change.ts'
import { IdentityError } from './errors.ts'
import { RecoveryFinished } from './events.ts'
import { checkKeyChange } from './keyset.ts'
import { checkStatus, writeStatus } from './life.ts'
import { RecoveryRefPayload } from './life-schema.ts'
import { policyAt, replacement } from './recovery.ts'
import { dids, nextPolicies, recoveries, suspensions } from './store.ts'

/** Anyone may send it. Controllers go with the old keys: whoever held those may have named them. */
export const recoveryFinish = defineTransaction({
  type: 0x020c,
  name: 'identity.recovery.finish',
  about: 'Completes a recovery whose guardians agreed and whose delay has passed; every old key is revoked.',
  payload: RecoveryRefPayload,
  keyPurpose: KEY_PURPOSES.authentication,

  checkStateless: () => null,

  checkStateful: (view, { payload, block }) => {
    const { did } = payload
    const pending = recoveries.get(view, did)
    if (pending === null) return failure(IdentityError.RECOVERY_NONE)
    const { approvals, threshold, readyAt, newKeys } = pending
    if (approvals.length < threshold || block.time < readyAt) {
      return failure(IdentityError.RECOVERY_NOT_READY, { approvals: approvals.length, threshold, readyAt })
    }
    const { keys } = dids.mustGet(view, did)
    const bad = checkStatus(view, did, ['ACTIVE', 'SUSPENDED'])
    return bad ?? checkKeyChange(view, { did, keys, change: replacement(keys, newKeys) })
  },

  apply: (context, { payload, sender, block }) => {
    const { did } = payload
    const { view, emit } = context
    const { newKeys } = recoveries.mustGet(view, did)
    const before = dids.mustGet(view, did)
    const recovery = policyAt(view, did, block.time)
    recoveries.remove(view, did)
    nextPolicies.remove(view, did)
    const change = { ...replacement(before.keys, newKeys), controller: [], recovery }
    writeVersion(context, { did, by: sender, time: block.time }, change)
    if (before.status === 'SUSPENDED' && !keepsOfficeHold(view, did)) {
      suspensions.remove(view, did)
      writeStatus(context, {
        did,
        status: 'ACTIVE',
        by: sender,
        reasonCode: 'RECOVERED',
        caseCommit: null,
        time: block.time,
      })
    }
    emit(RecoveryFinished, { did, versionId: before.versionId + 1 })
  },
})

// A hold of a court or for a death under examination is not for guardians to lift; only the owner's own part of it ends.
function keepsOfficeHold(view: WriteView, did: Address): boolean {
  const authority = suspensions.mustGet(view, did).authority
  const isKept = authority !== null && (authority.reasonCode === 'COURT' || authority.reasonCode === 'DEATH_PENDING')
  if (isKept) suspensions.set(view, did, { byOwner: false, authority })
  return isKept
}
