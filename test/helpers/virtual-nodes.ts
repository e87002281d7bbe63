// Owns: real chain nodes in virtual time for tests at the ports: a clock, a network and disks in memory, crashes at any change.
// Not here: random faults over whole networks (sim), real sockets (cluster.ts).
import { toHex } from '../../core/base/bytes.ts'
import { NodeError } from '../../core/base/errors.ts'
import { must } from '../../core/base/assert.ts'
import type { Recovery } from '../../core/chain/recovery.ts'
import { sha256Bytes } from '../../core/crypto/hash.ts'
import type { Signer } from '../../core/crypto/ed25519-rule.ts'
import { createSigner } from '../../core/crypto/keys.ts'
import type { ValidatorKey } from '../../node/seat-signer.ts'
import { createChainNode } from '../../node/chain-node.ts'
import type { ChainNode } from '../../node/chain-node.ts'
import { createLogger } from '../../node/logger.ts'
import { MEMPOOL_LIMITS } from '../../node/mempool/mempool.ts'
import { createMetrics } from '../../node/metrics.ts'
import type { Channel, Clock, Network, NetworkHandlers, PeerView } from '../../node/ports.ts'
import { initJournal, openJournal } from '../../node/storage/journal.ts'
import type { Store, StoreChange } from '../../node/storage/level.ts'
import { createMemoryDisk } from '../../node/storage/memory-disk.ts'
import type { CrashMode, MemoryDisk } from '../../node/storage/memory-disk.ts'
import { REGISTRY } from '../../modules/registry.ts'
import { ROOTS as WORLD_ROOTS, createWorld } from '../../sim/world.ts'
import type { SimAccount, World } from '../../sim/world.ts'

/** The root keys of the world's city: two of three decide a recovery. */
export const ROOTS: readonly SimAccount[] = WORLD_ROOTS

/** Where every node keeps its files on its own disk. */
export const SIGN_STATE = '/data/sign-state'
export const WAL_DIR = '/data/wal'

/** Virtual time; timers run in order of time, then of their making. */
export type VirtualTime = {
  readonly clock: Clock
  /** Runs everything that is due within the next `ms`. */
  readonly advance: (ms: number) => Promise<void>
}

/** Time that starts at `startMs` and moves only by `advance`. */
export function createVirtualTime(startMs: number): VirtualTime {
  let now = 0
  let order = 0
  let timers: { at: number; order: number; fire: () => void }[] = []
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
  return {
    clock: {
      nowMs: () => startMs + now,
      monotonicMs: () => now,
      startTimer(delayMs, fire) {
        const timer = { at: now + Math.max(0, delayMs), order: order++, fire }
        timers.push(timer)
        return {
          cancel: () => {
            timers = timers.filter((other) => other !== timer)
          },
        }
      },
    },
    async advance(ms) {
      const end = now + ms
      await settle()
      for (;;) {
        const next = timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at || a.order - b.order)[0]
        if (next === undefined) break
        timers = timers.filter((other) => other !== next)
        now = Math.max(now, next.at)
        next.fire()
        await settle()
      }
      now = end
    },
  }
}

/** A store in memory; `before` may throw in place of a batch. */
export function createMapStore(records: Map<string, Uint8Array>, before: () => void = () => undefined): Store {
  return {
    get: (key) => records.get(key)?.slice() ?? null,
    getMany: (keys) => Promise.resolve(keys.map((key) => records.get(key)?.slice() ?? null)),
    writeBatch(changes: readonly StoreChange[]) {
      try {
        before()
      } catch (error) {
        return Promise.reject(new NodeError('STORE_IO', `cannot write to store: ${String(error)}`, error))
      }
      for (const { key, value } of changes) value === null ? records.delete(key) : records.set(key, value.slice())
      return Promise.resolve()
    },
    async *range({ gte = '', gt = '', lt = '\x7f', lte = '\x7f', reverse = false, limit }) {
      const keys = [...records.keys()].filter((key) => key >= gte && key > gt && key < lt && key <= lte).sort()
      if (reverse) keys.reverse()
      for (const key of keys.slice(0, limit)) yield [key, must(records.get(key), 'a record').slice()] as const
    },
    holdView() {
      const { get, getMany, range, close } = createMapStore(new Map(records))
      return { get, getMany, range, close }
    },
    approximateBytes: () => Promise.resolve(0),
    compactRange: () => Promise.resolve(),
    close: () => Promise.resolve(),
  }
}

/** One machine: what outlives a crash, and the node that runs on it. */
export type VirtualNode = {
  readonly index: number
  /** Whose key it signs with; null for a candidate's. */
  account: SimAccount | null
  disk: MemoryDisk
  readonly records: Map<string, Uint8Array>
  running: ChainNode | null
  handlers: NetworkHandlers | null
  /** A dead process neither sends nor hears. */
  alive: boolean
  /** The key that a decided rotation brings, taken up with the next start. */
  nextKey: Signer | null
  /** What ended the node. */
  readonly errors: unknown[]
  /** What a single frame threw. */
  readonly faults: unknown[]
  readonly penalties: { readonly peer: string; readonly reason: string }[]
}

/** What a test sees and decides. Every hook may throw: what it announces then does not happen. */
export type Hooks = {
  beforeChange: (node: VirtualNode, kind: string, path: string) => void
  beforeSend: (node: VirtualNode, channel: Channel | 'tx' | 'head', frame: Uint8Array) => void
}

export type VirtualNodes = {
  readonly world: World
  readonly time: VirtualTime
  readonly nodes: readonly VirtualNode[]
  readonly hooks: Hooks
  readonly start: (index: number, recoveries?: readonly Recovery[]) => Promise<void>
  /** A new machine in the place of one that is lost: empty disks, another key. */
  readonly replace: (index: number, account: SimAccount) => void
  /** Power off; what was not synced is treated by `mode`. */
  readonly crash: (index: number, mode: CrashMode) => void
  /** Advances until the condition holds; throws after `limitMs` of virtual time. */
  readonly until: (what: string, holds: () => boolean, limitMs?: number) => Promise<void>
}

const LATENCY_MS = 2

/** The consensus key of a machine: its validator's, or one that has no seat yet. */
export function keyOfNode(world: World, index: number): Signer {
  return world.validators[index]?.signer ?? createSigner(sha256Bytes(`virtual-node/candidate-${index}`))
}

function keyOf(world: World, { account, index }: Pick<VirtualNode, 'account' | 'index'>): Signer {
  return account?.signer ?? keyOfNode(world, index)
}

/** The journal's place on the disk of a node. */
export function journalPlace(world: World, node: Pick<VirtualNode, 'account' | 'index' | 'disk'>, disk = node.disk) {
  const { publicKey } = keyOf(world, node)
  return { path: SIGN_STATE, chainTag: world.chainTag, publicKeyHex: toHex(publicKey), disk }
}

/** `n` validators with fresh disks, and so many machines whose keys have no seat; none runs yet. */
export function createVirtualNodes(n: number, candidates = 0): VirtualNodes {
  const world = createWorld(n, 'ed25519')
  const time = createVirtualTime(world.genesis.time + 1_000)
  const hooks: Hooks = { beforeChange: () => undefined, beforeSend: () => undefined }
  const nodes = Array.from({ length: n + candidates }, (_, index): VirtualNode => {
    const node: VirtualNode = {
      index,
      account: world.validators[index] ?? null,
      disk: createMemoryDisk((kind, path) => hooks.beforeChange(node, kind, path)),
      records: new Map(),
      running: null,
      handlers: null,
      alive: false,
      nextKey: null,
      errors: [],
      faults: [],
      penalties: [],
    }
    beginJournal(world, node)
    return node
  })
  const start = async (index: number, recoveries: readonly Recovery[] = []): Promise<void> => {
    const node = must(nodes[index], 'a node')
    const key = keyOf(world, node)
    node.alive = true
    const running = await createChainNode({
      registry: REGISTRY,
      genesis: world.genesis,
      store: createMapStore(node.records, () => hooks.beforeChange(node, 'batch', 'store')),
      dataDir: '/data',
      validator: {
        key,
        publicKey: key.publicKey,
        journal: openJournal({ ...journalPlace(world, node), allowCreate: false }),
      },
      nextValidator: node.nextKey === null ? null : openNextKey(world, node, node.nextKey),
      network: createPort(node, nodes, { hooks, time, peerIdOf: world.peerIdOf }),
      clock: time.clock,
      log: createLogger({ level: 'silent' }),
      metrics: createMetrics({ version: 'test', commit: 'test' }),
      version: '0.0.0-test',
      mempoolLimits: MEMPOOL_LIMITS,
      allowed: () => [],
      onFatal: (error) => node.errors.push(error),
      disk: node.disk,
      recoveries,
    })
    node.running = running
    await running.start()
  }
  const crash = (index: number, mode: CrashMode): void => {
    const node = must(nodes[index], 'a node')
    node.alive = false
    node.running = null
    node.handlers = null
    node.disk = node.disk.crash(mode)
    for (const other of nodes) if (other.alive) other.handlers?.onPeerDisconnected(world.peerIdOf(index))
  }
  const replace = (index: number, account: SimAccount): void => {
    const node = must(nodes[index], 'a node')
    node.account = account
    node.disk = createMemoryDisk((kind, path) => hooks.beforeChange(node, kind, path))
    node.records.clear()
    beginJournal(world, node)
  }
  const until = async (what: string, holds: () => boolean, limitMs = 60_000): Promise<void> => {
    for (let spent = 0; !holds(); spent += 20) {
      if (spent >= limitMs) throw new Error(`not within ${limitMs} ms: ${what}`)
      await time.advance(20)
    }
  }
  return { world, time, nodes, hooks, start, replace, crash, until }
}

function beginJournal(world: World, node: VirtualNode): void {
  initJournal({ ...journalPlace(world, node), afterHeight: 0, atMs: 0 })
  node.disk.syncDirectorySync('/data')
}

function openNextKey(world: World, { disk }: VirtualNode, key: Signer): ValidatorKey {
  const { chainTag } = world
  const path = `${SIGN_STATE}-next`
  const journal = openJournal({ path, chainTag, publicKeyHex: toHex(key.publicKey), disk, allowCreate: true })
  return { key, publicKey: key.publicKey, journal }
}

type PortParts = { hooks: Hooks; time: VirtualTime; peerIdOf: (index: number) => string }

function createPort(self: VirtualNode, nodes: readonly VirtualNode[], { hooks, time, peerIdOf }: PortParts): Network {
  const born = self.disk
  // A process that crashed goes on in no other life: its port is dead even when a new one runs on the same disk.
  const isAlive = (): boolean => self.alive && self.disk === born
  const others = (): readonly VirtualNode[] => (isAlive() ? nodes.filter((node) => node !== self && node.handlers !== null) : [])
  const find = (peer: string): VirtualNode | undefined => others().find((node) => peerIdOf(node.index) === peer)
  const later = (run: () => void): void => void time.clock.startTimer(LATENCY_MS, run)
  const carry = (to: VirtualNode, channel: Channel, frame: Uint8Array): void => {
    later(() => {
      try {
        to.handlers?.onFrame(peerIdOf(self.index), channel, frame)
      } catch (error) {
        // As the streams do: what one frame throws ends that frame.
        to.faults.push(error)
      }
    })
  }
  return {
    self: peerIdOf(self.index),
    start(handlers) {
      self.handlers = handlers
      for (const other of others()) {
        later(() => other.handlers?.onPeerConnected(peerIdOf(self.index)))
        later(() => isAlive() && handlers.onPeerConnected(peerIdOf(other.index)))
      }
      return Promise.resolve()
    },
    stop: () => Promise.resolve(),
    send(peer, channel, frame) {
      const to = find(peer)
      if (to === undefined) return false
      hooks.beforeSend(self, channel, frame)
      carry(to, channel, frame)
      return true
    },
    broadcast(channel, frame) {
      if (!isAlive()) return
      hooks.beforeSend(self, channel, frame)
      for (const to of others()) carry(to, channel, frame)
    },
    async request(peer, protocol, request) {
      const to = find(peer)
      const answer = to?.handlers == null ? null : await to.handlers.onRequest(peerIdOf(self.index), protocol, request)
      if (answer === null) throw new NodeError('PEER_CLOSED', 'no answer')
      return answer
    },
    publish(topic, message) {
      if (!isAlive()) return
      hooks.beforeSend(self, topic, message)
      for (const to of others()) later(() => void to.handlers?.onGossip(peerIdOf(self.index), topic, message))
    },
    peers: () => others().map((node): PeerView => viewOf(peerIdOf(node.index))),
    setAllowed: () => undefined,
    penalise: (peer, reason) => void self.penalties.push({ peer, reason }),
    setLinkFault: () => undefined,
    listenAddresses: () => [],
  }
}

/** A connected peer as the port shows it. */
export function viewOf(peer: string): PeerView {
  return { peer, address: '/memory', direction: 'out', connectedAtMs: 0, queuedBytes: 0, penalty: 0 }
}
