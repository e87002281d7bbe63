// Owns: what this node answers to peers' questions: status, bodies, blocks. Not here: asking (block-fetcher.ts, block-sync.ts).
import { CodecError } from '../core/base/errors.ts'
import type { BlockId } from '../core/base/ids.ts'
import { LIMITS } from '../core/base/limits.ts'
import type { Block } from '../core/chain/block.ts'
import { struct } from '../core/codec/compound.ts'
import { code, hash32, text, u53 } from '../core/codec/fields.ts'
import { decode, encode } from '../core/codec/schema.ts'
import { encodeBlock } from './effects.ts'
import { BodyAnswerSchema, BodyRequestSchema } from './block-fetcher.ts'
import type { Bodies } from './bodies.ts'
import type { ChainHead } from './chain-head.ts'
import type { RequestProtocol } from './ports.ts'
import type { ChainStore } from './storage/chain-store.ts'
import { BlocksAnswerSchema, BlocksRequestSchema } from './block-sync.ts'

/** Who a node is and where it stands; the first question of two peers. */
export const StatusSchema = struct({
  chainId: code(LIMITS.chainIdCharsMax),
  genesisHash: hash32,
  height: u53,
  /** Lowest height whose body it holds. */
  oldest: u53,
  nowMs: u53,
  version: text(32),
})

/** Where the answers come from; `status` is the encoded status of the moment. */
export type AnswerParts = {
  readonly chain: ChainStore
  readonly bodies: Bodies
  readonly head: () => ChainHead
  readonly status: () => Uint8Array
}

/** Leaves room for what surrounds the blocks in an answer. */
const BYTES_MARGIN = 65_536

/** Builds the answering function; null refuses. Never throws on bytes from outside. */
export function createAnswers(
  parts: AnswerParts,
): (protocol: Exclude<RequestProtocol, 'snap'>, request: Uint8Array) => Uint8Array | null {
  return (protocol, request) => {
    try {
      if (protocol === 'status') return parts.status()
      return protocol === 'body' ? answerBody(parts, request) : answerBlocks(parts, request)
    } catch (error) {
      if (error instanceof CodecError) return null
      throw error
    }
  }
}

function answerBody(parts: AnswerParts, request: Uint8Array): Uint8Array | null {
  const { blockId, indexes } = decode(BodyRequestSchema, request, LIMITS.syncResponseBytesMax)
  const whole = indexes.length === 0 ? committedBytes(parts, blockId) : null
  if (whole !== null) return encode(BodyAnswerSchema, [whole])
  const block = parts.bodies.block(blockId) ?? wholeFromWaiting(parts, blockId) ?? committed(parts, blockId)
  if (block === null) return null
  if (indexes.length === 0) return encode(BodyAnswerSchema, [encodeBlock(block)])
  // Each place once: a list of one large transaction twenty thousand times over would be an answer of a gigabyte.
  if (indexes.some((index, i) => i > 0 && index <= (indexes[i - 1] as number))) return null
  const asked = indexes.map((index) => block.txs[index])
  return asked.every((tx) => tx !== undefined) ? encode(BodyAnswerSchema, asked) : null
}

function wholeFromWaiting(parts: AnswerParts, blockId: Parameters<Bodies['assemble']>[0]): Block | null {
  const assembly = parts.bodies.assemble(blockId)
  return assembly.kind === 'complete' ? assembly.block : null
}

function committed(parts: AnswerParts, blockId: Parameters<Bodies['assemble']>[0]): Block | null {
  const height = parts.chain.heightOf(blockId)
  return height === null ? null : parts.chain.blockAt(height)
}

// As they lie on the disk: an answer must not cost a decoding of what a peer may ask for as often as it likes.
function committedBytes(parts: AnswerParts, blockId: BlockId): Uint8Array | null {
  const height = parts.chain.heightOf(blockId)
  return height === null ? null : parts.chain.blockBytesAt(height)
}

function answerBlocks(parts: AnswerParts, request: Uint8Array): Uint8Array | null {
  const { from, count } = decode(BlocksRequestSchema, request, 64)
  const last = Math.min(parts.head().height, from + Math.min(count, LIMITS.syncBlocksMax) - 1)
  const entries = []
  let size = 0
  for (let height = Math.max(1, from); height <= last; height++) {
    const encoded = parts.chain.blockBytesAt(height)
    const certificate = parts.chain.certificateAt(height)
    if (encoded === null || certificate === null) break
    size += encoded.length + 4_096
    if (entries.length > 0 && size > LIMITS.syncResponseBytesMax - BYTES_MARGIN) break
    entries.push({ block: encoded, certificate })
  }
  return encode(BlocksAnswerSchema, entries)
}
