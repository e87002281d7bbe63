// Owns: fetching bodies of undecided blocks from peers: missing transactions first, the whole block else. Not here: what is done with them.
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

export type BlockFetcher = {
  readonly fetchMissing: (blockId: BlockId, indexes: readonly number[], done: () => void) => void
  readonly fetchWhole: (blockId: BlockId, done: () => void) => void
  /** A peer that showed the block and so surely holds it; asked first. */
  readonly noteHolder: (blockId: BlockId, peer: PeerId) => void
  /** The height is over: running fetches end without an answer. */
  readonly clear: () => void
}

export type BlockFetcherParts = {
  readonly network: Pick<Network, 'request' | 'peers' | 'penalise'>
  readonly clock: Clock
  readonly bodies: Bodies
}

/** Builds the fetcher. */
export function createBlockFetcher(parts: BlockFetcherParts): BlockFetcher {
  const holders = new Map<BlockId, PeerId>()
  const running = new Set<BlockId>()
  let epoch = 0

  const fetch = async (blockId: BlockId, indexes: readonly number[], done: () => void): Promise<void> => {
    const begun = epoch
    const request = encode(BodyRequestSchema, { blockId, indexes })
    for (let attempt = 0; begun === epoch; attempt++) {
      const peer = pickPeer(parts, holders.get(blockId), attempt)
      const outcome = peer === null ? 'none' : await askOne(parts, { peer, request, blockId, indexes })
      if (begun !== epoch) return
      // Transactions that do not fit the header mean that the holder has other signatures on them: take its whole block.
      if (outcome === 'taken' || outcome === 'unfit') {
        running.delete(blockId)
        return outcome === 'taken' ? done() : start(blockId, [], done)
      }
      const delayMs = Math.min(RETRY_MS * (attempt + 1), RETRY_MAX_MS)
      await new Promise<void>((resolve) => void parts.clock.startTimer(delayMs, resolve))
    }
  }

  const start = (blockId: BlockId, indexes: readonly number[], done: () => void): void => {
    if (running.has(blockId)) return
    running.add(blockId)
    void fetch(blockId, indexes, done)
  }

  return {
    fetchMissing: start,
    fetchWhole: (blockId, done) => start(blockId, [], done),
    noteHolder(blockId, peer) {
      if (!holders.has(blockId) && holders.size < 64) holders.set(blockId, peer)
    },
    clear() {
      epoch++
      holders.clear()
      running.clear()
    },
  }
}

function pickPeer(parts: BlockFetcherParts, holder: PeerId | undefined, attempt: number): PeerId | null {
  const peers = parts.network.peers().map((view) => view.peer)
  if (attempt === 0 && holder !== undefined && peers.includes(holder)) return holder
  return peers.length === 0 ? null : (peers[attempt % peers.length] as PeerId)
}

type Question = { peer: PeerId; request: Uint8Array; blockId: BlockId; indexes: readonly number[] }

async function askOne(parts: BlockFetcherParts, question: Question): Promise<'taken' | 'unfit' | 'none'> {
  const { peer, request, blockId, indexes } = question
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
