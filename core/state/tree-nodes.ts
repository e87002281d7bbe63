// Owns: where the state tree's nodes live: paged flat typed arrays, free lists, references.
// Not here: the shape of the tree (tree-merge.ts), hashing (tree-hash.ts), the public face (tree.ts).
import { assert } from '../base/assert.ts'

/** Reference to a node: 0 is the empty subtree, a positive number an inner node, a negative one a leaf (`~index`). */
export type NodeRef = number

/** The empty subtree, whose hash is 32 zero bytes. */
export const EMPTY: NodeRef = 0

// Pages rather than one array that doubles: growth never copies, so a large state costs no stall inside a block,
// and memory follows the number of keys. Pages are zeroed lazily by the operating system.
const PAGE_SHIFT = 14
const PAGE_NODES = 1 << PAGE_SHIFT
const PAGE_MASK = PAGE_NODES - 1

/** Words of an inner node: left, right, 8 of hash (40 bytes). While unhashed, the first hash word links nodes of one depth. */
const INNER_WORDS = 10
/** Words of a leaf: 8 of key, 8 of value hash, 8 of leaf hash (96 bytes). */
const LEAF_WORDS = 24
const LEAF_BYTES = LEAF_WORDS * 4
const HASH_WORDS = 8
/** References stay inside 30 bits, so that a sort payload can carry a flag beside a leaf index. */
const NODES_MAX = 1 << 30

/** All nodes of one tree: those of the committed root and of every staged one. */
export type NodeStore = {
  readonly innerPages: Int32Array[]
  readonly leafPages: Int32Array[]
  /** The same memory as `leafPages`, seen as bytes. */
  readonly leafBytes: Uint8Array[]
  /** Lowest index never handed out; inner nodes start at 1 because 0 means empty. */
  innerNext: number
  leafNext: number
  /** Head of the list of freed nodes, linked through their first word: 0 ends the inner list, -1 the leaf list. */
  innerFree: number
  leafFree: number
  innerCount: number
  leafCount: number
}

/** An empty store, with pages set aside for about `leavesExpected` leaves. */
export function createNodeStore(leavesExpected: number): NodeStore {
  const store: NodeStore = {
    innerPages: [],
    leafPages: [],
    leafBytes: [],
    innerNext: 1,
    leafNext: 0,
    innerFree: 0,
    leafFree: -1,
    innerCount: 0,
    leafCount: 0,
  }
  // A random trie without path compression has 1/ln 2 = 1.44 inner nodes a leaf.
  const innersExpected = leavesExpected + (leavesExpected >>> 1)
  while (store.leafPages.length * PAGE_NODES < leavesExpected) addLeafPage(store)
  while (store.innerPages.length * PAGE_NODES < innersExpected) store.innerPages.push(new Int32Array(PAGE_NODES * INNER_WORDS))
  return store
}

/** Bytes of all pages, used or free. */
export function nodeStoreBytes(store: NodeStore): number {
  return (store.innerPages.length * INNER_WORDS + store.leafPages.length * LEAF_WORDS) * 4 * PAGE_NODES
}

/** A new unhashed inner node. */
export function createInner(store: NodeStore, left: NodeRef, right: NodeRef): NodeRef {
  let ref = store.innerFree
  if (ref === 0) {
    ref = store.innerNext++
    assert(ref < NODES_MAX, 'the state tree has room for another inner node')
    if (ref >>> PAGE_SHIFT === store.innerPages.length) store.innerPages.push(new Int32Array(PAGE_NODES * INNER_WORDS))
  }
  const page = store.innerPages[ref >>> PAGE_SHIFT] as Int32Array
  const at = (ref & PAGE_MASK) * INNER_WORDS
  if (store.innerFree !== 0) store.innerFree = page[at] as number
  page[at] = left
  page[at + 1] = right
  store.innerCount++
  return ref
}

/** A new unhashed leaf; with `valueHash` null only its key counts, for a change that removes it. */
export function createLeaf(store: NodeStore, key: Uint8Array, valueHash: Uint8Array | null): NodeRef {
  let index = store.leafFree
  if (index === -1) {
    index = store.leafNext++
    assert(index < NODES_MAX, 'the state tree has room for another leaf')
    if (index >>> PAGE_SHIFT === store.leafPages.length) addLeafPage(store)
  } else {
    store.leafFree = (store.leafPages[index >>> PAGE_SHIFT] as Int32Array)[(index & PAGE_MASK) * LEAF_WORDS] as number
  }
  const page = store.leafBytes[index >>> PAGE_SHIFT] as Uint8Array
  const at = (index & PAGE_MASK) * LEAF_BYTES
  page.set(key, at)
  if (valueHash !== null) page.set(valueHash, at + 32)
  store.leafCount++
  return ~index
}

/** Gives the node's place back; the caller holds the last reference to it. */
export function freeNode(store: NodeStore, ref: NodeRef): void {
  if (ref > 0) {
    const page = store.innerPages[ref >>> PAGE_SHIFT] as Int32Array
    page[(ref & PAGE_MASK) * INNER_WORDS] = store.innerFree
    store.innerFree = ref
    store.innerCount--
  } else if (ref < 0) {
    const page = store.leafPages[~ref >>> PAGE_SHIFT] as Int32Array
    page[(~ref & PAGE_MASK) * LEAF_WORDS] = store.leafFree
    store.leafFree = ~ref
    store.leafCount--
  }
}

/** Left child of an inner node. */
export function leftOf(store: NodeStore, ref: NodeRef): NodeRef {
  return (store.innerPages[ref >>> PAGE_SHIFT] as Int32Array)[(ref & PAGE_MASK) * INNER_WORDS] as number
}

/** Right child of an inner node. */
export function rightOf(store: NodeStore, ref: NodeRef): NodeRef {
  return (store.innerPages[ref >>> PAGE_SHIFT] as Int32Array)[(ref & PAGE_MASK) * INNER_WORDS + 1] as number
}

/** The next node of the same depth in the list of unhashed inner nodes, 0 at its end. */
export function linkOf(store: NodeStore, ref: NodeRef): NodeRef {
  return (store.innerPages[ref >>> PAGE_SHIFT] as Int32Array)[(ref & PAGE_MASK) * INNER_WORDS + 2] as number
}

/** Puts an unhashed inner node in front of `next` in the list of its depth. */
export function setLink(store: NodeStore, ref: NodeRef, next: NodeRef): void {
  const page = store.innerPages[ref >>> PAGE_SHIFT] as Int32Array
  page[(ref & PAGE_MASK) * INNER_WORDS + 2] = next
}

/** Bit `depth` (0 to 255, most significant first) of a leaf's key. */
export function leafKeyBit(store: NodeStore, ref: NodeRef, depth: number): number {
  const page = store.leafBytes[~ref >>> PAGE_SHIFT] as Uint8Array
  return ((page[(~ref & PAGE_MASK) * LEAF_BYTES + (depth >>> 3)] as number) >>> (7 - (depth & 7))) & 1
}

/** The first 32 bits of a leaf's key as an unsigned number. */
export function leafKeyPrefix(store: NodeStore, ref: NodeRef): number {
  const page = store.leafBytes[~ref >>> PAGE_SHIFT] as Uint8Array
  const at = (~ref & PAGE_MASK) * LEAF_BYTES
  const high = ((page[at] as number) << 8) | (page[at + 1] as number)
  return ((high << 16) | ((page[at + 2] as number) << 8) | (page[at + 3] as number)) >>> 0
}

/** Order of two leaves by key: negative, zero or positive. */
export function compareLeafKeys(store: NodeStore, a: NodeRef, b: NodeRef): number {
  const pageA = store.leafBytes[~a >>> PAGE_SHIFT] as Uint8Array
  const pageB = store.leafBytes[~b >>> PAGE_SHIFT] as Uint8Array
  const atA = (~a & PAGE_MASK) * LEAF_BYTES
  const atB = (~b & PAGE_MASK) * LEAF_BYTES
  for (let i = 0; i < 32; i++) {
    const difference = (pageA[atA + i] as number) - (pageB[atB + i] as number)
    if (difference !== 0) return difference
  }
  return 0
}

/** True if two leaves hold the same key. */
export function isSameLeafKey(store: NodeStore, a: NodeRef, b: NodeRef): boolean {
  return isSameWords(store, a, b, 0)
}

/** True if two leaves hold the same value hash. */
export function isSameLeafValue(store: NodeStore, a: NodeRef, b: NodeRef): boolean {
  return isSameWords(store, a, b, HASH_WORDS)
}

/** A copy of a leaf's key. */
export function leafKey(store: NodeStore, ref: NodeRef): Uint8Array {
  const at = (~ref & PAGE_MASK) * LEAF_BYTES
  return (store.leafBytes[~ref >>> PAGE_SHIFT] as Uint8Array).slice(at, at + 32)
}

/** A copy of a leaf's value hash. */
export function leafValueHash(store: NodeStore, ref: NodeRef): Uint8Array {
  const at = (~ref & PAGE_MASK) * LEAF_BYTES + 32
  return (store.leafBytes[~ref >>> PAGE_SHIFT] as Uint8Array).slice(at, at + 32)
}

/** Stores the hash of a leaf. */
export function setLeafHash(store: NodeStore, ref: NodeRef, hash: Uint8Array): void {
  const page = store.leafBytes[~ref >>> PAGE_SHIFT] as Uint8Array
  page.set(hash, (~ref & PAGE_MASK) * LEAF_BYTES + 64)
}

/** Copies the hash of any node into `out`, 8 words from `at` on. */
export function copyHash(store: NodeStore, ref: NodeRef, out: Int32Array, at: number): void {
  if (ref === EMPTY) {
    out.fill(0, at, at + HASH_WORDS)
    return
  }
  const page = (ref > 0 ? store.innerPages[ref >>> PAGE_SHIFT] : store.leafPages[~ref >>> PAGE_SHIFT]) as Int32Array
  const from = ref > 0 ? (ref & PAGE_MASK) * INNER_WORDS + 2 : (~ref & PAGE_MASK) * LEAF_WORDS + 16
  for (let i = 0; i < HASH_WORDS; i++) out[at + i] = page[from + i] as number
}

/** Stores the hash of an inner node, taken as 8 words from `at` on. */
export function setInnerHash(store: NodeStore, ref: NodeRef, hashes: Int32Array, at: number): void {
  const page = store.innerPages[ref >>> PAGE_SHIFT] as Int32Array
  const to = (ref & PAGE_MASK) * INNER_WORDS + 2
  for (let i = 0; i < HASH_WORDS; i++) page[to + i] = hashes[at + i] as number
}

/** A copy of the hash of any node. */
export function hashOf(store: NodeStore, ref: NodeRef): Uint8Array {
  const words = new Int32Array(HASH_WORDS)
  copyHash(store, ref, words, 0)
  return new Uint8Array(words.buffer)
}

function isSameWords(store: NodeStore, a: NodeRef, b: NodeRef, from: number): boolean {
  const pageA = store.leafPages[~a >>> PAGE_SHIFT] as Int32Array
  const pageB = store.leafPages[~b >>> PAGE_SHIFT] as Int32Array
  const atA = (~a & PAGE_MASK) * LEAF_WORDS + from
  const atB = (~b & PAGE_MASK) * LEAF_WORDS + from
  for (let i = 0; i < HASH_WORDS; i++) {
    if (pageA[atA + i] !== pageB[atB + i]) return false
  }
  return true
}

function addLeafPage(store: NodeStore): void {
  const page = new Int32Array(PAGE_NODES * LEAF_WORDS)
  store.leafPages.push(page)
  store.leafBytes.push(new Uint8Array(page.buffer))
}
