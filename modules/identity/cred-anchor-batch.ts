// Owns: identity.cred.anchorBatch: a root over a month's credentials, so that back-dating shows. Not here: the tree (off chain).
import { isCivilMonth, kstDate, monthOf } from '../../core/base/civil-time.ts'
import { failure } from '../../core/base/errors.ts'
import { KEY_PURPOSES, defineTransaction } from '../../core/execution/module.ts'
import { requireAccredited } from './accreditation.ts'
import { IdentityError } from './errors.ts'
import { BatchAnchored } from './events.ts'
import { anchors } from './store.ts'
import { AnchorPayload } from './trust-schema.ts'

/** Leaves are H("cred", salt, credential hash): nobody learns from the root whose credential is in it. */
export const credAnchorBatch = defineTransaction({
  type: 0x0214,
  name: 'identity.cred.anchorBatch',
  about: 'Anchors the Merkle root of a batch of credentials issued in a month.',
  payload: AnchorPayload,
  keyPurpose: KEY_PURPOSES.assertion,

  checkStateless: () => null,

  checkStateful: (view, { payload, sender, block }) => {
    const { schemaId, root, period } = payload
    const refused = requireAccredited(view, { issuer: sender, type: schemaId, block })
    if (refused !== null) return refused
    const isPast = isCivilMonth(period) && period <= monthOf(kstDate(block.time))
    if (!isPast) return failure(IdentityError.DATE_INVALID, { period })
    return anchors.has(view, { issuer: sender, root }) ? failure(IdentityError.ANCHOR_EXISTS) : null
  },

  apply: ({ view, emit }, { payload, sender, block }) => {
    const { schemaId, root, count, period } = payload
    anchors.set(view, { issuer: sender, root }, { schemaId, count, period, anchoredAt: block.time })
    emit(BatchAnchored, { issuer: sender, schemaId, root, count, period })
  },
})
