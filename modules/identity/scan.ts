// Owns: reading a whole store by scanning, for invariants. Not here: what must hold (*-invariants.ts).
import { decodeTrusted } from '../../core/codec/schema.ts'
import type { Store } from '../../core/state/store.ts'

/** Every record under a prefix, in the order of keys. */
export type Scan = (prefix: string) => Iterable<readonly [string, Uint8Array]>

/** The records of a store with the variable part of their keys. */
export function* recordsOf<K, V>(scan: Scan, store: Store<K, V>): Iterable<readonly [string, V]> {
  const from = store.prefix.length + 1
  for (const [key, bytes] of scan(`${store.prefix}/`)) yield [key.slice(from), decodeTrusted(store.schema, bytes)]
}
