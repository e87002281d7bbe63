// Owns: giving back the room of old blocks: bodies, receipts and indexes below a window go, headers and certificates stay.
// Not here: which window (cli), what a pruned node answers (node/api.ts).
import { NodeError } from '../../core/base/errors.ts'
import type { Height } from '../../core/base/ids.ts'
import { oldestRecord } from '../storage/chain-store.ts'
import type { Store } from '../storage/level.ts'
import { readBlockKeys } from './block-keys.ts'
import type { BlockKeyParts } from './block-keys.ts'

/** What pruning did; heights are those whose bodies the store holds. */
export type Pruned = { readonly oldestBefore: Height; readonly oldest: Height; readonly top: Height; readonly records: number }

/** Prefixes of what goes: bodies, receipts, transactions' places, accounts' histories. */
const GOING: readonly string[] = ['b/', 'r/', 't/', 'a/']
const BLOCKS_PER_BATCH = 64

/**
 * Deletes what lies below the last `keep` blocks and gives the room back to the disk. Each batch moves the mark of the oldest
 * height with the records that go, so that a pruning that was broken off is simply begun again.
 */
export async function pruneStore(
  parts: BlockKeyParts & { readonly store: Store; readonly keep: number; readonly onProgress: (height: Height) => void },
): Promise<Pruned> {
  const { store, chain, keep, onProgress } = parts
  const top = chain.head()?.height ?? 0
  const oldestBefore = chain.oldestHeight()
  if (!Number.isSafeInteger(keep) || keep < 1) throw new NodeError('PRUNE_KEEP', `a window keeps at least one block, not ${keep}`)
  const oldest = Math.max(oldestBefore, top - keep + 1)
  let records = 0
  for (let first = oldestBefore; first < oldest; first += BLOCKS_PER_BATCH) {
    const end = Math.min(first + BLOCKS_PER_BATCH, oldest)
    const keys: string[] = []
    for (let height = first; height < end; height++)
      keys.push(...readBlockKeys(parts, height).filter((key) => GOING.includes(key.slice(0, 2))))
    await store.writeBatch([...keys.map((key) => ({ key, value: null })), oldestRecord(end)])
    records += keys.length
    onProgress(end)
  }
  for (const prefix of GOING) await store.compactRange(prefix, `${prefix}~`)
  return { oldestBefore, oldest, top, records }
}
