// Owns: createNode(config): every part built once, in order; start; stop.
// Not here: the command line (cli), the chain's parts (chain-node.ts).
import { readFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { NodeError } from '../core/base/errors.ts'
import { parseGenesis } from '../core/execution/init-genesis.ts'
import type { Genesis } from '../core/execution/init-genesis.ts'
import { REGISTRY } from '../modules/registry.ts'
import { createOperatorServer } from '../rpc/operator-server.ts'
import { createRpcServer } from '../rpc/server.ts'
import { openAccessLog } from './access-log.ts'
import { createAdminApi } from './admin.ts'
import { createNodeApi } from './api.ts'
import { createChainNode } from './chain-node.ts'
import type { ChainNode } from './chain-node.ts'
import type { ChainNodeOptions } from './chain-base.ts'
import { parseListen } from './config.ts'
import type { NodeConfig } from './config.ts'
import { DEV_CLOCK_FILE, openDevClock } from './dev-clock.ts'
import type { DevClock } from './dev-clock.ts'
import { describeFatal } from './driver.ts'
import { readOrCreatePeerSeed } from './keystore.ts'
import type { Logger, RootLogger } from './logger.ts'
import { createMetrics } from './metrics.ts'
import type { Metrics } from './metrics.ts'
import { createNetwork } from './network/host.ts'
import type { NetworkWithCounters } from './network/host.ts'
import { allowedPeers } from './peer-list.ts'
import type { Clock } from './ports.ts'
import { createCallMeter, readCalls } from './call-meter.ts'
import { buildRpcLog } from './rpc-log.ts'
import { PROOF_THREADS_MAX, startProofThread } from './proof-thread.ts'
import { observeLoop, observeNode } from './observe.ts'
import { createDiskUse } from './disk-use.ts'
import { createSigningMemory } from './signing-memory.ts'
import { readRecovery } from './recovery-file.ts'
import { acquireLock } from './storage/data-lock.ts'
import { createChainStore } from './storage/chain-store.ts'
import { openStore } from './storage/level.ts'
import { beginFromSnapshot } from './snapshot-sync/begin.ts'
import { openSnapshotShelf } from './upkeep/snapshot-shelf.ts'
import type { SnapshotShelf } from './upkeep/snapshot-shelf.ts'
import { startUpkeep } from './upkeep/upkeep.ts'
import type { Upkeep } from './upkeep/upkeep.ts'
import { createStopper } from './stopper.ts'
import type { Releases } from './stopper.ts'
import { createSystemClock } from './system-clock.ts'
import { openValidatorKeys } from './validator-keys.ts'
import { NARU_VERSION } from './version.ts'

/** A checked configuration, the log, and the environment that a passphrase may come from. */
export type NodeOptions = {
  readonly config: NodeConfig
  readonly log: RootLogger
  readonly env: Readonly<Record<string, string | undefined>>
}

/** A node that runs. `stopped` resolves when it ended by itself or by `stop`. */
export type RunningNode = {
  readonly rpcUrl: string
  readonly metricsUrl: string
  readonly adminSocket: string
  readonly head: () => { readonly height: number; readonly stateRoot: string; readonly time: number }
  readonly stop: (reason: string) => Promise<void>
  readonly stopped: Promise<{ readonly reason: string; readonly exitCode: number }>
}

/** Opens disk and keys, builds the chain, joins the network, opens the listeners. Throws NodeError with a fix in its message. */
export async function createNode(options: NodeOptions): Promise<RunningNode> {
  const { config, log } = options
  const releases: (() => Promise<void> | void)[] = []
  try {
    return await assembleNode(options, releases)
  } catch (error) {
    log.error('Start failed', { code: describeFatal(error).code })
    // What fails on the way out must not hide why the start failed.
    for (const release of releases.splice(0).reverse())
      await Promise.resolve()
        .then(release)
        .catch(() => undefined)
    throw error
  } finally {
    log.debug('Assembled', { dir: config.data.dir })
  }
}

async function assembleNode(options: NodeOptions, releases: Releases): Promise<RunningNode> {
  const { config, log, env } = options
  const { genesis, json } = readGenesis(config)
  makeDataDirectory(config.data.dir)
  const lock = acquireLock({ path: join(config.data.dir, 'lock'), what: 'data directory' })
  releases.push(lock.release)
  const keys = await openValidatorKeys({ config, genesis, env, releases })
  const metrics = createMetrics({ version: NARU_VERSION, commit: 'source' })
  const devClock = config.devFaults ? openDevClock(createSystemClock(), join(config.data.dir, DEV_CLOCK_FILE)) : null
  const clock = devClock ?? createSystemClock()
  const openOwnNetwork = () => openNetwork(config, genesis, log, clock)
  const common = { config, genesis, clock, log: log.child('snapshot'), registry: REGISTRY, version: NARU_VERSION }
  await beginFromSnapshot({ ...common, openNetwork: openOwnNetwork })
  const { store, shelf } = await openStoreAndShelf(common, releases)
  const network = await openOwnNetwork()
  const stopper = createStopper(log, releases)
  const addedPeers: string[] = []
  const chainNode = await createChainNode({
    registry: REGISTRY,
    genesis,
    store,
    dataDir: config.data.dir,
    ...keys,
    network,
    clock,
    log: log.child('chain'),
    ...{ metrics, version: NARU_VERSION, mempoolLimits: config.mempool },
    signingMemory: createSigningMemory(config.data.dir, (reason) => log.error('The pause of signing is not on disk', { reason })),
    allowed: allowedBy(config, addedPeers, network.self),
    recoveries: config.chain.recoveries.map((path) => readRecovery(path).recovery),
    onFatal: (error) => void stopper.fatal(error),
    answerSnap: shelf.answer,
    proofThreads: { start: startProofThread, max: PROOF_THREADS_MAX },
  })
  releases.push(chainNode.stop)
  const upkeep = startUpkeep({ chainNode, config, shelf, metrics, log: log.child('upkeep'), onFatal: stopper.fatal })
  releases.push(upkeep.stop)
  const urls = await openListeners({
    config,
    upkeep,
    shelf,
    log,
    chainNode,
    metrics,
    genesisJson: json,
    network,
    addedPeers,
    devClock,
    releases,
    stop: stopper.stop,
  })
  await chainNode.start()
  log.info('Node started', {
    ...urls,
    height: chainNode.head().height,
    validator: chainNode.signer() !== null,
    chainId: genesis.chainId,
  })
  return { ...urls, head: () => describeHead(chainNode), stop: stopper.stop, stopped: stopper.stopped }
}

function allowedBy({ p2p }: NodeConfig, addedPeers: readonly string[], self: string): ChainNodeOptions['allowed'] {
  const { peers, observers } = p2p
  return (validators) => allowedPeers({ peers: [...peers, ...addedPeers], observers }, validators, self)
}

function describeHead({ head }: ChainNode): ReturnType<RunningNode['head']> {
  const { height, header } = head()
  return { height, stateRoot: header.stateRoot, time: header.time }
}

function openNetwork(config: NodeConfig, genesis: Genesis, log: RootLogger, clock: Clock): Promise<NetworkWithCounters> {
  return createNetwork({
    seed: readOrCreatePeerSeed(config.p2p.keySeedFile),
    networkName: genesis.hash.slice(0, 16),
    listen: config.p2p.listen,
    gossip: { peersExpected: Math.max(1, config.p2p.peers.length), heartbeatMs: 700 },
    log: log.child('network'),
    clock,
  })
}

type StoreParts = { config: NodeConfig; clock: Clock; log: Logger }

async function openStoreAndShelf({ config, clock, log }: StoreParts, releases: Releases) {
  const { dir } = config.data
  const store = await openStore({ dir: join(dir, 'store'), cacheBytes: 32 * 1024 * 1024, writeBufferBytes: 16 * 1024 * 1024 })
  releases.push(store.close)
  const kept = config.sync.snapshotsKept
  return { store, shelf: openSnapshotShelf({ dir: join(dir, 'snapshots'), kept, chain: createChainStore(store), clock, log }) }
}

function makeDataDirectory(dir: string): void {
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 })
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new NodeError('STORE_IO', `cannot make data directory ${dir}: ${reason}. Check data.dir and its permissions.`, error)
  }
}

function readGenesis(config: NodeConfig): { genesis: Genesis; json: unknown } {
  try {
    const json: unknown = JSON.parse(readFileSync(config.chain.genesis, 'utf8'))
    const genesis = parseGenesis(REGISTRY, json)
    if (config.chain.id !== null && config.chain.id !== genesis.chainId)
      throw new Error(`chain id is ${genesis.chainId}, the configuration wants ${config.chain.id}`)
    if (config.devFaults && genesis.network !== 'devnet') {
      const text = `devFaults lets anyone with the operator socket cut links; remove it from a node of network ${genesis.network}`
      throw new NodeError('DEV_FAULTS_ON_REAL_CHAIN', text)
    }
    return { genesis, json }
  } catch (error) {
    if (error instanceof NodeError) throw error
    const reason = error instanceof Error ? error.message : String(error)
    throw new NodeError('GENESIS_INVALID', `${config.chain.genesis}: ${reason}`, error)
  }
}

type ListenerParts = {
  config: NodeConfig
  log: RootLogger
  chainNode: ChainNode
  metrics: Metrics
  genesisJson: unknown
  network: Parameters<typeof observeNode>[0]['network']
  addedPeers: string[]
  devClock: DevClock | null
  upkeep: Upkeep
  shelf: SnapshotShelf
  releases: Releases
  stop: (reason: string) => Promise<void>
}

async function openListeners(parts: ListenerParts): Promise<{ rpcUrl: string; metricsUrl: string; adminSocket: string }> {
  const { config, chainNode, metrics, releases } = parts
  const accessLog = await openAccessLog(config.data.dir, chainNode.options.clock)
  releases.push(accessLog.close)
  const node = createNodeApi(chainNode, parts.genesisJson, accessLog)
  const rpcLog = buildRpcLog(parts.log)
  const listen = parseListen(config.rpc.listen)
  const limits = Object.fromEntries(Object.entries(config.rpc.limits).filter(([, value]) => value !== undefined))
  const { origins, hosts } = config.rpc
  const meter = createCallMeter(metrics)
  const rpcParts = { node, listen, origins, ...(hosts === null ? {} : { hosts }), limits, log: rpcLog, onCall: meter.onCall }
  const rpc = createRpcServer(rpcParts)
  const { log, addedPeers, devClock, upkeep, shelf, stop } = parts
  const diskUse = createDiskUse({ dir: config.data.dir, sizes: upkeep.sizes, shelf, clock: chainNode.options.clock })
  observeNode({ chainNode, metrics, node, network: parts.network, rpcCounters: rpc.counters, diskUse })
  releases.push(observeLoop(metrics))
  const doctor = { rpc: () => readCalls(rpc.counters(), meter), store: diskUse }
  const admin = createAdminApi({ chainNode, config, log, metrics, addedPeers, devClock, upkeep, shelf, doctor, stop })
  const metricsListen = parseListen(config.metrics.listen)
  const operator = createOperatorServer({ node, admin, socketPath: config.admin.socket, metricsListen, log: rpcLog })
  const { port } = await rpc.start()
  releases.push(rpc.stop)
  const { metricsPort } = await operator.start()
  releases.push(operator.stop)
  return {
    rpcUrl: `http://${listen.host}:${port}`,
    metricsUrl: `http://${metricsListen.host}:${metricsPort ?? metricsListen.port}/metrics`,
    adminSocket: config.admin.socket,
  }
}
