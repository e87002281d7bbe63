// Owns: one perform function per effect of the consensus machine, exhaustive.
// Not here: their order (driver.ts), frames (consensus-link.ts).
import { assert, assertNever } from '../core/base/assert.ts'
import type { BlockId, Height, Round, TxId } from '../core/base/ids.ts'
import type { Block } from '../core/chain/block.ts'
import type { Certificate } from '../core/chain/certificate.ts'
import type { Effect, Misbehaviour } from '../consensus/effect.ts'
import type { Input, MessageInput, TimerStep } from '../consensus/input.ts'
import type { Failure } from '../core/base/errors.ts'
import type { CheckedTransaction } from '../core/execution/check.ts'
import { encode } from '../core/codec/schema.ts'
import { BlockSchema } from '../core/chain/block.ts'
import type { Bodies } from './bodies.ts'
import type { BlockFetcher } from './block-fetcher.ts'
import type { ConsensusPublisher } from './consensus-publisher.ts'
import { buildCandidate, checkUnits, executeCandidate } from './executor.ts'
import type { Candidate, ExecutorParts } from './executor.ts'
import type { Mempool } from './mempool/mempool.ts'
import type { Clock } from './ports.ts'
import type { SeatSigner } from './seat-signer.ts'
import { WAL_TYPES } from './wal-records.ts'
import type { Logger } from './logger.ts'

/** Everything that an effect may touch. */
export type EffectParts = {
  readonly executor: ExecutorParts
  readonly bodies: Bodies
  readonly mempool: Mempool
  /** The signer of the running height. */
  readonly signer: SeatSigner
  readonly wal: { readonly append: (type: number, payload: Uint8Array) => void; readonly flush: () => void }
  readonly clock: Clock
  readonly publisher: ConsensusPublisher
  readonly fetcher: BlockFetcher
  readonly enqueue: (input: Input) => void
  readonly runTask: (task: () => void | Promise<void>) => void
  readonly commit: (candidate: Candidate, certificate: Certificate) => Promise<void>
  /** True when the proposer of a round of this height has had no connection for a while (R16). */
  readonly isProposerAbsent: (round: Round) => boolean
  /** False until this node has heard where the others stand (W9); what is to be signed waits for it. */
  readonly maySign: () => boolean
  readonly onRound: (height: Height, round: Round) => void
  readonly onMisbehaviour: (misbehaviour: Misbehaviour) => void
  /** A proposed block was executed and is not valid. */
  readonly onInvalid: (blockId: BlockId, reason: string) => void
  /** Has costly checks of a proposed block made on other threads; null where nothing is to be waited for. */
  readonly judge: (txs: readonly CheckedTransaction[]) => Promise<void> | null
  /** How long executing a proposed block took, ms. */
  readonly onExecuted: (durationMs: number) => void
  /** Early messages that the machine kept: verify, then enqueue. */
  readonly onReplay: (inputs: readonly MessageInput[]) => void
  /** A waiting transaction turned out to be impossible, or stood behind one that did. */
  readonly onBarred: (txId: TxId, failure: Failure) => void
  /** Evidence that waits for a block, the most urgent first. */
  readonly evidence: () => readonly Uint8Array[]
  /** The fullest certificate of the head, late precommits included (attendance). */
  readonly lastCommit: () => Certificate | null
  readonly log: Logger
}

const ABSENT_PROPOSER_MS = 50
const BUILD_MS_MIN = 50
/** Signatures that wait for the restart guard; the machine asks for three in a round. */
const DEFERRED_MAX = 256

type Timers = Map<string, { readonly round: Round; readonly cancel: () => void }>

/** The performer of every effect; also cancels all timers when the height is over or the node stops. */
export type Effects = {
  readonly perform: (effect: Effect) => void | undefined | Promise<void>
  readonly cancelTimers: () => void
  /** Signs what had to wait until signing was allowed, in its order. */
  readonly performDeferred: () => void
}

/** Builds the performers. */
export function createEffects(parts: EffectParts): Effects {
  const timers: Timers = new Map()
  const deferred: (() => void)[] = []
  const performDeferred = (): void => {
    for (const sign of deferred.splice(0)) sign()
  }
  const performSigning = (sign: () => void): void => {
    if (deferred.length < DEFERRED_MAX) deferred.push(sign)
    if (parts.maySign()) performDeferred()
  }
  const cancelTimers = (belowRound: Round): void => {
    for (const [key, timer] of timers) {
      if (timer.round >= belowRound) continue
      timer.cancel()
      timers.delete(key)
    }
  }
  return {
    cancelTimers: () => cancelTimers(Number.MAX_SAFE_INTEGER),
    performDeferred,
    perform(effect) {
      switch (effect.kind) {
        case 'buildBlock':
          return performBuildBlock(parts, effect)
        case 'validateBlock':
          return performValidateBlock(parts, effect.height, effect.blockId)
        case 'signProposal':
          return performSigning(() => performSignProposal(parts, effect))
        case 'signVote':
          return performSigning(() => performSignVote(parts, effect))
        case 'startTimer':
          return performStartTimer(parts, timers, effect)
        case 'cancelTimers':
          return cancelTimers(effect.belowRound)
        case 'roundEntered':
          return parts.onRound(effect.height, effect.round)
        case 'fetchBlock':
          return performFetchBlock(parts, effect.height, effect.blockId)
        case 'decide':
          cancelTimers(Number.MAX_SAFE_INTEGER)
          return performDecide(parts, effect)
        case 'misbehaviour':
          return parts.onMisbehaviour(effect.misbehaviour)
        case 'replay':
          return parts.onReplay(effect.inputs)
        default:
          return assertNever(effect)
      }
    },
  }
}

type Of<K extends Effect['kind']> = Extract<Effect, { kind: K }>

// R17: a block that stalled earlier rounds is made smaller, in the end empty.
function performBuildBlock(parts: EffectParts, effect: Of<'buildBlock'>): void {
  const { executor, mempool, clock } = parts
  const signer = parts.signer()
  const head = executor.head()
  if (effect.height !== head.height + 1 || signer === null) return
  const now = clock.nowMs()
  const empty = effect.shrink >= 4
  // Everyone executes what we build before they vote: half an interval for us keeps blocks coming in rhythm under any load. A
  // unit takes about a millisecond of whoever has not checked that ballot yet: half an interval of those as well.
  const halfMs = Math.max(BUILD_MS_MIN, head.params.blockIntervalMs >> 1)
  const timeUpMs = clock.monotonicMs() + halfMs
  const barred: { checked: CheckedTransaction; failure: Failure }[] = []
  const candidate = buildCandidate(executor, {
    proposer: signer.authority,
    lastCommit: parts.lastCommit(),
    time: now > head.header.time ? now : head.header.time + 1,
    bytesMax: head.params.blockBytesMax >> effect.shrink,
    txsMax: empty ? 0 : Math.max(1, head.params.blockTxsMax >> effect.shrink),
    unitsMax: halfMs >> effect.shrink,
    candidates: mempool.selectTransactions(),
    evidence: parts.evidence(),
    isTimeUp: () => clock.monotonicMs() >= timeUpMs,
    onBarred: (checked, failure) => barred.push({ checked, failure }),
  })
  for (const { checked, failure } of barred) {
    if (failure.class !== 'early' || failure.code === 'CREDIT_EXHAUSTED') dropBarred(parts, checked.tx.id, failure)
  }
  keepCandidate(parts, candidate)
  parts.enqueue({ kind: 'blockBuilt', height: effect.height, round: effect.round, blockId: candidate.blockId })
}

// Whoever waits for one of them is told: a transaction always ends (interfaces.md 2.6).
function dropBarred(parts: EffectParts, txId: TxId, failure: Failure): void {
  for (const dropped of parts.mempool.remove(txId)) parts.onBarred(dropped, failure)
}

// The body is in the log before any vote on it can be: all may crash at once and the block is still there (W5).
function keepCandidate(parts: EffectParts, candidate: Candidate): void {
  parts.bodies.setCandidate(candidate)
  parts.wal.append(WAL_TYPES.block, candidate.encoded)
}

function performValidateBlock(parts: EffectParts, height: Height, blockId: BlockId): void {
  if (height !== parts.executor.head().height + 1) return
  if (parts.bodies.candidate(blockId) !== null) {
    answer(parts, height, blockId, true)
    return
  }
  const assembly = parts.bodies.assemble(blockId)
  const retry = (): void => parts.runTask(() => performValidateBlock(parts, height, blockId))
  if (assembly.kind === 'complete') judgeAndAnswer(parts, { height, blockId, block: assembly.block, txs: assembly.txs })
  else if (assembly.kind === 'missing') parts.fetcher.fetchMissing(blockId, assembly.indexes, retry)
  else parts.fetcher.fetchWhole(blockId, retry)
}

function performFetchBlock(parts: EffectParts, height: Height, blockId: BlockId): void {
  if (parts.bodies.candidate(blockId) !== null) answer(parts, height, blockId, true)
  else parts.fetcher.fetchWhole(blockId, () => parts.runTask(() => performValidateBlock(parts, height, blockId)))
}

// A block whose validity a replayed log vouches for has not been executed by this process yet.
function performDecide(parts: EffectParts, effect: Of<'decide'>): Promise<void> | undefined {
  const { height, blockId, certificate } = effect
  if (height !== parts.executor.head().height + 1) return undefined
  const known = parts.bodies.candidate(blockId)
  if (known !== null) return parts.commit(known, certificate)
  const assembly = parts.bodies.assemble(blockId)
  if (assembly.kind === 'complete') {
    const outcome = executeCandidate(parts.executor, assembly.block, (_bytes, index) => assembly.txs[index] ?? null)
    assert(typeof outcome !== 'string', `block ${blockId} was decided by a quorum but is not valid here: ${String(outcome)}`)
    return parts.commit(outcome, certificate)
  }
  parts.fetcher.fetchWhole(blockId, () => parts.runTask(() => performDecide(parts, effect)))
  return undefined
}

type Whole = { height: Height; blockId: BlockId; block: Block; txs: readonly CheckedTransaction[] }

// The loop goes on meanwhile; verdicts that cannot be had are made while the block is executed. A block above the bound of
// units is refused without them: its proofs would keep those of the next proposer waiting.
function judgeAndAnswer(parts: EffectParts, whole: Whole): void {
  const { height, blockId, txs } = whole
  const pending = checkUnits(parts.executor, txs) === null ? parts.judge(txs) : null
  if (pending === null) return executeAndAnswer(parts, whole)
  const goOn = (): void => {
    if (height !== parts.executor.head().height + 1) return
    if (parts.bodies.candidate(blockId) === null) executeAndAnswer(parts, whole)
    else answer(parts, height, blockId, true)
  }
  void pending.then(() => parts.runTask(goOn))
}

function executeAndAnswer(parts: EffectParts, { height, blockId, block, txs }: Whole): void {
  const begunMs = parts.clock.monotonicMs()
  const outcome = executeCandidate(parts.executor, block, (_bytes, index) => txs[index] ?? null)
  parts.onExecuted(parts.clock.monotonicMs() - begunMs)
  if (typeof outcome === 'string') {
    parts.onInvalid(blockId, outcome)
    parts.log.warn('Proposed block is not valid', { height, blockId, reason: outcome })
    answer(parts, height, blockId, false)
    return
  }
  keepCandidate(parts, outcome)
  answer(parts, height, blockId, true)
}

function answer(parts: EffectParts, height: Height, blockId: BlockId, valid: boolean): void {
  parts.enqueue({ kind: 'blockValidated', height, blockId, valid })
}

// W2: what explains the signature is durable, then the signature is made and journalled, then it leaves.
function performSignProposal(parts: EffectParts, effect: Of<'signProposal'>): void {
  if (isOver(parts, effect.proposal.height)) return
  parts.wal.flush()
  const proposal = parts.signer()?.signProposal(effect.proposal) ?? null
  if (proposal === null) return
  const compact = parts.bodies.compact(proposal.blockId)
  parts.publisher.publishProposal(proposal, effect.polka, compact)
  parts.enqueue({ kind: 'proposal', proposal, timely: true })
}

function performSignVote(parts: EffectParts, effect: Of<'signVote'>): void {
  if (isOver(parts, effect.vote.height)) return
  parts.wal.flush()
  const vote = parts.signer()?.signVote(effect.vote) ?? null
  if (vote === null) return
  parts.publisher.publishVote(vote)
  parts.enqueue({ kind: 'vote', vote })
}

// W10: a height that was committed meanwhile, by sync for one, is never signed again.
function isOver(parts: EffectParts, height: Height): boolean {
  return height <= parts.executor.head().height
}

function performStartTimer(parts: EffectParts, timers: Timers, effect: Of<'startTimer'>): void {
  const { height, round, step } = effect
  // R16: prevoting nil early is always allowed, and a proposer that nobody can hear costs its round only a moment.
  const isHopeless = step === 'propose' && parts.isProposerAbsent(round)
  const delayMs = isHopeless ? Math.min(effect.delayMs, ABSENT_PROPOSER_MS) : effect.delayMs
  const key = timerKey(round, step)
  timers.get(key)?.cancel()
  const timer = parts.clock.startTimer(delayMs, () => {
    timers.delete(key)
    parts.enqueue({ kind: 'timeout', height, round, step })
  })
  timers.set(key, { round, cancel: timer.cancel })
}

function timerKey(round: Round, step: TimerStep): string {
  return `${round}.${step}`
}

/** A block's canonical bytes, for answers to peers. */
export function encodeBlock(block: Block): Uint8Array {
  return encode(BlockSchema, block)
}
