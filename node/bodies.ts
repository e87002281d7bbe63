// Owns: blocks proposed but not decided: compact forms, bodies, candidates of the running height.
// Not here: fetching them (block-fetcher.ts).
import type { Address, BlockId, TxId } from '../core/base/ids.ts'
import { CodecError, isFailure } from '../core/base/errors.ts'
import { BLOCK_ENCODED_BYTES_MAX, BlockSchema, blockIdOf, evidenceHash, txRootOf } from '../core/chain/block.ts'
import { certificateHash } from '../core/chain/certificate.ts'
import { sha256 } from '../core/crypto/hash.ts'
import type { Block, CompactBlock, Header } from '../core/chain/block.ts'
import { decode } from '../core/codec/schema.ts'
import type { CheckedTransaction } from '../core/execution/check.ts'
import type { Failure } from '../core/base/errors.ts'
import type { Candidate } from './executor.ts'

/** Compact blocks held of one proposer: a liar drives out its own. */
const COMPACTS_PER_AUTHOR_MAX = 4
/** Whole bodies and executed candidates of one height; the oldest that consensus no longer points at goes first. */
const BODIES_MAX = 16

/** What is known of a block's body. */
export type Assembly =
  | { readonly kind: 'complete'; readonly block: Block; readonly txs: readonly CheckedTransaction[] }
  | { readonly kind: 'missing'; readonly indexes: readonly number[] }
  | { readonly kind: 'unknown' }
  /** The known transactions do not give the header's root: the whole block must be asked for. */
  | { readonly kind: 'mismatch' }

/** Where bodies come from: the mempool, else bytes that a peer sent. */
export type BodiesParts = {
  readonly findWaiting: (txId: TxId) => CheckedTransaction | null
  readonly checkBytes: (bytes: Uint8Array) => CheckedTransaction | Failure
  /** True for a block that may still be voted for or decided: locked, valid, proposed in this round, or about to be committed. */
  readonly isPinned: (blockId: BlockId) => boolean
  /** Told of an executed candidate that goes before its height is over. */
  readonly onDropped: (candidate: Candidate) => void
}

/** What this node holds of the undecided blocks of one height; every lookup is null when unknown. */
export type Bodies = {
  readonly offerCompact: (compact: CompactBlock, author: Address) => void
  readonly offerBlock: (block: Block) => BlockId
  /** Transactions that came for the missing places of a compact block, in order of the places asked. */
  readonly offerMissing: (blockId: BlockId, indexes: readonly number[], bytes: readonly Uint8Array[]) => boolean
  readonly assemble: (blockId: BlockId) => Assembly
  readonly block: (blockId: BlockId) => Block | null
  /** The header, in whatever form the block is known. */
  readonly header: (blockId: BlockId) => Header | null
  /** The compact form, made of the body where only that is known. */
  readonly compact: (blockId: BlockId) => CompactBlock | null
  readonly candidate: (blockId: BlockId) => Candidate | null
  readonly setCandidate: (candidate: Candidate) => void
  /** Forgets everything: the height is over. */
  readonly clear: () => void
}

type Filled = Map<number, CheckedTransaction>

/** Empty holdings. */
export function createBodies(parts: BodiesParts): Bodies {
  const compacts = new Map<BlockId, { compact: CompactBlock; filled: Filled; author: Address }>()
  const blocks = new Map<BlockId, Block>()
  const candidates = new Map<BlockId, Candidate>()
  return {
    offerCompact(compact, author) {
      const blockId = blockIdOf(compact.header)
      if (compacts.has(blockId)) return
      const others = [...compacts].filter(([, entry]) => entry.author === author).map(([id]) => id)
      if (others.length >= COMPACTS_PER_AUTHOR_MAX) compacts.delete(oldestOf(others, parts.isPinned))
      compacts.set(blockId, { compact, filled: new Map(), author })
    },
    offerBlock(block) {
      const blockId = blockIdOf(block.header)
      if (blocks.size >= BODIES_MAX && !blocks.has(blockId)) blocks.delete(oldestOf([...blocks.keys()], parts.isPinned))
      blocks.set(blockId, block)
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
    header: (blockId) =>
      candidates.get(blockId)?.block.header ?? blocks.get(blockId)?.header ?? compacts.get(blockId)?.compact.header ?? null,
    compact(blockId) {
      const candidate = candidates.get(blockId)
      if (candidate !== undefined) return compactOf(candidate)
      const block = blocks.get(blockId)
      return compacts.get(blockId)?.compact ?? (block === undefined ? null : compactOfBlock(parts, block))
    },
    candidate: (blockId) => candidates.get(blockId) ?? null,
    setCandidate(candidate) {
      if (candidates.size >= BODIES_MAX && !candidates.has(candidate.blockId)) dropOldest(parts, candidates)
      candidates.set(candidate.blockId, candidate)
    },
    clear() {
      compacts.clear()
      blocks.clear()
      candidates.clear()
    },
  }
}

function dropOldest(parts: BodiesParts, candidates: Map<BlockId, Candidate>): void {
  const oldest = candidates.get(oldestOf([...candidates.keys()], parts.isPinned))
  if (oldest === undefined) return
  candidates.delete(oldest.blockId)
  parts.onDropped(oldest)
}

// The first that nothing points at; else the very first. Ids are never empty.
function oldestOf(ids: readonly BlockId[], isPinned: (blockId: BlockId) => boolean): BlockId {
  return ids.find((id) => !isPinned(id)) ?? (ids[0] as BlockId)
}

function compactOfBlock(parts: BodiesParts, block: Block): CompactBlock | null {
  const txIds: TxId[] = []
  for (const bytes of block.txs) {
    const checked = parts.checkBytes(bytes)
    if (isFailure(checked)) return null
    txIds.push(checked.tx.id)
  }
  const { header, lastCommit, evidence } = block
  return { header, lastCommit, evidence, txIds }
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

/** Whether a compact block's certificate, evidence and number of transactions are those that its header commits to. */
export function isCompactSound(compact: CompactBlock): boolean {
  return compact.txIds.length === compact.header.txCount && isFrameSound(compact)
}

function isFrameSound({ header, lastCommit, evidence }: Pick<Block, 'header' | 'lastCommit' | 'evidence'>): boolean {
  return certificateHash(lastCommit) === header.lastCommitHash && evidenceHash(evidence) === header.evidenceHash
}

/** Whether a block's whole body is the one that its header commits to; then its validity is the block's own, not the sender's. */
export function isBodySound(block: Block): boolean {
  return isFrameSound(block) && txRootOf(block.txs.map(sha256)) === block.header.txRoot
}
