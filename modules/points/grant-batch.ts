// Owns: points.grantBatch: up to 256 grants of one programme; each stands or falls alone, and the event says which.
// Not here: the rules of a grant (grant-rules.ts).
import { failure } from '../../core/base/errors.ts'
import { encode } from '../../core/codec/schema.ts'
import { KEY_PURPOSES, defineTransaction } from '../../core/execution/module.ts'
import { paramAt, requireMandate, spendMandate } from '../governance/keeper.ts'
import type { Mandate } from '../governance/schema.ts'
import type { Address } from '../../core/base/ids.ts'
import type { Infer } from '../../core/codec/schema.ts'
import { tellOfReceivers } from './alarms.ts'
import { PointsError } from './errors.ts'
import { GrantsBatched } from './events.ts'
import { checkGranter } from './grant.ts'
import { applyGrant, checkGrant } from './grant-rules.ts'
import { GrantBatchPayload } from './payloads.ts'
import { checkPoints } from './rules.ts'

const ITEMS_PER_EVENT = 48
const TYPE = 0x0409
type Batch = Infer<typeof GrantBatchPayload>

const sumOf = ({ grants }: Batch): bigint => grants.reduce((sum, { points }) => sum + points, 0n)
const mandateOf = (sender: Address, payload: Batch): Mandate => ({
  sender,
  txType: TYPE,
  payload: encode(GrantBatchPayload, payload),
})

/** A batch above points.batchMandate points needs the city council's mandate: no single key grants a fortune. */
export const grantBatch = defineTransaction({
  type: TYPE,
  name: 'points.grantBatch',
  about: 'Grants up to 256 persons points; each grant stands or falls alone.',
  payload: GrantBatchPayload,
  keyPurpose: KEY_PURPOSES.authentication,

  checkStateless: ({ payload }) => {
    if (payload.grants.length === 0) return failure(PointsError.BATCH_EMPTY)
    return payload.grants.reduce<ReturnType<typeof checkPoints>>((found, { points }) => found ?? checkPoints(points), null)
  },

  checkStateful: (view, { payload, sender, block }) => {
    const refused = checkGranter(view, { programmeId: payload.programmeId, persons: 'TAG', sender, block })
    if (refused !== null || sumOf(payload) <= paramAt(view, 'points.batchMandate', block)) return refused
    return requireMandate(view, mandateOf(sender, payload), block.height)
  },

  apply: (context, { payload, sender, block }) => {
    const { view, emit } = context
    const { programmeId } = payload
    if (sumOf(payload) > paramAt(view, 'points.batchMandate', block)) spendMandate(view, mandateOf(sender, payload))
    const items = payload.grants.map((item) => {
      const { eventId, points } = item
      const refused = checkGrant(view, { programmeId, item, block })
      if (refused !== null) return { eventId, code: refused.number, points: 0n, offset: 0n, lotId: null }
      const { offset, lotId } = applyGrant(view, { programmeId, item, block })
      return { eventId, code: 0, points, offset, lotId }
    })
    for (let from = 0; from < items.length; from += ITEMS_PER_EVENT)
      emit(GrantsBatched, { programmeId, from, items: items.slice(from, from + ITEMS_PER_EVENT) })
    const received = payload.grants.map(({ to }, i) => ({ account: to, lots: (items[i]?.lotId ?? null) === null ? 0 : 1 }))
    tellOfReceivers(context, received, block)
  },
})
