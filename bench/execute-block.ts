// Owns: what one transfer costs inside one node, from its bytes to the durable block, stage by stage and on a real LevelDB.
// Not here: the network, JSON-RPC and consensus around it (end-to-end.ts, rpc.ts).
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { assert } from '../core/base/assert.ts'
import { isFailure } from '../core/base/errors.ts'
import type { Address } from '../core/base/ids.ts'
import { buildCertificate } from '../core/chain/certificate.ts'
import type { Certificate } from '../core/chain/certificate.ts'
import { consensusSigningBytes } from '../core/chain/vote.ts'
import { createSigner } from '../core/crypto/keys.ts'
import { parseGenesis } from '../core/execution/init-genesis.ts'
import type { Genesis } from '../core/execution/init-genesis.ts'
import type { StateTree } from '../core/state/tree.ts'
import { REGISTRY } from '../modules/registry.ts'
import { createAdmissionDesk } from '../node/admission-desk.ts'
import type { ChainHead } from '../node/chain-head.ts'
import { commitBlock } from '../node/commit.ts'
import { buildCandidate, executeCandidate } from '../node/executor.ts'
import type { Candidate, ExecutorParts } from '../node/executor.ts'
import { MEMPOOL_LIMITS, createMempool } from '../node/mempool/mempool.ts'
import { recoverChain } from '../node/recover.ts'
import { createSignatureCheck } from '../node/signature-cache.ts'
import { openStore } from '../node/storage/level.ts'
import { createSystemClock } from '../node/system-clock.ts'
import { buildAccount, buildAccounts, deriveSeed } from '../cli/devnet/accounts.ts'
import type { DevAccount } from '../cli/devnet/accounts.ts'
import { buildGenesis } from '../cli/devnet/genesis.ts'
import { elapsed, quantile } from './measure.ts'
import type { Say } from './measure.ts'
import { printReport } from './report.ts'
import type { BenchRow } from './report.ts'
import { addPayers, buildPayers, signTransfers } from './transfers.ts'
import type { Payers } from './transfers.ts'

/** Sizes of the state, and blocks of `txs` transfers measured after a few unmeasured ones. */
export type ExecuteBenchOptions = {
  readonly sizes?: readonly number[]
  readonly blocks?: number
  readonly txs?: number
  readonly say?: Say
}

const SEED = new Uint8Array(32).fill(7)
const WARM_UP_BLOCKS = 5
const CACHE_ENTRIES = 200_000
type Stage = 'admit' | 'build' | 'execute' | 'stageTree' | 'commit' | 'forget'

/** Measures the stages on states of each size. */
export async function runExecuteBench(options: ExecuteBenchOptions = {}): Promise<readonly BenchRow[]> {
  const { sizes = [10_000, 100_000], blocks = 20, txs = 1_000, say = () => undefined } = options
  const rows: BenchRow[] = []
  for (const size of sizes) {
    say(`${size} accounts, ${blocks} blocks of ${txs}`)
    rows.push(...(await measureSize(size, blocks, txs)))
  }
  return rows
}

async function measureSize(size: number, blocks: number, txs: number): Promise<readonly BenchRow[]> {
  const dir = mkdtempSync(join(tmpdir(), 'naru-bench-'))
  const pipeline = await openPipeline(dir, size)
  try {
    for (let block = 0; block < WARM_UP_BLOCKS; block++) await pipeline.runBlock(txs)
    pipeline.samples.clear()
    const changes: number[] = []
    for (let block = 0; block < blocks; block++) changes.push(await pipeline.runBlock(txs))
    return describe(pipeline.samples, size, txs, changes.reduce((sum, count) => sum + count, 0) / blocks)
  } finally {
    await pipeline.close()
    rmSync(dir, { recursive: true, force: true })
  }
}

function describe(samples: Samples, size: number, txs: number, changes: number): readonly BenchRow[] {
  // The middle block of all: a neighbour that takes the core for a moment spoils one block and not the figure.
  const us = (stage: Stage): number => (quantile(Float64Array.from(samples.get(stage) ?? []).sort(), 0.5) * 1_000) / txs
  const row = (name: string, value: number, note?: string): BenchRow => ({
    name: `execute-block ${size}: ${name}`,
    unit: 'us',
    value,
    ...(note === undefined ? {} : { note }),
  })
  const tree = us('stageTree')
  const validator = us('admit') + us('execute') + us('commit') + us('forget')
  return [
    row('admit to the mempool', us('admit'), 'decode, verify, check'),
    row('build as proposer', us('build') - tree, 'execute, header, encode; the tree apart'),
    row('execute as validator', us('execute') - tree, 'the tree apart'),
    row('stage the state tree', tree, `${(changes / txs).toFixed(1)} records a transfer`),
    row('commit', us('commit'), 'one synced LevelDB batch, tree, cache'),
    row('forget in the mempool', us('forget')),
    row(
      'all that a validator does',
      validator,
      `at most ${Math.round(1e6 / validator)}/s on one core, network and consensus apart`,
    ),
  ]
}

/** Milliseconds of each run of each stage. */
type Samples = Map<Stage, number[]>
type Stopwatch = { readonly samples: Samples; readonly note: (stage: Stage, ms: number) => void }

function createStopwatch(): Stopwatch {
  const samples: Samples = new Map()
  return {
    samples,
    note(stage, ms) {
      const list = samples.get(stage) ?? []
      samples.set(stage, list)
      list.push(ms)
    },
  }
}

function timed<T>({ note }: Stopwatch, stage: Stage, run: () => T): T {
  const { ms, result } = elapsed(run)
  note(stage, ms)
  return result
}

async function openNode(dir: string, genesis: Genesis, watch: Stopwatch) {
  const store = await openStore({ dir: join(dir, 'store') })
  const {
    chain,
    state,
    tree: ownTree,
    head: first,
  } = await recoverChain({
    ...{ store, registry: REGISTRY, genesis, cacheEntries: CACHE_ENTRIES },
  })
  const tree: StateTree = { ...ownTree, stage: (changes) => timed(watch, 'stageTree', () => ownTree.stage(changes)) }
  let current = first
  const head = (): ChainHead => current
  const mempool = createMempool(MEMPOOL_LIMITS)
  const checkSignature = createSignatureCheck()
  const desk = createAdmissionDesk({
    ...{ registry: REGISTRY, genesis, state, head, clock: createSystemClock(), mempool, checkSignature },
    isFinal: (id) => chain.placeOf(id) !== null,
    onAdmitted: () => undefined,
  })
  const setHead = (next: ChainHead): void => {
    current = next
  }
  const executor: ExecutorParts = { registry: REGISTRY, genesis, state, tree, head, checkSignature }
  return { store, chain, state, tree, head, setHead, mempool, desk, executor }
}

type BenchNode = Awaited<ReturnType<typeof openNode>>

function buildBlock(node: BenchNode, proposer: Address): Candidate {
  const { certificate, header } = node.head()
  return buildCandidate(node.executor, {
    ...{ proposer, lastCommit: certificate, bytesMax: 4_000_000, txsMax: 5_000 },
    time: Math.max(Date.now(), header.time + 1),
    candidates: node.mempool.selectTransactions(),
    isTimeUp: () => false,
    onBarred: (_checked, barred) => assert(false, `a transfer of the benchmark is not barred: ${barred.code}`),
  })
}

function certify(node: BenchNode, validator: DevAccount, { blockId, block }: Candidate): Certificate {
  const content = { height: block.header.height, round: 0, blockId, validRound: -1 }
  const signature = createSigner(validator.seed).sign(consensusSigningBytes(block.header.chainId, 'precommit', content))
  return buildCertificate(node.head().set, [{ type: 'precommit', ...content, validator: validator.address, signature }])
}

async function openPipeline(dir: string, size: number) {
  const validator = buildAccount('v1', deriveSeed(SEED, 'v1'))
  const { genesis, payers } = createChain(validator, size)
  const watch = createStopwatch()
  const node = await openNode(dir, genesis, watch)
  let next = 0

  /** One block of so many transfers through every stage; gives the number of changed records. */
  async function runBlock(txs: number): Promise<number> {
    const range = { first: next, count: txs, validUntil: node.head().height + 500 }
    const wires = signTransfers(payers, range).map((tx) => tx.bytes.slice())
    next += txs
    timed(watch, 'admit', () => {
      for (const wire of wires) assert(!isFailure(node.desk.admit(wire)), 'a transfer of the benchmark is admitted')
    })
    const { block, txs: built } = timed(watch, 'build', () => buildBlock(node, validator.address))
    assert(built.length === txs, 'all transfers of the round stand in one block')
    const candidate = timed(watch, 'execute', () => executeCandidate(node.executor, block, (_, index) => built[index] ?? null))
    assert(typeof candidate !== 'string', `the block is valid: ${String(candidate)}`)
    const certificate = certify(node, validator, candidate)
    const begun = performance.now()
    await commitBlock({ registry: REGISTRY, ...node }, candidate, certificate)
    watch.note('commit', performance.now() - begun)
    timed(watch, 'forget', () => node.mempool.removeCommitted(candidate.txs, node.head().height))
    return candidate.changes.length
  }
  return { samples: watch.samples, runBlock, close: () => node.store.close() }
}

function createChain(validator: DevAccount, size: number): { readonly genesis: Genesis; readonly payers: Payers } {
  const accounts = buildPayers(SEED, size)
  const place = { name: 'v1', account: validator, peerId: 'none', p2pAddress: '/ip4/127.0.0.1/tcp/1' }
  const named = buildAccounts(SEED)
  const document = buildGenesis({ timeMs: Date.now() - 1_000, blockIntervalMs: 200, accounts: named, validators: [place] })
  addPayers(document as { rooms: unknown }, accounts)
  const genesis = parseGenesis(REGISTRY, JSON.parse(JSON.stringify(document)))
  return { genesis, payers: { genesisHash: genesis.hash, accounts, nonces: accounts.map(() => 0n) } }
}

if (import.meta.main) printReport(await runExecuteBench())
