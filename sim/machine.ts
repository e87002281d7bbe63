// Owns: one simulated machine: its disks, its clock, its power, and the real chain node that runs on it, life after life.
// Not here: what a crash is for (faults.ts), the network (network.ts), what must hold (checkers).
import { toHex } from '../core/base/bytes.ts'
import { must } from '../core/base/assert.ts'
import { createChainNode } from '../node/chain-node.ts'
import type { ChainNode } from '../node/chain-node.ts'
import type { ChainNodeOptions } from '../node/chain-base.ts'
import type { Logger } from '../node/logger.ts'
import { MEMPOOL_LIMITS } from '../node/mempool/mempool.ts'
import { createMetrics } from '../node/metrics.ts'
import type { Clock, Network } from '../node/ports.ts'
import { initJournal, openJournal } from '../node/storage/journal.ts'
import type { Journal } from '../node/storage/journal.ts'
import type { SignedRecord } from '../node/storage/sign-state.ts'
import { createMemoryDisk } from '../node/storage/memory-disk.ts'
import type { CrashMode, MemoryDisk } from '../node/storage/memory-disk.ts'
import { REGISTRY } from '../modules/registry.ts'
import type { Audit } from './audit.ts'
import { readFrame } from './frames.ts'
import { createMemoryStore, guardFiles } from './disk.ts'
import type { MemoryStore, Records } from './disk.ts'
import { createNetworkPort } from './network-port.ts'
import type { VirtualNetwork } from './network.ts'
import type { Observer } from './observer.ts'
import type { Random } from './prng.ts'
import { rehearseRestart } from './rehearse.ts'
import type { Timeline } from './timeline.ts'
import { GENESIS_TIME_MS } from './world.ts'
import type { World } from './world.ts'

const DATA_DIR = '/data'
/** The journal's file. */
export const SIGN_STATE = `${DATA_DIR}/sign-state`
/** The folder of the write-ahead logs. */
export const LOG_DIR = `${DATA_DIR}/wal`

/** What a machine stands in. */
export type MachineParts = {
  /** Its place in the network. */
  readonly index: number
  /** The validator whose key it holds; another one's place only for a twin. */
  readonly identity: number
  readonly world: World
  readonly timeline: Timeline
  readonly network: VirtualNetwork
  readonly random: Random
  readonly audit: Audit
  readonly observer: Observer
  /** Turns the node's port into that of a liar; null on an honest machine. */
  readonly twist: ((port: Network, machine: Machine) => Network) | null
  /** How often a start is tried out twice on copies of the disk first, in millionths. */
  readonly rehearsePpm: number
}

/** How a life ends. */
export type Crash = { readonly mode: CrashMode; readonly silent: boolean }

/** What a running machine suffers; all harmless at the start. */
export type Ailments = {
  /** Added to wall time, ms. */
  skewMs: number
  /** Wall time stands still at this value; -1 for a running clock. */
  frozenAtMs: number
  /** Nothing runs before this virtual time. */
  pausedUntilMs: number
  /** A batch takes up to this long to reach the disk. */
  batchMs: number
  /** The next change of this kind fails with this system error. */
  diskError: { readonly kind: string; readonly code: string } | null
  /** Syncs report success and do nothing. */
  lyingSync: boolean
  /** Messages of one kind that do not reach some machines. */
  mute: { readonly what: Mutable; readonly to: readonly number[] } | null
}

/** Kinds of messages that can be kept from a machine one by one. */
export type Mutable = 'proposal' | 'prevote' | 'precommit'

/** A machine; its disks outlive its lives. */
export type Machine = {
  readonly index: number
  readonly parts: MachineParts
  readonly ailments: Ailments
  disk: MemoryDisk
  records: Records
  /** The node of this life once it runs. */
  node: ChainNode | null
  life: Life | null
  /** Lives so far. */
  lives: number
}

/** One life: from power on to the crash. */
export type Life = {
  alive: boolean
  /** Crashes after this many more changes of disk or messages sent; -1 for never. */
  boundariesLeft: number
  readonly planned: Crash
  readonly onCrashed: () => void
  store: MemoryStore | null
}

/** A machine without power, with a fresh sign state on its disk. */
export function createMachine(parts: MachineParts): Machine {
  const disk = createMemoryDisk()
  const { publicKey } = must(parts.world.validators[parts.identity], 'a validator')
  const publicKeyHex = toHex(publicKey)
  const { chainTag } = parts.world
  initJournal({ path: SIGN_STATE, chainTag, publicKeyHex, disk, afterHeight: 0, atMs: GENESIS_TIME_MS })
  disk.syncDirectorySync(DATA_DIR)
  const ailments = { skewMs: 0, frozenAtMs: -1, pausedUntilMs: 0, batchMs: 4, diskError: null, lyingSync: false, mute: null }
  return { index: parts.index, parts, ailments, disk, records: new Map(), node: null, life: null, lives: 0 }
}

/** Ends the present life at once: what was not synced is treated by the crash's mode, what was on its way to the store by lot. */
export function crashMachine(machine: Machine, crash: Crash): void {
  const { life, parts } = machine
  if (life === null || !life.alive) return
  life.alive = false
  machine.node = null
  machine.life = null
  if (parts.random.chance(500_000)) life.store?.land()
  machine.disk = machine.disk.crash(crash.mode)
  parts.audit.note(`${parts.timeline.nowMs()} crash ${machine.index} ${JSON.stringify(crash.mode)}`)
  parts.network.detach(machine.index, crash.silent)
}

/** Lets the machine crash by itself after a number of changes of disk and sent messages. */
export function armCrash(machine: Machine, boundaries: number, crash: Crash, onCrashed: () => void): void {
  if (machine.life === null) return onCrashed()
  Object.assign(machine.life, { boundariesLeft: boundaries, planned: crash, onCrashed })
}

/** Power on: opens what the disk holds and runs the node on it. What fails is told to the observer. */
export async function startMachine(machine: Machine): Promise<void> {
  if (machine.life !== null) return
  const { parts, index } = machine
  const life: Life = {
    alive: true,
    boundariesLeft: -1,
    planned: { mode: 'keep', silent: false },
    onCrashed: () => undefined,
    store: null,
  }
  machine.life = life
  machine.lives++
  parts.audit.note(`${parts.timeline.nowMs()} start ${index}`)
  try {
    if (machine.lives > 1 && parts.random.chance(parts.rehearsePpm))
      parts.observer.onRehearsed(index, await rehearseRestart(machine))
    const node = await createChainNode(buildOptions(machine, life))
    if (!life.alive) return
    machine.node = node
    node.onCommit((candidate) => {
      if (life.alive)
        parts.observer.onCommit(index, candidate, must(node.head().certificate, 'a committed head has a certificate'))
    })
    await node.start()
    if (life.alive) parts.observer.onStarted(index, node)
  } catch (error) {
    if (!life.alive) return
    crashMachine(machine, { mode: 'keep', silent: false })
    parts.observer.onStartFailed(index, error)
  }
}

function buildOptions(machine: Machine, life: Life): ChainNodeOptions {
  const { parts, index, ailments } = machine
  const { world, timeline, observer } = parts
  const run = (action: () => void): void => runOn(machine, life, action)
  const clock = createClock(machine, run)
  const before = (kind: string, path: string): void => beforeChange(machine, life, kind, path)
  const disk = guardFiles(machine.disk, before, () => ailments.lyingSync)
  const wait = (): Promise<void> => {
    const delayMs = parts.random.below(ailments.batchMs + 1)
    return delayMs === 0 ? Promise.resolve() : new Promise((resolve) => void timeline.after(delayMs, () => run(resolve)))
  }
  const store = createMemoryStore({ records: machine.records, before, wait, isAlive: () => life.alive })
  life.store = store
  const account = must(world.validators[parts.identity], 'a validator')
  const place = { path: SIGN_STATE, chainTag: world.chainTag, publicKeyHex: toHex(account.publicKey), disk }
  const onSigned = (record: SignedRecord): void => observer.onSigned(index, record)
  const journal = watchJournal(openJournal({ ...place, allowCreate: false }), onSigned)
  // A write that a crash cut short may have reached the disk all the same.
  for (const record of recordsIn(journal)) onSigned(record)
  const port = createNetworkPort({
    index,
    network: parts.network,
    clock,
    peerIdOf: world.peerIdOf,
    isAlive: () => life.alive,
    run,
    beforeSend: (to, channel, bytes) => beforeSend(machine, life, { to, channel, bytes }),
    onPenalty: (peer, reason) => observer.onPenalty(index, peer, reason),
  })
  return {
    registry: REGISTRY,
    genesis: world.genesis,
    store,
    dataDir: DATA_DIR,
    validator: { key: account.signer, publicKey: account.publicKey, journal },
    network: parts.twist === null ? port : parts.twist(port, machine),
    clock,
    log: createLog(machine, life),
    metrics: METRICS,
    version: 'sim',
    mempoolLimits: MEMPOOL_LIMITS,
    allowed: () => [],
    onFatal: (error) => onFatal(machine, life, error),
    disk,
    checkSignature: world.checkSignature,
    onEvidence: (misbehaviour) => observer.onEvidence(index, misbehaviour),
  }
}

// One for all: nothing of a run depends on what is counted there.
const METRICS = createMetrics({ version: 'sim', commit: 'sim' })

function runOn(machine: Machine, life: Life, action: () => void): void {
  const { timeline, observer } = machine.parts
  if (!life.alive) return
  const leftMs = machine.ailments.pausedUntilMs - timeline.nowMs()
  if (leftMs > 0) {
    timeline.after(leftMs, () => runOn(machine, life, action))
    return
  }
  try {
    action()
  } catch (error) {
    if (life.alive) observer.onThrow(machine.index, error)
  }
}

function createClock(machine: Machine, run: (action: () => void) => void): Clock {
  const { timeline } = machine.parts
  return {
    nowMs: () => wallTimeOf(machine),
    monotonicMs: timeline.nowMs,
    startTimer: (delayMs, fire) => timeline.after(delayMs, () => run(fire)),
  }
}

/** What the machine's wall clock shows, ms since 1970. */
export function wallTimeOf({ ailments, parts }: Machine): number {
  if (ailments.frozenAtMs >= 0) return ailments.frozenAtMs
  return GENESIS_TIME_MS + 1_000 + parts.timeline.nowMs() + ailments.skewMs
}

class PowerCut extends Error {}

function beforeChange(machine: Machine, life: Life, kind: string, path: string): void {
  if (!life.alive) throw new PowerCut('the machine is down')
  const { diskError } = machine.ailments
  if (diskError !== null && diskError.kind === kind) {
    machine.ailments.diskError = null
    throw Object.assign(new Error(`${diskError.code}: ${path}`), { code: diskError.code })
  }
  if (passBoundary(machine, life)) throw new PowerCut(`crash before ${kind} ${path}`)
}

function beforeSend(machine: Machine, life: Life, message: { to: number; channel: string; bytes: Uint8Array }): boolean {
  if (!life.alive || passBoundary(machine, life)) return false
  machine.parts.observer.onSend(machine.index, message.to, message.channel, message.bytes)
  const { mute } = machine.ailments
  return mute === null || message.channel !== 'consensus' || !mute.to.includes(message.to) || !holds(message.bytes, mute.what)
}

function passBoundary(machine: Machine, life: Life): boolean {
  if (life.boundariesLeft < 0) return false
  if (life.boundariesLeft-- > 0) return false
  crashMachine(machine, life.planned)
  life.onCrashed()
  return true
}

function onFatal(machine: Machine, life: Life, error: unknown): void {
  if (!life.alive) return
  crashMachine(machine, { mode: 'keep', silent: false })
  machine.parts.observer.onFatal(machine.index, error)
}

function recordsIn(journal: Journal): readonly SignedRecord[] {
  const { proposal, prevote, lastLock, precommit, last } = journal.state()
  return [proposal, prevote, lastLock, precommit, last].filter((record) => record !== null)
}

function watchJournal(journal: Journal, onRecord: (record: SignedRecord) => void): Journal {
  return {
    ...journal,
    record(entry) {
      journal.record(entry)
      onRecord(entry)
    },
  }
}

function createLog(machine: Machine, life: Life): Logger {
  const line =
    (level: string): Logger['info'] =>
    (message, fields) => {
      if (life.alive) machine.parts.observer.onLog(machine.index, level, message, fields ?? {})
    }
  const log: Logger = { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error'), child: () => log }
  return log
}

function holds(frame: Uint8Array, what: Mutable): boolean {
  const message = readFrame(frame)
  if (message === null) return false
  if (message.kind === 'proposal') return what === 'proposal'
  if (message.kind === 'polka') return what === 'prevote'
  if (message.kind === 'vote') return message.vote.type === what
  return message.kind === 'votes' && message.votes.some(({ type }) => type === what)
}
