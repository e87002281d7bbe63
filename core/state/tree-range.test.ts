import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareBytes, toHex } from '../base/bytes.ts'
import { asHash32 } from '../base/ids.ts'
import { sha256Bytes } from '../crypto/hash.ts'
import { createStateTree } from './tree.ts'
import { KEY_MAX, KEY_MIN, keyAfter, RANGE_PROOF_BYTES_MAX, verifyRange } from './tree-range.ts'
import type { RangeLeaf } from './tree-range.ts'

function leavesOf(count: number): RangeLeaf[] {
  return Array.from({ length: count }, (_, i) => ({ key: sha256Bytes(`key ${i}`), valueHash: sha256Bytes(`value ${i}`) })).sort(
    (a, b) => compareBytes(a.key, b.key),
  )
}

function treeOf(leaves: readonly RangeLeaf[]) {
  const tree = createStateTree()
  tree.buildFrom(leaves)
  return tree
}

const inRange = (leaves: readonly RangeLeaf[], from: Uint8Array, to: Uint8Array) =>
  leaves.filter(({ key }) => compareBytes(key, from) >= 0 && compareBytes(key, to) <= 0)

const key = (first: number, last = 0) => {
  const bytes = new Uint8Array(32)
  bytes[0] = first
  bytes[31] = last
  return bytes
}

describe('ranges of the state tree', () => {
  it('are proven for chunks that cover the whole key space', () => {
    const leaves = leavesOf(500)
    const tree = treeOf(leaves)
    const rootHash = tree.committedHash()
    let from: Uint8Array | null = KEY_MIN
    let seen = 0
    for (let first = 0; first < leaves.length; first += 70) {
      const chunk = leaves.slice(first, first + 70)
      const to: Uint8Array = first + 70 >= leaves.length ? KEY_MAX : (chunk.at(-1) as RangeLeaf).key
      const range = { from: from as Uint8Array, to }
      const proof = tree.proveRange(range)
      expect(verifyRange({ rootHash, range, leaves: chunk, proof })).toBe(true)
      expect(verifyRange({ rootHash, range, leaves: chunk.slice(1), proof })).toBe(false)
      expect(verifyRange({ rootHash, range, leaves: chunk.slice(0, -1), proof })).toBe(false)
      seen += chunk.length
      from = keyAfter(to)
    }
    expect(seen).toBe(500)
    expect(from).toBeNull()
  })

  it('need no proof when they are the whole tree, and hold for the empty one', () => {
    const range = { from: KEY_MIN, to: KEY_MAX }
    const leaves = leavesOf(3)
    expect(treeOf(leaves).proveRange(range)).toEqual(new Uint8Array())
    expect(verifyRange({ rootHash: treeOf(leaves).committedHash(), range, leaves, proof: new Uint8Array() })).toBe(true)
    expect(verifyRange({ rootHash: treeOf([]).committedHash(), range, leaves: [], proof: new Uint8Array() })).toBe(true)
    expect(verifyRange({ rootHash: treeOf(leaves).committedHash(), range, leaves: [], proof: new Uint8Array() })).toBe(false)
  })

  it('show that nothing lies between two keys, next to a lone leaf on either side', () => {
    const leaves = [{ key: key(0x20), valueHash: sha256Bytes('low') }]
    const tree = treeOf(leaves)
    const rootHash = tree.committedHash()
    for (const range of [
      { from: key(0x21), to: key(0x30) },
      { from: key(0x10), to: key(0x1f) },
      { from: key(0x20, 1), to: KEY_MAX },
    ])
      expect(verifyRange({ rootHash, range, leaves: [], proof: tree.proveRange(range) })).toBe(true)
    const range = { from: key(0x10), to: key(0x30) }
    const proof = tree.proveRange(range)
    expect(verifyRange({ rootHash, range, leaves, proof })).toBe(true)
    expect(verifyRange({ rootHash, range, leaves: [], proof })).toBe(false)
  })

  it('do not take a leaf inside the range for one outside it', () => {
    const leaves = [{ key: key(0x20), valueHash: sha256Bytes('low') }]
    const tree = treeOf(leaves)
    const forged = new Uint8Array([3, ...key(0x20), ...sha256Bytes('low')])
    const claim = { rootHash: tree.committedHash(), range: { from: key(0x10), to: key(0x30) }, leaves: [], proof: forged }
    expect(verifyRange(claim)).toBe(false)
    expect(verifyRange({ ...claim, range: { from: key(0x21), to: key(0x30) } })).toBe(true)
  })

  it('are refused for bounds in the wrong order, unsorted or doubled leaves, wrong lengths and oversized proofs', () => {
    const leaves = leavesOf(4)
    const rootHash = treeOf(leaves).committedHash()
    const range = { from: KEY_MIN, to: KEY_MAX }
    const proof = new Uint8Array()
    const [a, b, c, d] = leaves as [RangeLeaf, RangeLeaf, RangeLeaf, RangeLeaf]
    expect(verifyRange({ rootHash, range, leaves: [b, a, c, d], proof })).toBe(false)
    expect(verifyRange({ rootHash, range, leaves: [a, a, b, c, d], proof })).toBe(false)
    expect(verifyRange({ rootHash, range: { from: KEY_MAX, to: KEY_MIN }, leaves, proof })).toBe(false)
    expect(verifyRange({ rootHash, range: { from: new Uint8Array(31), to: KEY_MAX }, leaves, proof })).toBe(false)
    expect(verifyRange({ rootHash, range, leaves: [{ ...a, valueHash: new Uint8Array(31) }, b, c, d], proof })).toBe(false)
    expect(verifyRange({ rootHash, range, leaves, proof: new Uint8Array(1) })).toBe(false)
    expect(verifyRange({ rootHash, range, leaves, proof: new Uint8Array(RANGE_PROOF_BYTES_MAX + 1) })).toBe(false)
    expect(verifyRange({ rootHash: asHash32('0'.repeat(64)), range, leaves, proof })).toBe(false)
  })

  it('hold for every tree and range, and for no other leaves or bytes', () => {
    // Keys of few distinct bytes share long prefixes, which random keys never do.
    const clustered = fc
      .tuple(fc.constantFrom(0, 1, 0x80, 0xff), fc.constantFrom(0, 1, 2, 0xff))
      .map(([first, last]) => key(first, last))
    const spread = fc.integer({ min: 0, max: 1_000_000 }).map((seed) => sha256Bytes(`${seed}`))
    const anyKey = fc.oneof(clustered, spread)
    fc.assert(
      fc.property(
        fc.uniqueArray(anyKey, { maxLength: 40, selector: toHex }),
        anyKey,
        anyKey,
        fc.nat(),
        (keys, one, other, flip) => {
          const leaves = keys
            .map((at) => ({ key: at, valueHash: sha256Bytes(toHex(at)) }))
            .sort((a, b) => compareBytes(a.key, b.key))
          const [from, to] = compareBytes(one, other) <= 0 ? [one, other] : [other, one]
          const tree = treeOf(leaves)
          const claim = { rootHash: tree.committedHash(), range: { from, to }, leaves: inRange(leaves, from, to) }
          const proof = tree.proveRange(claim.range)
          expect(verifyRange({ ...claim, proof })).toBe(true)
          const [gone] = claim.leaves
          if (gone !== undefined) {
            expect(verifyRange({ ...claim, leaves: claim.leaves.slice(1), proof })).toBe(false)
            const changed = [{ ...gone, valueHash: sha256Bytes('other') }, ...claim.leaves.slice(1)]
            expect(verifyRange({ ...claim, leaves: changed, proof })).toBe(false)
          }
          if (proof.length > 0) {
            const flipped = proof.slice()
            const at = flip % proof.length
            flipped[at] = (flipped[at] as number) ^ (1 << (flip % 8))
            expect(verifyRange({ ...claim, proof: flipped })).toBe(false)
            expect(verifyRange({ ...claim, proof: proof.slice(0, -1) })).toBe(false)
          }
        },
      ),
      { numRuns: 400 },
    )
  })
})
