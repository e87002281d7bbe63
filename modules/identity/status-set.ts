// Owns: identity.status.set: an issuer changes bits of a status list, decoys among them. Not here: the bits (status-list.ts).
import { failure } from '../../core/base/errors.ts'
import { KEY_PURPOSES, defineTransaction } from '../../core/execution/module.ts'
import { IdentityError } from './errors.ts'
import { StatusChanged } from './events.ts'
import { isBitSet, writeBits } from './status-list.ts'
import { issuers, statusLists } from './store.ts'
import { STATUS_BITS, StatusSetPayload } from './trust-schema.ts'

// Reading and hashing the whole list, and writing pages, in units of one signature check.
const LIST_UNITS = 4
const CHANGES_PER_UNIT = 64

/** A suspended or lapsed issuer still revokes what it issued; a revoked one has lost its word. */
export const statusSet = defineTransaction({
  type: 0x0213,
  name: 'identity.status.set',
  about: 'Sets entries of a status list; a revocation is for ever.',
  payload: StatusSetPayload,
  keyPurpose: KEY_PURPOSES.assertion,
  blockLane: 'urgent',
  operations: ({ changes }) => LIST_UNITS + Math.ceil(changes.length / CHANGES_PER_UNIT),

  checkStateless: ({ payload: { changes } }) => {
    if (changes.length === 0) return failure(IdentityError.UPDATE_EMPTY)
    const isInRange = changes.every(({ index }) => index < STATUS_BITS)
    const areDistinct = new Set(changes.map(({ index }) => index)).size === changes.length
    return isInRange && areDistinct ? null : failure(IdentityError.STATUS_RANGE)
  },

  checkStateful: (view, { payload, sender }) => {
    const { listId, seq, changes } = payload
    const status = issuers.get(view, sender)?.status
    if (status !== 'ACCREDITED' && status !== 'SUSPENDED') return failure(IdentityError.NOT_ACCREDITED)
    const key = { issuer: sender, listId }
    const head = statusLists.get(view, key)
    if (head === null) return failure(IdentityError.STATUS_UNKNOWN)
    if (seq !== head.seq + 1n) return failure(IdentityError.STATUS_SEQ, { expected: (head.seq + 1n).toString() })
    const isReversed = head.purpose === 'REVOCATION' && changes.some(({ index, bit }) => !bit && isBitSet(view, key, index))
    return isReversed ? failure(IdentityError.STATUS_IRREVERSIBLE) : null
  },

  apply: ({ view, emit }, { payload, sender, block }) => {
    const { listId, seq, changes } = payload
    const key = { issuer: sender, listId }
    const digest = writeBits(view, key, changes)
    statusLists.set(view, key, { ...statusLists.mustGet(view, key), seq, digest, updatedAt: block.time })
    emit(StatusChanged, { issuer: sender, listId, seq })
  },
})
