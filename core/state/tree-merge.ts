// Owns: the copy-on-write merge of sorted changes into a subtree, and which nodes it made and replaced.
// Not here: the hashes themselves (tree-hash.ts), life and death of staged trees (tree.ts).
import { applyHashes } from './tree-hash.ts'
import type { HashBuffers } from './tree-hash.ts'
import { createIntList, isRemoval, itemRef, pushInt } from './tree-items.ts'
import type { IntList, TreeItems } from './tree-items.ts'
import {
  EMPTY,
  createInner,
  freeNode,
  isSameLeafKey,
  isSameLeafValue,
  leafKeyBit,
  leftOf,
  rightOf,
  setLink,
} from './tree-nodes.ts'
import type { NodeRef, NodeStore } from './tree-nodes.ts'

/** Most items of a subtree that is hashed as soon as it stands, while its nodes are still in the cache. */
const HASHED_AT_ONCE_MAX = 2_048

/** What one merge changed. */
export type Merge = {
  readonly store: NodeStore
  readonly buffers: HashBuffers
  readonly items: TreeItems
  /** Inner nodes and leaves that only the new root reaches. */
  readonly created: IntList
  readonly createdLeaves: IntList
  /** Nodes of the base that the new root no longer reaches. */
  readonly replaced: IntList
  /** For each depth the first of the new inner nodes, linked to the rest by `linkOf`; 0 where there is none. */
  readonly unhashed: Int32Array
  /** Leaves added less leaves removed. */
  sizeChange: number
}

/** A merge that has done nothing yet. */
export function createMerge(store: NodeStore, items: TreeItems, buffers: HashBuffers): Merge {
  return {
    store,
    buffers,
    items,
    created: createIntList(items.count * 2 + 16),
    createdLeaves: createIntList(items.count + 16),
    replaced: createIntList(),
    unhashed: new Int32Array(256),
    sizeChange: 0,
  }
}

/** Applies all items to the tree at `root` and returns the new root, every new node hashed. */
export function applyMerge(merge: Merge, root: NodeRef): NodeRef {
  const newRoot = applyItems(merge, root, 0, 0, merge.items.count)
  applyHashes(merge.store, merge.unhashed, 0, merge.buffers)
  return newRoot
}

// Applies the items [low, high) to the subtree at `ref` and returns the new subtree. Distinct keys part by depth 255 at
// the latest, so the recursion is at most 257 calls deep.
function applyItems(merge: Merge, ref: NodeRef, depth: number, low: number, high: number): NodeRef {
  if (low === high) return ref
  const store = merge.store
  if (ref <= 0 && high - low === 1) {
    const payload = merge.items.payloads[low] as number
    if (ref === EMPTY || isSameLeafKey(store, ref, itemRef(payload))) return applyItem(merge, ref, payload)
  }
  let left = EMPTY
  let right = EMPTY
  if (ref > 0) {
    left = leftOf(store, ref)
    right = rightOf(store, ref)
  } else if (ref < 0) {
    // A leaf stands for the whole subtree below it: push it down the side its key belongs to.
    if (leafKeyBit(store, ref, depth) === 0) left = ref
    else right = ref
  }
  const middle = findSplit(merge, depth, low, high)
  const newLeft = applyItems(merge, left, depth + 1, low, middle)
  const newRight = applyItems(merge, right, depth + 1, middle, high)
  if (high - low > HASHED_AT_ONCE_MAX) applyHashes(store, merge.unhashed, depth + 1, merge.buffers)
  if (ref > 0) {
    if (newLeft === left && newRight === right) return ref
    pushInt(merge.replaced, ref)
  }
  // A subtree with one leaf is that leaf, with none it is empty.
  if (newLeft === EMPTY && newRight <= 0) return newRight
  if (newRight === EMPTY && newLeft < 0) return newLeft
  return addInner(merge, newLeft, newRight, depth)
}

function applyItem(merge: Merge, old: NodeRef, payload: number): NodeRef {
  const { store } = merge
  const leaf = itemRef(payload)
  if (isRemoval(payload)) {
    freeNode(store, leaf)
    if (old !== EMPTY) {
      pushInt(merge.replaced, old)
      merge.sizeChange--
    }
    return EMPTY
  }
  if (old !== EMPTY && isSameLeafValue(store, old, leaf)) {
    freeNode(store, leaf)
    return old
  }
  if (old === EMPTY) merge.sizeChange++
  else pushInt(merge.replaced, old)
  pushInt(merge.createdLeaves, leaf)
  return leaf
}

function addInner(merge: Merge, left: NodeRef, right: NodeRef, depth: number): NodeRef {
  const ref = createInner(merge.store, left, right)
  setLink(merge.store, ref, merge.unhashed[depth] as number)
  merge.unhashed[depth] = ref
  pushInt(merge.created, ref)
  return ref
}

// The first item in [low, high) whose key has bit `depth` set.
function findSplit(merge: Merge, depth: number, low: number, high: number): number {
  const { prefixes, payloads } = merge.items
  let from = low
  let to = high
  while (from < to) {
    const middle = (from + to) >>> 1
    const bit =
      depth < 32
        ? ((prefixes[middle] as number) >>> (31 - depth)) & 1
        : leafKeyBit(merge.store, itemRef(payloads[middle] as number), depth)
    if (bit === 0) from = middle + 1
    else to = middle
  }
  return from
}
