// Owns: the golden vectors of Merkle lists, made by another program by recursion, and the soundness of proofs.
// Not here: the sparse tree of the state (core/state).
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import vectors from '../../test/vectors/merkle.json' with { type: 'json' }
import { AssertionFault } from '../base/assert.ts'
import { asHash32, type Hash32 } from '../base/ids.ts'
import { type MerkleProof, merkleRoot, proveMerkle, verifyMerkle } from './merkle.ts'
import { sha256Hex } from './native.node.ts'

const listOf = (count: number): Hash32[] => Array.from({ length: count }, (_, i) => asHash32(sha256Hex(`leaf ${i}`)))

describe('merkleRoot', () => {
  test('gives the golden roots', () => {
    for (const { count, root } of vectors.roots) expect(merkleRoot(listOf(count))).toBe(root)
  })

  test('of no items is its own constant', () => {
    expect(merkleRoot([])).toBe(asHash32(sha256Hex(new Uint8Array([2, 0, 0, 0, 0]))))
  })

  test('depends on the order and on every item', () => {
    const list = listOf(5)
    const root = merkleRoot(list)
    expect(merkleRoot([...list].reverse())).not.toBe(root)
    expect(merkleRoot(list.slice(0, 4))).not.toBe(root)
    expect(merkleRoot([...list, list[4] as Hash32])).not.toBe(root)
  })
})

describe('proveMerkle', () => {
  test('gives the golden proofs', () => {
    for (const { index, count, siblings } of vectors.proofs) {
      expect(proveMerkle(listOf(count), index)).toEqual({ index, count, siblings })
    }
  })

  test('stops on an index outside the list', () => {
    for (const index of [-1, 3, 0.5]) expect(() => proveMerkle(listOf(3), index)).toThrow(AssertionFault)
    expect(() => proveMerkle([], 0)).toThrow(AssertionFault)
  })
})

describe('verifyMerkle', () => {
  test('accepts every item of every list up to 40', () => {
    for (let count = 1; count <= 40; count++) {
      const list = listOf(count)
      const root = merkleRoot(list)
      for (const [index, leaf] of list.entries()) {
        expect(verifyMerkle({ root, leaf, proof: proveMerkle(list, index) })).toBe(true)
      }
    }
  })

  test('accepts the first and last of 20,000', () => {
    const list = listOf(20_000)
    const root = merkleRoot(list)
    for (const index of [0, 19_999]) {
      expect(verifyMerkle({ root, leaf: list[index] as Hash32, proof: proveMerkle(list, index) })).toBe(true)
    }
  })

  test('refuses another leaf, index, count, root, order or number of siblings', () => {
    const at = fc
      .integer({ min: 2, max: 70 })
      .chain((count) => fc.tuple(fc.constant(count), fc.nat(count - 1), fc.nat(count * 2)))
    fc.assert(
      fc.property(at, ([count, index, other]) => {
        fc.pre(other !== index)
        const list = listOf(count)
        const root = merkleRoot(list)
        const leaf = list[index] as Hash32
        const proof = proveMerkle(list, index)
        const judge = (changed: Partial<MerkleProof>): boolean => verifyMerkle({ root, leaf, proof: { ...proof, ...changed } })
        expect(judge({})).toBe(true)
        expect(judge({ index: other })).toBe(false)
        expect(judge({ count: count + 1 })).toBe(false)
        expect(judge({ count: count - 1 })).toBe(false)
        expect(judge({ siblings: proof.siblings.slice(1) })).toBe(false)
        expect(judge({ siblings: [...proof.siblings, leaf] })).toBe(false)
        if (proof.siblings.length > 1) expect(judge({ siblings: [...proof.siblings].reverse() })).toBe(false)
        expect(verifyMerkle({ root: leaf, leaf, proof })).toBe(false)
        expect(verifyMerkle({ root, leaf: asHash32(sha256Hex('another')), proof })).toBe(false)
      }),
    )
  })

  test('refuses an inner node passed off as a leaf', () => {
    const list = listOf(4)
    const proof = proveMerkle(list, 0)
    const inner = proof.siblings[1] as Hash32
    const forged = { index: 1, count: 2, siblings: proof.siblings.slice(1) }
    expect(verifyMerkle({ root: merkleRoot(list), leaf: inner, proof: forged })).toBe(false)
  })

  test('gives false for garbage of any shape and never throws', () => {
    const list = listOf(3)
    const root = merkleRoot(list)
    const leaf = list[0] as Hash32
    const siblings = proveMerkle(list, 0).siblings
    const garbage: unknown[] = [
      null,
      undefined,
      7,
      'proof',
      [],
      {},
      { index: 0, count: 3, siblings: null },
      { index: 0, count: 3, siblings: [1, 2] },
      { index: 0, count: 3, siblings: ['xy', ...siblings.slice(1)] },
      { index: 0, count: 3, siblings: siblings.map((sibling) => sibling.toUpperCase()) },
      { index: 0, count: 2 ** 53, siblings },
      { index: Number.NaN, count: 3, siblings },
      { index: -1, count: 3, siblings },
      { index: '0', count: 3, siblings },
      { index: 0, count: 3, siblings: Array.from({ length: 100_000 }, () => leaf) },
    ]
    for (const proof of garbage) expect(verifyMerkle({ root, leaf, proof: proof as MerkleProof })).toBe(false)
    expect(verifyMerkle({ root: asHash32('zz'), leaf, proof: proveMerkle(list, 0) })).toBe(false)
    expect(verifyMerkle({ root, leaf: asHash32(`0x${leaf}`), proof: proveMerkle(list, 0) })).toBe(false)
    fc.assert(
      fc.property(fc.anything(), (proof) => {
        expect(verifyMerkle({ root, leaf, proof: proof as MerkleProof })).toBe(false)
      }),
    )
  })
})
