// Owns: identity.status.create: an issuer opens a status list. Not here: its bits (status-list.ts).
import { failure } from '../../core/base/errors.ts'
import { KEY_PURPOSES, defineTransaction } from '../../core/execution/module.ts'
import { requireAccredited } from './accreditation.ts'
import { IdentityError } from './errors.ts'
import { StatusListCreated } from './events.ts'
import { EMPTY_DIGEST } from './status-list.ts'
import { statusLists } from './store.ts'
import { STATUS_BITS, StatusCreatePayload } from './trust-schema.ts'

/** All lists are of one size, so that none says how many credentials there are. */
export const statusCreate = defineTransaction({
  type: 0x0212,
  name: 'identity.status.create',
  about: 'Opens a status list of 131072 entries, for revocation or suspension.',
  payload: StatusCreatePayload,
  keyPurpose: KEY_PURPOSES.assertion,

  checkStateless: ({ payload }) =>
    payload.size === STATUS_BITS ? null : failure(IdentityError.STATUS_RANGE, { size: payload.size }),

  checkStateful: (view, { payload, sender, block }) => {
    const refused = requireAccredited(view, { issuer: sender, type: null, block })
    if (refused !== null) return refused
    return statusLists.has(view, { issuer: sender, listId: payload.listId }) ? failure(IdentityError.STATUS_EXISTS) : null
  },

  apply: ({ view, emit }, { payload, sender, block }) => {
    const { listId, purpose, size } = payload
    const times = { createdAt: block.time, updatedAt: block.time }
    statusLists.set(view, { issuer: sender, listId }, { purpose, size, seq: 0n, digest: EMPTY_DIGEST, ...times })
    emit(StatusListCreated, { issuer: sender, listId, purpose })
  },
})
