// Owns: devnets of real processes for end-to-end tests, with any number of funded accounts; every process is tied to the test's own,
// so that none outlives it. Not here: the load (transfer-load.ts), the CLI's commands (naru.ts).
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fromHex, toHex } from '../../core/base/bytes.ts'
import { parseGenesis } from '../../core/execution/init-genesis.ts'
import { KEY_PURPOSES } from '../../core/execution/module.ts'
import { REGISTRY } from '../../modules/registry.ts'
import { initJournal } from '../../node/storage/journal.ts'
import { DEV_KEY_ID, buildAccount, deriveSeed } from '../../cli/devnet/accounts.ts'
import type { DevAccount } from '../../cli/devnet/accounts.ts'
import {
  addObserver,
  createLayout,
  hasLayout,
  nodeAddresses,
  nodePaths,
  readAccounts,
  readLayout,
  validatorAccount,
} from '../../cli/devnet/layout.ts'
import type { Layout, NodeHosts, NodePlace } from '../../cli/devnet/layout.ts'
import { killNode, spawnNode, stopNodes, waitUntilReady } from '../../cli/devnet/processes.ts'
import type { SpawnManner } from '../../cli/devnet/processes.ts'
import { createClient } from '../../sdk/client.ts'
import type { Client } from '../../sdk/client.ts'
import { guardFolder } from './guard.ts'

/** A devnet under test. `nodes` grows when an observer joins. */
export type Devnet = {
  readonly dir: string
  readonly layout: Layout
  readonly genesisHash: string
  readonly genesisJson: unknown
  /** Accounts of the agencies' class beyond the named ones, each with a billion won and without limits. */
  readonly accounts: readonly DevAccount[]
  readonly named: (name: string) => DevAccount
  readonly node: (name: string) => NodePlace
  readonly client: (name: string) => Client
  /** Starts nodes (all without names) and waits until they serve a final block; returns the ms that it took. */
  readonly start: (...names: string[]) => Promise<number>
  /** Starts nodes without waiting. */
  readonly spawn: (...names: string[]) => void
  readonly kill: (name: string) => Promise<void>
  readonly stop: (...names: string[]) => Promise<readonly string[]>
  /** Makes the folder of one more observer, which does not run yet; gives its name. */
  readonly addObserver: () => Promise<string>
  /** Height of a node's head, or -1 where it does not answer. */
  readonly height: (name: string) => Promise<number>
  readonly logOf: (name: string) => string
  readonly metric: (name: string, metric: string) => Promise<number>
  readonly destroy: () => Promise<void>
}

/** What a test wants; `editGenesis` may change the document before its hash is taken. */
export type DevnetWish = {
  readonly count: number
  readonly accountCount?: number
  readonly blockIntervalMs?: number
  readonly editGenesis?: (document: GenesisDocument) => void
  /** A folder that stays when all is over; a devnet that is there already is opened again as it is. */
  readonly dir?: string
  /** Where the nodes live; 127.0.0.1 without. */
  readonly hosts?: readonly NodeHosts[]
  /** How each process is started; asked at every start. */
  readonly manner?: (name: string) => SpawnManner
}

/** The parts of a genesis document that tests change. */
export type GenesisDocument = {
  chainId: string
  rooms: {
    governance: { params: { creditClasses: { bytes: number; operations: number; stateBytes: number; refillMs: number }[] } }
    identity: { dids: unknown[] }
    payment: { accounts: unknown[] }
  }
}

const READY_MS = 180_000
const WON_EACH = 1_000_000_000n

/** Makes the folders of a devnet; nothing runs yet. */
export async function createDevnet(wish: DevnetWish): Promise<Devnet> {
  // What the test runner adds to its workers is not for nodes.
  process.execArgv = []
  const dir = wish.dir === undefined ? mkdtempSync(join(tmpdir(), 'naru-e2e-')) : resolve(wish.dir)
  const release = guardFolder(dir, wish.dir === undefined ? 'remove' : 'keep')
  const isOld = hasLayout(dir)
  let layout = isOld
    ? readLayout(dir)
    : await createLayout({
        dir,
        count: wish.count,
        blockIntervalMs: wish.blockIntervalMs ?? 200,
        ...(wish.hosts === undefined ? {} : { hosts: wish.hosts }),
      })
  const seed = fromHex(layout.seed.slice(2))
  const accounts = Array.from({ length: wish.accountCount ?? 0 }, (_, i) =>
    buildAccount(`load-${i}`, deriveSeed(seed, `load/${i}`)),
  )
  const { genesisHash, genesisJson } = isOld ? readGenesis(dir) : rewriteGenesis(dir, layout, accounts, wish.editGenesis)
  const named = new Map(readAccounts(layout).map((account) => [account.name, account]))
  const node = (name: string): NodePlace => find(layout.nodes, name)
  const chosen = (names: readonly string[]): readonly NodePlace[] => (names.length === 0 ? layout.nodes : names.map(node))
  const clients = new Map<string, Client>()
  const client = (name: string): Client => {
    const known = clients.get(name) ?? createClient({ url: nodeAddresses(dir, node(name)).rpc })
    clients.set(name, known)
    return known
  }
  const spawn = (...names: string[]): void => {
    for (const place of chosen(names)) spawnNode(dir, place, true, wish.manner?.(place.name))
  }
  return {
    dir,
    get layout() {
      return layout
    },
    genesisHash,
    genesisJson,
    accounts,
    named: (name) => {
      const account = named.get(name)
      if (account === undefined) throw new Error(`no account ${name}`)
      return account
    },
    node,
    client,
    spawn,
    async start(...names) {
      const begun = performance.now()
      spawn(...names)
      await waitUntilReady({ dir, nodes: chosen(names), timeoutMs: READY_MS })
      return performance.now() - begun
    },
    async kill(name) {
      await killNode(dir, node(name))
    },
    stop: (...names) => stopNodes(dir, chosen(names)),
    async addObserver() {
      const added = await addObserver(dir, layout)
      layout = added.layout
      return added.node.name
    },
    height: (name) => heightOf(client(name)),
    logOf: (name) => readFileSync(nodePaths(dir, name).log, 'utf8'),
    metric: (name, metric) => readMetric(`${nodeAddresses(dir, node(name)).metrics}/metrics`, metric),
    async destroy() {
      for (const open of clients.values()) open.close()
      await stopNodes(dir, layout.nodes)
      await release()
    },
  }
}

function find(nodes: readonly NodePlace[], name: string): NodePlace {
  const place = nodes.find((entry) => entry.name === name)
  if (place === undefined) throw new Error(`no node ${name}`)
  return place
}

async function heightOf(client: Client): Promise<number> {
  try {
    return (await client.call('chain_head', {}, { timeoutMs: 2_000 })).value.height
  } catch {
    return -1
  }
}

/** Sum of a metric's series; 0 where it has none. */
async function readMetric(url: string, metric: string): Promise<number> {
  const text = await (await fetch(url)).text()
  const lines = text.split('\n').filter((line) => line.startsWith(`${metric} `) || line.startsWith(`${metric}{`))
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0)
}

function readGenesis(dir: string) {
  const genesisJson = JSON.parse(readFileSync(join(dir, 'genesis.json'), 'utf8')) as unknown
  return { genesisHash: parseGenesis(REGISTRY, genesisJson).hash as string, genesisJson }
}

// The layout's document with accounts added and edits made; its hash changes, so the sign states are made anew.
function rewriteGenesis(dir: string, layout: Layout, accounts: readonly DevAccount[], edit: DevnetWish['editGenesis']) {
  const path = join(dir, 'genesis.json')
  const genesisJson = JSON.parse(readFileSync(path, 'utf8')) as GenesisDocument
  const purposes = KEY_PURPOSES.authentication | KEY_PURPOSES.assertion | KEY_PURPOSES.invocation
  for (const { id, publicKey } of accounts) {
    const keys = [{ kid: DEV_KEY_ID, publicKey: `0x${toHex(publicKey)}`, purposes }]
    genesisJson.rooms.identity.dids.push({ account: id, keys, creditClass: 2 })
    genesisJson.rooms.payment.accounts.push({ account: id, bank: '004', amount: WON_EACH.toString(), exempt: true })
  }
  edit?.(genesisJson)
  writeFileSync(path, JSON.stringify(genesisJson))
  const { hash } = parseGenesis(REGISTRY, genesisJson)
  for (const { name } of layout.nodes) {
    const journal = nodePaths(dir, name).journal
    rmSync(journal, { force: true })
    const publicKeyHex = toHex(validatorAccount(layout, name).publicKey)
    initJournal({ path: journal, chainTag: fromHex(hash.slice(0, 16)), publicKeyHex, afterHeight: 0 })
  }
  return { genesisHash: hash as string, genesisJson: genesisJson as unknown }
}

/** Asks again and again until the answer is not null; throws with `what` after the time. */
export async function eventually<T>(what: string, ask: () => Promise<T | null> | T | null, timeoutMs = 30_000): Promise<T> {
  const deadline = performance.now() + timeoutMs
  for (;;) {
    const answer = await ask()
    if (answer !== null) return answer
    if (performance.now() > deadline) throw new Error(`not within ${timeoutMs} ms: ${what}`)
    await sleep(20)
  }
}

/** Waits until each node is at least at this height. */
export async function waitForHeight(devnet: Devnet, names: readonly string[], height: number, timeoutMs = 30_000): Promise<void> {
  for (const name of names) {
    await eventually(`${name} at height ${height}`, async () => ((await devnet.height(name)) >= height ? true : null), timeoutMs)
  }
}

/** Waits until all nodes stand at one height, and returns it. */
export async function waitForOneHeight(devnet: Devnet, names: readonly string[], timeoutMs = 30_000): Promise<number> {
  return eventually(
    'all nodes at one height',
    async () => {
      const heights = await Promise.all(names.map((name) => devnet.height(name)))
      const [first = -1] = heights
      return first > 0 && heights.every((height) => height === first) ? first : null
    },
    timeoutMs,
  )
}

/** Block id and state root of every height on a node, in order, `hash stateRoot`. */
export async function readRoots(devnet: Devnet, name: string, height: number): Promise<readonly string[]> {
  const roots: string[] = []
  for (let from = 1; from <= height; from += 100) {
    const calls = Array.from({ length: Math.min(100, height - from + 1) }, (_, i) => ({
      method: 'chain_getHeader',
      params: { height: from + i },
    }))
    for (const answer of await devnet.client(name).batch(calls)) {
      if (answer instanceof Error) throw answer
      const { value } = answer as { value: { hash: string; stateRoot: string } }
      roots.push(`${value.hash} ${value.stateRoot}`)
    }
  }
  return roots
}
