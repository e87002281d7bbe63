// Owns: giving back the room of old blocks: bodies, receipts and indexes below a height go, headers and certificates stay.
// Not here: which height (cli, node/upkeep), what a pruned node answers (node/api.ts).
import { NodeError } from '../../core/base/errors.ts'
import type { Height } from '../../core/base/ids.ts'
import { LIMITS } from '../../core/base/limits.ts'
import { compactedRecord, oldestRecord } from '../storage/chain-store.ts'
import type { ChainStore } from '../storage/chain-store.ts'
import { KEYS } from '../storage/keys.ts'
import type { Store } from '../storage/level.ts'
import { readBlockKeys } from './block-keys.ts'
import type { BlockKeyParts } from './block-keys.ts'

/** What pruning did; heights are those whose bodies the store holds. */
export type Pruned = { readonly oldestBefore: Height; readonly oldest: Height; readonly top: Height; readonly records: number }

/** Prefixes of what goes: bodies, receipts, transactions' places, accounts' histories. */
const GOING: readonly string[] = ['b/', 'r/', 't/', 'a/']
/** Of these the keys begin with the height, so that what goes is one range. */
const BY_HEIGHT: readonly string[] = ['b/', 'r/', 'u/']
/** These begin with a hash or an account; they are compacted in sixteen parts. */
const BY_HASH: readonly string[] = ['t/', 'a/']
const PARTS = '0123456789abcdef'
/** Pruned blocks between two compactions of a running node. */
export const COMPACT_BLOCKS = 2_048

/** How work is cut into slices: blocks of one batch, and what is waited for between batches and compactions. */
export type Slices = { readonly blocksPerBatch: number; readonly pace: () => Promise<void> }

/** The oldest height that a window of the last `keep` blocks leaves. Throws NodeError PRUNE_KEEP. */
export function oldestOfWindow(chain: Pick<ChainStore, 'head' | 'oldestHeight'>, keep: number): Height {
  if (!Number.isSafeInteger(keep) || keep < 1) throw new NodeError('PRUNE_KEEP', `a window keeps at least one block, not ${keep}`)
  return Math.max(chain.oldestHeight(), (chain.head()?.height ?? 0) - keep + 1)
}

/**
 * Deletes bodies, receipts and indexes below `oldest`. Each batch moves the mark of the oldest height with the records that go,
 * so that a pruning that was broken off is simply begun again.
 */
export async function pruneBelow(
  parts: BlockKeyParts & {
    readonly store: Store
    readonly oldest: Height
    readonly onProgress: (height: Height) => void
  } & Slices,
): Promise<Pruned> {
  const { store, chain, oldest, blocksPerBatch, pace, onProgress } = parts
  const oldestBefore = chain.oldestHeight()
  let records = 0
  for (let first = oldestBefore; first < oldest; first += blocksPerBatch) {
    await pace()
    const end = Math.min(first + blocksPerBatch, oldest)
    const keys: string[] = []
    for (let height = first; height < end; height++)
      keys.push(...readBlockKeys(parts, height).filter((key) => GOING.includes(key.slice(0, 2))))
    await store.writeBatch([...keys.map((key) => ({ key, value: null })), oldestRecord(end)])
    records += keys.length
    onProgress(end)
  }
  return { oldestBefore, oldest: Math.max(oldest, oldestBefore), top: chain.head()?.height ?? 0, records }
}

/** Prunes a stopped node to a window of `keep` blocks and compacts every table. Throws NodeError PRUNE_KEEP. */
export async function pruneStore(
  parts: BlockKeyParts & { readonly store: Store; readonly keep: number; readonly onProgress: (height: Height) => void },
): Promise<Pruned> {
  const pace = (): Promise<void> => Promise.resolve()
  const pruned = await pruneBelow({ ...parts, oldest: oldestOfWindow(parts.chain, parts.keep), blocksPerBatch: 64, pace })
  await compactPruned({ ...parts, all: true, pace })
  return pruned
}

/** Gives the room below the oldest height back to the disk; a mark keeps how far that is done. `all` compacts whole prefixes. */
export async function compactPruned(
  parts: { readonly store: Store; readonly chain: ChainStore; readonly all: boolean } & Pick<Slices, 'pace'>,
): Promise<void> {
  const { store, chain, all, pace } = parts
  const oldest = chain.oldestHeight()
  const undone = Math.max(1, (chain.head()?.height ?? 0) - LIMITS.undoBlocksKept)
  for (const prefix of BY_HEIGHT) {
    await pace()
    const end = prefix === 'b/' ? KEYS.block(oldest) : prefix === 'r/' ? KEYS.receipts(oldest) : KEYS.undo(undone)
    await store.compactRange(prefix, all ? `${prefix}~` : end)
  }
  // In a running node one sixteenth a time: these tables are as large as the whole history that is left.
  const turn = Math.floor(oldest / COMPACT_BLOCKS) % PARTS.length
  const which = all ? [...PARTS] : [PARTS.charAt(turn)]
  for (const prefix of BY_HASH) {
    for (const part of which) {
      await pace()
      await store.compactRange(prefix + part, `${prefix}${part}~`)
    }
  }
  if (all) {
    for (const prefix of ['c/', 'h/', 'i/', 's/', 'v/']) {
      await pace()
      await store.compactRange(prefix, `${prefix}~`)
    }
  }
  if (oldest > 1) await store.writeBatch([compactedRecord(oldest)])
}

/** Bytes of tables that hold what was deleted and is not compacted yet, without the share of the hash-ordered indexes. */
export async function reclaimableBytes(store: Store, chain: ChainStore): Promise<number> {
  const undone = Math.max(1, (chain.head()?.height ?? 0) - LIMITS.undoBlocksKept)
  const oldest = chain.oldestHeight()
  const ends = [KEYS.block(oldest), KEYS.receipts(oldest), KEYS.undo(undone)]
  const sizes = await Promise.all(BY_HEIGHT.map((start, index) => store.approximateBytes({ start, end: ends[index] ?? start })))
  return sizes.reduce((sum, size) => sum + size, 0)
}
