// Owns: the ordered binary Merkle list with its count, and proofs of one item (transactions, receipts, validators).
// Not here: the sparse tree of the state (core/state).
import { sha256Bytes, sha256Hex } from '#native'
import { assert } from '../base/assert.ts'
import { fromHex, isHex, toHex } from '../base/bytes.ts'
import { asHash32, type Hash32 } from '../base/ids.ts'

/** Shows that an item stands at `index` of `count`; `siblings` go from the leaf up, at most one a level. */
export type MerkleProof = {
  readonly index: number
  readonly count: number
  readonly siblings: readonly Hash32[]
}

const LEAF = 0
const INNER = 1
const ROOT = 2
const COUNT_MAX = 0x7fff_ffff
/** Levels of the tallest list; no proof is longer. */
const SIBLINGS_MAX = 31

function digestLeaves(leaves: readonly Hash32[]): Uint8Array[] {
  const scratch = new Uint8Array(33)
  scratch[0] = LEAF
  return leaves.map((leaf) => {
    scratch.set(fromHex(leaf), 1)
    return sha256Bytes(scratch)
  })
}

/** The level above: neighbours in pairs, an odd last one carried up unchanged, which gives the shape of RFC 6962 2.1. */
function digestLevelAbove(level: readonly Uint8Array[]): Uint8Array[] {
  const scratch = new Uint8Array(65)
  scratch[0] = INNER
  const above: Uint8Array[] = []
  for (let i = 0; i < level.length; i += 2) {
    const left = level[i] as Uint8Array
    const right = level[i + 1]
    if (right === undefined) {
      above.push(left)
      continue
    }
    scratch.set(left, 1)
    scratch.set(right, 33)
    above.push(sha256Bytes(scratch))
  }
  return above
}

/** SHA-256(0x02 || u32 count || top); an empty list has no top. */
function digestRoot(count: number, top: Uint8Array | undefined): Hash32 {
  const input = new Uint8Array(top === undefined ? 5 : 37)
  input[0] = ROOT
  new DataView(input.buffer).setUint32(1, count)
  if (top !== undefined) input.set(top, 5)
  return asHash32(sha256Hex(input))
}

/**
 * Root of the ordered list: leaf SHA-256(0x00 || item), inner SHA-256(0x01 || left || right), split at the largest power of two
 * below the count (RFC 6962 2.1), and the count on top, so that two lists of different lengths never share a root.
 */
export function merkleRoot(leaves: readonly Hash32[]): Hash32 {
  assert(leaves.length <= COUNT_MAX, 'a Merkle list is too long')
  let level = digestLeaves(leaves)
  while (level.length > 1) level = digestLevelAbove(level)
  return digestRoot(leaves.length, level[0])
}

/** The proof that `leaves[index]` is in the list; the index must lie within it. */
export function proveMerkle(leaves: readonly Hash32[], index: number): MerkleProof {
  assert(Number.isInteger(index) && index >= 0 && index < leaves.length, `no item ${index} in a list of ${leaves.length}`)
  const siblings: Hash32[] = []
  let level = digestLeaves(leaves)
  for (let at = index; level.length > 1; at >>>= 1) {
    const sibling = level[at ^ 1]
    if (sibling !== undefined) siblings.push(asHash32(toHex(sibling)))
    level = digestLevelAbove(level)
  }
  return { index, count: leaves.length, siblings }
}

function isHash(value: unknown): value is Hash32 {
  return typeof value === 'string' && isHex(value, 32)
}

function isMerkleProof(value: unknown): value is MerkleProof {
  if (typeof value !== 'object' || value === null) return false
  const { index, count, siblings } = value as { [K in keyof MerkleProof]?: unknown }
  if (typeof index !== 'number' || typeof count !== 'number') return false
  if (!Number.isInteger(index) || !Number.isInteger(count) || index < 0 || index >= count || count > COUNT_MAX) return false
  return Array.isArray(siblings) && siblings.length <= SIBLINGS_MAX && siblings.every(isHash)
}

/** True when the leaf stands at the proof's index of the list with this root. Any garbage gives false; it never throws. */
export function verifyMerkle({ root, leaf, proof }: { root: Hash32; leaf: Hash32; proof: MerkleProof }): boolean {
  if (!isHash(root) || !isHash(leaf) || !isMerkleProof(proof)) return false
  const scratch = new Uint8Array(65)
  scratch[0] = INNER
  let digest = digestLeaves([leaf])[0] as Uint8Array
  let used = 0
  let at = proof.index
  for (let last = proof.count - 1; last > 0; last >>>= 1, at >>>= 1) {
    const isRight = at % 2 === 1
    if (!isRight && at === last) continue
    const sibling = proof.siblings[used]
    if (sibling === undefined) return false
    used++
    scratch.set(fromHex(sibling), isRight ? 1 : 33)
    scratch.set(digest, isRight ? 33 : 1)
    digest = sha256Bytes(scratch)
  }
  return used === proof.siblings.length && digestRoot(proof.count, digest) === root
}
