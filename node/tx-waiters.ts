// Owns: clients that wait for a transaction to end. Not here: how it ended (api.ts).
import type { TxId } from '../core/base/ids.ts'
import type { TxStatus } from '../rpc/node-api.ts'
import type { Clock } from './ports.ts'

/** Clients that wait for the end of a transaction; times in ms. */
export type TxWaiters = {
  /** The status once it is an end, or the present one at the deadline. */
  readonly wait: (txId: TxId, timeoutMs: number) => Promise<TxStatus>
  /** A block is durable: everyone who waits for one of its transactions is answered. */
  readonly onCommit: (txIds: readonly TxId[]) => void
}

const ENDS = new Set<TxStatus['status']>(['final', 'rejected', 'expired'])
/** Others (expired, rejected later) are looked at this often. */
const SWEEP_MS = 1_000

/** Builds the waiting room. */
export function createTxWaiters(parts: { clock: Clock; txStatus: (txId: TxId) => TxStatus }): TxWaiters {
  const { clock, txStatus } = parts
  const waiting = new Map<TxId, Set<() => void>>()
  return {
    async wait(txId, timeoutMs) {
      const deadline = clock.monotonicMs() + timeoutMs
      for (;;) {
        const status = txStatus(txId)
        const leftMs = deadline - clock.monotonicMs()
        if (ENDS.has(status.status) || leftMs <= 0) return status
        await new Promise<void>((resolve) => {
          const wake = (): void => {
            timer.cancel()
            const others = waiting.get(txId)
            others?.delete(wake)
            if (others?.size === 0) waiting.delete(txId)
            resolve()
          }
          const timer = clock.startTimer(Math.min(leftMs, SWEEP_MS), wake)
          waiting.set(txId, (waiting.get(txId) ?? new Set()).add(wake))
        })
      }
    },
    onCommit(txIds) {
      for (const txId of txIds) for (const wake of [...(waiting.get(txId) ?? [])]) wake()
    },
  }
}
