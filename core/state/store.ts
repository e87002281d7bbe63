// Owns: typed access to a key range: one prefix, one key format, one schema. Not here: which stores exist (each room's store.ts).
import { must } from '../base/assert.ts'
import { decodeTrusted, encode } from '../codec/schema.ts'
import type { Schema } from '../codec/schema.ts'
import type { ReadView, WriteView } from './view.ts'

/** A typed range of state. Keys are ASCII: `<room>/<store>/<key>`. */
export type Store<K, V> = {
  readonly prefix: string
  readonly schema: Schema<V>
  readonly keyOf: (key: K) => string
  readonly get: (view: ReadView, key: K) => V | null
  /** The record, whose presence was checked before. */
  readonly mustGet: (view: ReadView, key: K) => V
  readonly has: (view: ReadView, key: K) => boolean
  readonly set: (view: WriteView, key: K, value: V) => void
  readonly remove: (view: WriteView, key: K) => void
}

/** Declares a store. `keyText` writes the variable part of a key in ASCII, one-to-one. */
export function defineStore<K, V>(declaration: { prefix: string; key: (key: K) => string; value: Schema<V> }): Store<K, V> {
  const { prefix, key: keyText, value: schema } = declaration
  const keyOf = (key: K): string => `${prefix}/${keyText(key)}`
  // A record's bytes are never mutated, so what they decode to is kept with the very array: one decoding per version of a record.
  const decoded = new WeakMap<Uint8Array, V>()
  const get = (view: ReadView, key: K): V | null => {
    const bytes = view.get(keyOf(key))
    if (bytes === null) return null
    const known = decoded.get(bytes)
    if (known !== undefined) return known
    const value = decodeTrusted(schema, bytes)
    decoded.set(bytes, value)
    return value
  }
  return {
    prefix,
    schema,
    keyOf,
    get,
    mustGet: (view, key) => must(get(view, key), `record ${keyOf(key)} exists`),
    has: (view, key) => view.get(keyOf(key)) !== null,
    set: (view, key, value) => view.set(keyOf(key), encode(schema, value)),
    remove: (view, key) => view.set(keyOf(key), null),
  }
}
