// Owns: what an audit asks of the store as a whole: how far it reaches, that no record is missing or too many, that the stored
// state is the executed one, the rooms' invariants. Not here: single blocks (audit.ts).
import { equalBytes } from '../../core/base/bytes.ts'
import { CodecError } from '../../core/base/errors.ts'
import type { Hash32, Height } from '../../core/base/ids.ts'
import { blockIdOf } from '../../core/chain/block.ts'
import { decodeTransaction } from '../../core/chain/transaction.ts'
import type { Registry } from '../../core/execution/registry.ts'
import type { ChainHead } from '../chain-head.ts'
import { createChainStore, headRecord, identityRecords, oldestRecord } from '../storage/chain-store.ts'
import type { ChainStore } from '../storage/chain-store.ts'
import { KEYS, STATE_PREFIX, STORE_FORMAT } from '../storage/keys.ts'
import type { Store, StoreChange } from '../storage/level.ts'
import { assertRecord, describeBytes, refuseRecord } from './audit-fault.ts'

/** How far a store reaches: the highest block, the lowest header, the lowest body, the lowest undo record. */
export type Extent = {
  readonly top: Height
  readonly lowestHeader: Height
  readonly oldest: Height
  readonly lowestUndo: Height
}

async function edgeOf(store: Store, prefix: string, reverse: boolean): Promise<Height | null> {
  for await (const [key] of store.range({ gte: prefix, lt: `${prefix}~`, reverse, limit: 1 })) return heightIn(key)
  return null
}

function heightIn(key: string): Height {
  return Number.parseInt(key.slice(2), 16)
}

/** Finds the extent; what the store says of itself (chain, layout, lowest body) is compared on the way. */
export async function findExtent(store: Store, genesisHash: Hash32): Promise<Extent> {
  for (const { key, value } of identityRecords(genesisHash, STORE_FORMAT)) {
    if (value !== null) assertRecord(store, { key, height: null, value })
  }
  const tops = await Promise.all(['h/', 'c/', 'b/'].map((prefix) => edgeOf(store, prefix, true)))
  const top = Math.max(...tops.map((height) => height ?? 0))
  const lowestHeader = (await edgeOf(store, 'h/', false)) ?? 0
  const lowestBody = await edgeOf(store, 'b/', false)
  const oldest = lowestBody ?? top + 1
  const marked = store.get(KEYS.oldest)
  if (marked !== null || oldest > 1) {
    const { value } = oldestRecord(oldest)
    if (value !== null) assertRecord(store, { key: KEYS.oldest, height: null, value })
  }
  assertCompacted(store, oldest)
  return { top, lowestHeader, oldest, lowestUndo: (await edgeOf(store, 'u/', false)) ?? top + 1 }
}

// It says how far room was given back, which nobody can compute again; but it is never beyond what was pruned.
function assertCompacted(store: Store, oldest: Height): void {
  if (store.get(KEYS.compacted) === null) return
  let found = 0
  try {
    found = createChainStore(store).compactedHeight()
  } catch (error) {
    if (!(error instanceof CodecError)) throw error
  }
  if (found >= 1 && found <= oldest) return
  const value = store.get(KEYS.compacted)
  const expected = `a height from 1 to ${oldest}`
  refuseRecord({ key: KEYS.compacted, height: null, what: 'no such height was pruned', expected, found: describeBytes(value) })
}

/** Ends the audit at a broken invariant of a room. */
export function assertInvariants(registry: Registry, records: ReadonlyMap<string, Uint8Array>, height: Height): void {
  const sorted = [...records].sort(([a], [b]) => (a < b ? -1 : 1))
  const scan = (prefix: string) => sorted.filter(([key]) => key.startsWith(prefix))
  for (const room of registry.modules) {
    const [broken] = room.checkInvariants?.(scan) ?? []
    if (broken === undefined) continue
    const key = `${STATE_PREFIX}${room.name}/`
    refuseRecord({ key, height, what: `an invariant of ${room.name} is broken`, expected: 'the invariant', found: broken })
  }
}

type Whole = {
  readonly store: Store
  readonly extent: Extent
  readonly counts: ReadonlyMap<string, number>
  readonly records: ReadonlyMap<string, Uint8Array>
  readonly head: ChainHead
}

/** One pass over every record: the state is the executed one, the head the last block, nothing is there that no commit writes. */
export async function assertWholeStore(whole: Whole): Promise<void> {
  const { store, counts, head } = whole
  const headAt: StoreChange = headRecord(head.height, head.blockId)
  if (head.height > 0 && headAt.value !== null) assertRecord(store, { key: KEYS.head, height: head.height, value: headAt.value })
  const found = new Map<string, number>()
  let stateCount = 0
  for await (const [key, value] of store.range({})) {
    const prefix = key.slice(0, 2)
    if (prefix === STATE_PREFIX) {
      stateCount++
      assertState(whole, key, value)
    } else if (prefix === 'm/') assertKnownMeta(key, value, head.height)
    else if (key.startsWith(KEYS.evidencePrefix))
      continue // The node's own, no part of the chain.
    else if (counts.has(prefix)) found.set(prefix, (found.get(prefix) ?? 0) + 1)
    else refuseExtra(key, value)
  }
  if (stateCount !== whole.records.size) refuseMissingState(whole)
  for (const [prefix, count] of counts) {
    if (found.get(prefix) !== count) await refuseExtraOf(whole, prefix, { expected: count, found: found.get(prefix) ?? 0 })
  }
}

function assertState({ records, head }: Whole, key: string, value: Uint8Array): void {
  const expected = records.get(key.slice(STATE_PREFIX.length)) ?? null
  if (expected !== null && equalBytes(expected, value)) return
  const what = expected === null ? 'a state record that executing does not give' : 'the state differs from the executed one'
  refuseRecord({ key, height: head.height, what, expected: describeBytes(expected), found: describeBytes(value) })
}

function refuseMissingState({ records, head, store }: Whole): void {
  for (const [key, value] of records) {
    const at = STATE_PREFIX + key
    if (store.get(at) !== null) continue
    const what = 'a state record is missing'
    refuseRecord({ key: at, height: head.height, what, expected: describeBytes(value), found: 'nothing' })
  }
}

const META: readonly string[] = [KEYS.format, KEYS.genesisHash, KEYS.head, KEYS.oldest, KEYS.compacted, KEYS.recoveriesGiven]

function assertKnownMeta(key: string, value: Uint8Array, height: Height): void {
  if (!META.includes(key) || (key === KEYS.head && height === 0)) refuseExtra(key, value)
}

function refuseExtra(key: string, value: Uint8Array): never {
  return refuseRecord({
    key,
    height: null,
    what: 'a record that no block wrote',
    expected: 'nothing',
    found: describeBytes(value),
  })
}

/** Names the record that is too many under a prefix, where one can be told from the others. */
async function refuseExtraOf(
  { store, extent }: Whole,
  prefix: string,
  count: { expected: number; found: number },
): Promise<void> {
  const chain = createChainStore(store)
  for await (const [key, value] of store.range({ gte: prefix, lt: `${prefix}~` })) {
    if (!isReadableAndOwned(chain, extent, key)) refuseExtra(key, value)
  }
  const what = `${count.found} records under ${prefix}, the blocks wrote ${count.expected}`
  refuseRecord({ key: prefix, height: null, what, expected: String(count.expected), found: String(count.found) })
}

function isReadableAndOwned(chain: ChainStore, extent: Extent, key: string): boolean {
  try {
    return isOwned(chain, extent, key)
  } catch (error) {
    if (error instanceof CodecError) return false
    throw error
  }
}

function isOwned(chain: ChainStore, extent: Extent, key: string): boolean {
  const rest = key.slice(2)
  if (key.startsWith('i/')) {
    const height = chain.heightOf(rest as Parameters<ChainStore['heightOf']>[0])
    const header = height === null ? null : chain.headerAt(height)
    return header !== null && blockIdOf(header) === rest
  }
  if (key.startsWith('t/')) {
    const place = chain.placeOf(rest as Parameters<ChainStore['placeOf']>[0])
    const bytes = place === null ? undefined : chain.blockAt(place.height)?.txs[place.index]
    return bytes !== undefined && decodeTransaction(bytes).id === rest
  }
  if (key.startsWith('a/')) return true
  return heightIn(key) <= extent.top
}
