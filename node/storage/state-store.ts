// Owns: the committed state as a view: LevelDB records behind a bounded cache. Not here: who writes them (node/commit.ts).
import type { StateChange } from '../../core/state/overlay.ts'
import type { ReadView } from '../../core/state/view.ts'
import { STATE_PREFIX } from './keys.ts'
import type { Store } from './level.ts'

/** The committed state. `onCommitted` is told each block's changes once they are durable. */
export type StateStore = ReadView & { readonly onCommitted: (changes: readonly StateChange[]) => void }

/** Builds the view; the cache holds at most `entriesMax` records and drops the longest held half when full. */
export function createStateStore(store: Store, entriesMax: number): StateStore {
  const cache = new Map<string, Uint8Array | null>()
  const remember = (key: string, value: Uint8Array | null): void => {
    if (cache.size >= entriesMax) dropOldest(cache)
    cache.set(key, value)
  }
  return {
    get(key) {
      const cached = cache.get(key)
      if (cached !== undefined) return cached
      const value = store.get(STATE_PREFIX + key)
      remember(key, value)
      return value
    },
    onCommitted(changes) {
      for (const { key, value } of changes) {
        cache.delete(key)
        remember(key, value)
      }
    },
  }
}

function dropOldest(cache: Map<string, unknown>): void {
  let excess = cache.size >> 1
  for (const key of cache.keys()) {
    if (excess-- === 0) return
    cache.delete(key)
  }
}
