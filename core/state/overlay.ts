// Owns: a copy-on-write layer over a view: checkpoint, revert, diff. Not here: base records (node/storage), the root (tree.ts).
import { compareText } from '../base/bytes.ts'
import { assert } from '../base/assert.ts'
import type { ReadView, WriteView } from './view.ts'

/** One changed record; null is a deletion. */
export type StateChange = { readonly key: string; readonly value: Uint8Array | null }

/** A view that is written in memory only, until its difference is committed. */
export type Overlay = WriteView & {
  /** Marks a point to return to; at most one is open at a time, one per transaction. */
  readonly checkpoint: () => void
  /** Undoes every write since the checkpoint and closes it. */
  readonly revert: () => void
  /** Keeps every write since the checkpoint and closes it. */
  readonly release: () => void
  /** Bytes that the open checkpoint added to the state: new keys and values less what they replaced, never below zero. */
  readonly addedBytes: () => number
  /** Every changed record, sorted by key. */
  readonly diff: () => readonly StateChange[]
}

/** Builds an overlay on a base; the base is never written. */
export function createOverlay(base: ReadView): Overlay {
  const changes = new Map<string, Uint8Array | null>()
  let undo: { key: string; had: boolean; value: Uint8Array | null }[] | null = null
  let added = 0

  const get = (key: string): Uint8Array | null => {
    const changed = changes.get(key)
    return changed === undefined ? base.get(key) : changed
  }

  return {
    get,
    set(key, value) {
      if (undo !== null) {
        const before = changes.get(key)
        undo.push({ key, had: before !== undefined, value: before ?? null })
        const old = before === undefined ? base.get(key) : before
        added += recordBytes(key, value) - recordBytes(key, old)
      }
      changes.set(key, value)
    },
    checkpoint() {
      assert(undo === null, 'one checkpoint at a time')
      undo = []
      added = 0
    },
    revert() {
      assert(undo !== null, 'revert follows a checkpoint')
      for (const entry of undo.reverse()) {
        if (entry.had) changes.set(entry.key, entry.value)
        else changes.delete(entry.key)
      }
      undo = null
    },
    release() {
      assert(undo !== null, 'release follows a checkpoint')
      undo = null
    },
    addedBytes: () => Math.max(added, 0),
    diff: () => [...changes].map(([key, value]) => ({ key, value })).sort((a, b) => compareText(a.key, b.key)),
  }
}

function recordBytes(key: string, value: Uint8Array | null): number {
  return value === null ? 0 : key.length + value.length
}
