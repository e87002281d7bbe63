// Owns: what history and state cost on disk and over the network: a fresh node from a snapshot and from genesis, pruning,
// restart, snapshots per GiB. Not here: building the histories (storage-chain.ts), transfers per second (end-to-end.ts).
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { parse, stringify } from 'yaml'
import { REGISTRY } from '../modules/registry.ts'
import { addObserver, nodeAddresses, nodePaths } from '../cli/devnet/layout.ts'
import type { NodePlace } from '../cli/devnet/layout.ts'
import { spawnNode, stopNodes, waitUntilReady } from '../cli/devnet/processes.ts'
import { createClient } from '../sdk/client.ts'
import { auditStore } from '../node/maintenance/audit.ts'
import { buildGenesisStart } from '../node/maintenance/audit-start.ts'
import { buildTrust, createSnapshot, verifySnapshot } from '../node/maintenance/snapshot-folder.ts'
import { restoreSnapshot } from '../node/maintenance/snapshot-restore.ts'
import { openStopped } from '../node/maintenance/stopped-store.ts'
import { pruneStore } from '../node/maintenance/prune.ts'
import type { Genesis } from '../core/execution/init-genesis.ts'
import { createLogger } from '../node/logger.ts'
import { recoverChain } from '../node/recover.ts'
import type { Store } from '../node/storage/level.ts'
import { createSystemClock } from '../node/system-clock.ts'
import { createPace } from '../node/upkeep/pace.ts'
import { createSnapshotKeeper } from '../node/upkeep/snapshot-keeper.ts'
import { openSnapshotShelf } from '../node/upkeep/snapshot-shelf.ts'
import { formatMachine, printReport } from './report.ts'
import type { BenchRow } from './report.ts'
import { readMachine } from './measure.ts'
import { writeHistory, writeLargeState } from './storage-chain.ts'
import type { StoredNetwork } from './storage-chain.ts'

/** What to build and measure. */
export type StorageBenchOptions = {
  readonly blocks?: number
  readonly txs?: number
  readonly records?: number
  readonly audit?: boolean
  readonly say?: (text: string) => void
}

const MIB = 1024 * 1024
const VALUE_BYTES = 160
const READY_MS = 900_000

/** Measures all of it in one temporary folder, which is removed again. */
export async function runStorageBench(options: StorageBenchOptions = {}): Promise<readonly BenchRow[]> {
  const { blocks = 20_000, txs = 5, records = 500_000, audit = true, say = () => undefined } = options
  const dir = mkdtempSync(join(tmpdir(), 'naru-storage-'))
  const rows: BenchRow[] = []
  const note = (name: string, unit: string, value: number, text?: string): void => {
    rows.push({ name, unit, value, ...(text === undefined ? {} : { note: text }) })
    say(`${name}: ${value.toFixed(1)} ${unit}`)
  }
  try {
    const network = await writeHistory(join(dir, 'net'), { blocks, txs, say })
    note('history: build', 's', network.buildMs / 1_000, `${blocks} blocks of ${txs} transfers, each its own synced batch`)
    const { data } = nodePaths(network.dir, 'v1')
    note('history: store of an archive', 'MiB', folderBytes(join(data, 'store')) / MIB)
    await measureJoin(network, note, blocks)
    if (audit) await measureAudit(network, note)
    await measurePrune(network, note)
    await measureSnapshots(network, { dir, records, note, say })
    return rows
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

type Note = (name: string, unit: string, value: number, text?: string) => void

// One validator serves a node that begins from its snapshot, and then one that begins at genesis; both on this machine.
async function measureJoin(network: StoredNetwork, note: Note, blocks: number): Promise<void> {
  const { dir, genesis } = network
  const [v1] = network.layout.nodes as [NodePlace]
  const { data } = nodePaths(dir, v1.name)
  const stopped = await openStopped(data)
  const place = join(data, 'snapshots', `height-${String(blocks).padStart(12, '0')}`)
  mkdirSync(join(data, 'snapshots'))
  const begun = performance.now()
  const manifest = await createSnapshot({ store: stopped.store, registry: REGISTRY, genesis }, place, () => undefined)
  note(
    'snapshot of it: make',
    's',
    (performance.now() - begun) / 1_000,
    `${manifest.records} records, ${manifest.chunks.length} chunks`,
  )
  note('snapshot of it: size', 'MiB', folderBytes(place) / MIB)
  await stopped.close()
  let layout = network.layout
  const started = [v1]
  try {
    note('restart of the archive', 's', (await startTimed(dir, v1)) / 1_000, 'from the start of the process to ready')
    for (const mode of ['auto', 'never'] as const) {
      const added = await addObserver(dir, layout)
      layout = added.layout
      const { node } = added
      setConfig(nodePaths(dir, node.name).config, { sync: { snapshot: mode } })
      started.push(node)
      const sentBefore = await sentBytes(dir, v1)
      const ms = await joinTimed(dir, node, v1)
      const what = mode === 'auto' ? 'fresh node from a snapshot' : 'fresh node from genesis'
      note(`${what}: process start to head`, 's', ms / 1_000)
      note(
        `${what}: bytes over the network`,
        'MiB',
        ((await sentBytes(dir, v1)) - sentBefore) / MIB,
        'sent by the one that serves',
      )
      note(`${what}: its store`, 'MiB', folderBytes(join(nodePaths(dir, node.name).data, 'store')) / MIB)
    }
  } finally {
    await stopNodes(dir, started)
  }
}

async function startTimed(dir: string, node: NodePlace): Promise<number> {
  const begun = performance.now()
  spawnNode(dir, node, true)
  await waitUntilReady({ dir, nodes: [node], timeoutMs: READY_MS })
  return performance.now() - begun
}

async function joinTimed(dir: string, node: NodePlace, from: NodePlace): Promise<number> {
  const begun = performance.now()
  spawnNode(dir, node, true)
  const heightOf = async (place: NodePlace): Promise<number> => {
    const client = createClient({ url: nodeAddresses(dir, place).rpc })
    try {
      return (await client.call('chain_head', {}, { timeoutMs: 2_000 })).value.height
    } catch {
      return -1
    } finally {
      client.close()
    }
  }
  while ((await heightOf(node)) < (await heightOf(from)) - 1) {
    if (performance.now() - begun > READY_MS) throw new Error(`${node.name} did not reach the head in time`)
    await sleep(100)
  }
  return performance.now() - begun
}

async function sentBytes(dir: string, node: NodePlace): Promise<number> {
  const text = await (await fetch(`${nodeAddresses(dir, node).metrics}/metrics`)).text()
  return Number(/^naru_p2p_bytes\{direction="out"\} (\d+)/m.exec(text)?.[1] ?? 0)
}

function setConfig(path: string, change: Record<string, unknown>): void {
  writeFileSync(path, stringify({ ...(parse(readFileSync(path, 'utf8')) as object), ...change }))
}

async function measureAudit({ dir, genesis }: StoredNetwork, note: Note): Promise<void> {
  const { store, close } = await openStopped(nodePaths(dir, 'v1').data)
  const parts = { store, registry: REGISTRY, genesis }
  const start = async () => buildGenesisStart(parts)
  const found = await auditStore({ ...parts, start, invariantsEvery: 0, onProgress: () => undefined })
  await close()
  if (!('ms' in found)) throw new Error(`the audit found ${found.key}: ${found.what}`)
  note(
    'audit from genesis',
    's',
    found.ms / 1_000,
    `${found.blocks} blocks, ${found.txs} transactions, ${found.signatures} signatures`,
  )
}

async function measurePrune({ dir, genesis }: StoredNetwork, note: Note): Promise<void> {
  const { data } = nodePaths(dir, 'v1')
  const { store, chain, close } = await openStopped(data)
  await store.compactRange('a', 'z')
  note('prune: store before', 'MiB', folderBytes(join(data, 'store')) / MIB, 'compacted, so that only pruning shows')
  const begun = performance.now()
  const pruned = await pruneStore({ store, chain, registry: REGISTRY, genesis, keep: 1_000, onProgress: () => undefined })
  note('prune: keep the last 1,000 blocks', 's', (performance.now() - begun) / 1_000, `${pruned.records} records deleted`)
  note('prune: store after', 'MiB', folderBytes(join(data, 'store')) / MIB, 'headers and certificates stay')
  await close()
}

type Large = { dir: string; records: number; note: Note; say: (text: string) => void }

async function measureSnapshots(network: StoredNetwork, { dir, records, note, say }: Large): Promise<void> {
  if (records === 0) return
  say(`building a state of ${records} records`)
  const large = join(dir, 'large')
  mkdirSync(join(large, 'data'), { recursive: true })
  await writeLargeState(join(large, 'data', 'store'), { network, records, valueBytes: VALUE_BYTES })
  const { genesis } = network
  const { store, close } = await openStopped(join(large, 'data'))
  const folder = join(large, 'snapshot')
  const makeMs = await timed(() => createSnapshot({ store, registry: REGISTRY, genesis }, folder, () => undefined))
  await measureKeeper(genesis, store, { out: join(large, 'shelf'), note })
  await close()
  const bytes = folderBytes(folder)
  const perGiB = (ms: number): number => (ms / 1_000) * ((1024 * MIB) / bytes)
  const text = `${records} records, ${(bytes / MIB).toFixed(0)} MiB`
  note(
    'snapshot: create',
    's/GiB',
    perGiB(makeMs),
    `${text} in ${(makeMs / 1_000).toFixed(1)} s, reading state and tree included`,
  )
  const trust = buildTrust({ registry: REGISTRY, genesis }, null)
  const verifyMs = await timed(async () => verifySnapshot(folder, trust, () => undefined))
  note('snapshot: verify', 's/GiB', perGiB(verifyMs), `${(verifyMs / 1_000).toFixed(1)} s`)
  const into = join(large, 'restored')
  const restoreMs = await timed(() => restoreSnapshot({ snapshot: folder, dataDir: into, trust, onProgress: () => undefined }))
  note('snapshot: restore', 's/GiB', perGiB(restoreMs), `${(restoreMs / 1_000).toFixed(1)} s, each chunk a synced batch`)
}

// The same by a node that runs: what it takes longer, and how long anything else on its thread waits at most.
async function measureKeeper(genesis: Genesis, store: Store, { out, note }: { out: string; note: Note }): Promise<void> {
  const log = createLogger({ level: 'silent' }).child('bench')
  const clock = createSystemClock()
  const openMs = performance.now()
  const { tree, head, chain } = await recoverChain({ store, registry: REGISTRY, genesis, cacheEntries: 1_000 })
  note('restart: open the state and build its tree', 's', (performance.now() - openMs) / 1_000, `${tree.size()} records`)
  const shelf = openSnapshotShelf({ dir: out, kept: 1, chain, clock, log })
  const pace = createPace(clock, () => false)
  const onFatal = (error: unknown): never => {
    throw error
  }
  const keeper = createSnapshotKeeper({ store, tree, head: () => head, genesis, shelf, every: 0, pace, clock, log, onFatal })
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  const ms = await timed(async () => {
    keeper.begin(null)
    await keeper.stop()
  })
  delay.disable()
  note('snapshot of a running node: make', 's', ms / 1_000, 'in slices with pauses')
  note('snapshot of a running node: loop delay, 99 of 100', 'ms', delay.percentile(99) / 1e6)
  note('snapshot of a running node: loop delay, longest', 'ms', delay.max / 1e6)
}

async function timed(run: () => Promise<unknown>): Promise<number> {
  const begun = performance.now()
  await run()
  return performance.now() - begun
}

function folderBytes(dir: string): number {
  return readdirSync(dir).reduce((sum, name) => sum + (statSync(join(dir, name), { throwIfNoEntry: false })?.size ?? 0), 0)
}

if (import.meta.main) {
  const [blocks = '20000', txs = '5', records = '500000', audit = 'audit'] = process.argv.slice(2)
  process.stdout.write(`${formatMachine(readMachine())}\n`)
  const say = (text: string): void => void process.stderr.write(`${text}\n`)
  const options = { blocks: Number(blocks), txs: Number(txs), records: Number(records), audit: audit === 'audit', say }
  printReport(await runStorageBench(options))
}
