// Owns: how long transactions submitted at this node take to become final. Not here: waiting for them (tx-waiters.ts).
import type { TxId } from '../core/base/ids.ts'
import type { Clock } from './ports.ts'

/** Begins at admission, ends with the block; what never becomes final is forgotten, the oldest first. */
export type TxTimer = { readonly begin: (txId: TxId) => void; readonly onCommit: (txIds: readonly TxId[]) => void }

const WAITING_MAX = 50_000

/** Builds the timer; `tell` gets the ms of each. */
export function createTxTimer(clock: Pick<Clock, 'monotonicMs'>, tell: (ms: number) => void): TxTimer {
  const begun = new Map<TxId, number>()
  return {
    begin(txId) {
      if (begun.size >= WAITING_MAX) begun.delete(begun.keys().next().value as TxId)
      begun.set(txId, clock.monotonicMs())
    },
    onCommit(txIds) {
      for (const txId of txIds) {
        const at = begun.get(txId)
        if (at === undefined) continue
        begun.delete(txId)
        tell(clock.monotonicMs() - at)
      }
    },
  }
}
