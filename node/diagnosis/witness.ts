// Owns: what a node remembers of the others and of itself to explain a standstill: who was heard when, why rounds failed.
// Not here: what it means (diagnose.ts), the votes and rounds themselves (consensus). Everything here is bounded.
import type { Address, BlockId, Height, Round } from '../../core/base/ids.ts'
import { proposerOf } from '../../core/chain/validator-set.ts'
import type { Proposal, Vote } from '../../core/chain/vote.ts'
import type { HeldProposal } from '../../consensus/proposal-keeper.ts'
import type { ConsensusState } from '../../consensus/state.ts'
import type { RoundVotes } from '../../consensus/vote-keeper.ts'
import type { Clock, PeerId } from '../ports.ts'
import { whyFailed } from './why-failed.ts'
import type { FailedRound } from './observation.ts'

/** What is kept of one connection. */
export type PeerTrace = {
  connectedAtMs: number | null
  endedAtMs: number | null
  /** It fell silent before the connection ended. */
  isLost: boolean
  heardAtMs: number | null
  clockOffsetMs: number | null
  /** How long its last answer took, the timeout where it gave none. */
  answerMs: number | null
  version: string | null
}

type Failed = Omit<FailedRound, 'agoMs' | 'proposer' | 'missing'> & {
  readonly atMs: number
  readonly proposer: Address
  readonly missing: Address[]
  /** Votes that came after the round was over. */
  lateVotes: number
  readonly needed: number
}

/** What was seen, and the notes that make it; times are monotonic ms. */
export type Witness = {
  readonly startedMs: number
  readonly peer: (peer: PeerId) => PeerTrace | null
  readonly voteAtMs: (authority: Address) => number | null
  readonly isEvil: (authority: Address) => boolean
  readonly failedRounds: () => readonly Failed[]
  readonly invalid: () => readonly { readonly proposer: Address; readonly reason: string }[]
  readonly stepSinceMs: () => number
  /** When the present height left its idle step; null while it rests. */
  readonly workSinceMs: () => number | null
  readonly headSinceMs: () => number
  readonly committingSinceMs: () => number | null
  readonly lastCommitMs: () => number
  readonly lastExecuteMs: () => number
  readonly refused: () => string | null
  readonly onConnected: (peer: PeerId) => void
  readonly onDisconnected: (peer: PeerId) => void
  readonly onHeard: (peer: PeerId) => void
  /** It told its time and version after so long, or nothing within that time. */
  readonly onAnswer: (peer: PeerId, tookMs: number, told: { readonly offsetMs: number; readonly version: string } | null) => void
  readonly onProposal: (proposal: Proposal) => void
  readonly onVote: (vote: Vote) => void
  /** After each input of the machine; how long the step that ended had lasted, null where none ended. */
  readonly onStepped: (state: ConsensusState) => { readonly step: string; readonly lastedMs: number } | null
  readonly onRound: (height: Height, round: Round) => void
  readonly onInvalid: (blockId: BlockId, reason: string) => void
  readonly onExecuted: (durationMs: number) => void
  readonly onCommitBegun: () => void
  readonly onCommitted: (durationMs: number) => void
  readonly onRefused: (reason: string) => void
  readonly onMisbehaviour: (authority: Address) => void
}

const PEERS_MAX = 256
const AUTHORITIES_MAX = 256
const FAILED_MAX = 64
const INVALID_MAX = 16
const REASON_CHARS_MAX = 300
/** An answer that took longer says too little about the clock. */
const CLOCK_ANSWER_MS = 2_000
/** A connection that was silent for so long before it ended was lost, not closed: summaries come each second. */
const SILENT_BEFORE_LOSS_MS = 3_000

type SeenRound = {
  readonly state: ConsensusState
  readonly height: Height
  readonly round: Round
  held: HeldProposal | null
  votes: RoundVotes | null
}

type Memory = {
  readonly peers: Map<PeerId, PeerTrace>
  readonly votes: Map<Address, number>
  readonly evil: Set<Address>
  readonly failed: Failed[]
  readonly invalid: { proposer: Address; reason: string }[]
  seen: SeenRound | null
  /** The round before the present one. */
  left: SeenRound | null
  step: { key: string; name: string; sinceMs: number }
  workSinceMs: number | null
  headSinceMs: number
  committingSinceMs: number | null
  lastCommitMs: number
  lastExecuteMs: number
  refused: { height: Height; reason: string } | null
}

/** An empty memory. */
export function createWitness(clock: Clock): Witness {
  const startedMs = clock.monotonicMs()
  const memory: Memory = {
    peers: new Map(),
    votes: new Map(),
    evil: new Set(),
    failed: [],
    invalid: [],
    seen: null,
    left: null,
    step: { key: '', name: '', sinceMs: startedMs },
    workSinceMs: null,
    headSinceMs: startedMs,
    committingSinceMs: null,
    lastCommitMs: 0,
    lastExecuteMs: 0,
    refused: null,
  }
  return {
    startedMs,
    peer: (peer) => memory.peers.get(peer) ?? null,
    voteAtMs: (authority) => memory.votes.get(authority) ?? null,
    isEvil: (authority) => memory.evil.has(authority),
    failedRounds: () => memory.failed,
    invalid: () => memory.invalid,
    stepSinceMs: () => memory.step.sinceMs,
    workSinceMs: () => memory.workSinceMs,
    headSinceMs: () => memory.headSinceMs,
    committingSinceMs: () => memory.committingSinceMs,
    lastCommitMs: () => memory.lastCommitMs,
    lastExecuteMs: () => memory.lastExecuteMs,
    refused: () => (memory.refused?.height === memory.seen?.height ? (memory.refused?.reason ?? null) : null),
    ...buildPeerNotes(memory, clock),
    ...buildRoundNotes(memory, clock),
  }
}

const NEVER: Readonly<PeerTrace> = {
  connectedAtMs: null,
  endedAtMs: null,
  isLost: false,
  heardAtMs: null,
  clockOffsetMs: null,
  answerMs: null,
  version: null,
}

type PeerNotes = 'onConnected' | 'onDisconnected' | 'onHeard' | 'onAnswer'

function buildPeerNotes(memory: Memory, clock: Clock): Pick<Witness, PeerNotes> {
  const traceOf = (peer: PeerId): PeerTrace => {
    const known = memory.peers.get(peer)
    if (known !== undefined) return known
    if (memory.peers.size >= PEERS_MAX) memory.peers.delete(memory.peers.keys().next().value as PeerId)
    const trace: PeerTrace = { ...NEVER }
    memory.peers.set(peer, trace)
    return trace
  }
  return {
    onConnected: (peer) =>
      void Object.assign(traceOf(peer), { connectedAtMs: clock.monotonicMs(), endedAtMs: null, isLost: false }),
    onDisconnected(peer) {
      const trace = traceOf(peer)
      const now = clock.monotonicMs()
      const heardAtMs = trace.heardAtMs ?? trace.connectedAtMs ?? now
      Object.assign(trace, { connectedAtMs: null, endedAtMs: now, isLost: now - heardAtMs >= SILENT_BEFORE_LOSS_MS })
    },
    onHeard: (peer) => {
      traceOf(peer).heardAtMs = clock.monotonicMs()
    },
    onAnswer(peer, tookMs, told) {
      const trace = traceOf(peer)
      trace.answerMs = Math.round(tookMs)
      if (told === null) return
      trace.version = told.version
      // Of a long exchange nobody knows how its time divides into the way there and the way back.
      if (tookMs <= CLOCK_ANSWER_MS) trace.clockOffsetMs = Math.round(told.offsetMs)
    },
  }
}

function buildRoundNotes(memory: Memory, clock: Clock): Omit<Witness, PeerNotes | keyof ReadOnly> {
  const now = (): number => clock.monotonicMs()
  return {
    onProposal({ height, round }) {
      for (const failed of memory.failed) {
        if (failed.height === height && failed.round === round && failed.why === 'noProposal') failed.lateVotes = failed.needed
      }
    },
    onVote({ validator, height, round }) {
      if (memory.votes.size >= AUTHORITIES_MAX && !memory.votes.has(validator)) memory.votes.clear()
      memory.votes.set(validator, now())
      for (const failed of memory.failed) {
        const place = failed.missing.indexOf(validator)
        if (failed.height !== height || failed.round !== round || place === -1) continue
        failed.missing.splice(place, 1)
        failed.lateVotes++
      }
    },
    onStepped: (state) => noteStep(memory, state, now()),
    onRound(height, round) {
      const { left } = memory
      if (round === 0 || left === null || left.height !== height || left.round >= round) return
      if (memory.failed.length >= FAILED_MAX) memory.failed.shift()
      memory.failed.push(judgeRound(left, now()))
    },
    onInvalid(blockId, reason) {
      const { seen } = memory
      const proposal = seen?.held?.proposal ?? null
      const proposer = proposal?.blockId === blockId ? proposal.proposer : null
      if (proposer === null) return
      if (memory.invalid.length >= INVALID_MAX) memory.invalid.shift()
      memory.invalid.push({ proposer, reason: reason.slice(0, REASON_CHARS_MAX) })
    },
    onExecuted: (durationMs) => {
      memory.lastExecuteMs = Math.round(durationMs)
    },
    onCommitBegun: () => {
      memory.committingSinceMs = now()
    },
    onCommitted(durationMs) {
      memory.committingSinceMs = null
      memory.lastCommitMs = Math.round(durationMs)
      memory.headSinceMs = now()
    },
    onRefused: (reason) => {
      memory.refused = { height: memory.seen?.height ?? 0, reason: reason.slice(0, REASON_CHARS_MAX) }
    },
    onMisbehaviour: (authority) => {
      if (memory.evil.size < AUTHORITIES_MAX) memory.evil.add(authority)
    },
  }
}

type ReadOnly = Pick<
  Witness,
  | 'startedMs'
  | 'peer'
  | 'voteAtMs'
  | 'isEvil'
  | 'failedRounds'
  | 'invalid'
  | 'stepSinceMs'
  | 'workSinceMs'
  | 'headSinceMs'
  | 'committingSinceMs'
  | 'lastCommitMs'
  | 'lastExecuteMs'
  | 'refused'
>

function noteStep(memory: Memory, state: ConsensusState, nowMs: number): ReturnType<Witness['onStepped']> {
  const { height, round, step } = state
  const seen = memory.seen
  const held = state.proposals.get(round) ?? null
  const votes = state.votes.rounds.get(round) ?? null
  // The machine forgets a round when it leaves it; what it looked like to the end is kept here.
  if (seen === null || seen.height !== height || seen.round !== round) {
    memory.left = seen
    memory.seen = { state, height, round, held, votes }
  } else {
    seen.held = held ?? seen.held
    seen.votes = votes ?? seen.votes
  }
  if (step === 'newHeight') memory.workSinceMs = null
  else if (memory.workSinceMs === null || seen?.height !== height) memory.workSinceMs = nowMs
  const key = `${height}.${round}.${step}`
  if (key === memory.step.key) return null
  const { name, sinceMs } = memory.step
  memory.step = { key, name: step, sinceMs: nowMs }
  return name === '' ? null : { step: name, lastedMs: nowMs - sinceMs }
}

function judgeRound({ state, height, round, held, votes }: SeenRound, atMs: number): Failed {
  const { set } = state
  const { authority } = proposerOf(set, { height, round })
  const isSilent = (index: number): boolean =>
    (votes?.prevote.votes[index] ?? null) === null || (votes?.precommit.votes[index] ?? null) === null
  const why = whyFailed(state, held, votes)
  const silent = set.validators.filter((_, index) => isSilent(index)).map((validator) => validator.authority)
  return {
    height,
    round,
    proposer: authority,
    atMs,
    lateVotes: 0,
    needed: set.quorum,
    why,
    missing: why === 'fewVotes' ? silent : [],
  }
}
