// Owns: identity.recovery.cancel: the owner, who still has a key, stops a recovery. Not here: rotation, which stops it too.
import { failure } from '../../core/base/errors.ts'
import { KEY_PURPOSES, defineTransaction } from '../../core/execution/module.ts'
import { isOwner } from './did-change.ts'
import { IdentityError } from './errors.ts'
import { checkStatus } from './life.ts'
import { RecoveryRefPayload } from './life-schema.ts'
import { cancelRecovery } from './recovery.ts'
import { dids, recoveries } from './store.ts'

/** Any live key of purpose 8 will do: during the delay the owner wins. A suspended DID has none, its controllers included. */
export const recoveryCancel = defineTransaction({
  type: 0x020b,
  name: 'identity.recovery.cancel',
  about: 'The owner stops a recovery that is under way.',
  payload: RecoveryRefPayload,
  keyPurpose: KEY_PURPOSES.invocation,
  blockLane: 'urgent',

  checkStateless: () => null,

  checkStateful: (view, { payload, sender }) => {
    const bad = checkStatus(view, payload.did, ['ACTIVE'])
    if (bad !== null) return bad
    if (!isOwner(payload.did, dids.mustGet(view, payload.did), sender)) return failure(IdentityError.NOT_AUTHORIZED)
    return recoveries.has(view, payload.did) ? null : failure(IdentityError.RECOVERY_NONE)
  },

  apply: (context, { payload, sender }) => cancelRecovery(context, { did: payload.did, by: sender }),
})
