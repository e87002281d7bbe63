// Owns: identity.did.rotate: one key goes and its successor comes in one step. Not here: other changes (did-update.ts).
import { KEY_PURPOSES, defineTransaction } from '../../core/execution/module.ts'
import { applyChange, checkChange } from './did-change.ts'
import type { KeyChange } from './keyset.ts'
import { checkKeyShapes } from './keyset.ts'
import { checkNewKeys, countProofs } from './possession.ts'
import { cancelRecovery } from './recovery.ts'
import { RotatePayload } from './schema.ts'
import type { NewKey } from './schema.ts'

/** There is no moment without a key, and none with both. */
export const didRotate = defineTransaction({
  type: 0x0203,
  name: 'identity.did.rotate',
  about: 'Replaces one key of a DID by another in one step.',
  payload: RotatePayload,
  keyPurpose: KEY_PURPOSES.invocation,
  blockLane: 'urgent',
  operations: ({ add }) => countProofs([add]),

  checkStateless: ({ payload }) => checkNewKeys([payload.add]) ?? checkKeyShapes([payload.add]),

  checkStateful: (view, call) => checkChange(view, call, changeOf(call.payload)),

  apply: (context, call) => {
    // Whoever rotates has a key: nothing is lost that guardians would have to bring back.
    cancelRecovery(context, { did: call.payload.did, by: call.sender })
    applyChange(context, call, changeOf(call.payload))
  },
})

function changeOf({ revoke, add }: { readonly revoke: string; readonly add: NewKey }): KeyChange {
  return { revoke: [revoke], relations: [], add: [add] }
}
