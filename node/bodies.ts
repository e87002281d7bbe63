// Owns: blocks that are proposed but not decided: compact forms, bodies, candidates of the running height. Not here: fetching (effects.ts).
import type { BlockId, TxId } from '../core/base/ids.ts'
import { CodecError, isFailure } from '../core/base/errors.ts'
import { BLOCK_ENCODED_BYTES_MAX, BlockSchema, blockIdOf, evidenceHash, txRootOf } from '../core/chain/block.ts'
import { certificateHash } from '../core/chain/certificate.ts'
import { sha256 } from '../core/crypto/hash.ts'
import type { Block, CompactBlock } from '../core/chain/block.ts'
import { decode } from '../core/codec/schema.ts'
import type { CheckedTransaction } from '../core/execution/check.ts'
import type { Failure } from '../core/base/errors.ts'
import type { Candidate } from './executor.ts'

/** Proposals of one height held at most; honest rounds need one each. */
const COMPACT_MAX = 32

/** What is known of a block's body. */
export type Assembly =
  | { readonly kind: 'complete'; readonly block: Block; readonly txs: readonly CheckedTransaction[] }
  | { readonly kind: 'missing'; readonly indexes: readonly number[] }
  | { readonly kind: 'unknown' }
  /** The known transactions do not give the header's root: the whole block must be asked for. */
  | { readonly kind: 'mismatch' }

export type BodiesParts = {
  readonly findWaiting: (txId: TxId) => CheckedTransaction | null
  readonly checkBytes: (bytes: Uint8Array) => CheckedTransaction | Failure
}

export type Bodies = {
  readonly offerCompact: (compact: CompactBlock) => void
  readonly offerBlock: (block: Block) => BlockId
  /** Transactions that came for the missing places of a compact block, in order of the places asked. */
  readonly offerMissing: (blockId: BlockId, indexes: readonly number[], bytes: readonly Uint8Array[]) => boolean
  readonly assemble: (blockId: BlockId) => Assembly
  readonly block: (blockId: BlockId) => Block | null
  readonly compact: (blockId: BlockId) => CompactBlock | null
  readonly candidate: (blockId: BlockId) => Candidate | null
  readonly setCandidate: (candidate: Candidate) => void
  /** Forgets everything: the height is over. */
  readonly clear: () => void
}

type Filled = Map<number, CheckedTransaction>

/** Empty holdings. */
export function createBodies(parts: BodiesParts): Bodies {
  const compacts = new Map<BlockId, { compact: CompactBlock; filled: Filled }>()
  const blocks = new Map<BlockId, Block>()
  const candidates = new Map<BlockId, Candidate>()
  return {
    offerCompact(compact) {
      const blockId = blockIdOf(compact.header)
      if (compacts.has(blockId) || compacts.size >= COMPACT_MAX) return
      compacts.set(blockId, { compact, filled: new Map() })
    },
    offerBlock(block) {
      const blockId = blockIdOf(block.header)
      if (blocks.size < COMPACT_MAX) blocks.set(blockId, block)
      return blockId
    },
    offerMissing(blockId, indexes, bytes) {
      const entry = compacts.get(blockId)
      if (entry === undefined || indexes.length !== bytes.length) return false
      for (let i = 0; i < indexes.length; i++) {
        const checked = parts.checkBytes(bytes[i] as Uint8Array)
        if (isFailure(checked) || checked.tx.id !== entry.compact.txIds[indexes[i] as number]) return false
        entry.filled.set(indexes[i] as number, checked)
      }
      return true
    },
    assemble(blockId) {
      const whole = blocks.get(blockId)
      if (whole !== undefined) return assembleWhole(parts, whole)
      const entry = compacts.get(blockId)
      return entry === undefined ? { kind: 'unknown' } : assembleCompact(parts, entry.compact, entry.filled)
    },
    block: (blockId) => blocks.get(blockId) ?? candidates.get(blockId)?.block ?? null,
    compact: (blockId) => compacts.get(blockId)?.compact ?? null,
    candidate: (blockId) => candidates.get(blockId) ?? null,
    setCandidate: (candidate) => void candidates.set(candidate.blockId, candidate),
    clear() {
      compacts.clear()
      blocks.clear()
      candidates.clear()
    },
  }
}

// A body's transactions that wait in the mempool are taken from there: their signatures are verified already.
function assembleWhole(parts: BodiesParts, block: Block): Assembly {
  const txs: CheckedTransaction[] = []
  for (const bytes of block.txs) {
    const checked = parts.checkBytes(bytes)
    if (isFailure(checked)) return { kind: 'complete', block, txs: [] }
    const waiting = parts.findWaiting(checked.tx.id)
    txs.push(waiting !== null && waiting.tx.wireHash === checked.tx.wireHash ? waiting : checked)
  }
  return { kind: 'complete', block, txs }
}

function assembleCompact(parts: BodiesParts, compact: CompactBlock, filled: Filled): Assembly {
  const txs: CheckedTransaction[] = []
  const indexes: number[] = []
  for (let index = 0; index < compact.txIds.length; index++) {
    const found = filled.get(index) ?? parts.findWaiting(compact.txIds[index] as TxId)
    if (found === null) indexes.push(index)
    else txs.push(found)
  }
  if (indexes.length > 0) return { kind: 'missing', indexes }
  const { header, lastCommit, evidence } = compact
  if (txRootOf(txs.map((checked) => checked.tx.wireHash)) !== header.txRoot) return { kind: 'mismatch' }
  return { kind: 'complete', block: { header, lastCommit, evidence, txs: txs.map((checked) => checked.tx.bytes) }, txs }
}

/** The compact form of a block. */
export function compactOf(candidate: Candidate): CompactBlock {
  const { header, lastCommit, evidence } = candidate.block
  return { header, lastCommit, evidence, txIds: candidate.txs.map((checked) => checked.tx.id) }
}

/** A whole block from a peer's bytes, or null when they are not one. */
export function decodeBlock(bytes: Uint8Array): Block | null {
  try {
    return decode(BlockSchema, bytes, BLOCK_ENCODED_BYTES_MAX)
  } catch (error) {
    if (error instanceof CodecError) return null
    throw error
  }
}

/** Whether a compact block's certificate and evidence are those that its header commits to. */
export function isCompactSound(compact: CompactBlock): boolean {
  const { header, lastCommit, evidence } = compact
  return certificateHash(lastCommit) === header.lastCommitHash && evidenceHash(evidence) === header.evidenceHash
}

/** Whether a block's whole body is the one that its header commits to; then its validity is the block's own, not the sender's. */
export function isBodySound(block: Block): boolean {
  const { header, lastCommit, evidence, txs } = block
  return isCompactSound({ header, lastCommit, evidence, txIds: [] }) && txRootOf(txs.map(sha256)) === header.txRoot
}
