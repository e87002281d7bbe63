// Owns: power on: the real chain node on a machine's disks, its ports joined to the virtual world, and crashes at its boundaries.
// Not here: the machine (machine.ts), the network (network.ts), who decides when (faults.ts).
import { must } from '../core/base/assert.ts'
import { toHex } from '../core/base/bytes.ts'
import { REGISTRY } from '../modules/registry.ts'
import type { ChainNodeOptions } from '../node/chain-base.ts'
import { createChainNode } from '../node/chain-node.ts'
import type { Logger } from '../node/logger.ts'
import { MEMPOOL_LIMITS } from '../node/mempool/mempool.ts'
import { createMetrics } from '../node/metrics.ts'
import type { Clock } from '../node/ports.ts'
import { openJournal } from '../node/storage/journal.ts'
import type { Journal } from '../node/storage/journal.ts'
import { compareSignPoints } from '../node/storage/sign-state.ts'
import type { SignedRecord } from '../node/storage/sign-state.ts'
import type { FileSystem } from '../node/storage/file-system.ts'
import type { ValidatorKey } from '../node/seat-signer.ts'
import type { SimAccount } from './world.ts'
import { boundaryOf } from './boundary.ts'
import type { Boundary } from './boundary.ts'
import { createMemoryStore, guardFiles } from './disk.ts'
import { readFrame } from './frames.ts'
import { DATA_DIR, LOG_DIR, NEXT_SIGN_STATE, SIGN_STATE, crashMachine, wallTimeOf } from './machine.ts'
import type { Life, Machine, Mutable } from './machine.ts'
import { createNetworkPort } from './network-port.ts'

/** How often a start is tried out first, in millionths. */
const REHEARSE_PPM = 250_000

/** Power on: opens what the disk holds and runs the node on it. What fails is told to the observer. */
export async function startMachine(machine: Machine): Promise<void> {
  if (machine.life !== null) return
  const { parts, index } = machine
  const life: Life = {
    alive: true,
    boundariesLeft: -1,
    where: null,
    planned: { mode: 'keep', silent: false },
    onCrashed: () => undefined,
    store: null,
  }
  machine.life = life
  machine.lives++
  parts.audit.note(`${parts.timeline.nowMs()} start ${index}`)
  try {
    if (parts.rehearse !== null && machine.lives > 1 && parts.random.chance(REHEARSE_PPM))
      parts.observer.onRehearsed(index, await parts.rehearse(machine))
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
  const keys = openKeys(machine, disk)
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
    ...keys,
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

// The present key, and the one that is to follow where its operator has prepared one.
function openKeys(machine: Machine, disk: FileSystem): Pick<ChainNodeOptions, 'validator' | 'nextValidator'> {
  const { parts, index, nextKey } = machine
  const { world, observer } = parts
  const onSigned = (record: SignedRecord): void => observer.onSigned(index, record)
  const open = (account: SimAccount, path: string): ValidatorKey => {
    const place = { path, chainTag: world.chainTag, publicKeyHex: toHex(account.publicKey), disk, allowCreate: false }
    return { key: account.signer, publicKey: account.publicKey, journal: watchJournal(openJournal(place), onSigned) }
  }
  const validator = open(must(world.validators[parts.identity], 'a validator'), SIGN_STATE)
  const nextValidator = nextKey === null ? null : open(nextKey, NEXT_SIGN_STATE)
  const records = [validator, nextValidator].flatMap((key) => (key === null ? [] : recordsIn(key.journal)))
  const floors = [validator, nextValidator].map((key) => key?.journal.state().floorHeight ?? 0)
  observer.onJournal(index, records.toSorted(compareSignPoints).at(-1) ?? null, Math.max(...floors))
  // A write that a crash cut short may have reached the disk all the same.
  for (const record of records) onSigned(record)
  return { validator, ...(nextValidator === null ? {} : { nextValidator }) }
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

class PowerCut extends Error {}

function beforeChange(machine: Machine, life: Life, kind: string, path: string): void {
  if (!life.alive) throw new PowerCut('the machine is down')
  const { diskError } = machine.ailments
  if (diskError !== null && diskError.kind === kind) {
    machine.ailments.diskError = null
    throw Object.assign(new Error(`${diskError.code}: ${path}`), { code: diskError.code })
  }
  if (passBoundary(machine, life, boundaryOf(kind, path, PLACES))) throw new PowerCut(`crash before ${kind} ${path}`)
}

function beforeSend(machine: Machine, life: Life, message: { to: number; channel: string; bytes: Uint8Array }): boolean {
  if (!life.alive || passBoundary(machine, life, message.channel === 'consensus' ? 'publish' : null)) return false
  machine.parts.observer.onSend(machine.index, message.to, message.channel, message.bytes)
  const { mute } = machine.ailments
  return mute === null || message.channel !== 'consensus' || !mute.to.includes(message.to) || !holds(message.bytes, mute.what)
}

const PLACES = { logDir: LOG_DIR, signStates: [SIGN_STATE, NEXT_SIGN_STATE] }

function passBoundary(machine: Machine, life: Life, boundary: Boundary | null): boolean {
  if (life.boundariesLeft < 0) return false
  if (life.where !== null && life.where !== boundary) return false
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
