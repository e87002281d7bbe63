// Owns: several real nodes in one process for tests: real LevelDB, real libp2p on loopback, real keys. Not here: processes
// (cli/devnet).
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fromHex, toHex } from '../../core/base/bytes.ts'
import { encode } from '../../core/codec/schema.ts'
import { assembleTransaction, txSigningBytes } from '../../core/chain/transaction.ts'
import type { Transaction } from '../../core/chain/transaction.ts'
import { createSigner } from '../../core/crypto/keys.ts'
import { parseGenesis } from '../../core/execution/init-genesis.ts'
import type { Genesis } from '../../core/execution/init-genesis.ts'
import { REGISTRY } from '../../modules/registry.ts'
import { buildAccount, buildAccounts, deriveSeed, DEV_KEY_ID } from '../../cli/devnet/accounts.ts'
import type { DevAccount } from '../../cli/devnet/accounts.ts'
import { buildGenesis } from '../../cli/devnet/genesis.ts'
import { createChainNode } from '../../node/chain-node.ts'
import type { ChainNode } from '../../node/chain-node.ts'
import { createLogger } from '../../node/logger.ts'
import { MEMPOOL_LIMITS } from '../../node/mempool/mempool.ts'
import { createMetrics } from '../../node/metrics.ts'
import { createNetwork } from '../../node/network/host.ts'
import type { Network } from '../../node/ports.ts'
import { initJournal, openJournal } from '../../node/storage/journal.ts'
import { openStore } from '../../node/storage/level.ts'
import { createSystemClock } from '../../node/system-clock.ts'

const SEED = fromHex('07'.repeat(32))

/** Listens to everything that reaches one node over the network. */
export type Tap = { readonly index: number; readonly hear: (bytes: Uint8Array) => void }

/** A node of the cluster that may be down. */
export type ClusterNode = { readonly name: string; readonly dir: string; running: ChainNode | null; errors: unknown[] }

export type Cluster = {
  readonly genesis: Genesis
  readonly genesisJson: unknown
  readonly accounts: ReadonlyMap<string, DevAccount>
  readonly nodes: readonly ClusterNode[]
  readonly start: (index: number) => Promise<ChainNode>
  readonly stop: (index: number) => Promise<void>
  readonly close: () => Promise<void>
  /** A signed transaction of a named account. */
  readonly sign: (
    from: string,
    name: string,
    payload: unknown,
    options?: { nonce?: bigint; lane?: number; validUntil?: number },
  ) => Transaction
}

/** A port that nobody listens on at this moment. */
async function freePorts(count: number): Promise<number[]> {
  const { createServer } = await import('node:net')
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<import('node:net').Server>((resolve) => {
          const server = createServer().listen(0, '127.0.0.1', () => resolve(server))
        }),
    ),
  )
  const ports = servers.map((server) => (server.address() as { port: number }).port)
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports
}

/** Builds n validators on one genesis; none runs yet. */
export async function createCluster(
  n: number,
  options: { blockIntervalMs?: number; observers?: number; logLevel?: 'debug' | 'info' | 'warn' | 'silent'; tap?: Tap } = {},
): Promise<Cluster> {
  const dir = mkdtempSync(join(tmpdir(), 'naru-cluster-'))
  const size = n + (options.observers ?? 0)
  const ports = await freePorts(size)
  const peerSeeds = Array.from({ length: size }, (_, i) => deriveSeed(SEED, `p2p/v${i + 1}`))
  const peerIds = await Promise.all(peerSeeds.map(peerIdOf))
  const addressOf = (i: number): string => `/ip4/127.0.0.1/tcp/${ports[i]}/p2p/${peerIds[i]}`
  const validators = Array.from({ length: n }, (_, i) => ({
    name: `v${i + 1}`,
    account: buildAccount(`v${i + 1}`, deriveSeed(SEED, `validator/v${i + 1}`)),
    peerId: peerIds[i] as string,
    p2pAddress: addressOf(i),
  }))
  const named = buildAccounts(SEED)
  const genesisJson = JSON.parse(
    JSON.stringify(
      buildGenesis({ timeMs: Date.now() - 1_000, blockIntervalMs: options.blockIntervalMs ?? 100, accounts: named, validators }),
    ),
  )
  const genesis = parseGenesis(REGISTRY, genesisJson)
  const chainTag = fromHex(genesis.hash.slice(0, 16))
  const nodes: ClusterNode[] = Array.from({ length: size }, (_, i) => ({
    name: `v${i + 1}`,
    dir: join(dir, `v${i + 1}`),
    running: null,
    errors: [],
  }))
  for (let i = 0; i < n; i++) {
    const { mkdirSync } = await import('node:fs')
    mkdirSync(nodes[i]?.dir as string, { recursive: true })
    initJournal({
      path: join(nodes[i]?.dir as string, 'sign-state'),
      chainTag,
      publicKeyHex: toHex(validators[i]?.account.publicKey as Uint8Array),
      afterHeight: 0,
    })
  }
  const closers = new Map<number, () => Promise<void>>()

  const start = async (index: number): Promise<ChainNode> => {
    const slot = nodes[index] as ClusterNode
    const account = validators[index]?.account
    const clock = createSystemClock()
    const log = createLogger({ level: options.logLevel ?? 'silent' }).child(slot.name)
    const store = await openStore({ dir: join(slot.dir, 'store') })
    const journal =
      account === undefined
        ? null
        : openJournal({
            path: join(slot.dir, 'sign-state'),
            chainTag,
            publicKeyHex: toHex(account.publicKey),
            allowCreate: false,
          })
    const bare = await createNetwork({
      seed: peerSeeds[index] as Uint8Array,
      networkName: genesis.hash.slice(0, 16),
      listen: [`/ip4/127.0.0.1/tcp/${ports[index]}`],
      gossip: { peersExpected: size - 1, heartbeatMs: 700 },
      log,
      clock,
    })
    const network = options.tap?.index === index ? tapNetwork(bare, options.tap.hear) : bare
    const node = await createChainNode({
      registry: REGISTRY,
      genesis,
      store,
      dataDir: slot.dir,
      validator:
        account === undefined || journal === null
          ? null
          : { key: createSigner(account.seed), publicKey: account.publicKey, journal },
      network,
      clock,
      log,
      metrics: createMetrics({ version: 'test', commit: 'test' }),
      version: '0.0.0-test',
      mempoolLimits: MEMPOOL_LIMITS,
      allowed: () => peerIds.flatMap((peer, i) => (i === index ? [] : [{ peer, addresses: [addressOf(i)] }])),
      onFatal: (error) => slot.errors.push(error),
    })
    closers.set(index, async () => {
      await node.stop()
      journal?.close()
      await store.close()
    })
    slot.running = node
    await node.start()
    return node
  }
  const stop = async (index: number): Promise<void> => {
    const slot = nodes[index] as ClusterNode
    slot.running = null
    await closers.get(index)?.()
    closers.delete(index)
  }
  const accounts = new Map(named.map((account) => [account.name, account]))
  return {
    genesis,
    genesisJson,
    accounts,
    nodes,
    start,
    stop,
    async close() {
      await Promise.all([...closers.keys()].map(stop))
      rmSync(dir, { recursive: true, force: true })
    },
    sign(from, name, payload, extra = {}) {
      const account = accounts.get(from) as DevAccount
      const definition = REGISTRY.transactionByName.get(name)
      if (definition === undefined) throw new Error(`no transaction ${name}`)
      const body = {
        version: 1,
        chainTag,
        type: definition.type,
        sender: account.address,
        keyId: DEV_KEY_ID,
        lane: extra.lane ?? 0,
        nonce: extra.nonce ?? 0n,
        validUntil: extra.validUntil ?? 500,
        payload: encode(definition.payload, payload),
        sponsor: null,
      }
      return assembleTransaction(body, [createSigner(account.seed).sign(txSigningBytes(body))])
    },
  }
}

// Everything that peers send to the node, and what they answer it.
function tapNetwork(network: Network, hear: Tap['hear']): Network {
  return {
    ...network,
    start: (handlers) =>
      network.start({
        ...handlers,
        onFrame: (peer, channel, frame) => {
          hear(frame)
          handlers.onFrame(peer, channel, frame)
        },
        onRequest: (peer, protocol, request) => {
          hear(request)
          return handlers.onRequest(peer, protocol, request)
        },
        onGossip: (peer, topic, message) => {
          hear(message)
          return handlers.onGossip(peer, topic, message)
        },
      }),
    async request(peer, protocol, request, timeoutMs) {
      const answer = await network.request(peer, protocol, request, timeoutMs)
      hear(answer)
      return answer
    },
  }
}

async function peerIdOf(seed: Uint8Array): Promise<string> {
  const { generateKeyPairFromSeed } = await import('@libp2p/crypto/keys')
  const { peerIdFromPrivateKey } = await import('@libp2p/peer-id')
  return peerIdFromPrivateKey(await generateKeyPairFromSeed('Ed25519', seed)).toString()
}

/** Polls until the condition holds; fails loudly with what was waited for. */
export async function until(what: string, holds: () => boolean | Promise<boolean>, timeoutMs = 20_000): Promise<void> {
  const deadline = Date.now() + timeoutMs
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`waited ${timeoutMs} ms for: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
