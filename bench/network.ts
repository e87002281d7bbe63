// Owns: a devnet of real processes for measurements, with many funded accounts. Not here: the load (load.ts), the CLI's own devnets.
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fromHex, toHex } from '../core/base/bytes.ts'
import { KEY_PURPOSES } from '../core/execution/module.ts'
import { parseGenesis } from '../core/execution/init-genesis.ts'
import { REGISTRY } from '../modules/registry.ts'
import { initJournal } from '../node/storage/journal.ts'
import { DEV_KEY_ID, buildAccount, deriveSeed } from '../cli/devnet/accounts.ts'
import type { DevAccount } from '../cli/devnet/accounts.ts'
import { createLayout, nodeAddresses, nodePaths, validatorAccount } from '../cli/devnet/layout.ts'
import type { Layout } from '../cli/devnet/layout.ts'
import { livePid, spawnNode, stopNodes, waitUntilReady } from '../cli/devnet/processes.ts'

/** A running network and the accounts that load it. */
export type BenchNetwork = {
  readonly dir: string
  readonly layout: Layout
  readonly genesisHash: string
  readonly accounts: readonly DevAccount[]
  readonly rpcUrls: readonly string[]
  readonly readyMs: number
  /** Resident bytes and CPU seconds per node so far. */
  readonly usage: () => readonly { readonly name: string; readonly rssBytes: number; readonly cpuSeconds: number }[]
  readonly storeBytes: () => number
  readonly stop: () => Promise<void>
}

const WON_EACH = 1_000_000_000n

/** Starts n validators with `accountCount` agency-class accounts, each holding a billion won, exempt from limits. */
export async function startNetwork(options: { n: number; accountCount: number; blockIntervalMs: number; nodeArgs?: readonly string[] }): Promise<BenchNetwork> {
  const dir = mkdtempSync(join(tmpdir(), 'naru-bench-'))
  const seed = fromHex('2a'.repeat(32))
  const layout = await createLayout({ dir, count: options.n, blockIntervalMs: options.blockIntervalMs, seed })
  const accounts = Array.from({ length: options.accountCount }, (_, i) => buildAccount(`load-${i}`, deriveSeed(seed, `load/${i}`)))
  const genesisHash = rewriteGenesis(dir, layout, accounts)
  const argsBefore = process.execArgv
  process.execArgv = [...argsBefore, ...(options.nodeArgs ?? [])]
  const begun = performance.now()
  for (const node of layout.nodes) spawnNode(dir, node, true)
  process.execArgv = argsBefore
  await waitUntilReady({ dir, nodes: layout.nodes, timeoutMs: 60_000 })
  const readyMs = performance.now() - begun
  return {
    dir,
    layout,
    genesisHash,
    accounts,
    readyMs,
    rpcUrls: layout.nodes.map((node) => nodeAddresses(dir, node).rpc),
    usage: () => layout.nodes.map((node) => ({ name: node.name, ...processUsage(livePid(dir, node.name)) })),
    storeBytes: () => folderBytes(join(nodePaths(dir, 'v1').data, 'store')),
    async stop() {
      await stopNodes(dir, layout.nodes)
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

// The layout's document with the load accounts added; its hash changes, so the sign states are made anew.
function rewriteGenesis(dir: string, layout: Layout, accounts: readonly DevAccount[]): string {
  const path = join(dir, 'genesis.json')
  const document = JSON.parse(readFileSync(path, 'utf8'))
  const purposes = KEY_PURPOSES.authentication | KEY_PURPOSES.assertion | KEY_PURPOSES.invocation
  for (const { id, publicKey } of accounts) {
    document.rooms.identity.dids.push({ account: id, keys: [{ kid: DEV_KEY_ID, publicKey: `0x${toHex(publicKey)}`, purposes }], creditClass: 2 })
    document.rooms.payment.accounts.push({ account: id, bank: '004', amount: WON_EACH.toString(), exempt: true })
  }
  writeFileSync(path, JSON.stringify(document))
  const { hash } = parseGenesis(REGISTRY, document)
  for (const node of layout.nodes) {
    const journal = nodePaths(dir, node.name).journal
    rmSync(journal, { force: true })
    const publicKeyHex = toHex(validatorAccount(layout, node.name).publicKey)
    initJournal({ path: journal, chainTag: fromHex(hash.slice(0, 16)), publicKeyHex, afterHeight: 0 })
  }
  return hash
}

const TICKS_PER_SECOND = 100
const PAGE_BYTES = 4_096

function processUsage(pid: number | null): { rssBytes: number; cpuSeconds: number } {
  if (pid === null || process.platform !== 'linux') return { rssBytes: 0, cpuSeconds: 0 }
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return { rssBytes: Number(fields[21]) * PAGE_BYTES, cpuSeconds: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND }
}

function folderBytes(dir: string): number {
  return readdirSync(dir).reduce((sum, name) => sum + statSync(join(dir, name)).size, 0)
}
