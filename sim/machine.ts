// Owns: one simulated machine: its disks, its wall clock, what ails it, and its power off. Not here: power on and the node that
// then runs (machine-start.ts), what a crash is for (faults.ts), what must hold (checkers).
import { toHex } from '../core/base/bytes.ts'
import { must } from '../core/base/assert.ts'
import type { ChainNode } from '../node/chain-node.ts'
import type { Network } from '../node/ports.ts'
import { initJournal } from '../node/storage/journal.ts'
import { createMemoryDisk } from '../node/storage/memory-disk.ts'
import type { CrashMode, MemoryDisk } from '../node/storage/memory-disk.ts'
import type { Audit } from './audit.ts'
import type { Boundary } from './boundary.ts'
import type { MemoryStore, Records } from './disk.ts'
import type { VirtualNetwork } from './network.ts'
import type { Observer } from './observer.ts'
import type { Random } from './prng.ts'
import type { Timeline } from './timeline.ts'
import { GENESIS_TIME_MS } from './world.ts'
import type { SimAccount, World } from './world.ts'

/** The machine's data directory. */
export const DATA_DIR = '/data'
/** The journal's file. */
export const SIGN_STATE = `${DATA_DIR}/sign-state`
/** The file of the key that is to follow. */
export const NEXT_SIGN_STATE = `${DATA_DIR}/sign-state-next`
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
  /** Tries a start out on copies of the disk first, now and then; null never. */
  readonly rehearse: ((machine: Machine) => Promise<string | null>) | null
}

/** After how many boundaries, of which name (null: any), a crash comes. */
export type Moment = { readonly boundaries: number; readonly where: Boundary | null }

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
  /** The key that is to follow the present one, with a journal of its own. */
  nextKey: SimAccount | null
  /** Lives so far. */
  lives: number
}

/** One life: from power on to the crash. */
export type Life = {
  alive: boolean
  /** Crashes after this many more changes of disk or messages sent; -1 for never. */
  boundariesLeft: number
  /** The only ones that count, or null for all. */
  where: Boundary | null
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
  return { index: parts.index, parts, ailments, disk, records: new Map(), node: null, life: null, nextKey: null, lives: 0 }
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
export function armCrash(machine: Machine, at: Moment, crash: Crash, onCrashed: () => void): void {
  if (machine.life === null) return onCrashed()
  Object.assign(machine.life, { boundariesLeft: at.boundaries, where: at.where, planned: crash, onCrashed })
}

/** What the machine's wall clock shows, ms since 1970. */
export function wallTimeOf({ ailments, parts }: Machine): number {
  if (ailments.frozenAtMs >= 0) return ailments.frozenAtMs
  return trueTime(parts.timeline) + ailments.skewMs
}

/** Wall time as a right clock shows it, ms since 1970. */
export function trueTime(timeline: Timeline): number {
  return GENESIS_TIME_MS + 1_000 + timeline.nowMs()
}
