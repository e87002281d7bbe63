// Owns: proofs that a state key holds a value or is absent: their form, their bytes, and checking them; runs in a browser.
// Not here: making a proof (tree.ts), the header that carries the root (core/chain).
import { sha256Bytes } from '#native'
import { assert } from '../base/assert.ts'
import { equalBytes, toHex } from '../base/bytes.ts'
import { CodecError } from '../base/errors.ts'
import type { Hash32 } from '../base/ids.ts'

/** Where the path of the key ends: in its own leaf, in nothing, or in the leaf of another key (32 bytes each). */
export type ProofEnd =
  | { readonly kind: 'included' }
  | { readonly kind: 'empty' }
  | { readonly kind: 'otherLeaf'; readonly key: Uint8Array; readonly valueHash: Uint8Array }

/**
 * Path from the root to the end. Bit d of `bitmap` (most significant first) tells whether the sibling at depth d is not
 * empty; the last byte is not zero and its last set bit is the deepest sibling, which is never empty in a collapsed tree.
 * `siblings` are 32-byte hashes from the root down.
 */
export type TreeProof = { readonly bitmap: Uint8Array; readonly siblings: readonly Uint8Array[]; readonly end: ProofEnd }

/** What is claimed: under the root, the key holds this value hash, or nothing where it is null. */
export type TreeClaim = {
  readonly rootHash: Hash32
  readonly key: Uint8Array
  readonly valueHash: Uint8Array | null
  /** The proof, or its bytes. */
  readonly proof: TreeProof | Uint8Array
}

const VERSION = 1
const HEADER_BYTES = 3
const HASH_BYTES = 32
const BITMAP_BYTES_MAX = 32
const END_KINDS = ['included', 'empty', 'otherLeaf'] as const
const LEAF_TAG = 0

/** Longest encoding of a proof: 256 siblings and another leaf. */
export const TREE_PROOF_BYTES_MAX = HEADER_BYTES + BITMAP_BYTES_MAX + 256 * HASH_BYTES + 2 * HASH_BYTES

/** Bit `depth` (0 to 255, most significant first) of a key or bitmap. */
export function proofKeyBit(bytes: Uint8Array, depth: number): number {
  return ((bytes[depth >>> 3] as number) >>> (7 - (depth & 7))) & 1
}

/** Bytes of a proof: version, kind of end, bitmap length, bitmap, siblings, other leaf. Throws AssertionFault on a bad proof. */
export function encodeTreeProof(proof: TreeProof): Uint8Array {
  const fault = findProofFault(proof)
  assert(fault === null, `a tree proof is well formed: ${fault}`)
  const { bitmap, siblings, end } = proof
  const endBytes = end.kind === 'otherLeaf' ? 2 * HASH_BYTES : 0
  const out = new Uint8Array(HEADER_BYTES + bitmap.length + siblings.length * HASH_BYTES + endBytes)
  out[0] = VERSION
  out[1] = END_KINDS.indexOf(end.kind)
  out[2] = bitmap.length
  out.set(bitmap, HEADER_BYTES)
  let at = HEADER_BYTES + bitmap.length
  for (const sibling of siblings) {
    out.set(sibling, at)
    at += HASH_BYTES
  }
  if (end.kind === 'otherLeaf') {
    out.set(end.key, at)
    out.set(end.valueHash, at + HASH_BYTES)
  }
  return out
}

/** The proof in the bytes. Throws CodecError on anything but the one encoding of a well-formed proof. */
export function decodeTreeProof(bytes: Uint8Array): TreeProof {
  if (bytes.length < HEADER_BYTES || bytes.length > TREE_PROOF_BYTES_MAX) throw new CodecError('tree proof: bad length')
  if (bytes[0] !== VERSION) throw new CodecError('tree proof: unknown version')
  const kind = END_KINDS[bytes[1] as number]
  if (kind === undefined) throw new CodecError('tree proof: unknown kind of end')
  const bitmapEnd = HEADER_BYTES + (bytes[2] as number)
  const bitmap = bytes.slice(HEADER_BYTES, bitmapEnd)
  const siblingsEnd = bitmapEnd + countBits(bitmap) * HASH_BYTES
  const bytesEnd = siblingsEnd + (kind === 'otherLeaf' ? 2 * HASH_BYTES : 0)
  if (bytes.length !== bytesEnd) throw new CodecError('tree proof: bad length')
  const siblings: Uint8Array[] = []
  for (let at = bitmapEnd; at < siblingsEnd; at += HASH_BYTES) siblings.push(bytes.slice(at, at + HASH_BYTES))
  const end: ProofEnd =
    kind === 'otherLeaf'
      ? {
          kind,
          key: bytes.slice(siblingsEnd, siblingsEnd + HASH_BYTES),
          valueHash: bytes.slice(siblingsEnd + HASH_BYTES, bytesEnd),
        }
      : { kind }
  const proof = { bitmap, siblings, end }
  const fault = findProofFault(proof)
  if (fault !== null) throw new CodecError(`tree proof: ${fault}`)
  return proof
}

/** True only if the proof shows the claim under the root; false, never an exception, for any other input. */
export function verifyTreeProof(claim: TreeClaim): boolean {
  try {
    return isProven(claim)
  } catch {
    return false
  }
}

function isProven(claim: TreeClaim): boolean {
  const { key, valueHash } = claim
  if (!isHash(key) || !(valueHash === null || isHash(valueHash))) return false
  const proof = claim.proof instanceof Uint8Array ? decodeTreeProof(claim.proof) : claim.proof
  if (findProofFault(proof) !== null) return false
  const depth = proofDepth(proof.bitmap)
  const start = hashEnd({ end: proof.end, key, valueHash, depth })
  return start !== null && toHex(hashPath(proof, key, start)) === claim.rootHash
}

// Hash of the subtree the path ends in, or null if such an end does not show the claim.
function hashEnd(claim: { end: ProofEnd; key: Uint8Array; valueHash: Uint8Array | null; depth: number }): Uint8Array | null {
  const { end, key, valueHash } = claim
  if (end.kind === 'included') return valueHash === null ? null : hashLeaf(key, valueHash)
  if (valueHash !== null) return null
  if (end.kind === 'empty') return new Uint8Array(HASH_BYTES)
  if (equalBytes(end.key, key)) return null
  // The other leaf must lie on the path of the key, or it says nothing about it.
  for (let bit = 0; bit < claim.depth; bit++) {
    if (proofKeyBit(end.key, bit) !== proofKeyBit(key, bit)) return null
  }
  return hashLeaf(end.key, end.valueHash)
}

// ADR-0007: 65 bytes for a leaf, 64 for an inner node; the lengths keep the two apart.
function hashLeaf(key: Uint8Array, valueHash: Uint8Array): Uint8Array {
  const input = new Uint8Array(1 + 2 * HASH_BYTES)
  input[0] = LEAF_TAG
  input.set(key, 1)
  input.set(valueHash, 1 + HASH_BYTES)
  return sha256Bytes(input)
}

function hashPath(proof: TreeProof, key: Uint8Array, start: Uint8Array): Uint8Array {
  const pair = new Uint8Array(2 * HASH_BYTES)
  let hash = start
  let next = proof.siblings.length
  for (let depth = proofDepth(proof.bitmap) - 1; depth >= 0; depth--) {
    const isRight = proofKeyBit(key, depth) === 1
    pair.fill(0)
    pair.set(hash, isRight ? HASH_BYTES : 0)
    if (proofKeyBit(proof.bitmap, depth) === 1) pair.set(proof.siblings[--next] as Uint8Array, isRight ? 0 : HASH_BYTES)
    hash = sha256Bytes(pair)
  }
  return hash
}

// What is wrong with the form of a proof, or null. Each claim has one form, so that no byte of an encoding is idle.
function findProofFault(proof: TreeProof): string | null {
  const { bitmap, siblings, end } = proof
  if (!(bitmap instanceof Uint8Array) || bitmap.length > BITMAP_BYTES_MAX) return 'the bitmap is at most 32 bytes'
  if (bitmap.length > 0 && bitmap[bitmap.length - 1] === 0) return 'the bitmap ends in a set bit'
  if (!Array.isArray(siblings) || siblings.length !== countBits(bitmap)) return 'each set bit has one sibling'
  for (const sibling of siblings) {
    if (!isHash(sibling)) return 'a sibling is 32 bytes'
    if (isZero(sibling)) return 'an empty sibling is a clear bit'
  }
  if (!END_KINDS.includes(end.kind)) return 'the end is of a known kind'
  if (end.kind === 'otherLeaf' && !(isHash(end.key) && isHash(end.valueHash))) return 'the other leaf is twice 32 bytes'
  return null
}

// Depth of the end: one below the deepest sibling.
function proofDepth(bitmap: Uint8Array): number {
  const last = bitmap.length === 0 ? 0 : (bitmap[bitmap.length - 1] as number)
  if (last === 0) return 0
  return bitmap.length * 8 - (31 - Math.clz32(last & -last))
}

function countBits(bitmap: Uint8Array): number {
  let count = 0
  for (const byte of bitmap) {
    for (let rest = byte; rest !== 0; rest &= rest - 1) count++
  }
  return count
}

function isHash(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array && value.length === HASH_BYTES
}

function isZero(bytes: Uint8Array): boolean {
  for (const byte of bytes) {
    if (byte !== 0) return false
  }
  return true
}
