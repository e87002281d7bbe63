// Owns: the two hashes of the tree, leaves one by one and inner nodes level by level in batches.
// Not here: the primitives (core/crypto), which nodes are new (tree-merge.ts).
import { digest64Level, sha256Bytes } from '#native'
import { copyHash, leftOf, linkOf, rightOf, setInnerHash } from './tree-nodes.ts'
import type { NodeStore } from './tree-nodes.ts'

/** Inner nodes hashed by one native call: enough to amortise the call, small enough to stay in the nearest cache. */
const BATCH_NODES = 256

/** Buffers that hashing reuses from call to call; words and bytes are two views of the same memory. */
export type HashBuffers = {
  readonly leafInput: Uint8Array
  readonly inputWords: Int32Array
  readonly input: Uint8Array
  readonly outputWords: Int32Array
  readonly output: Uint8Array
  readonly refs: Int32Array
}

/** Buffers for one tree. */
export function createHashBuffers(): HashBuffers {
  const inputWords = new Int32Array(BATCH_NODES * 16)
  const outputWords = new Int32Array(BATCH_NODES * 8)
  return {
    leafInput: new Uint8Array(65),
    inputWords,
    input: new Uint8Array(inputWords.buffer),
    outputWords,
    output: new Uint8Array(outputWords.buffer),
    refs: new Int32Array(BATCH_NODES),
  }
}

// ADR-0007: a leaf hashes 65 bytes (0x00, key, value hash), an inner node exactly 64 (left, right), the empty subtree is
// 32 zero bytes. The lengths keep the two domains apart, so inner nodes need no tag and fit the batched 64-byte hasher.

/** Hash of a leaf. */
export function hashLeaf(buffers: HashBuffers, key: Uint8Array, valueHash: Uint8Array): Uint8Array {
  const input = buffers.leafInput
  input.set(key, 1)
  input.set(valueHash, 33)
  return sha256Bytes(input)
}

/** Hashes the inner nodes in the lists of `unhashed` from the deepest level up to `depthMin`, and empties those lists. */
export function applyHashes(store: NodeStore, unhashed: Int32Array, depthMin: number, buffers: HashBuffers): void {
  for (let depth = unhashed.length - 1; depth >= depthMin; depth--) {
    let next = unhashed[depth] as number
    while (next !== 0) next = applyBatch(store, next, buffers)
    unhashed[depth] = 0
  }
}

// Hashes up to one batch of the list that starts at `first` and returns the node to go on with, 0 at the end.
function applyBatch(store: NodeStore, first: number, buffers: HashBuffers): number {
  const { inputWords, outputWords, refs } = buffers
  let count = 0
  let next = first
  while (next !== 0 && count < BATCH_NODES) {
    copyHash(store, leftOf(store, next), inputWords, count * 16)
    copyHash(store, rightOf(store, next), inputWords, count * 16 + 8)
    refs[count++] = next
    next = linkOf(store, next)
  }
  if (count === BATCH_NODES) digest64Level(buffers.input, buffers.output)
  else digest64Level(buffers.input.subarray(0, count * 64), buffers.output.subarray(0, count * 32))
  for (let i = 0; i < count; i++) setInnerHash(store, refs[i] as number, outputWords, i * 8)
  return next
}
