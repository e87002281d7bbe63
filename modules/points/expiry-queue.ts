// Owns: which lots wait for the end of which day. Not here: what happens then (expiry.ts).
import type { CivilDate } from '../../core/base/civil-time.ts'
import type { WriteView } from '../../core/state/view.ts'
import { expiryDays, expiryQueue } from './store.ts'

/** Appends a lot to those that wait for the end of a day, which is not over. */
export function enqueueExpiry(view: WriteView, day: CivilDate, lotId: number): void {
  const index = expiryDays.get(view, day)?.count ?? 0
  expiryQueue.set(view, { day, index }, { lotId })
  expiryDays.set(view, day, { count: index + 1 })
}
