// Owns: identity.did.deactivate: the end of a DID, by its owner or on death or emigration. Not here: writing (life.ts).
import { failure } from '../../core/base/errors.ts'
import { KEY_PURPOSES, defineTransaction } from '../../core/execution/module.ts'
import { IdentityError } from './errors.ts'
import { checkOfficeAct, checkOwnerAct, checkStatus, isOwnerAct, writeEnd } from './life.ts'
import { DeactivatePayload } from './life-schema.ts'
import { dropRecovery } from './recovery.ts'

/** Final: no key signs again, old signatures stay good. A suspended DID is ended by an office alone: a thief may control it. */
export const didDeactivate = defineTransaction({
  type: 0x0206,
  name: 'identity.did.deactivate',
  about: 'Ends a DID for good, by its owner, or by a registration office on death or emigration.',
  payload: DeactivatePayload,
  keyPurpose: KEY_PURPOSES.invocation | KEY_PURPOSES.authentication,
  blockLane: 'urgent',

  checkStateless: () => null,

  checkStateful: (view, call) => {
    const { did, reasonCode } = call.payload
    const isOwn = isOwnerAct(view, call)
    const bad = checkStatus(view, did, isOwn ? ['ACTIVE'] : ['ACTIVE', 'SUSPENDED'])
    if (bad !== null) return bad
    if (isOwn !== (reasonCode === 'OWNER_REQUEST')) return failure(IdentityError.NOT_AUTHORIZED, { reasonCode })
    return isOwn ? checkOwnerAct(view, call) : checkOfficeAct(view, call)
  },

  apply: (context, { payload, sender, block }) => {
    const { did, reasonCode, caseCommit } = payload
    dropRecovery(context, { did, by: sender })
    writeEnd(context, { did, status: 'DEACTIVATED', by: sender, reasonCode, caseCommit, time: block.time })
  },
})
