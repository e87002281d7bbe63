// Owns: the checks of one run joined to what the machines tell: who is judged, what is written down, when the run may end.
// Not here: the checks themselves (checkers).
import type { Height } from '../core/base/ids.ts'
import { must } from '../core/base/assert.ts'
import { SIGN_STEPS, readSignedContent, signerOf } from '../core/chain/vote.ts'
import type { Certificate } from '../core/chain/certificate.ts'
import type { Misbehaviour } from '../consensus/effect.ts'
import { describeFatal } from '../node/driver.ts'
import { checkBounds } from './checkers/bounds.ts'
import { createChainChecker } from './checkers/chain.ts'
import type { ChainChecker } from './checkers/chain.ts'
import { createEvidenceChecker } from './checkers/evidence.ts'
import { createSigningChecker } from './checkers/signing.ts'
import type { SigningChecker } from './checkers/signing.ts'
import type { Kept, Report, Violation } from './checkers/violation.ts'
import type { Audit } from './audit.ts'
import type { Coverage } from './coverage.ts'
import { trueTime } from './machine.ts'
import type { Machine } from './machine.ts'
import type { SignedRecord } from '../node/storage/sign-state.ts'
import type { Observer } from './observer.ts'
import { faultyMax, faultyOf, losesTooManyLogs } from './plan.ts'
import type { Plan } from './plan.ts'
import type { Timeline } from './timeline.ts'
import type { World } from './world.ts'

/** What the watch is built from. `machines` fills up after it is built. */
export type WatchParts = {
  readonly plan: Plan
  readonly world: World
  readonly machines: readonly Machine[]
  readonly timeline: Timeline
  readonly audit: Audit
  readonly coverage: Coverage
}

/** Sees everything, judges, and knows when enough has been seen. */
export type Watch = {
  readonly observer: Observer
  readonly violations: readonly Violation[]
  readonly chain: ChainChecker
  readonly afterEvent: () => void
  readonly onSubmitted: () => void
  readonly onHealed: () => void
  /** The machine may fail to start or stop itself from now on, and why. */
  readonly expectFailure: (machine: number, codes: readonly string[], then: () => void) => void
  /** Nobody may be judged for penalties any more: bytes rot on the way. */
  readonly excusePenalties: () => void
  /** The operator gave this machine a new sign state: its lock is forgotten on purpose. */
  readonly onMended: (machine: number) => void
  readonly isDone: () => boolean
  readonly gapMs: () => number
  readonly longestGapMs: () => number
  /** How long it may take until the slowest honest machine gains a height. */
  readonly gapMaxMs: () => number
  readonly reportStall: () => void
  readonly height: () => Height
  readonly txCount: () => number
}

/** Heights beyond the healing that show progress. */
const BEYOND = 3
/** Promises that hold however many lie. */
const KEPT_BEYOND: ReadonlySet<Kept> = new Set(['evidence', 'double-sign', 'lock', 'journal-first', 'replay', 'bounds', 'start'])
const GAP_MAX_MS = 40_000
/** Honest machines that punished each other for rotten bytes do not talk for a minute. */
const GAP_MAX_AFTER_ROT_MS = 120_000

type State = {
  healedAtMs: number
  target: Height
  slowest: Height
  risenAtMs: number
  longestGapMs: number
  excused: boolean
  submitted: number
  /** Failures that were brought about on purpose and have not shown yet. */
  expected: { machine: number; codes: readonly string[]; then: () => void }[]
}

function createState(target: Height): State {
  return { healedAtMs: -1, target, slowest: 0, risenAtMs: 0, longestGapMs: 0, excused: false, submitted: 0, expected: [] }
}

/** Builds the watch of a run. */
export function createWatch(parts: WatchParts): Watch {
  const { plan, world, machines, timeline, audit } = parts
  const violations: Violation[] = []
  const faulty = faultyOf(plan)
  const isHonest = (machine: number): boolean => machine < plan.n + plan.spares && !faulty.has(machine)
  // With more liars than the protocol bears, honest names are all that can still be demanded.
  const isBeyond = faulty.size > faultyMax(plan.n)
  if (isBeyond) parts.coverage.note(14, 'run')
  const report: Report = (kind, machine, text) => {
    if (isBeyond && !KEPT_BEYOND.has(kind)) return parts.coverage.note(14, kind)
    audit.note(`${timeline.nowMs()} VIOLATION ${kind} ${machine} ${text}`)
    violations.push({ kind, atMs: timeline.nowMs(), machine, text })
  }
  const checkEvidence = createEvidenceChecker({ world, honest: isHonest, report, coverage: parts.coverage })
  const chain = createChainChecker({ world, honest: isHonest, report, nowMs: () => trueTime(timeline), checkEvidence })
  const signing = createSigningChecker((machine) => must(world.validators[machine], 'a validator').address, isHonest, report)
  const state = createState(plan.heights)
  const hidden = new Set<string>()
  const gapMaxMs = (): number => (state.excused ? GAP_MAX_AFTER_ROT_MS : GAP_MAX_MS)
  const honest = (): readonly number[] => machines.map(({ index }) => index).filter(isHonest)
  const slowestNow = (): Height => Math.min(...honest().map((machine) => machines[machine]?.node?.head().height ?? 0))
  return {
    observer: buildObserver({ ...parts, isHonest, report, chain, signing, state }),
    violations,
    chain,
    afterEvent() {
      for (const { node, index } of machines) {
        if (node === null || !isHonest(index)) continue
        checkBounds(index, node, report)
        signing.checkLock(index, node.consensus)
      }
      noteHiddenLocks(parts, machines, hidden)
      if (state.healedAtMs < 0) return
      const slowest = slowestNow()
      if (slowest <= state.slowest) return
      state.longestGapMs = Math.max(state.longestGapMs, timeline.nowMs() - state.risenAtMs)
      state.slowest = slowest
      state.risenAtMs = timeline.nowMs()
    },
    onSubmitted: () => void state.submitted++,
    onHealed() {
      state.healedAtMs = state.risenAtMs = timeline.nowMs()
      state.target = Math.max(plan.heights, chain.height() + BEYOND)
      state.slowest = slowestNow()
    },
    expectFailure: (machine, codes, then) => void state.expected.push({ machine, codes, then }),
    excusePenalties: () => {
      state.excused = true
    },
    onMended: signing.forget,
    isDone: () => isBeyond || slowestNow() >= state.target,
    gapMs: () => timeline.nowMs() - state.risenAtMs,
    longestGapMs: () => state.longestGapMs,
    gapMaxMs,
    reportStall: () => reportStall(parts, report, describeStall(machines, gapMaxMs(), state.target)),
    height: chain.height,
    txCount: chain.txCount,
  }
}

function reportStall({ plan, audit, timeline, coverage }: WatchParts, report: Report, text: string): void {
  if (!losesTooManyLogs(plan)) return report('liveness', -1, text)
  // Nobody has the decided block any more: to stand still is the promise then, and every check of signatures went on.
  audit.note(`${timeline.nowMs()} stands still ${text}`)
  coverage.note(10, 'logs lost beyond the budget, stands still')
}

type ObserverParts = WatchParts & {
  readonly isHonest: (machine: number) => boolean
  readonly report: Report
  readonly chain: ChainChecker
  readonly signing: SigningChecker
  readonly state: State
}

function buildObserver(parts: ObserverParts): Observer {
  const { timeline, audit, report, chain, signing, state, isHonest } = parts
  const failed = (machine: number, kind: 'start' | 'crash', error: unknown): void => {
    const { code, text } = describeFatal(error)
    audit.note(`${timeline.nowMs()} ${kind} failed ${machine} ${code}`)
    const expected = state.expected.find((entry) => entry.machine === machine && entry.codes.includes(code))
    if (expected !== undefined) {
      state.expected = state.expected.filter((entry) => entry !== expected)
      return expected.then()
    }
    if (isHonest(machine)) report(kind, machine, text)
  }
  return {
    onSigned(machine, record) {
      noteSigned(parts, machine, record)
      signing.onSigned(machine, record)
    },
    onJournal: signing.onOpened,
    onSend(machine, _to, channel, bytes) {
      if (channel === 'consensus') signing.onFrame(machine, bytes)
    },
    onCommit(machine, candidate, certificate) {
      audit.note(
        `${timeline.nowMs()} commit ${machine} ${certificate.height}/${certificate.round} ${candidate.blockId.slice(0, 8)}`,
      )
      noteWay(parts, machine, certificate)
      chain.onCommit(machine, candidate, certificate)
    },
    onEvidence: (machine, misbehaviour) => onEvidence(parts, machine, misbehaviour),
    onPenalty(by, peer, reason) {
      audit.note(`${timeline.nowMs()} penalty ${by} against ${peer}: ${reason}`)
      if (isHonest(by) && isHonest(peer) && !state.excused) report('penalty', by, `punished honest machine ${peer}: ${reason}`)
    },
    onStarted(machine, node) {
      audit.note(`${timeline.nowMs()} started ${machine} at ${node.head().height}`)
      chain.onStarted(machine, node)
    },
    onStartFailed: (machine, error) => failed(machine, 'start', error),
    onFatal: (machine, error) => failed(machine, 'crash', error),
    onThrow: (machine, error) =>
      report('crash', machine, error instanceof Error ? (error.stack ?? error.message) : String(error)),
    onRehearsed: (machine, difference) => {
      parts.coverage.note(8, 'replay rehearsed twice')
      if (difference !== null && isHonest(machine)) report('replay', machine, difference)
    },
    onLog: (machine, level, message, fields) => {
      // The guard is the last wall: an honest machine must not even come near it.
      if (level === 'error' && message === 'Signature refused by the guard' && isHonest(machine))
        report('guard', machine, JSON.stringify(fields))
      audit.note(`${timeline.nowMs()} ${level} ${machine} ${message} ${JSON.stringify(fields, plainValue)}`)
    },
  }
}

function noteSigned(parts: ObserverParts, machine: number, record: SignedRecord): void {
  const { audit, timeline, coverage, machines, isHonest, report } = parts
  const { height, round, step, blockIdHex, signBytes } = record
  audit.note(`${timeline.nowMs()} signed ${machine} ${height}/${round}/${step} ${blockIdHex?.slice(0, 8) ?? 'nil'}`)
  if (step === SIGN_STEPS.proposal && readSignedContent(signBytes).validRound >= 0) coverage.note(5, 're-proposal with its polka')
  if (round > 0) coverage.note(3, 'signed in a later round')
  // W10: what sync or consensus has committed is over.
  const head = machines[machine]?.node?.head().height ?? 0
  if (height <= head && isHonest(machine))
    report('decided-height', machine, `signed step ${step} of ${height}/${round}, its head is ${head}`)
}

function plainValue(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value
}

// How a height ended here, where that is worth counting.
function noteWay({ machines, coverage }: ObserverParts, machine: number, { round, height }: Certificate): void {
  const { consensus } = machines[machine]?.node ?? {}
  if (consensus === undefined || consensus.height !== height) return
  if (consensus.step !== 'decided')
    coverage.note(16, consensus.step === 'newHeight' ? 'block by sync' : 'block by sync in mid-round')
  else if (consensus.round > round) coverage.note(19, 'precommits of an old round decide')
  else if (consensus.round < round) coverage.note(19, 'precommits of a later round decide')
}

// One machine is locked, and no other of its height has seen the polka although they have moved on.
function noteHiddenLocks({ coverage }: WatchParts, machines: readonly Machine[], seen: Set<string>): void {
  for (const { node } of machines) {
    if (node === null || node.consensus.lockedRound < 0) continue
    const { height, lockedRound } = node.consensus
    const key = `${height} ${lockedRound}`
    if (seen.has(key)) continue
    const others = machines.flatMap((other) => (other.node === null || other.node === node ? [] : [other.node.consensus]))
    const beside = others.filter((other) => other.height === height)
    if (beside.length === 0 || beside.some((other) => other.validRound >= lockedRound || other.polkas.length > 0)) continue
    if (!beside.some((other) => other.round > lockedRound)) continue
    seen.add(key)
    coverage.note(5, 'one holds the polka')
  }
}

// Soundness: whoever is named must be a liar, and both messages must carry its signature (the machine verified them before).
function onEvidence(
  { world, isHonest, report, coverage, audit, timeline }: ObserverParts,
  by: number,
  found: Misbehaviour,
): void {
  const author = signerOf(found.first)
  const named = world.validators.findIndex(({ address }) => address === author)
  audit.note(`${timeline.nowMs()} evidence ${by} against ${named}: ${found.kind} ${found.first.height}/${found.first.round}`)
  coverage.note(21, found.kind)
  if (signerOf(found.second) !== author) report('evidence', by, `${found.kind}: the two messages have two authors`)
  if (named === -1 || isHonest(named)) report('evidence', by, `${found.kind} names the honest machine ${named}`)
}

function describeStall(machines: readonly Machine[], boundMs: number, target: Height): string {
  const each = machines.map(({ index, node }) => {
    if (node === null) return `${index} is down`
    const { height, round, step, lockedRound, validRound, pendingCommit } = node.consensus
    const waits = pendingCommit === null ? '' : ' waits for a body'
    return `${index} at ${height}/${round} ${step} lock ${lockedRound} valid ${validRound}${waits}`
  })
  return `no progress to height ${target} within ${boundMs} ms after everything was healed: ${each.join('; ')}`
}
