// Owns: a devnet of real processes for measurements, with many funded accounts.
// Not here: the load (load.ts), the CLI's own devnets.
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fromHex, toHex } from '../core/base/bytes.ts'
import { parseGenesis } from '../core/execution/init-genesis.ts'
import type { Genesis } from '../core/execution/init-genesis.ts'
import { REGISTRY } from '../modules/registry.ts'
import { initJournal } from '../node/storage/journal.ts'
import type { DevAccount } from '../cli/devnet/accounts.ts'
import { createLayout, nodeAddresses, nodePaths, validatorAccount } from '../cli/devnet/layout.ts'
import type { Layout } from '../cli/devnet/layout.ts'
import { livePid, spawnNode, stopNodes, waitUntilReady } from '../cli/devnet/processes.ts'
import { addPayers, buildPayers } from './transfers.ts'

/** What to start; `nodeArgs` are further flags of Node for the nodes. */
export type NetworkOptions = {
  readonly n: number
  readonly accountCount: number
  readonly blockIntervalMs: number
  readonly nodeArgs?: readonly string[]
}

/** Resident bytes now, CPU seconds so far and those of the main thread; zeros where the system does not tell. */
export type Usage = { readonly rssBytes: number; readonly cpuSeconds: number; readonly mainSeconds: number }

/** A running network. */
export type RunningNetwork = {
  readonly dir: string
  readonly genesisHash: string
  readonly rpcUrls: readonly string[]
  readonly metricsUrls: readonly string[]
  readonly readyMs: number
  readonly usage: () => readonly Usage[]
  /** Bytes of the first node's store. */
  readonly storeBytes: () => number
  /** Ends the processes; the files stay until `stop`. */
  readonly end: () => Promise<void>
  readonly stop: () => Promise<void>
}

/** A running network and the accounts that load it. */
export type BenchNetwork = RunningNetwork & { readonly accounts: readonly DevAccount[] }

/** What to launch: how the genesis document differs from a devnet's, and what its nodes find on their disks. */
export type LaunchOptions = Omit<NetworkOptions, 'accountCount'> & {
  readonly seed: Uint8Array
  readonly change: (document: { rooms: unknown }) => void
  readonly prepare?: (genesis: Genesis, storeDirs: readonly string[]) => Promise<void>
  readonly readyMs?: number
}

const READY_MS = 60_000
/** What the launcher `./naru` gives its nodes. */
const LAUNCHER_ARGS = ['--disable-warning=ExperimentalWarning'] as const
const COMPILE_CACHE = join(import.meta.dirname, '..', 'node_modules', '.cache', 'compile')

/** Starts n validators that know `accountCount` funded accounts, and waits until each has its first final block. */
export async function startNetwork(options: NetworkOptions): Promise<BenchNetwork> {
  const seed = fromHex('2a'.repeat(32))
  const accounts = buildPayers(seed, options.accountCount)
  return { ...(await launchNetwork({ ...options, seed, change: (document) => addPayers(document, accounts) })), accounts }
}

/** Starts n validators of a document and waits until each has its first final block. */
export async function launchNetwork(options: LaunchOptions): Promise<RunningNetwork> {
  const dir = mkdtempSync(join(tmpdir(), 'naru-bench-'))
  const removeFiles = (): void => rmSync(dir, { recursive: true, force: true })
  process.once('exit', removeFiles)
  const { n, blockIntervalMs, seed, prepare, readyMs: timeoutMs = READY_MS } = options
  const layout = await createLayout({ dir, count: n, blockIntervalMs, seed })
  const genesis = rewriteGenesis(dir, layout, options.change)
  const storeOf = (name: string): string => join(nodePaths(dir, name).data, 'store')
  await prepare?.(
    genesis,
    layout.nodes.map(({ name }) => storeOf(name)),
  )
  const begun = performance.now()
  spawnAll(dir, layout, options.nodeArgs ?? [])
  const end = async (): Promise<void> => {
    await stopNodes(dir, layout.nodes)
  }
  try {
    await waitUntilReady({ dir, nodes: layout.nodes, timeoutMs })
  } catch (error) {
    await end()
    throw error
  }
  return {
    dir,
    genesisHash: genesis.hash,
    readyMs: performance.now() - begun,
    rpcUrls: layout.nodes.map((node) => nodeAddresses(dir, node).rpc),
    metricsUrls: layout.nodes.map((node) => `${nodeAddresses(dir, node).metrics}/metrics`),
    usage: () => layout.nodes.map((node) => processUsage(livePid(dir, node.name))),
    storeBytes: () => folderBytes(storeOf('v1')),
    end,
    async stop() {
      await end()
      removeFiles()
      process.off('exit', removeFiles)
    },
  }
}

function spawnAll(dir: string, layout: Layout, nodeArgs: readonly string[]): void {
  const argsBefore = process.execArgv
  process.env['NODE_COMPILE_CACHE'] ??= COMPILE_CACHE
  process.execArgv = [...argsBefore.filter((arg) => !arg.includes('-prof')), ...LAUNCHER_ARGS, ...nodeArgs]
  for (const node of layout.nodes) spawnNode(dir, node, true)
  process.execArgv = argsBefore
}

// The layout's document as changed; its hash changes with it, so the sign states are made anew.
function rewriteGenesis(dir: string, layout: Layout, change: LaunchOptions['change']): Genesis {
  const path = join(dir, 'genesis.json')
  const document = JSON.parse(readFileSync(path, 'utf8'))
  change(document)
  writeFileSync(path, JSON.stringify(document))
  const genesis = parseGenesis(REGISTRY, document)
  for (const node of layout.nodes) {
    const journal = nodePaths(dir, node.name).journal
    rmSync(journal, { force: true })
    const publicKeyHex = toHex(validatorAccount(layout, node.name).publicKey)
    initJournal({ path: journal, chainTag: fromHex(genesis.hash.slice(0, 16)), publicKeyHex, afterHeight: 0 })
  }
  return genesis
}

const TICKS_PER_SECOND = 100
const PAGE_BYTES = 4_096

function processUsage(pid: number | null): Usage {
  if (pid === null || process.platform !== 'linux') return { rssBytes: 0, cpuSeconds: 0, mainSeconds: 0 }
  const whole = statFields(`/proc/${pid}/stat`)
  const main = statFields(`/proc/${pid}/task/${pid}/stat`)
  return { rssBytes: Number(whole[21]) * PAGE_BYTES, cpuSeconds: secondsOf(whole), mainSeconds: secondsOf(main) }
}

// Fields behind the program's name, which may hold spaces itself.
function statFields(path: string): readonly string[] {
  const stat = readFileSync(path, 'utf8')
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
}

function secondsOf(fields: readonly string[]): number {
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
}

function folderBytes(dir: string): number {
  return readdirSync(dir).reduce((sum, name) => sum + (statSync(join(dir, name), { throwIfNoEntry: false })?.size ?? 0), 0)
}
