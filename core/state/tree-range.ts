// Owns: proofs that a list of leaves is exactly what a state tree holds between two keys; checking one runs anywhere.
// Not here: single keys (tree-proof.ts), the tree itself (tree.ts), what the leaves' records are (node/snapshot).
// A node of the tree covers an interval of keys. Subtrees outside the range stand in the proof by their hash, subtrees inside are
// built again from the leaves, and each node that a bound cuts tells what it is; one certified root then fixes everything (5.3).
import { sha256Bytes } from '#native'
import { assert } from '../base/assert.ts'
import { compareBytes, concatBytes, equalBytes, toHex } from '../base/bytes.ts'
import type { Hash32 } from '../base/ids.ts'
import { EMPTY, hashOf, leafKey, leafValueHash, leftOf, rightOf } from './tree-nodes.ts'
import type { NodeRef, NodeStore } from './tree-nodes.ts'
import { proofKeyBit } from './tree-proof.ts'

/** Both bounds belong to the range; 32 bytes each, `from` not above `to`. */
export type KeyRange = { readonly from: Uint8Array; readonly to: Uint8Array }

/** A leaf: the key in the tree and the hash of the value, 32 bytes each. */
export type RangeLeaf = { readonly key: Uint8Array; readonly valueHash: Uint8Array }

/** What is claimed: the leaves, sorted by key, are all that the tree of this root holds in the range. */
export type RangeClaim = {
  readonly rootHash: Hash32
  readonly range: KeyRange
  readonly leaves: readonly RangeLeaf[]
  readonly proof: Uint8Array
}

const HASH_BYTES = 32
const KEY_BITS = 256
/** One byte opens each part of a proof, in the order in which the tree is walked. */
const PART = { outside: 0, outsideEmpty: 1, cutEmpty: 2, cutLeafOutside: 3, cutLeafInside: 4, cutInner: 5 } as const

/** Longest proof: two paths of 256 cut nodes, each with a sibling outside, and a foreign leaf at both ends. */
export const RANGE_PROOF_BYTES_MAX = 2 * (KEY_BITS * (2 + HASH_BYTES) + 1 + 2 * HASH_BYTES)

/** The lowest key there is. */
export const KEY_MIN: Uint8Array = new Uint8Array(HASH_BYTES)
/** The highest key there is. */
export const KEY_MAX: Uint8Array = new Uint8Array(HASH_BYTES).fill(255)

/** The key after this one, or null after the highest. */
export function keyAfter(key: Uint8Array): Uint8Array | null {
  const next = key.slice()
  for (let at = next.length - 1; at >= 0; at--) {
    const byte = next[at] as number
    next[at] = (byte + 1) & 255
    if (byte !== 255) return next
  }
  return null
}

// How the keys that begin like `path` for `depth` bits lie to the range: 'in' all of them, 'out' none, 'cut' some.
function placeOf(range: KeyRange, path: Uint8Array, depth: number): 'in' | 'out' | 'cut' {
  const high = path.slice()
  for (let bit = depth; bit < KEY_BITS; bit++) high[bit >>> 3] = (high[bit >>> 3] as number) | (128 >>> (bit & 7))
  if (compareBytes(high, range.from) < 0 || compareBytes(path, range.to) > 0) return 'out'
  return compareBytes(path, range.from) >= 0 && compareBytes(high, range.to) <= 0 ? 'in' : 'cut'
}

function childPath(path: Uint8Array, depth: number, side: 0 | 1): Uint8Array {
  if (side === 0) return path
  const child = path.slice()
  child[depth >>> 3] = (child[depth >>> 3] as number) | (128 >>> (depth & 7))
  return child
}

function isInside(range: KeyRange, key: Uint8Array): boolean {
  return compareBytes(key, range.from) >= 0 && compareBytes(key, range.to) <= 0
}

/** Proof of the range in a tree given by its nodes. */
export function buildRangeProof(store: NodeStore, root: NodeRef, range: KeyRange): Uint8Array {
  assert(range.from.length === HASH_BYTES && range.to.length === HASH_BYTES, 'bounds have 32 bytes')
  assert(compareBytes(range.from, range.to) <= 0, 'a range begins at or before its end')
  const parts: Uint8Array[] = []
  const walk = (ref: NodeRef, path: Uint8Array, depth: number): void => {
    const place = placeOf(range, path, depth)
    if (place === 'in') return
    if (place === 'out') {
      parts.push(
        ref === EMPTY ? new Uint8Array([PART.outsideEmpty]) : concatBytes(new Uint8Array([PART.outside]), hashOf(store, ref)),
      )
      return
    }
    if (ref === EMPTY) parts.push(new Uint8Array([PART.cutEmpty]))
    else if (ref > 0) {
      parts.push(new Uint8Array([PART.cutInner]))
      walk(leftOf(store, ref), childPath(path, depth, 0), depth + 1)
      walk(rightOf(store, ref), childPath(path, depth, 1), depth + 1)
    } else if (isInside(range, leafKey(store, ref))) parts.push(new Uint8Array([PART.cutLeafInside]))
    else parts.push(concatBytes(new Uint8Array([PART.cutLeafOutside]), leafKey(store, ref), leafValueHash(store, ref)))
  }
  walk(root, KEY_MIN, 0)
  return concatBytes(...parts)
}

/** True only if the proof shows the claim; false, never an exception, for any other input. */
export function verifyRange(claim: RangeClaim): boolean {
  const { range, leaves, proof } = claim
  if (range.from.length !== HASH_BYTES || range.to.length !== HASH_BYTES || compareBytes(range.from, range.to) > 0) return false
  if (proof.length > RANGE_PROOF_BYTES_MAX) return false
  for (let i = 0; i < leaves.length; i++) {
    const { key, valueHash } = leaves[i] as RangeLeaf
    if (key.length !== HASH_BYTES || valueHash.length !== HASH_BYTES || !isInside(range, key)) return false
    if (i > 0 && compareBytes((leaves[i - 1] as RangeLeaf).key, key) >= 0) return false
  }
  const reading: Reading = {
    range,
    leaves,
    proof,
    at: 0,
    leafInput: new Uint8Array(1 + 2 * HASH_BYTES),
    pair: new Uint8Array(2 * HASH_BYTES),
  }
  const root = hashNode(reading, { path: KEY_MIN, depth: 0, first: 0, end: leaves.length })
  return root !== null && reading.at === proof.length && toHex(root) === claim.rootHash
}

/** The claim, how far its proof is read, and the inputs of both hashes, used again and again: a chunk takes thousands. */
type Reading = Pick<RangeClaim, 'range' | 'leaves' | 'proof'> & {
  at: number
  readonly leafInput: Uint8Array
  readonly pair: Uint8Array
}
/** A node with the leaves of the claim that lie under it: those from `first` to before `end`. */
type Node = { readonly path: Uint8Array; readonly depth: number; readonly first: number; readonly end: number }

// Hash of a node as leaves and proof give it, or null where they do not fit together.
function hashNode(reading: Reading, node: Node): Uint8Array | null {
  const { range, leaves, proof } = reading
  const { path, depth, first, end } = node
  const place = placeOf(range, path, depth)
  if (place === 'in') return hashInside(reading, { first, end, depth })
  const part = proof[reading.at++]
  if (place === 'out') {
    if (part === PART.outsideEmpty) return new Uint8Array(HASH_BYTES)
    const hash = part === PART.outside ? takeBytes(reading, HASH_BYTES) : null
    // The empty subtree has one form.
    return hash === null || equalBytes(hash, KEY_MIN) ? null : hash
  }
  if (part === PART.cutEmpty) return first === end ? new Uint8Array(HASH_BYTES) : null
  if (part === PART.cutLeafInside) return end - first === 1 ? hashLeaf(reading, leaves[first] as RangeLeaf) : null
  if (part === PART.cutLeafOutside) return hashForeignLeaf(reading, node)
  if (part !== PART.cutInner || depth === KEY_BITS) return null
  const middle = firstRight(leaves, first, end, depth)
  const left = hashNode(reading, { path: childPath(path, depth, 0), depth: depth + 1, first, end: middle })
  const right =
    left === null ? null : hashNode(reading, { path: childPath(path, depth, 1), depth: depth + 1, first: middle, end })
  return left === null || right === null ? null : hashInner(reading, left, right)
}

function takeBytes(reading: Reading, length: number): Uint8Array | null {
  const bytes = reading.proof.slice(reading.at, reading.at + length)
  reading.at += length
  return bytes.length === length ? bytes : null
}

// A leaf that stands alone under a cut node and lies outside the range: then no leaf of the range is under that node.
function hashForeignLeaf(reading: Reading, { path, depth, first, end }: Node): Uint8Array | null {
  const key = takeBytes(reading, HASH_BYTES)
  const valueHash = takeBytes(reading, HASH_BYTES)
  if (key === null || valueHash === null || first !== end || isInside(reading.range, key)) return null
  for (let bit = 0; bit < depth; bit++) if (proofKeyBit(key, bit) !== proofKeyBit(path, bit)) return null
  return hashLeaf(reading, { key, valueHash })
}

// ADR-0007: a leaf stands at its shortest unique prefix, so one leaf alone is its subtree.
function hashInside(reading: Reading, { first, end, depth }: Omit<Node, 'path'>): Uint8Array {
  if (first === end) return new Uint8Array(HASH_BYTES)
  if (end - first === 1) return hashLeaf(reading, reading.leaves[first] as RangeLeaf)
  const middle = firstRight(reading.leaves, first, end, depth)
  const left = hashInside(reading, { first, end: middle, depth: depth + 1 })
  return hashInner(reading, left, hashInside(reading, { first: middle, end, depth: depth + 1 }))
}

// Index of the first leaf whose key has a one at this depth.
function firstRight(leaves: readonly RangeLeaf[], first: number, end: number, depth: number): number {
  let low = first
  let high = end
  while (low < high) {
    const middle = (low + high) >>> 1
    if (proofKeyBit((leaves[middle] as RangeLeaf).key, depth) === 1) high = middle
    else low = middle + 1
  }
  return low
}

function hashInner({ pair }: Reading, left: Uint8Array, right: Uint8Array): Uint8Array {
  pair.set(left)
  pair.set(right, HASH_BYTES)
  return sha256Bytes(pair)
}

function hashLeaf({ leafInput }: Reading, { key, valueHash }: RangeLeaf): Uint8Array {
  leafInput.set(key, 1)
  leafInput.set(valueHash, 1 + HASH_BYTES)
  return sha256Bytes(leafInput)
}
