// Owns: the state tree: a latest-only sparse Merkle tree in memory with one committed root and any number of candidates on it.
// Not here: checking a proof (tree-proof.ts), node storage (tree-nodes.ts), the records themselves (they live in the database).
import { assert, must } from '../base/assert.ts'
import { toHex } from '../base/bytes.ts'
import { asHash32 } from '../base/ids.ts'
import type { Hash32 } from '../base/ids.ts'
import { createHashBuffers } from './tree-hash.ts'
import type { HashBuffers } from './tree-hash.ts'
import { buildItems, freeNodes } from './tree-items.ts'
import type { IntList, TreeChange } from './tree-items.ts'
import { applyMerge, createMerge } from './tree-merge.ts'
import type { Merge } from './tree-merge.ts'
import {
  EMPTY,
  createNodeStore,
  hashOf,
  leafKey,
  leafKeyBit,
  leafValueHash,
  leftOf,
  nodeStoreBytes,
  rightOf,
} from './tree-nodes.ts'
import type { NodeRef, NodeStore } from './tree-nodes.ts'
import { proofKeyBit } from './tree-proof.ts'
import type { ProofEnd, TreeProof } from './tree-proof.ts'
import { buildRangeProof } from './tree-range.ts'
import type { KeyRange } from './tree-range.ts'

/** A candidate root on the committed one; valid until it is committed or discarded, or another candidate is committed. */
export type StagedTree = {
  readonly rootHash: Hash32
  /** Leaves under the candidate root. */
  readonly size: number
}

/** How the tree is created. */
export type StateTreeOptions = {
  /** Keys to set pages aside for; more is always possible. */
  readonly capacityHint?: number
}

/** A tree at one moment; its nodes take memory until it is released. */
export type HeldTree = {
  readonly rootHash: Hash32
  /** Leaves under the root. */
  readonly size: number
  /** As of the tree itself. */
  readonly proveRange: (range: KeyRange) => Uint8Array
  /** Gives the nodes back that the tree itself no longer has; the second call does nothing. */
  readonly release: () => void
}

/** The sparse Merkle tree over the state; one owner, synchronous, never shared between threads. */
export type StateTree = {
  /** Root of the committed tree, a copy of 32 bytes; zeros while it is empty. */
  readonly committedRoot: () => Uint8Array
  /** Root of the committed tree as hex. */
  readonly committedHash: () => Hash32
  /** Builds a candidate on the committed root. Throws AssertionFault on a wrong length or a key given twice. */
  readonly stage: (changes: Iterable<TreeChange>) => StagedTree
  /** Makes a candidate the committed tree and drops all others. Throws AssertionFault on a candidate that is no longer valid. */
  readonly commit: (staged: StagedTree) => void
  /** Drops a candidate; does nothing if it is no longer valid. */
  readonly discard: (staged: StagedTree) => void
  /** Proof of what the committed tree holds under a 32-byte key. */
  readonly prove: (key: Uint8Array) => TreeProof
  /** Proof that the leaves between two keys, both included, are all that the committed tree holds there (tree-range.ts). */
  readonly proveRange: (range: KeyRange) => Uint8Array
  /** Holds the committed tree as it is now, whatever is committed after. */
  readonly hold: () => HeldTree
  /** Fills an empty tree in one go and commits it. Entries are copied as they come and need no order. */
  readonly buildFrom: (entries: Iterable<TreeChange>) => Hash32
  /** Leaves of the committed tree. */
  readonly size: () => number
  /** Bytes of node storage, free places included. */
  readonly memoryBytes: () => number
  /** Inner nodes and leaves held by the committed tree and all candidates. */
  readonly nodeCount: () => number
}

type Candidate = { readonly root: NodeRef; readonly merge: Merge }

type TreeState = {
  readonly store: NodeStore
  readonly buffers: HashBuffers
  readonly candidates: Map<StagedTree, Candidate>
  /** Those who hold an earlier root, and the nodes that only such a root still reaches. */
  readonly holders: Set<HeldTree>
  readonly outlived: IntList[]
  root: NodeRef
  size: number
}

/** An empty state tree. */
export function createStateTree(options: StateTreeOptions = {}): StateTree {
  const tree: TreeState = {
    store: createNodeStore(options.capacityHint ?? 0),
    buffers: createHashBuffers(),
    candidates: new Map(),
    holders: new Set(),
    outlived: [],
    root: EMPTY,
    size: 0,
  }
  const committedHash = (): Hash32 => asHash32(toHex(hashOf(tree.store, tree.root)))
  return {
    committedRoot: () => hashOf(tree.store, tree.root),
    committedHash,
    stage: (changes) => stageChanges(tree, changes),
    commit: (staged) => applyCandidate(tree, staged),
    discard: (staged) => dropCandidate(tree, staged),
    prove: (key) => buildProof(tree, key),
    proveRange: (range) => buildRangeProof(tree.store, tree.root, range),
    hold: () => holdTree(tree, committedHash()),
    buildFrom: (entries) => {
      assert(tree.root === EMPTY && tree.candidates.size === 0, 'a tree is filled only while it is empty')
      applyCandidate(tree, stageChanges(tree, entries))
      return committedHash()
    },
    size: () => tree.size,
    memoryBytes: () => nodeStoreBytes(tree.store),
    nodeCount: () => tree.store.innerCount + tree.store.leafCount,
  }
}

function stageChanges(tree: TreeState, changes: Iterable<TreeChange>): StagedTree {
  const merge = createMerge(tree.store, buildItems(tree.store, changes, tree.buffers), tree.buffers)
  const root = applyMerge(merge, tree.root)
  const staged: StagedTree = {
    rootHash: asHash32(toHex(hashOf(tree.store, root))),
    size: tree.size + merge.sizeChange,
  }
  tree.candidates.set(staged, { root, merge })
  return staged
}

function applyCandidate(tree: TreeState, staged: StagedTree): void {
  const candidate = must(tree.candidates.get(staged), 'a committed candidate stands on the committed root')
  tree.candidates.delete(staged)
  // The other candidates share nodes that are about to go, so they end here.
  for (const other of tree.candidates.keys()) dropCandidate(tree, other)
  // Nodes never change once they are hashed, so an earlier root stays whole as long as none of its nodes is given back.
  if (tree.holders.size > 0) tree.outlived.push(candidate.merge.replaced)
  else freeNodes(tree.store, candidate.merge.replaced)
  tree.root = candidate.root
  tree.size = staged.size
}

function holdTree(tree: TreeState, rootHash: Hash32): HeldTree {
  const { root, size } = tree
  const held: HeldTree = {
    rootHash,
    size,
    proveRange(range) {
      assert(tree.holders.has(held), 'a tree that was released proves nothing')
      return buildRangeProof(tree.store, root, range)
    },
    release() {
      if (!tree.holders.delete(held) || tree.holders.size > 0) return
      for (const nodes of tree.outlived.splice(0)) freeNodes(tree.store, nodes)
    },
  }
  tree.holders.add(held)
  return held
}

function dropCandidate(tree: TreeState, staged: StagedTree): void {
  const candidate = tree.candidates.get(staged)
  if (candidate === undefined) return
  tree.candidates.delete(staged)
  freeNodes(tree.store, candidate.merge.created)
  freeNodes(tree.store, candidate.merge.createdLeaves)
}

function buildProof(tree: TreeState, key: Uint8Array): TreeProof {
  assert(key.length === 32, 'a tree key has 32 bytes')
  const { store } = tree
  const bits = new Uint8Array(32)
  const siblings: Uint8Array[] = []
  let ref = tree.root
  let depth = 0
  for (; ref > 0; depth++) {
    const isRight = proofKeyBit(key, depth) === 1
    const sibling = isRight ? leftOf(store, ref) : rightOf(store, ref)
    if (sibling !== EMPTY) {
      bits[depth >>> 3] = (bits[depth >>> 3] as number) | (128 >>> (depth & 7))
      siblings.push(hashOf(store, sibling))
    }
    ref = isRight ? rightOf(store, ref) : leftOf(store, ref)
  }
  return { bitmap: bits.slice(0, (depth + 7) >>> 3), siblings, end: proofEnd(store, ref, key) }
}

function proofEnd(store: NodeStore, ref: NodeRef, key: Uint8Array): ProofEnd {
  if (ref === EMPTY) return { kind: 'empty' }
  const found = leafKey(store, ref)
  for (let bit = 0; bit < 256; bit++) {
    if (leafKeyBit(store, ref, bit) !== proofKeyBit(key, bit)) {
      return { kind: 'otherLeaf', key: found, valueHash: leafValueHash(store, ref) }
    }
  }
  return { kind: 'included' }
}
