// Owns: the record of suspended and barred seats. Not here: when a seat comes into it (suspension.ts, succession.ts).
import type { Address, Height } from '../../core/base/ids.ts'
import type { ReadView, WriteView } from '../../core/state/view.ts'
import { sanctions } from './set-store.ts'

/** Whether a seat was suspended by evidence and neither struck nor reinstated. */
export function isSuspended(view: ReadView, authority: Address): boolean {
  return sanctions.mustGet(view, null).suspended.some((seat) => seat.authority === authority)
}

/** Whether a seat never proposes. */
export function isBarred(view: ReadView, authority: Address): boolean {
  return sanctions.mustGet(view, null).barred.includes(authority)
}

/** Seats that count as registered besides the active ones. */
export function countSuspended(view: ReadView): number {
  return sanctions.mustGet(view, null).suspended.length
}

/** The seat never proposes from the next block on. */
export function barSeat(view: WriteView, authority: Address): void {
  const record = sanctions.mustGet(view, null)
  if (!record.barred.includes(authority)) sanctions.set(view, null, { ...record, barred: [...record.barred, authority] })
}

/** The seat is out of the set and stays registered. */
export function suspendSeat(view: WriteView, authority: Address, since: Height): void {
  pardon(view, authority)
  const record = sanctions.mustGet(view, null)
  sanctions.set(view, null, { ...record, suspended: [...record.suspended, { authority, since }] })
}

/** Ends every sanction on a seat: it was replaced, struck, or has another key. */
export function pardon(view: WriteView, authority: Address): void {
  const { suspended, barred } = sanctions.mustGet(view, null)
  if (!barred.includes(authority) && !suspended.some((seat) => seat.authority === authority)) return
  sanctions.set(view, null, {
    suspended: suspended.filter((seat) => seat.authority !== authority),
    barred: barred.filter((other) => other !== authority),
  })
}
