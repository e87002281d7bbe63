// Owns: proofs of presence and absence, their bytes, and every way to forge them. Not here: roots (tree.test.ts).
import { readFileSync } from 'node:fs'
import { sha256 } from '@noble/hashes/sha2.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AssertionFault } from '../base/assert.ts'
import { concatBytes, fromHex, toHex, u32ToBytes } from '../base/bytes.ts'
import { CodecError } from '../base/errors.ts'
import { asHash32 } from '../base/ids.ts'
import { createStateTree } from './tree.ts'
import type { StateTree } from './tree.ts'
import { decodeTreeProof, encodeTreeProof, TREE_PROOF_BYTES_MAX, verifyTreeProof } from './tree-proof.ts'
import type { TreeClaim, TreeProof } from './tree-proof.ts'

function numbered(n: number): Uint8Array {
  return sha256(u32ToBytes(n))
}

function flipBit(bytes: Uint8Array, bit: number): Uint8Array {
  return bytes.map((byte, i) => (i === bit >> 3 ? byte ^ (128 >> (bit % 8)) : byte))
}

function createFilled(count: number): StateTree {
  const tree = createStateTree()
  tree.buildFrom(Array.from({ length: count }, (_, i) => ({ key: numbered(i), valueHash: numbered(i + 50_000) })))
  return tree
}

function claimOf(tree: StateTree, key: Uint8Array, valueHash: Uint8Array | null): TreeClaim & { proof: TreeProof } {
  return { rootHash: tree.committedHash(), key, valueHash, proof: tree.prove(key) }
}

// The first absent key, counted from 1,000,000, whose path ends as asked.
function absentKey(tree: StateTree, kind: 'empty' | 'otherLeaf'): Uint8Array {
  for (let n = 1_000_000; ; n++) {
    const key = numbered(n)
    if (tree.prove(key).end.kind === kind) return key
  }
}

type VectorSet = {
  name: string
  root: string
  entries: { key: string; valueHash: string }[]
  proofs: { key: string; valueHash: string | null; proof: string }[]
}

const unhex = (text: string): Uint8Array => fromHex(text.slice(2))

describe('a tree proof', () => {
  it('has the bytes of the published vectors and holds under their roots', () => {
    const path = new URL('../../test/vectors/state-tree.json', import.meta.url)
    const { sets } = JSON.parse(readFileSync(path, 'utf8')) as { sets: VectorSet[] }
    let checked = 0
    for (const { root, entries, proofs } of sets) {
      const tree = createStateTree()
      tree.buildFrom(entries.map((entry) => ({ key: unhex(entry.key), valueHash: unhex(entry.valueHash) })))
      for (const { key, valueHash, proof } of proofs) {
        expect(`0x${toHex(encodeTreeProof(tree.prove(unhex(key))))}`).toBe(proof)
        const claim = {
          rootHash: asHash32(root.slice(2)),
          key: unhex(key),
          valueHash: valueHash === null ? null : unhex(valueHash),
        }
        expect(verifyTreeProof({ ...claim, proof: unhex(proof) })).toBe(true)
        checked++
      }
    }
    expect(checked).toBe(26)
  })

  it('shows presence of every key and absence of others, and survives its encoding', () => {
    const tree = createFilled(300)
    const ends = new Set<string>()
    for (let n = 0; n < 600; n++) {
      const claim = claimOf(tree, numbered(n), n < 300 ? numbered(n + 50_000) : null)
      ends.add(claim.proof.end.kind)
      expect(verifyTreeProof(claim)).toBe(true)
      const bytes = encodeTreeProof(claim.proof)
      expect(decodeTreeProof(bytes)).toEqual(claim.proof)
      expect(verifyTreeProof({ ...claim, proof: bytes })).toBe(true)
    }
    expect([...ends].sort()).toEqual(['empty', 'included', 'otherLeaf'])
  })

  it('is made from the committed root while a candidate exists', () => {
    const tree = createFilled(50)
    const before = tree.committedHash()
    const staged = tree.stage([{ key: numbered(3), valueHash: null }])
    expect(verifyTreeProof({ ...claimOf(tree, numbered(3), numbered(50_003)), rootHash: before })).toBe(true)
    tree.commit(staged)
    expect(verifyTreeProof({ ...claimOf(tree, numbered(3), null), rootHash: staged.rootHash })).toBe(true)
  })

  it('does not show another value, absence of a present key, presence of an absent one, or anything under another root', () => {
    const tree = createFilled(40)
    const present = claimOf(tree, numbered(7), numbered(50_007))
    expect(verifyTreeProof({ ...present, valueHash: numbered(50_008) })).toBe(false)
    expect(verifyTreeProof({ ...present, valueHash: null })).toBe(false)
    expect(verifyTreeProof({ ...present, key: numbered(8) })).toBe(false)
    expect(verifyTreeProof({ ...present, rootHash: createFilled(39).committedHash() })).toBe(false)
    expect(verifyTreeProof({ ...present, rootHash: asHash32(present.rootHash.toUpperCase()) })).toBe(false)
    for (const kind of ['empty', 'otherLeaf'] as const) {
      const absent = claimOf(tree, absentKey(tree, kind), null)
      expect(verifyTreeProof(absent)).toBe(true)
      expect(verifyTreeProof({ ...absent, valueHash: numbered(1) })).toBe(false)
      expect(verifyTreeProof({ ...absent, proof: { ...absent.proof, end: { kind: 'included' } } })).toBe(false)
    }
  })

  it('does not show absence by a leaf that lies off the path of the key, or by the leaf of the key itself', () => {
    const tree = createFilled(40)
    const present = claimOf(tree, numbered(7), null)
    const own = { kind: 'otherLeaf', key: numbered(7), valueHash: numbered(50_007) } as const
    expect(verifyTreeProof({ ...present, proof: { ...present.proof, end: own } })).toBe(false)
    // A root that no honest tree has: the leaf of a key that starts with 0 hangs on the right side.
    const [stray, asked] = [new Uint8Array(32), flipBit(new Uint8Array(32), 0)]
    const hashes = [asked, stray].map((key) => sha256(concatBytes(new Uint8Array(1), key, key)))
    const rootHash = asHash32(toHex(sha256(concatBytes(...hashes))))
    const path = { bitmap: new Uint8Array([128]), siblings: hashes.slice(0, 1) }
    const end = { kind: 'otherLeaf', key: stray, valueHash: stray } as const
    expect(verifyTreeProof({ rootHash, key: asked, valueHash: null, proof: { ...path, end } })).toBe(false)
    expect(verifyTreeProof({ rootHash, key: flipBit(asked, 1), valueHash: null, proof: { ...path, end } })).toBe(false)
  })

  it('is refused with any single bit flipped, any byte cut, or any byte added', () => {
    const tree = createFilled(60)
    const empty = absentKey(tree, 'empty')
    const other = absentKey(tree, 'otherLeaf')
    const claims = [claimOf(tree, numbered(5), numbered(50_005)), claimOf(tree, empty, null), claimOf(tree, other, null)]
    for (const claim of claims) {
      const bytes = encodeTreeProof(claim.proof)
      expect(verifyTreeProof({ ...claim, proof: bytes })).toBe(true)
      for (let bit = 0; bit < bytes.length * 8; bit++) {
        expect(verifyTreeProof({ ...claim, proof: flipBit(bytes, bit) })).toBe(false)
      }
      for (let length = 0; length < bytes.length; length++) {
        expect(verifyTreeProof({ ...claim, proof: bytes.slice(0, length) })).toBe(false)
      }
      expect(verifyTreeProof({ ...claim, proof: concatBytes(bytes, new Uint8Array(1)) })).toBe(false)
    }
  })

  it('has one form only: empty siblings, trailing bitmap bytes and unused siblings are refused', () => {
    const tree = createStateTree()
    const key = new Uint8Array(32)
    // Both keys part at bit 9, so the siblings at depths 0 to 8 are empty.
    tree.buildFrom([key, flipBit(key, 9)].map((each) => ({ key: each, valueHash: numbered(1) })))
    const claim = claimOf(tree, key, numbered(1))
    const { bitmap, siblings, end } = claim.proof
    expect(bitmap).toEqual(new Uint8Array([0, 64]))
    const forms: TreeProof[] = [
      { bitmap: new Uint8Array([128, 64]), siblings: [new Uint8Array(32), ...siblings], end },
      { bitmap: new Uint8Array([0, 64, 0]), siblings, end },
      { bitmap: new Uint8Array([0, 64, 128]), siblings: [...siblings, new Uint8Array(32)], end },
      { bitmap, siblings: [...siblings, ...siblings], end },
      { bitmap, siblings: [], end },
      { bitmap: new Uint8Array(33).fill(255), siblings: Array.from({ length: 264 }, () => numbered(1)), end },
    ]
    expect(verifyTreeProof(claim)).toBe(true)
    for (const proof of forms) {
      expect(verifyTreeProof({ ...claim, proof })).toBe(false)
      expect(() => encodeTreeProof(proof)).toThrow(AssertionFault)
    }
  })

  it('reaches depth 256 and the longest encoding', () => {
    const tree = createStateTree()
    const key = numbered(0)
    const keys = [key, ...Array.from({ length: 256 }, (_, depth) => flipBit(key, depth))]
    tree.buildFrom(keys.map((each) => ({ key: each, valueHash: each })))
    const claim = claimOf(tree, key, key)
    const bytes = encodeTreeProof(claim.proof)
    expect(claim.proof.siblings.length).toBe(256)
    expect(bytes.length).toBe(TREE_PROOF_BYTES_MAX - 64)
    expect(verifyTreeProof({ ...claim, proof: bytes })).toBe(true)
  })

  it('never throws on garbage, and decoding refuses it with a CodecError', () => {
    const tree = createFilled(10)
    const honest = claimOf(tree, numbered(1), numbered(50_001))
    fc.assert(
      fc.property(fc.oneof(fc.anything(), fc.uint8Array({ maxLength: 300 })), (garbage) => {
        expect(verifyTreeProof({ ...honest, proof: garbage as TreeProof })).toBe(false)
        expect(verifyTreeProof({ ...honest, key: garbage as Uint8Array })).toBe(false)
        expect(verifyTreeProof({ ...honest, valueHash: garbage as Uint8Array })).toBe(false)
        expect(verifyTreeProof(garbage as TreeClaim)).toBe(false)
        if (garbage instanceof Uint8Array) expect(() => decodeTreeProof(garbage)).toThrow(CodecError)
      }),
      { numRuns: 500 },
    )
  })
})
