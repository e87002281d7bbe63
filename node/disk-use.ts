// Owns: how the store grows and what is free on its disk, for metrics and the doctor. Not here: its size (upkeep), pruning.
import { existsSync, statSync, statfsSync } from 'node:fs'
import type { TimeMs } from '../core/base/ids.ts'
import type { Clock } from './ports.ts'
import type { SnapshotShelf } from './upkeep/snapshot-shelf.ts'
import type { Upkeep } from './upkeep/upkeep.ts'

/** The disk at this moment; growth is null until the node has run long enough to tell. */
export type DiskUse = {
  readonly storeBytes: number
  readonly storeReclaimableBytes: number
  readonly storeGrowthBytesPerDay: number | null
  readonly diskFreeBytes: number
  /** When the newest snapshot was made, 0 without one. */
  readonly snapshotAtMs: TimeMs
}

const GROWTH_AFTER_MS = 600_000
const DAY_MS = 86_400_000

/** What is looked at. */
export type DiskUseParts = {
  readonly dir: string
  readonly sizes: Upkeep['sizes']
  readonly shelf: Pick<SnapshotShelf, 'entries'>
  readonly clock: Clock
}

/** Each call is a look. */
export function createDiskUse({ dir, sizes, shelf, clock }: DiskUseParts): () => DiskUse {
  let first: { readonly atMs: number; readonly bytes: number } | null = null
  return () => {
    const { storeBytes, reclaimableBytes } = sizes()
    const now = clock.monotonicMs()
    // The first measurement comes a moment after the start.
    if (first === null && storeBytes > 0) first = { atMs: now, bytes: storeBytes }
    const ranMs = first === null ? 0 : now - first.atMs
    const grown = first === null ? 0 : storeBytes - first.bytes
    const space = statfsSync(dir)
    const newest = shelf.entries()[0]?.dir ?? null
    return {
      storeBytes,
      storeReclaimableBytes: reclaimableBytes,
      storeGrowthBytesPerDay: ranMs < GROWTH_AFTER_MS ? null : Math.round((grown * DAY_MS) / ranMs),
      diskFreeBytes: space.bavail * space.bsize,
      snapshotAtMs: newest !== null && existsSync(newest) ? Math.floor(statSync(newest).mtimeMs) : 0,
    }
  }
}
