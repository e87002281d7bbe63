// Owns: fetching bodies of undecided blocks from peers: missing transactions first, else the whole block.
// Not here: what is done with them (effects.ts).
import type { BlockId } from '../core/base/ids.ts'
import { CodecError } from '../core/base/errors.ts'
import { LIMITS } from '../core/base/limits.ts'
import { BLOCK_ENCODED_BYTES_MAX, blockIdOf } from '../core/chain/block.ts'
import { list, struct } from '../core/codec/compound.ts'
import { bytes, hash32, u32 } from '../core/codec/fields.ts'
import { decode, encode } from '../core/codec/schema.ts'
import { decodeBlock, isBodySound } from './bodies.ts'
import type { Bodies } from './bodies.ts'
import type { Clock, Network, PeerId } from './ports.ts'

/** A question for a body: no indexes asks for the whole block. */
export const BodyRequestSchema = struct({ blockId: hash32, indexes: list(u32, LIMITS.blockTxsMax) })
/** One entry with the encoded block, or the asked transactions in order. */
export const BodyAnswerSchema = list(bytes(BLOCK_ENCODED_BYTES_MAX), LIMITS.blockTxsMax)

const TIMEOUT_MS = 2_000
const RETRY_MS = 100
const RETRY_MAX_MS = 1_000
/** A question that is not answered after this long is put to the next peer as well. */
const HEDGE_MS = 300
const IN_FLIGHT_MAX = 3
const HOLDERS_MAX = 64
const HOLDERS_EACH_MAX = 4

/** Fetches until it has the bytes or the height is over; `done` is called once they are in `bodies`. */
export type BlockFetcher = {
  readonly fetchMissing: (blockId: BlockId, indexes: readonly number[], done: () => void) => void
  readonly fetchWhole: (blockId: BlockId, done: () => void) => void
  /** A peer that showed the block and so surely holds it; asked first. */
  readonly noteHolder: (blockId: BlockId, peer: PeerId) => void
  /** The height is over: running fetches end without an answer. */
  readonly clear: () => void
}

/** Whom to ask, the time between attempts, and where what came is kept. */
export type BlockFetcherParts = {
  readonly network: Pick<Network, 'request' | 'peers' | 'penalise'>
  readonly clock: Clock
  readonly bodies: Bodies
}

type Fetch = {
  readonly blockId: BlockId
  /** Places of missing transactions; empty asks for the whole block. */
  readonly indexes: readonly number[]
  readonly waiting: (() => void)[]
  inFlight: number
}

/** Builds the fetcher. */
export function createBlockFetcher(parts: BlockFetcherParts): BlockFetcher {
  const holders = new Map<BlockId, PeerId[]>()
  const running = new Map<BlockId, Fetch>()
  const isRunning = (fetch: Fetch): boolean => running.get(fetch.blockId) === fetch

  const settle = (fetch: Fetch, outcome: 'taken' | 'unfit'): void => {
    running.delete(fetch.blockId)
    // Transactions that do not fit the header mean that the holder has other signatures on them: take its whole block.
    for (const done of fetch.waiting) outcome === 'taken' ? done() : start(fetch.blockId, [], done)
  }

  const ask = async (fetch: Fetch, peer: PeerId): Promise<'answered' | 'none'> => {
    fetch.inFlight++
    const outcome = await askOne(parts, peer, fetch)
    fetch.inFlight--
    if (outcome === 'none') return 'none'
    if (isRunning(fetch)) settle(fetch, outcome)
    return 'answered'
  }

  // A peer that is slow, or silent on purpose, must not cost a round: after a moment the next one is asked as well.
  const run = async (fetch: Fetch): Promise<void> => {
    for (let attempt = 0; isRunning(fetch); attempt++) {
      const peer = fetch.inFlight < IN_FLIGHT_MAX ? pickPeer(parts, holders.get(fetch.blockId) ?? [], attempt) : null
      const slow = pause(parts.clock, peer === null ? RETRY_MS : HEDGE_MS)
      const outcome = await (peer === null ? slow.over : Promise.race([ask(fetch, peer), slow.over]))
      slow.cancel()
      if (outcome === 'none') await pause(parts.clock, Math.min(RETRY_MS * (attempt + 1), RETRY_MAX_MS)).over
    }
  }

  const start = (blockId: BlockId, indexes: readonly number[], done: () => void): void => {
    const known = running.get(blockId)
    if (known !== undefined) return void known.waiting.push(done)
    const fetch: Fetch = { blockId, indexes, waiting: [done], inFlight: 0 }
    running.set(blockId, fetch)
    void run(fetch)
  }

  return {
    fetchMissing: start,
    fetchWhole: (blockId, done) => start(blockId, [], done),
    noteHolder(blockId, peer) {
      const known = holders.get(blockId)
      if (known === undefined && holders.size < HOLDERS_MAX) holders.set(blockId, [peer])
      else if (known !== undefined && known.length < HOLDERS_EACH_MAX && !known.includes(peer)) known.push(peer)
    },
    clear() {
      holders.clear()
      running.clear()
    },
  }
}

function pause(clock: Clock, delayMs: number): { readonly over: Promise<'over'>; readonly cancel: () => void } {
  const over = Promise.withResolvers<'over'>()
  const timer = clock.startTimer(delayMs, () => over.resolve('over'))
  return { over: over.promise, cancel: timer.cancel }
}

function pickPeer(parts: BlockFetcherParts, holders: readonly PeerId[], attempt: number): PeerId | null {
  const peers = parts.network.peers().map((view) => view.peer)
  const first = holders.filter((peer) => peers.includes(peer))
  const order = [...first, ...peers.filter((peer) => !first.includes(peer))]
  return order.length === 0 ? null : (order[attempt % order.length] as PeerId)
}

async function askOne(parts: BlockFetcherParts, peer: PeerId, fetch: Fetch): Promise<'taken' | 'unfit' | 'none'> {
  const { blockId, indexes } = fetch
  const request = encode(BodyRequestSchema, { blockId, indexes })
  let answer: readonly Uint8Array[]
  try {
    const raw = await parts.network.request(peer, 'body', request, TIMEOUT_MS)
    answer = decode(BodyAnswerSchema, raw, LIMITS.syncResponseBytesMax)
  } catch (error) {
    if (error instanceof CodecError) parts.network.penalise(peer, 'a body that is not in canonical form')
    return 'none'
  }
  if (indexes.length > 0) return parts.bodies.offerMissing(blockId, indexes, answer) ? 'taken' : 'unfit'
  const block = answer.length === 1 ? decodeBlock(answer[0] as Uint8Array) : null
  if (block === null || blockIdOf(block.header) !== blockId || !isBodySound(block)) {
    parts.network.penalise(peer, 'another block than the one asked for')
    return 'none'
  }
  parts.bodies.offerBlock(block)
  return 'taken'
}
