// Owns: transactions between this node and its peers: batches out (decisions 10), batches in with one verdict each.
// Not here: the mempool itself, what a transaction does.
import { isFailure } from '../core/base/errors.ts'
import { CodecError } from '../core/base/errors.ts'
import type { Failure } from '../core/base/errors.ts'
import { LIMITS } from '../core/base/limits.ts'
import { list } from '../core/codec/compound.ts'
import { bytes } from '../core/codec/fields.ts'
import { decode, encode } from '../core/codec/schema.ts'
import type { CheckedTransaction } from '../core/execution/check.ts'
import { verdictOf } from './mempool/admission.ts'
import { MempoolError } from './mempool/errors.ts'
import type { Clock, Network, Verdict } from './ports.ts'

const BatchSchema = list(bytes(LIMITS.txBytesMax), LIMITS.gossipBatchTxsMax)
const FLUSH_MS = 10

export type TxRelayParts = {
  readonly clock: Clock
  readonly network: Pick<Network, 'publish'>
  /** Checks and takes one transaction into the mempool. */
  readonly admit: (wire: Uint8Array) => CheckedTransaction | Failure
}

export type TxRelay = {
  /** Sends one of our own submitters' transactions on, in the next batch. */
  readonly publish: (wire: Uint8Array) => void
  readonly onBatch: (message: Uint8Array) => Verdict
  readonly stop: () => void
}

/** Builds the relay. */
export function createTxRelay(parts: TxRelayParts): TxRelay {
  let waiting: Uint8Array[] = []
  let waitingBytes = 0
  let timer: { cancel: () => void } | null = null

  const flush = (): void => {
    timer?.cancel()
    timer = null
    if (waiting.length === 0) return
    const batch = waiting
    waiting = []
    waitingBytes = 0
    parts.network.publish('tx', encode(BatchSchema, batch))
  }

  return {
    publish(wire) {
      if (waiting.length >= LIMITS.gossipBatchTxsMax || waitingBytes + wire.length + 8 > LIMITS.gossipMessageBytesMax - 1_024) flush()
      waiting.push(wire)
      waitingBytes += wire.length + 8
      timer ??= parts.clock.startTimer(FLUSH_MS, flush)
    },
    onBatch(message) {
      let batch: readonly Uint8Array[]
      try {
        batch = decode(BatchSchema, message, LIMITS.gossipMessageBytesMax)
      } catch (error) {
        if (error instanceof CodecError) return 'reject'
        throw error
      }
      return batchVerdict(batch.map((wire) => parts.admit(wire)))
    },
    stop: () => timer?.cancel(),
  }
}

// One provable lie condemns the batch; one transaction that is new to us is worth forwarding.
function batchVerdict(outcomes: readonly (CheckedTransaction | Failure)[]): Verdict {
  let verdict: Verdict = 'ignore'
  for (const outcome of outcomes) {
    if (!isFailure(outcome)) verdict = 'accept'
    else if (verdictOf(outcome) === 'reject') return 'reject'
    else if (outcome.code === MempoolError.DUPLICATE.code && verdict === 'ignore') verdict = 'accept'
  }
  return verdict
}
