// Owns: how large the store is on disk, how it grows, what is free.
// Not here: the store (storage/level.ts), pruning (maintenance).
import { readdirSync, statSync, statfsSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from './ports.ts'
import type { Store } from './storage/level.ts'

/** Sizes of the last look; growth is null until the node has run long enough to tell. */
export type StoreSize = {
  readonly storeBytes: number
  readonly storeReclaimableBytes: number
  readonly storeGrowthBytesPerDay: number | null
  readonly diskFreeBytes: number
}

const EVERY_MS = 30_000
const GROWTH_AFTER_MS = 600_000
const DAY_MS = 86_400_000

function folderBytes(dir: string): number {
  let bytes = 0
  for (const entry of readdirSync(dir)) {
    try {
      bytes += statSync(join(dir, entry)).size
    } catch {
      // LevelDB deletes tables while we look.
    }
  }
  return bytes
}

/** Looks at most every half minute; what is between live tables and the folder’s size can be given back by a compaction. */
export function createStoreSize(parts: { dir: string; store: Pick<Store, 'approximateBytes'>; clock: Clock }): () => StoreSize {
  const { dir, store, clock } = parts
  const beganMs = clock.monotonicMs()
  let lookedMs = Number.NEGATIVE_INFINITY
  let size: StoreSize = { storeBytes: 0, storeReclaimableBytes: 0, storeGrowthBytesPerDay: null, diskFreeBytes: 0 }
  let firstBytes: number | null = null
  let liveBytes: number | null = null
  return () => {
    const now = clock.monotonicMs()
    if (now - lookedMs < EVERY_MS) return size
    lookedMs = now
    void store.approximateBytes().then(
      (bytes) => {
        liveBytes = bytes
      },
      () => undefined,
    )
    const storeBytes = folderBytes(dir)
    firstBytes ??= storeBytes
    const ranMs = now - beganMs
    const space = statfsSync(dir)
    size = {
      storeBytes,
      storeReclaimableBytes: liveBytes === null ? 0 : Math.max(0, storeBytes - liveBytes),
      storeGrowthBytesPerDay: ranMs < GROWTH_AFTER_MS ? null : Math.round(((storeBytes - firstBytes) * DAY_MS) / ranMs),
      diskFreeBytes: space.bavail * space.bsize,
    }
    return size
  }
}
