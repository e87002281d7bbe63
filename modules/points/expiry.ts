// Owns: the sweep of lots whose day is over, a bounded number per block.
// Not here: that they cannot be spent before it comes (lots.ts).
import { addDays, kstDate } from '../../core/base/civil-time.ts'
import type { CivilDate } from '../../core/base/civil-time.ts'
import type { Address } from '../../core/base/ids.ts'
import type { ApplyContext, BlockEnv } from '../../core/execution/module.ts'
import type { WriteView } from '../../core/state/view.ts'
import { PointsExpired } from './events.ts'
import { applyTakes } from './lots.ts'
import { leftOf } from './rules.ts'
import { expiryCursor, expiryDays, expiryQueue, lots } from './store.ts'

/** Lots that one block looks at (domain.md 6.2). */
export const EXPIRY_LOTS_MAX = 500
/** Days that one block goes on: an empty stretch of a chain that stood still. */
export const EXPIRY_DAYS_MAX = 400
const LOTS_PER_EVENT = 48

type Expired = { readonly lotId: number; readonly owner: Address; readonly programmeId: string; readonly points: bigint }

/** Expires what is left of a lot; null when nothing is. */
export function expireLot(view: WriteView, lotId: number, today: CivilDate): Expired | null {
  const lot = lots.mustGet(view, lotId)
  const points = leftOf(lot)
  if (points === 0n) return null
  const { owner, programmeId } = lot
  applyTakes(view, { owner, takes: [{ lotId, points }], field: 'expired', today })
  return { lotId, owner, programmeId, points }
}

/** Tells of expired lots, so many in one event as fit. */
export function emitExpired({ emit }: ApplyContext, expired: readonly Expired[]): void {
  for (let at = 0; at < expired.length; at += LOTS_PER_EVENT)
    emit(PointsExpired, { lots: expired.slice(at, at + LOTS_PER_EVENT) })
}

/** Goes on from where the block before stopped, up to the end of yesterday. */
export function sweepExpired(context: ApplyContext, block: BlockEnv): void {
  const { view } = context
  const today = kstDate(block.time)
  const start = expiryCursor.get(view, null)
  let { day, next } = start ?? { day: today, next: 0 }
  const expired: Expired[] = []
  let looked = 0
  for (let days = 0; day < today && days < EXPIRY_DAYS_MAX && looked < EXPIRY_LOTS_MAX; days++) {
    const count = expiryDays.get(view, day)?.count ?? 0
    const last = Math.min(count, next + EXPIRY_LOTS_MAX - looked)
    for (; next < last; next++, looked++) {
      const { lotId } = expiryQueue.mustGet(view, { day, index: next })
      expiryQueue.remove(view, { day, index: next })
      const gone = lots.mustGet(view, lotId).expiresOn === day ? expireLot(view, lotId, today) : null
      if (gone !== null) expired.push(gone)
    }
    if (next < count) break
    if (count > 0) expiryDays.remove(view, day)
    day = addDays(day, 1)
    next = 0
  }
  if (start === null || start.day !== day || start.next !== next) expiryCursor.set(view, null, { day, next })
  emitExpired(context, expired)
}
