import { describe, expect, it } from 'vitest'
import { sha256Bytes } from '../crypto/hash.ts'
import { createStateTree } from './tree.ts'
import { KEY_MAX, KEY_MIN, verifyRange } from './tree-range.ts'

const leafOf = (name: number, value: number) => ({ key: sha256Bytes(`k${name}`), valueHash: sha256Bytes(`v${value}`) })
const byKey = (a: { key: Uint8Array }, b: { key: Uint8Array }): number => Buffer.compare(a.key, b.key)
const WHOLE = { from: KEY_MIN, to: KEY_MAX }

describe('a held tree', () => {
  it('proves the leaves of its own moment while blocks change, add and remove others', () => {
    const tree = createStateTree()
    const before = Array.from({ length: 500 }, (_, i) => leafOf(i, i))
    tree.buildFrom(before)
    const held = tree.hold()
    for (let block = 0; block < 20; block++) {
      const changed = Array.from({ length: 10 }, (_, i) => leafOf(block * 10 + i, 1_000 + block))
      const removed = [{ key: sha256Bytes(`k${300 + block}`), valueHash: null }]
      tree.commit(tree.stage([...changed, ...removed, leafOf(1_000 + block, block)]))
    }
    const leaves = [...before].sort(byKey)
    const range = { from: leaves[100]?.key ?? KEY_MIN, to: leaves[199]?.key ?? KEY_MAX }
    const proof = held.proveRange(range)
    expect(verifyRange({ rootHash: held.rootHash, range, leaves: leaves.slice(100, 200), proof })).toBe(true)
    expect(held.rootHash).not.toBe(tree.committedHash())
    const wrong = [...leaves.slice(100, 199), { ...leafOf(5, 999), key: leaves[199]?.key ?? KEY_MAX }]
    expect(verifyRange({ rootHash: held.rootHash, range, leaves: wrong, proof })).toBe(false)
  })

  it('gives every node back when the last holder lets go, and proves nothing after', () => {
    const tree = createStateTree()
    tree.buildFrom(Array.from({ length: 200 }, (_, i) => leafOf(i, i)))
    const nodes = tree.nodeCount()
    const first = tree.hold()
    const second = tree.hold()
    for (let block = 1; block <= 10; block++) tree.commit(tree.stage(Array.from({ length: 200 }, (_, i) => leafOf(i, i + block))))
    expect(tree.nodeCount()).toBeGreaterThan(nodes * 5)
    first.release()
    expect(second.proveRange(WHOLE)).toHaveLength(0)
    second.release()
    second.release()
    expect(tree.nodeCount()).toBe(nodes)
    expect(() => second.proveRange(WHOLE)).toThrow('released')
  })
})
