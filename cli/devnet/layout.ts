// Owns: the folders of a devnet: keys, ports, genesis document, one configuration per node. Not here: processes (processes.ts).
import { hash, randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { stringify } from 'yaml'
import { fromHex, toHex } from '../../core/base/bytes.ts'
import { parseGenesis } from '../../core/execution/init-genesis.ts'
import { publicKeyOf } from '../../core/crypto/keys.ts'
import { REGISTRY } from '../../modules/registry.ts'
import { writeDevKey, writePeerSeed } from '../../node/keystore.ts'
import { openJournal } from '../../node/storage/journal.ts'
import { CliError, EXIT } from '../errors.ts'
import { buildAccount, buildAccounts, deriveSeed } from './accounts.ts'
import type { DevAccount } from './accounts.ts'
import { buildGenesis, DEVNET_CHAIN_ID } from './genesis.ts'

/** Ports of one node on 127.0.0.1. */
export type NodePorts = { readonly p2p: number; readonly rpc: number; readonly metrics: number }

/** Addresses of a node that does not live on 127.0.0.1: one for its peers, one for everyone else. */
export type NodeHosts = { readonly p2p: string; readonly operator: string }

/** A node of a devnet as its layout knows it. */
export type NodePlace = {
  readonly name: string
  readonly observer: boolean
  readonly ports: NodePorts
  readonly peerId: string
  readonly hosts?: NodeHosts
}

/** What makes a devnet, kept in `network.json`. */
export type Layout = {
  readonly version: 1
  readonly chainId: string
  /** `0x` and 64 hex digits: the root of all keys. */
  readonly seed: string
  readonly blockIntervalMs: number
  readonly timeMs: number
  /** How far `devnet time` moved all clocks ahead of real time. */
  readonly clockOffsetMs?: number
  readonly nodes: readonly NodePlace[]
}

/** Observers that the validators let in from the start. */
const OBSERVERS_MAX = 4
const HOST = '127.0.0.1'
/** Longest path of a unix socket, by the smallest system limit (macOS), without the final zero. */
const SOCKET_PATH_MAX = 103

/** True when the directory holds a devnet. */
export function hasLayout(dir: string): boolean {
  return existsSync(join(dir, 'network.json'))
}

/** Reads the layout of a devnet. Throws CliError when there is none or it is of another version. */
export function readLayout(dir: string): Layout {
  if (!hasLayout(dir)) {
    throw new CliError(
      EXIT.usage,
      'NO_DEVNET',
      `there is no devnet in ${dir}; start one with naru devnet up, or name it with --dir`,
    )
  }
  const layout = JSON.parse(readFileSync(join(dir, 'network.json'), 'utf8')) as Layout
  if (layout.version !== 1)
    throw new CliError(
      EXIT.config,
      'DEVNET_VERSION',
      `${dir} has layout ${String(layout.version)}, this program reads 1; use --fresh`,
    )
  return layout
}

/** Writes the layout of a devnet. */
export function writeLayout(dir: string, layout: Layout): void {
  writeAtomically(join(dir, 'network.json'), `${JSON.stringify(layout, null, 2)}\n`)
}

/** Removes a devnet's files, which must be stopped. */
export function removeLayout(dir: string): void {
  if (hasLayout(dir)) rmSync(dir, { recursive: true, force: true })
}

/** Makes a devnet: ports, keys, genesis, configurations. With the same seed, ports and time it is the same chain. */
export async function createLayout(options: {
  dir: string
  count: number
  blockIntervalMs: number
  seed?: Uint8Array
  timeMs?: number
  ports?: readonly NodePorts[]
  /** Where each node lives; 127.0.0.1 for those without. */
  hosts?: readonly NodeHosts[]
}): Promise<Layout> {
  const { dir, count, blockIntervalMs } = options
  const seed = options.seed ?? new Uint8Array(randomBytes(32))
  const ports = options.ports ?? (await findFreePorts(count))
  const nodes = await Promise.all(
    ports.slice(0, count).map(async (own, index) => {
      const name = `v${index + 1}`
      const hosts = options.hosts?.[index]
      const place = { name, observer: false, ports: own, peerId: await peerIdOf(seed, name) }
      return hosts === undefined ? place : { ...place, hosts }
    }),
  )
  const timeMs = options.timeMs ?? Date.now()
  const layout: Layout = { version: 1, chainId: DEVNET_CHAIN_ID, seed: `0x${toHex(seed)}`, blockIntervalMs, timeMs, nodes }
  mkdirSync(dir, { recursive: true })
  const genesis = buildLayoutGenesis(layout)
  writeAtomically(join(dir, 'genesis.json'), `${JSON.stringify(genesis, null, 2)}\n`)
  const { hash: genesisHash } = parseGenesis(REGISTRY, genesis)
  for (const node of nodes) await writeNode(dir, layout, node, genesisHash)
  writeAccounts(dir, layout)
  writeRootKeys(dir, layout)
  // Last: a directory without it was not made to the end and is made again.
  writeLayout(dir, layout)
  return layout
}

/** Adds an observer; returns the new layout and the node. */
export async function addObserver(dir: string, layout: Layout): Promise<{ readonly layout: Layout; readonly node: NodePlace }> {
  const count = layout.nodes.filter(({ observer }) => observer).length
  if (count >= OBSERVERS_MAX) throw new CliError(EXIT.usage, 'TOO_MANY_OBSERVERS', `a devnet takes ${OBSERVERS_MAX} observers`)
  const name = `o${count + 1}`
  const [ports] = await findFreePorts(1)
  const node: NodePlace = { name, observer: true, ports: ports as NodePorts, peerId: await peerIdOf(seedOf(layout), name) }
  const next = { ...layout, nodes: [...layout.nodes, node] }
  // It carries a key that has no seat, so that it can join the validators.
  const genesis: unknown = JSON.parse(readFileSync(join(dir, 'genesis.json'), 'utf8'))
  await writeNode(dir, next, node, parseGenesis(REGISTRY, genesis).hash)
  writeLayout(dir, next)
  return { layout: next, node }
}

/** The named accounts with their secrets. */
export function readAccounts(layout: Layout): readonly DevAccount[] {
  return buildAccounts(seedOf(layout))
}

/** The authority's account of a validator, whose key is also its consensus key. */
export function validatorAccount(layout: Layout, name: string): DevAccount {
  return buildAccount(name, deriveSeed(seedOf(layout), `validator/${name}`))
}

/** The devnet's root keys, two of which decide a recovery; their files lie in `root-keys`. */
export const ROOT_NAMES = ['root-1', 'root-2', 'root-3'] as const

/** The genesis document that a layout stands for. */
export function buildLayoutGenesis(layout: Layout): Record<string, unknown> {
  const validators = layout.nodes
    .filter(({ observer }) => !observer)
    .map((node) => ({
      name: node.name,
      peerId: node.peerId,
      account: validatorAccount(layout, node.name),
      p2pAddress: p2pAddress(node),
    }))
  const { timeMs, blockIntervalMs } = layout
  const rootKeys = ROOT_NAMES.map((name) => publicKeyOf(rootSeed(layout, name)))
  return buildGenesis({ timeMs, blockIntervalMs, accounts: readAccounts(layout), validators, rootKeys })
}

/** Where the parts of a node are. */
export function nodePaths(dir: string, name: string) {
  const home = resolve(dir, name)
  const socket = join(home, 'admin.sock')
  const mark = hash('sha256', home, 'hex').slice(0, 12)
  return {
    home,
    config: join(home, 'config.yaml'),
    data: join(home, 'data'),
    key: join(home, 'validator.json'),
    journal: join(home, 'sign-state'),
    peerSeed: join(home, 'p2p.key'),
    log: join(home, 'node.log'),
    pid: join(home, 'node.pid'),
    socket: socket.length <= SOCKET_PATH_MAX ? socket : join(tmpdir(), `naru-${mark}.sock`),
  }
}

/** URLs and socket of a node. */
export function nodeAddresses(dir: string, node: NodePlace) {
  const host = node.hosts?.operator ?? HOST
  return {
    rpc: `http://${host}:${node.ports.rpc}`,
    metrics: `http://${host}:${node.ports.metrics}`,
    admin: nodePaths(dir, node.name).socket,
  }
}

function p2pAddress({ hosts, ports }: NodePlace): string {
  return `/ip4/${hosts?.p2p ?? HOST}/tcp/${ports.p2p}`
}

/** Replaces a file in one step, so that a reader never sees half of it. */
export function writeAtomically(path: string, text: string): void {
  writeFileSync(`${path}.new`, text, { mode: 0o600 })
  renameSync(`${path}.new`, path)
}

function seedOf(layout: Layout): Uint8Array {
  return fromHex(layout.seed.slice(2))
}

async function peerIdOf(seed: Uint8Array, name: string): Promise<string> {
  const key = await generateKeyPairFromSeed('Ed25519', deriveSeed(seed, `p2p/${name}`))
  return peerIdFromPrivateKey(key).toString()
}

async function writeNode(dir: string, layout: Layout, node: NodePlace, genesisHash: string): Promise<void> {
  const paths = nodePaths(dir, node.name)
  rmSync(paths.home, { recursive: true, force: true })
  mkdirSync(paths.home, { recursive: true })
  const seed = seedOf(layout)
  writePeerSeed(paths.peerSeed, deriveSeed(seed, `p2p/${node.name}`))
  const { publicKey } = writeDevKey(paths.key, deriveSeed(seed, `validator/${node.name}`))
  const place = { path: paths.journal, chainTag: fromHex(genesisHash.slice(0, 16)), publicKeyHex: toHex(publicKey) }
  openJournal({ ...place, allowCreate: true }).close()
  const observers = await Promise.all(Array.from({ length: OBSERVERS_MAX }, (_, i) => peerIdOf(seed, `o${i + 1}`)))
  writeAtomically(paths.config, stringify(buildConfig(layout, node, paths.socket, observers)))
}

function buildConfig(layout: Layout, node: NodePlace, socket: string, observers: readonly string[]): Record<string, unknown> {
  const others = layout.nodes.filter(({ name, observer }) => name !== node.name && !observer)
  const operator = node.hosts?.operator ?? HOST
  return {
    version: 1,
    chain: { genesis: '../genesis.json', id: layout.chainId },
    data: { dir: './data' },
    signer: { keystore: './validator.json', journal: './sign-state' },
    p2p: {
      listen: [p2pAddress(node)],
      peers: others.map((other) => `${p2pAddress(other)}/p2p/${other.peerId}`),
      observers,
      keySeedFile: './p2p.key',
    },
    rpc: { listen: `${operator}:${node.ports.rpc}` },
    admin: { socket },
    metrics: { listen: `${operator}:${node.ports.metrics}` },
    log: { level: 'info' },
    devFaults: true,
  }
}

// A city keeps these in safes, never on a machine of the network.
function writeRootKeys(dir: string, layout: Layout): void {
  mkdirSync(join(dir, 'root-keys'), { recursive: true, mode: 0o700 })
  for (const name of ROOT_NAMES) writeDevKey(join(dir, 'root-keys', `${name}.json`), rootSeed(layout, name))
}

function rootSeed(layout: Layout, name: string): Uint8Array {
  return deriveSeed(seedOf(layout), `root/${name}`)
}

function writeAccounts(dir: string, layout: Layout): void {
  const validators = layout.nodes.filter(({ observer }) => !observer).map(({ name }) => validatorAccount(layout, name))
  const rows = [...readAccounts(layout), ...validators].map(({ name, id, did, seed, publicKey }) => ({
    name,
    id,
    did,
    seed: `0x${toHex(seed)}`,
    publicKey: `0x${toHex(publicKey)}`,
  }))
  writeAtomically(join(dir, 'accounts.json'), `${JSON.stringify({ network: 'devnet', accounts: rows }, null, 2)}\n`)
}

/** Ports that the system had free; all are held until the last is known, so that none comes twice. */
async function findFreePorts(count: number): Promise<readonly NodePorts[]> {
  const servers = await Promise.all(
    Array.from(
      { length: count * 3 },
      () =>
        new Promise<ReturnType<typeof createServer>>((done, fail) => {
          const server = createServer()
          server.once('error', fail)
          server.listen(0, HOST, () => done(server))
        }),
    ),
  )
  const ports = servers.map((server) => (server.address() as { port: number }).port)
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))))
  return Array.from({ length: count }, (_, i) => ({
    p2p: ports[i * 3] as number,
    rpc: ports[i * 3 + 1] as number,
    metrics: ports[i * 3 + 2] as number,
  }))
}
