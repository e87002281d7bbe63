// Owns: silence that confirms: workers' records in the order they were proposed, a bounded number per block.
// Not here: records (shift.ts). An employer's own records are never confirmed by the worker's silence.
import { HOUR_MS } from '../../core/base/civil-time.ts'
import { isFailure } from '../../core/base/errors.ts'
import type { ApplyContext, BlockEnv } from '../../core/execution/module.ts'
import type { Infer } from '../../core/codec/schema.ts'
import type { WriteView } from '../../core/state/view.ts'
import { paramAt } from '../governance/keeper.ts'
import { ShiftDeemed } from './events.ts'
import type { InsurancePort } from './insurance-port.ts'
import { findShift, followShift, writeShift } from './shift.ts'
import type { DeemItemSchema } from './shift-schema.ts'
import { deemEnds, deemQueue } from './store.ts'

/** Queue entries that one block looks at. */
export const DEEM_STEPS_MAX = 200
/** Records that one block confirms: their events share one receipt with those of every other room. */
export const DEEMED_MAX = 32

const EMPTY = { head: 0, tail: 0 }

/** Appends a worker's record to those that wait for an answer. */
export function enqueueDeem(view: WriteView, item: Infer<typeof DeemItemSchema>): void {
  const { head, tail } = deemEnds.get(view, null) ?? EMPTY
  deemQueue.set(view, tail, item)
  deemEnds.set(view, null, { head, tail: tail + 1 })
}

/** Confirms records that nobody answered in time; answered ones leave the queue as they come to its head. */
export function deemShifts(context: ApplyContext, { port, block }: { port: InsurancePort; block: BlockEnv }): void {
  const { view } = context
  const ends = deemEnds.get(view, null) ?? EMPTY
  if (ends.head === ends.tail) return
  const before = block.time - Number(paramAt(view, 'labor.deemHours', block)) * HOUR_MS
  const last = Math.min(ends.tail, ends.head + DEEM_STEPS_MAX)
  let head = ends.head
  for (let deemed = 0; head < last && deemed < DEEMED_MAX; head++) {
    const { proposedAt, ...key } = deemQueue.mustGet(view, head)
    if (proposedAt > before) break
    const shift = findShift(view, key)
    deemQueue.remove(view, head)
    if (isFailure(shift) || shift.state !== 'PROPOSED' || shift.proposedAt !== proposedAt) continue
    writeShift(view, key, { ...shift, state: 'DEEMED', decidedAt: block.time })
    context.emit(ShiftDeemed, key)
    followShift(context, key, { port, block })
    deemed += 1
  }
  if (head > ends.head) deemEnds.set(view, null, { head, tail: ends.tail })
}
