// Owns: what one transfer costs inside one node, from its bytes to the durable block, stage by stage and on a real LevelDB.
// Not here: the network, JSON-RPC and consensus around it (end-to-end.ts, rpc.ts).
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { assert, must } from '../core/base/assert.ts'
import { isFailure } from '../core/base/errors.ts'
import { buildCertificate } from '../core/chain/certificate.ts'
import type { Certificate } from '../core/chain/certificate.ts'
import { consensusSigningBytes } from '../core/chain/vote.ts'
import { createSigner } from '../core/crypto/keys.ts'
import { parseGenesis } from '../core/execution/init-genesis.ts'
import { REGISTRY } from '../modules/registry.ts'
import { createAdmissionDesk } from '../node/admission-desk.ts'
import { compactOf, createBodies } from '../node/bodies.ts'
import { commitBlock } from '../node/commit.ts'
import { buildCandidate, executeCandidate } from '../node/executor.ts'
import type { Candidate } from '../node/executor.ts'
import { MEMPOOL_LIMITS, createMempool } from '../node/mempool/mempool.ts'
import { recoverChain } from '../node/recover.ts'
import { createSignatureCheck } from '../node/signature-cache.ts'
import { openStore } from '../node/storage/level.ts'
import { createSystemClock } from '../node/system-clock.ts'
import { buildAccount, buildAccounts, deriveSeed } from '../cli/devnet/accounts.ts'
import type { DevAccount } from '../cli/devnet/accounts.ts'
import { buildGenesis } from '../cli/devnet/genesis.ts'
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
const STAGES = ['admit', 'build', 'assemble', 'execute', 'commit', 'forget'] as const

type Stage = (typeof STAGES)[number] | 'stageTree'

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
    pipeline.spentMs.clear()
    const changes: number[] = []
    for (let block = 0; block < blocks; block++) changes.push(await pipeline.runBlock(txs))
    return describe(pipeline.spentMs, size, blocks * txs, changes.reduce((sum, count) => sum + count, 0))
  } finally {
    await pipeline.close()
    rmSync(dir, { recursive: true, force: true })
  }
}

function describe(spentMs: ReadonlyMap<Stage, number>, size: number, txs: number, changes: number): readonly BenchRow[] {
  const us = (stage: Stage): number => ((spentMs.get(stage) ?? 0) * 1_000) / txs
  const row = (name: string, value: number, note?: string): BenchRow => ({
    name: `execute-block ${size}: ${name}`,
    unit: 'us',
    value,
    ...(note === undefined ? {} : { note }),
  })
  // The tree is staged once by the proposer and once by a validator that executes: half of the sum each.
  const tree = us('stageTree') / 2
  const validator = us('admit') + us('assemble') + us('execute') + us('commit') + us('forget')
  return [
    row('admit to the mempool', us('admit'), 'decode, verify, check'),
    row('build as proposer', us('build') - tree, 'execute, header, encode; the tree apart'),
    row('assemble from the compact block', us('assemble')),
    row('execute as validator', us('execute') - tree, 'the tree apart'),
    row('stage the state tree', tree, `${(changes / txs).toFixed(1)} records a transfer`),
    row('commit', us('commit'), 'one synced LevelDB batch, tree, cache'),
    row('forget in the mempool', us('forget')),
    row('all that a validator does', validator, `at most ${Math.round(1e6 / validator)}/s on one core, network and consensus apart`),
  ]
}

async function openPipeline(dir: string, size: number) {
  const validator = buildAccount('v1', deriveSeed(SEED, 'v1'))
  const { genesis, payers } = createChain(validator, size)
  const store = await openStore({ dir: join(dir, 'store') })
  const recovered = await recoverChain({ store, registry: REGISTRY, genesis, cacheEntries: CACHE_ENTRIES })
  const { chain, state } = recovered
  const spentMs = new Map<Stage, number>()
  const time = <T>(stage: Stage, run: () => T): T => {
    const start = performance.now()
    const result = run()
    spentMs.set(stage, (spentMs.get(stage) ?? 0) + performance.now() - start)
    return result
  }
  const tree = { ...recovered.tree, stage: (changes: Parameters<typeof recovered.tree.stage>[0]) => time('stageTree', () => recovered.tree.stage(changes)) }
  let current = recovered.head
  const head = () => current
  const mempool = createMempool(MEMPOOL_LIMITS)
  const checkSignature = createSignatureCheck()
  const desk = createAdmissionDesk({
    ...{ registry: REGISTRY, genesis, state, head, clock: createSystemClock(), mempool, checkSignature },
    isFinal: (id) => chain.placeOf(id) !== null,
    onAdmitted: () => undefined,
  })
  const executor = { registry: REGISTRY, genesis, state, tree, head, checkSignature }
  const bodies = createBodies({ findWaiting: mempool.get, checkBytes: desk.checkBytes })
  let next = 0

  function runCandidate(): Candidate {
    const built = time('build', () =>
      buildCandidate(executor, {
        ...{ proposer: validator.address, lastCommit: current.certificate, bytesMax: 4_000_000, txsMax: 5_000 },
        time: Math.max(Date.now(), current.header.time + 1),
        candidates: mempool.selectTransactions(),
        isTimeUp: () => false,
        onBarred: (_checked, barred) => assert(false, `a transfer of the benchmark is not barred: ${barred.code}`),
      }),
    )
    bodies.offerCompact(compactOf(built))
    const body = time('assemble', () => bodies.assemble(built.blockId))
    assert(body.kind === 'complete', 'every transaction waits in the mempool')
    const executed = time('execute', () => executeCandidate(executor, body.block, (_, index) => body.txs[index] ?? null))
    assert(typeof executed !== 'string', `the block is valid: ${String(executed)}`)
    return executed
  }

  function certify(candidate: Candidate): Certificate {
    const content = { height: current.height + 1, round: 0, blockId: candidate.blockId, validRound: -1 }
    const signature = createSigner(validator.seed).sign(consensusSigningBytes(genesis.chainId, 'precommit', content))
    return buildCertificate(current.set, [{ type: 'precommit', ...content, validator: validator.address, signature }])
  }

  async function runBlock(txs: number): Promise<number> {
    const wires = signTransfers(payers, { first: next, count: txs, validUntil: current.height + 500 }).map((tx) => tx.bytes.slice())
    next += txs
    time('admit', () => {
      for (const wire of wires) must(isFailure(desk.admit(wire)) ? null : wire, 'a transfer is admitted')
    })
    const candidate = runCandidate()
    assert(candidate.txs.length === txs, 'all transfers of the round stand in one block')
    const certificate = certify(candidate)
    const setHead = (moved: typeof current): void => {
      current = moved
    }
    const begun = performance.now()
    await commitBlock({ registry: REGISTRY, chain, state, tree, head, setHead }, candidate, certificate)
    spentMs.set('commit', (spentMs.get('commit') ?? 0) + performance.now() - begun)
    time('forget', () => mempool.removeCommitted(candidate.txs, current.height))
    bodies.clear()
    return candidate.changes.length
  }
  return { spentMs, runBlock, close: () => store.close() }
}

function createChain(validator: DevAccount, size: number): { genesis: ReturnType<typeof parseGenesis>; payers: Payers } {
  const accounts = buildPayers(SEED, size)
  const place = { name: 'v1', account: validator, peerId: 'none', p2pAddress: '/ip4/127.0.0.1/tcp/1' }
  const named = buildAccounts(SEED)
  const document = buildGenesis({ timeMs: Date.now() - 1_000, blockIntervalMs: 200, accounts: named, validators: [place] })
  addPayers(document as { rooms: unknown }, accounts)
  const genesis = parseGenesis(REGISTRY, JSON.parse(JSON.stringify(document)))
  return { genesis, payers: { genesisHash: genesis.hash, accounts, nonces: accounts.map(() => 0n) } }
}

if (import.meta.main) printReport(await runExecuteBench())
