// Owns: the changes of one stage as leaf records in key order, and the growing list of node references.
// Not here: node storage (tree-nodes.ts), applying the changes (tree-merge.ts).
import { assert } from '../base/assert.ts'
import { hashLeaf } from './tree-hash.ts'
import type { HashBuffers } from './tree-hash.ts'
import { compareLeafKeys, createLeaf, freeNode, leafKeyPrefix, setLeafHash } from './tree-nodes.ts'
import type { NodeRef, NodeStore } from './tree-nodes.ts'

/** One change of the state: key is 32 bytes (SHA-256 of the state key), valueHash 32 bytes, or null to remove the key. */
export type TreeChange = { readonly key: Uint8Array; readonly valueHash: Uint8Array | null }

/** A list of integers that grows by doubling. */
export type IntList = { data: Int32Array; length: number }

/** Changes in key order; `payloads` holds leaf index * 2, plus 1 for a removal, and `prefixes` the keys' first 32 bits. */
export type TreeItems = { readonly prefixes: Uint32Array; readonly payloads: Uint32Array; readonly count: number }

/** An empty list. */
export function createIntList(capacity = 64): IntList {
  return { data: new Int32Array(capacity), length: 0 }
}

/** Appends one integer. */
export function pushInt(list: IntList, value: number): void {
  if (list.length === list.data.length) {
    const grown = new Int32Array(list.data.length * 2)
    grown.set(list.data)
    list.data = grown
  }
  list.data[list.length++] = value
}

/** Gives back the place of every node in the list and empties it. */
export function freeNodes(store: NodeStore, list: IntList): void {
  for (let i = 0; i < list.length; i++) freeNode(store, list.data[i] as number)
  list.length = 0
}

/** The leaf record of one item. */
export function itemRef(payload: number): NodeRef {
  return ~(payload >>> 1)
}

/** True if the item removes its key. */
export function isRemoval(payload: number): boolean {
  return (payload & 1) === 1
}

/**
 * Reads the changes into new, hashed leaf records and sorts them by key. Each change is copied at once, so an iterable may
 * reuse its arrays. Throws AssertionFault on a wrong length or a key given twice, and frees what it had taken.
 */
export function buildItems(store: NodeStore, changes: Iterable<TreeChange>, buffers: HashBuffers): TreeItems {
  const refs = createIntList(1024)
  const removals = createIntList(16)
  try {
    for (const { key, valueHash } of changes) {
      assert(key.length === 32, 'a tree key has 32 bytes')
      assert(valueHash === null || valueHash.length === 32, 'a value hash has 32 bytes')
      const ref = createLeaf(store, key, valueHash)
      // Hashed here, where the bytes are at hand, and not in key order, where each leaf is a cache miss.
      if (valueHash === null) pushInt(removals, refs.length)
      else setLeafHash(store, ref, hashLeaf(buffers, key, valueHash))
      pushInt(refs, ref)
    }
    const items = sortItems(store, refs, removals)
    assertDistinctKeys(store, items)
    return items
  } catch (error) {
    freeNodes(store, refs)
    throw error
  }
}

function sortItems(store: NodeStore, refs: IntList, removals: IntList): TreeItems {
  const count = refs.length
  const prefixes = new Uint32Array(count)
  const payloads = new Uint32Array(count)
  for (let i = 0; i < count; i++) {
    const ref = refs.data[i] as number
    prefixes[i] = leafKeyPrefix(store, ref)
    payloads[i] = ~ref * 2
  }
  for (let i = 0; i < removals.length; i++) {
    const at = removals.data[i] as number
    payloads[at] = (payloads[at] as number) + 1
  }
  const sorted = sortByPrefix({ prefixes, payloads, count })
  sortTies(store, sorted)
  return sorted
}

// Radix sort, least significant digit first: 11, 11 and 10 bits.
function sortByPrefix(items: TreeItems): TreeItems {
  let from = items
  let to: TreeItems = { prefixes: new Uint32Array(items.count), payloads: new Uint32Array(items.count), count: items.count }
  const starts = new Uint32Array(2048)
  for (let shift = 0; shift < 32; shift += 11) {
    starts.fill(0)
    for (let i = 0; i < from.count; i++) {
      const digit = ((from.prefixes[i] as number) >>> shift) & 2047
      starts[digit] = (starts[digit] as number) + 1
    }
    let start = 0
    for (let digit = 0; digit < 2048; digit++) {
      const size = starts[digit] as number
      starts[digit] = start
      start += size
    }
    for (let i = 0; i < from.count; i++) {
      const prefix = from.prefixes[i] as number
      const digit = (prefix >>> shift) & 2047
      const at = starts[digit] as number
      starts[digit] = at + 1
      to.prefixes[at] = prefix
      to.payloads[at] = from.payloads[i] as number
    }
    const swap = from
    from = to
    to = swap
  }
  return from
}

function sortTies(store: NodeStore, items: TreeItems): void {
  let start = 0
  for (let i = 1; i <= items.count; i++) {
    if (i < items.count && items.prefixes[i] === items.prefixes[start]) continue
    if (i - start > 1) items.payloads.subarray(start, i).sort((a, b) => compareLeafKeys(store, itemRef(a), itemRef(b)))
    start = i
  }
}

function assertDistinctKeys(store: NodeStore, items: TreeItems): void {
  for (let i = 1; i < items.count; i++) {
    if (items.prefixes[i] !== items.prefixes[i - 1]) continue
    const order = compareLeafKeys(store, itemRef(items.payloads[i - 1] as number), itemRef(items.payloads[i] as number))
    assert(order !== 0, 'a stage changes each key once')
  }
}
