// Owns: a state in memory that is scanned as fast as it is written: records by their store, sorted only when asked for anew.
// Not here: blocks (city.ts), what holds over it (the rooms' invariants).
import type { WriteView } from '../../../core/state/view.ts'

type Bucket = { readonly records: Map<string, Uint8Array>; sorted: (readonly [string, Uint8Array])[] | null }

/** A writable state with the scan that invariants ask for. */
export type ScannedState = WriteView & {
  readonly scan: (prefix: string) => Iterable<readonly [string, Uint8Array]>
  readonly size: () => number
}

// `payment/account/` of `payment/account/<address>`, `points/` of `points/lotCount`.
function bucketOf(key: string): string {
  const first = key.indexOf('/')
  const second = key.indexOf('/', first + 1)
  return key.slice(0, (second < 0 ? first : second) + 1)
}

/** A state over the first records. */
export function createScannedState(first: Iterable<readonly [string, Uint8Array]>): ScannedState {
  const buckets = new Map<string, Bucket>()
  let size = 0
  const open = (key: string): Bucket => {
    const name = bucketOf(key)
    const known = buckets.get(name)
    if (known !== undefined) return known
    const made: Bucket = { records: new Map(), sorted: null }
    buckets.set(name, made)
    return made
  }
  const set = (key: string, value: Uint8Array | null): void => {
    const bucket = open(key)
    const before = bucket.records.size
    if (value === null) bucket.records.delete(key)
    else bucket.records.set(key, value)
    size += bucket.records.size - before
    bucket.sorted = null
  }
  const sortedOf = (bucket: Bucket): readonly (readonly [string, Uint8Array])[] => {
    bucket.sorted ??= [...bucket.records].sort(([a], [b]) => (a < b ? -1 : 1))
    return bucket.sorted
  }
  for (const [key, value] of first) set(key, value)
  return {
    get: (key) => buckets.get(bucketOf(key))?.records.get(key) ?? null,
    set,
    *scan(prefix) {
      const exact = buckets.get(prefix)
      const found = exact === undefined ? [...buckets].filter(([name]) => name.startsWith(prefix) || prefix.startsWith(name)) : []
      for (const bucket of exact === undefined ? found.map(([, one]) => one) : [exact])
        for (const entry of sortedOf(bucket)) if (entry[0].startsWith(prefix)) yield entry
    },
    size: () => size,
  }
}
