// Owns: how fast and how large the state tree is: build, updates, proofs. Not here: its correctness (core/state/tree.test.ts).
import { digest64Level, sha256Bytes } from '#native'
import { assert } from '../core/base/assert.ts'
import { u32ToBytes } from '../core/base/bytes.ts'
import { createStateTree } from '../core/state/tree.ts'
import type { StateTree } from '../core/state/tree.ts'
import type { TreeChange } from '../core/state/tree-items.ts'
import { encodeTreeProof, verifyTreeProof } from '../core/state/tree-proof.ts'
import { printReport } from './report.ts'
import type { BenchRow } from './report.ts'

/** What to measure; rounds are stage-and-commit rounds of `updates` changes each. */
export type StateTreeBenchOptions = {
  readonly sizes?: readonly number[]
  readonly updates?: number
  readonly rounds?: number
}

const PROOFS = 2_000

/** Measures the tree at each size. A round changes existing keys; a mixed round also adds and removes a tenth each. */
export async function runStateTreeBench(options: StateTreeBenchOptions = {}): Promise<BenchRow[]> {
  const { sizes = [10_000, 100_000, 1_000_000], updates = 5_000, rounds = 15 } = options
  const rows: BenchRow[] = []
  for (const size of sizes) {
    rows.push(...measureSize(size, Math.min(updates, size), rounds))
    // Lets the caller's timers and signals run between two sizes.
    await new Promise((resolve) => setImmediate(resolve))
  }
  return rows
}

function measureSize(size: number, updates: number, rounds: number): BenchRow[] {
  const name = (what: string): string => `state-tree ${size}: ${what}`
  const keys = createHashes(size, 1)
  const tree = createStateTree()
  const buildMs = elapsedMs(() => tree.buildFrom(entriesOf(keys, size)))
  const bytesPerKey = tree.memoryBytes() / size
  const proof = measureProofs(tree, keys, size)
  const update = measureRounds(tree, rounds, (round) => createUpdates({ keys, size, updates, round }))
  // Later rounds than those above: a value written twice would be no change and cost nothing.
  const mixed = measureRounds(tree, rounds, (round) => createMixed({ keys, size, updates, round: rounds + round }))
  return [
    { name: name('build'), unit: 'ms', value: buildMs },
    {
      name: name(`${updates} updates, stage and commit`),
      unit: 'ms',
      value: update.median,
      note: `worst ${update.worst.toFixed(1)}`,
    },
    { name: name('updates'), unit: '1/s', value: (updates * 1_000) / update.median },
    { name: name(`${updates} mixed changes`), unit: 'ms', value: mixed.median, note: '80 % update, 10 % add, 10 % remove' },
    {
      name: name('memory'),
      unit: 'bytes/key',
      value: bytesPerKey,
      note: `${(tree.memoryBytes() / 1e6).toFixed(0)} MB after all rounds`,
    },
    { name: name('make a proof'), unit: 'us', value: proof.makeUs },
    {
      name: name('verify a proof'),
      unit: 'us',
      value: proof.verifyUs,
      note: `half of presence, half of absence, ${proof.bytes.toFixed(0)} bytes on average`,
    },
  ]
}

// `count` hashes of 32 bytes in one array, the same for the same seed.
function createHashes(count: number, seed: number): Uint8Array {
  const batch = 4_096
  const input = new Uint8Array(batch * 64)
  const view = new DataView(input.buffer)
  const out = new Uint8Array(count * 32)
  for (let start = 0; start < count; start += batch) {
    const size = Math.min(batch, count - start)
    for (let i = 0; i < size; i++) {
      view.setUint32(i * 64, seed)
      view.setUint32(i * 64 + 4, start + i)
    }
    digest64Level(input.subarray(0, size * 64), out.subarray(start * 32, (start + size) * 32))
  }
  return out
}

function* entriesOf(keys: Uint8Array, size: number): Generator<TreeChange> {
  for (let i = 0; i < size; i++) {
    const key = keys.subarray(i * 32, i * 32 + 32)
    yield { key, valueHash: key }
  }
}

type RoundOptions = { readonly keys: Uint8Array; readonly size: number; readonly updates: number; readonly round: number }

// Distinct keys of the tree: a stride prime to the size visits each once.
function createUpdates({ keys, size, updates, round }: RoundOptions): TreeChange[] {
  const values = createHashes(updates, 1_000 + round)
  const changes: TreeChange[] = []
  for (let i = 0; i < updates; i++) {
    const at = ((round * updates + i) * 7_919) % size
    changes.push({ key: keys.subarray(at * 32, at * 32 + 32), valueHash: values.subarray(i * 32, i * 32 + 32) })
  }
  return changes
}

function createMixed(options: RoundOptions): TreeChange[] {
  const tenth = Math.floor(options.updates / 10)
  const added = createHashes(tenth, 2_000 + options.round)
  return createUpdates(options).map((change, i) => {
    if (i < tenth) return { key: change.key, valueHash: null }
    if (i < tenth * 2) return { key: added.subarray((i - tenth) * 32, (i - tenth + 1) * 32), valueHash: change.valueHash }
    return change
  })
}

function measureRounds(
  tree: StateTree,
  rounds: number,
  create: (round: number) => TreeChange[],
): { median: number; worst: number } {
  const times: number[] = []
  for (let round = 0; round < rounds; round++) {
    const changes = create(round)
    times.push(elapsedMs(() => tree.commit(tree.stage(changes))))
  }
  times.sort((a, b) => a - b)
  return { median: times[times.length >>> 1] ?? 0, worst: times[times.length - 1] ?? 0 }
}

// Measured right after the build, while each key's value hash is the key itself.
function measureProofs(tree: StateTree, keys: Uint8Array, size: number): { makeUs: number; verifyUs: number; bytes: number } {
  const rootHash = tree.committedHash()
  const asked: TreeChange[] = Array.from({ length: PROOFS }, (_, i) => {
    if (i % 2 === 1) return { key: sha256Bytes(u32ToBytes(i)), valueHash: null }
    const at = (i * 104_729) % size
    const key = keys.slice(at * 32, at * 32 + 32)
    return { key, valueHash: key }
  })
  const proofs: Uint8Array[] = []
  const makeMs = elapsedMs(() => {
    for (const { key } of asked) proofs.push(encodeTreeProof(tree.prove(key)))
  })
  let proven = 0
  const verifyMs = elapsedMs(() => {
    for (const [i, proof] of proofs.entries()) {
      if (verifyTreeProof({ rootHash, ...(asked[i] as TreeChange), proof })) proven++
    }
  })
  assert(proven === PROOFS, 'every proof of the benchmark holds')
  return { makeUs: (makeMs * 1_000) / PROOFS, verifyUs: (verifyMs * 1_000) / PROOFS, bytes: averageLength(proofs) }
}

function averageLength(arrays: readonly Uint8Array[]): number {
  return arrays.reduce((sum, bytes) => sum + bytes.length, 0) / arrays.length
}

function elapsedMs(run: () => void): number {
  const start = performance.now()
  run()
  return performance.now() - start
}

if (import.meta.main) {
  const sizes = process.argv.includes('--large') ? [10_000, 100_000, 1_000_000, 10_000_000] : [10_000, 100_000, 1_000_000]
  printReport(await runStateTreeBench({ sizes }))
}
