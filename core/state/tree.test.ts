// Owns: the state tree against a naive recomputation, its vectors, staged trees, free-list accounting. Not here: proofs (tree-proof.test.ts).
import { readFileSync } from 'node:fs'
import { sha256 } from '@noble/hashes/sha2.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AssertionFault } from '../base/assert.ts'
import { concatBytes, fromHex, toHex, u32ToBytes } from '../base/bytes.ts'
import { ZERO_HASH } from '../base/ids.ts'
import { createStateTree } from './tree.ts'
import type { StagedTree, StateTree } from './tree.ts'
import type { TreeChange } from './tree-items.ts'

type Model = ReadonlyMap<string, string>

// The definition of the root, written once more from the design and without any of the code under test.
function naiveHash(entries: readonly (readonly [Uint8Array, Uint8Array])[], depth: number): Uint8Array {
  const [first] = entries
  if (first === undefined) return new Uint8Array(32)
  if (entries.length === 1) return sha256(concatBytes(new Uint8Array(1), ...first))
  const sides: [Uint8Array, Uint8Array][][] = [[], []]
  for (const [key, value] of entries) sides[((key[depth >> 3] ?? 0) >> (7 - (depth % 8))) & 1]?.push([key, value])
  return sha256(concatBytes(...sides.map((side) => naiveHash(side, depth + 1))))
}

function naiveRoot(model: Model): string {
  const entries = [...model].map(([key, value]) => [fromHex(key), fromHex(value)] as const)
  return toHex(naiveHash(entries, 0))
}

function numbered(n: number): Uint8Array {
  return sha256(u32ToBytes(n))
}

function flipBit(key: Uint8Array, depth: number): Uint8Array {
  return key.map((byte, i) => (i === depth >> 3 ? byte ^ (128 >> (depth % 8)) : byte))
}

// Forty plain keys, and forty that share from 1 to 255 leading bits with the first one.
const KEYS: readonly Uint8Array[] = [
  ...Array.from({ length: 40 }, (_, i) => numbered(i)),
  ...Array.from({ length: 40 }, (_, i) => flipBit(numbered(0), i < 20 ? i : 255 - (i - 20) * 11)),
]

const write = (key: number, value: number): TreeChange => ({ key: KEYS[key] as Uint8Array, valueHash: numbered(10_000 + value) })
const remove = (key: number): TreeChange => ({ key: KEYS[key] as Uint8Array, valueHash: null })

function modelAfter(model: Model, changes: readonly TreeChange[]): Model {
  const next = new Map(model)
  for (const { key, valueHash } of changes) {
    if (valueHash === null) next.delete(toHex(key))
    else next.set(toHex(key), toHex(valueHash))
  }
  return next
}

function commitAll(tree: StateTree, changes: readonly TreeChange[]): void {
  tree.commit(tree.stage(changes))
}

const arbitraryChanges = fc
  .uniqueArray(
    fc.record({
      key: fc.nat(KEYS.length - 1),
      value: fc.option(fc.nat(3), { freq: 2 }),
    }),
    { selector: ({ key }) => key, maxLength: 30 },
  )
  .map((list) => list.map(({ key, value }) => (value === null ? remove(key) : write(key, value))))

describe('the root of the state tree', () => {
  it('is zero while the tree is empty', () => {
    const tree = createStateTree()
    expect(tree.committedHash()).toBe(ZERO_HASH)
    expect(tree.committedRoot()).toEqual(new Uint8Array(32))
    expect(tree.stage([]).rootHash).toBe(ZERO_HASH)
  })

  it('agrees with the published vectors, built at once, one by one, and by removing what is too much', () => {
    const vectors = JSON.parse(readFileSync(new URL('../../test/vectors/state-tree.json', import.meta.url), 'utf8')) as {
      sets: { name: string; root: string; entries: { key: string; valueHash: string }[] }[]
    }
    expect(vectors.sets.length).toBe(8)
    for (const { root, entries } of vectors.sets) {
      const changes = entries.map((entry) => ({ key: fromHex(entry.key.slice(2)), valueHash: fromHex(entry.valueHash.slice(2)) }))
      const built = createStateTree()
      expect(`0x${built.buildFrom(changes)}`).toBe(root)
      const grown = createStateTree()
      for (const change of changes.toReversed()) commitAll(grown, [change])
      expect(`0x${grown.committedHash()}`).toBe(root)
      const extra = KEYS.slice(20, 60).map((key) => ({ key: flipBit(key, 3), valueHash: numbered(1) }))
      commitAll(grown, extra)
      expect(grown.size()).toBe(entries.length + 40)
      commitAll(
        grown,
        extra.map(({ key }) => ({ key, valueHash: null })),
      )
      expect(`0x${grown.committedHash()}`).toBe(root)
    }
  })

  it('agrees with a naive recomputation after every block of random writes and removals', () => {
    fc.assert(
      fc.property(fc.array(arbitraryChanges, { minLength: 1, maxLength: 12 }), (blocks) => {
        const tree = createStateTree()
        let model: Model = new Map()
        for (const changes of blocks) {
          const staged = tree.stage(changes)
          model = modelAfter(model, changes)
          expect(staged.rootHash).toBe(naiveRoot(model))
          expect(staged.size).toBe(model.size)
          tree.commit(staged)
          expect(tree.committedHash()).toBe(staged.rootHash)
          expect(tree.size()).toBe(model.size)
        }
      }),
      { numRuns: 150 },
    )
  })

  it('agrees with a naive recomputation on some thousand keys, where subtrees are hashed in parts', () => {
    const entries = Array.from({ length: 9_000 }, (_, i) => ({ key: numbered(i), valueHash: numbered(i + 1) }))
    const model = modelAfter(new Map(), entries)
    const built = createStateTree({ capacityHint: 20_000 })
    expect(built.buildFrom(entries)).toBe(naiveRoot(model))
    const changes = entries.slice(0, 6_000).map(({ key }, i) => ({ key, valueHash: i % 3 === 0 ? null : numbered(i) }))
    commitAll(built, changes)
    expect(built.committedHash()).toBe(naiveRoot(modelAfter(model, changes)))
    expect(built.size()).toBe(7_000)
  })

  it('does not depend on the order of changes, nor on arrays that the caller reuses', () => {
    const changes = KEYS.slice(0, 30).map((key, i) => ({ key, valueHash: numbered(i) }))
    const expected = createStateTree().buildFrom(changes)
    expect(createStateTree().stage(changes.toReversed()).rootHash).toBe(expected)
    const reused = { key: new Uint8Array(32), valueHash: new Uint8Array(32) }
    const oneByOne = function* (): Generator<TreeChange> {
      for (const { key, valueHash } of changes) {
        reused.key.set(key)
        reused.valueHash.set(valueHash)
        yield reused
      }
    }
    expect(createStateTree().buildFrom(oneByOne())).toBe(expected)
  })

  it('stays the same, with no new node, for a rewrite of the same value and the removal of an absent key', () => {
    const tree = createStateTree()
    commitAll(tree, [write(0, 1), write(1, 1), write(41, 1)])
    const before = { root: tree.committedHash(), nodes: tree.nodeCount() }
    const staged = tree.stage([write(0, 1), remove(2), remove(79), remove(42)])
    expect(staged.rootHash).toBe(before.root)
    expect(tree.nodeCount()).toBe(before.nodes)
    tree.commit(staged)
    expect(tree.nodeCount()).toBe(before.nodes)
    expect(tree.size()).toBe(3)
  })

  it('hands out copies: writing into a root or proof changes nothing', () => {
    const tree = createStateTree()
    commitAll(tree, [write(0, 1), write(1, 1)])
    const root = tree.committedHash()
    tree.committedRoot().fill(7)
    tree.prove(KEYS[0] as Uint8Array).siblings[0]?.fill(7)
    expect(tree.committedHash()).toBe(root)
    commitAll(tree, [write(0, 2)])
    commitAll(tree, [write(0, 1)])
    expect(tree.committedHash()).toBe(root)
  })
})

describe('staged trees', () => {
  it('follow a model through random staging, committing and discarding, and leak no node', () => {
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.record({ kind: fc.constant('stage' as const), changes: arbitraryChanges }) },
      { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('commit' as const, 'discard' as const), pick: fc.nat(99) }) },
    )
    fc.assert(
      fc.property(fc.array(step, { minLength: 5, maxLength: 40 }), (steps) => {
        const tree = createStateTree()
        let model: Model = new Map()
        let live: { staged: StagedTree; model: Model }[] = []
        for (const action of steps) {
          if (action.kind === 'stage') {
            live.push({ staged: tree.stage(action.changes), model: modelAfter(model, action.changes) })
            expect(live.at(-1)?.staged.rootHash).toBe(naiveRoot(live.at(-1)?.model ?? new Map()))
          } else {
            const chosen = live.splice(action.pick % Math.max(live.length, 1), 1)[0]
            if (chosen === undefined) continue
            tree[action.kind](chosen.staged)
            if (action.kind === 'commit') {
              model = chosen.model
              for (const { staged } of live) tree.discard(staged)
              live = []
            }
          }
          expect(tree.committedHash()).toBe(naiveRoot(model))
        }
        for (const { staged } of live) tree.discard(staged)
        const rebuilt = createStateTree()
        rebuilt.buildFrom([...model].map(([key, value]) => ({ key: fromHex(key), valueHash: fromHex(value) })))
        expect(rebuilt.committedHash()).toBe(tree.committedHash())
        expect(rebuilt.nodeCount()).toBe(tree.nodeCount())
      }),
      { numRuns: 150 },
    )
  })

  it('refuse to be committed after another was, after their own commit, and on a tree that did not make them', () => {
    const tree = createStateTree()
    const first = tree.stage([write(0, 1)])
    const second = tree.stage([write(1, 1)])
    tree.commit(second)
    expect(() => tree.commit(first)).toThrow(AssertionFault)
    expect(() => tree.commit(second)).toThrow(AssertionFault)
    expect(() => createStateTree().commit(second)).toThrow(AssertionFault)
    const root = tree.committedHash()
    tree.discard(first)
    tree.discard(second)
    expect(tree.committedHash()).toBe(root)
    expect(tree.nodeCount()).toBe(1)
  })

  it('refuse a key given twice and wrong lengths, and leave no node behind', () => {
    const tree = createStateTree()
    const twins = [write(0, 1), write(3, 1), write(0, 1)]
    expect(() => tree.stage(twins)).toThrow('a stage changes each key once')
    expect(() => tree.stage([write(0, 1), { key: new Uint8Array(31), valueHash: null }])).toThrow('32 bytes')
    expect(() => tree.stage([write(0, 1), { key: numbered(5), valueHash: new Uint8Array(33) }])).toThrow('32 bytes')
    expect(() => tree.buildFrom([remove(0), remove(0)])).toThrow(AssertionFault)
    expect(tree.nodeCount()).toBe(0)
  })

  it('cannot be replaced by a bulk build: a tree that holds or stages anything is not empty', () => {
    const tree = createStateTree()
    const staged = tree.stage([write(0, 1)])
    expect(() => tree.buildFrom([write(1, 1)])).toThrow(AssertionFault)
    tree.commit(staged)
    expect(() => tree.buildFrom([write(1, 1)])).toThrow(AssertionFault)
  })
})

describe('node storage', () => {
  it('returns to no node at all when every key is removed', () => {
    const tree = createStateTree()
    const entries = Array.from({ length: 500 }, (_, i) => ({ key: numbered(i), valueHash: numbered(i) }))
    tree.buildFrom([...entries, ...KEYS.slice(40).map((key) => ({ key: flipBit(key, 100), valueHash: key }))])
    commitAll(
      tree,
      entries.map(({ key }) => ({ key, valueHash: null })),
    )
    expect(tree.size()).toBe(40)
    commitAll(
      tree,
      KEYS.slice(40).map((key) => ({ key: flipBit(key, 100), valueHash: null })),
    )
    expect(tree.nodeCount()).toBe(0)
    expect(tree.size()).toBe(0)
    expect(tree.committedHash()).toBe(ZERO_HASH)
  })

  it('neither leaks nor grows over a thousand staged and discarded trees', () => {
    const tree = createStateTree()
    tree.buildFrom(Array.from({ length: 2_000 }, (_, i) => ({ key: numbered(i), valueHash: numbered(i) })))
    const before = { root: tree.committedHash(), nodes: tree.nodeCount(), bytes: tree.memoryBytes() }
    for (let cycle = 0; cycle < 1_000; cycle++) {
      const changes = Array.from({ length: 20 }, (_, i) => ({
        key: numbered(cycle * 7 + i),
        valueHash: i % 4 === 0 ? null : numbered(cycle),
      }))
      const [kept, other] = [tree.stage(changes), tree.stage(changes.slice(5))]
      tree.discard(cycle % 2 === 0 ? kept : other)
      tree.discard(cycle % 2 === 0 ? other : kept)
    }
    expect(tree.nodeCount()).toBe(before.nodes)
    expect(tree.memoryBytes()).toBe(before.bytes)
    expect(tree.committedHash()).toBe(before.root)
  })
})
