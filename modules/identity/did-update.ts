// Owns: identity.did.update: keys, relations, services and controllers change; the version counts up by one.
// Not here: writing (did-change.ts).
import { failure } from '../../core/base/errors.ts'
import { KEY_PURPOSES, defineTransaction } from '../../core/execution/module.ts'
import { applyChange, checkChange, checkControllers, checkServices } from './did-change.ts'
import { IdentityError } from './errors.ts'
import { checkKeyShapes } from './keyset.ts'
import { checkNewKeys, countProofs } from './possession.ts'
import { UpdatePayload } from './schema.ts'

/** Signed by the DID itself or by one of its controllers, with a key of purpose 8. */
export const didUpdate = defineTransaction({
  type: 0x0202,
  name: 'identity.did.update',
  about: 'Adds, revokes and re-purposes keys, replaces services or controllers of a DID.',
  payload: UpdatePayload,
  keyPurpose: KEY_PURPOSES.invocation,
  blockLane: 'urgent',
  operations: ({ add }) => countProofs(add),

  checkStateless: ({ payload }) => {
    const { did, add, revoke, relations, services, controller } = payload
    const isEmpty = add.length + revoke.length + relations.length === 0 && services === null && controller === null
    if (isEmpty) return failure(IdentityError.UPDATE_EMPTY)
    return checkNewKeys(add) ?? checkKeyShapes(add) ?? checkServices(services ?? []) ?? checkControllers(did, controller ?? [])
  },

  checkStateful: (view, call) => checkChange(view, call, call.payload),

  apply: (context, call) => {
    const { add, revoke, relations, services, controller } = call.payload
    const documents = { ...(services === null ? {} : { services }), ...(controller === null ? {} : { controller }) }
    applyChange(context, call, { add, revoke, relations, ...documents })
  },
})
