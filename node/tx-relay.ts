// Owns: transactions between this node and its peers: batches out (decisions 10), batches in with one verdict each.
// Not here: the mempool itself, what a transaction does.
import { CodecError, isFailure } from '../core/base/errors.ts'
import type { Failure } from '../core/base/errors.ts'
import { LIMITS } from '../core/base/limits.ts'
import { list, struct } from '../core/codec/compound.ts'
import { bytes, u32 } from '../core/codec/fields.ts'
import { decode, encode } from '../core/codec/schema.ts'
import { asHash32 } from '../core/base/ids.ts'
import type { TxId } from '../core/base/ids.ts'
import type { Intake, Outcome } from './intake.ts'
import { verdictOf } from './mempool/admission.ts'
import { MempoolError } from './mempool/errors.ts'
import type { Clock, Network, Verdict } from './ports.ts'

/** `attempt` makes a repeated batch another message: gossip drops what it saw within two minutes. */
const BatchSchema = struct({ attempt: u32, txs: list(bytes(LIMITS.txBytesMax), LIMITS.gossipBatchTxsMax) })
/** A batch leaves this long after its first transaction: almost at once when idle, later while many come, to fill messages. */
const FLUSH_IDLE_MS = 5
const FLUSH_BUSY_MS = 40
const BUSY_WITHIN_MS = 100
/** A transaction of our own submitters that is still waiting after this long is sent again: a peer may have missed it. */
const REPEAT_MS = 1_000
const REPEAT_MAX_MS = 30_000
/** Repeated at most per second, and remembered at most. */
const REPEATS_PER_TICK = 4 * LIMITS.gossipBatchTxsMax
const OWN_MAX = 20_000

type Own = { readonly wire: Uint8Array; nextMs: number; gapMs: number }

/** The network, the way into the mempool, and whether a transaction still waits. */
export type TxRelayParts = {
  readonly clock: Clock
  readonly network: Pick<Network, 'publish'>
  /** Checks transactions and takes them into the mempool; what it has no room for comes again by repetition or with a block. */
  readonly intake: Intake
  readonly isWaiting: (txId: TxId) => boolean
}

/** Batches of transactions to peers and from them, repeated while they wait. */
export type TxRelay = {
  /** Sends one of our own submitters' transactions on, in the next batch. */
  readonly publish: (txId: TxId, wire: Uint8Array) => void
  /** Each second: sends again what still waits and is due. */
  readonly onTick: () => void
  /** A peer came: it has missed what waits here. */
  readonly onPeer: () => void
  readonly onBatch: (message: Uint8Array) => Verdict | Promise<Verdict>
  readonly stop: () => void
}

/** Builds the relay. */
export function createTxRelay(parts: TxRelayParts): TxRelay {
  let waiting: Uint8Array[] = []
  let waitingBytes = 0
  let timer: { cancel: () => void } | null = null
  let attempt = 0
  let flushedAtMs = -BUSY_WITHIN_MS
  const own = new Map<TxId, Own>()

  const flush = (): void => {
    timer?.cancel()
    timer = null
    if (waiting.length === 0) return
    flushedAtMs = parts.clock.monotonicMs()
    const batch = waiting
    waiting = []
    waitingBytes = 0
    parts.network.publish('tx', encode(BatchSchema, { attempt, txs: batch }))
  }

  const queue = (wire: Uint8Array): void => {
    if (waiting.length >= LIMITS.gossipBatchTxsMax || waitingBytes + wire.length + 8 > LIMITS.gossipMessageBytesMax - 1_024)
      flush()
    waiting.push(wire)
    waitingBytes += wire.length + 8
    const delayMs = parts.clock.monotonicMs() - flushedAtMs < BUSY_WITHIN_MS ? FLUSH_BUSY_MS : FLUSH_IDLE_MS
    timer ??= parts.clock.startTimer(delayMs, flush)
  }

  return {
    publish(txId, wire) {
      if (own.size < OWN_MAX) own.set(txId, { wire, nextMs: parts.clock.monotonicMs() + REPEAT_MS, gapMs: REPEAT_MS })
      queue(wire)
    },
    onTick() {
      const now = parts.clock.monotonicMs()
      let repeats = 0
      for (const [txId, entry] of own) {
        if (!parts.isWaiting(txId)) own.delete(txId)
        else if (entry.nextMs <= now && repeats < REPEATS_PER_TICK) {
          entry.gapMs = Math.min(entry.gapMs * 2, REPEAT_MAX_MS)
          entry.nextMs = now + entry.gapMs
          if (repeats++ === 0) attempt = (attempt + 1) >>> 0
          queue(entry.wire)
        }
      }
    },
    onPeer() {
      for (const entry of own.values()) entry.nextMs = 0
    },
    onBatch(message) {
      const batch = decodeOrNull(message)
      if (batch === null) return 'reject'
      const outcomes = parts.intake.take('peer', batch)
      return outcomes === null ? 'ignore' : outcomes.then((found) => batchVerdict(parts, found))
    },
    stop: () => timer?.cancel(),
  }
}

function decodeOrNull(message: Uint8Array): readonly Uint8Array[] | null {
  try {
    return decode(BatchSchema, message, LIMITS.gossipMessageBytesMax).txs
  } catch (error) {
    if (error instanceof CodecError) return null
    throw error
  }
}

// One provable lie condemns the batch; one transaction that is new to us is worth forwarding.
// What waits here already may be news to a neighbour; what is final is news to nobody and would go round for ever.
function batchVerdict(parts: TxRelayParts, outcomes: readonly Outcome[]): Verdict {
  let verdict: Verdict = 'ignore'
  for (const outcome of outcomes) {
    if (!isFailure(outcome)) verdict = 'accept'
    else if (verdictOf(outcome) === 'reject') return 'reject'
    else if (outcome.code === MempoolError.DUPLICATE.code && isWaitingStill(parts, outcome)) verdict = 'accept'
  }
  return verdict
}

function isWaitingStill(parts: TxRelayParts, duplicate: Failure): boolean {
  return parts.isWaiting(asHash32(String(duplicate.detail?.['txId'] ?? '').slice(2)))
}
