// Owns: consensus frames on their way in: decode, bound, verify, hand to the loop; anti-entropy by summaries (consensus.md 6.2).
// Not here: the machine's rules (consensus), what goes out (consensus-publisher.ts).
import { equalBytes } from '../core/base/bytes.ts'
import { CodecError } from '../core/base/errors.ts'
import type { Height, Round } from '../core/base/ids.ts'
import { blockIdOf } from '../core/chain/block.ts'
import type { Header } from '../core/chain/block.ts'
import type { Certificate, SignatureCheck } from '../core/chain/certificate.ts'
import { firstRoundAt } from '../core/chain/recovery.ts'
import type { Proposal, Vote } from '../core/chain/vote.ts'
import { messagesMissingFrom, rebroadcastOf } from '../consensus/catch-up.ts'
import type { Input, MessageInput } from '../consensus/input.ts'
import { decodeConsensusMessage } from '../consensus/message.ts'
import type { HeightMessage } from '../consensus/message.ts'
import type { ConsensusState } from '../consensus/state.ts'
import { decodeSummary } from '../consensus/summary.ts'
import type { Summary } from '../consensus/summary.ts'
import { verifyCommit, verifyInput, verifyPolka, verifyProposal, verifyVote } from '../consensus/verify.ts'
import { isSameWord, voteOf, votesInside } from '../consensus/vote-keeper.ts'
import type { BlockFetcher } from './block-fetcher.ts'
import type { Bodies } from './bodies.ts'
import { isCompactSound } from './bodies.ts'
import type { ChainHead } from './chain-head.ts'
import type { ConsensusPublisher } from './consensus-publisher.ts'
import { createEarlyMessages } from './early-messages.ts'
import type { EarlyMessage } from './early-messages.ts'
import type { Clock, Network, PeerId } from './ports.ts'
import type { Witness } from './diagnosis/witness.ts'
import type { SeatSigner } from './seat-signer.ts'
import { hasPolka } from './wal-records.ts'

/** What incoming frames are judged by and where they go. */
export type ConsensusLinkParts = {
  readonly chainId: string
  readonly state: ConsensusState
  readonly head: () => ChainHead
  readonly certificateAt: (height: Height) => Certificate | null
  readonly checkSignature: SignatureCheck
  readonly bodies: Bodies
  readonly fetcher: BlockFetcher
  readonly publisher: ConsensusPublisher
  readonly network: Pick<Network, 'penalise'>
  /** The signer of the running height. */
  readonly signer: SeatSigner
  readonly clock: Clock
  /** Queues a verified message; it may be dropped while too many wait. */
  readonly enqueue: (input: Input) => void
  readonly onPeerHeight: (peer: PeerId, height: Height) => void
  readonly witness: Pick<Witness, 'onProposal' | 'onVote'>
  /** True for heights at which the operator knows of foreign signatures under our key. */
  readonly isForeignKnown: (height: Height) => boolean
  /** Our own key signed something that this process did not: stop signing (doctor: twin). */
  readonly onTwin: (what: string, height: Height) => void
  /** A peer sends evidence: null, or why the peer provably lied. */
  readonly onEvidence: (bytes: Uint8Array) => string | null
}

/** Consensus traffic of peers on its way in. What cannot be verified yet is held within bounds or dropped. */
export type ConsensusLink = {
  readonly onConsensusFrame: (peer: PeerId, frame: Uint8Array) => void
  readonly onSummaryFrame: (peer: PeerId, frame: Uint8Array) => void
  /** A new height began: messages that came early are taken up. */
  readonly onHeight: () => void
  /** Each second: say where we stand; repeat our messages while nothing moves. */
  readonly onTick: () => void
  /** Messages that the machine itself kept for this height: verified now, then enqueued. */
  readonly onReplay: (inputs: readonly MessageInput[]) => void
  readonly heightOfPeer: (peer: PeerId) => Height
  /** Where a peer said last that it stands; null before the first word and when it is gone. */
  readonly summaryOf: (peer: PeerId) => Summary | null
  readonly onPeerGone: (peer: PeerId) => void
}

const REBROADCAST_MS = 1_500
const ANSWER_GAP_MS = 150

/** Builds the link. */
export function createConsensusLink(parts: ConsensusLinkParts): ConsensusLink {
  const early = createEarlyMessages()
  const summaries = new Map<PeerId, { summary: Summary; answeredAtMs: number }>()
  let movedAtMs = parts.clock.monotonicMs()
  let movedKey = ''

  const take = ({ peer, message, frameBytes }: EarlyMessage): void => {
    const height = heightOf(message)
    const current = parts.head().height + 1
    if (height > current) early.hold({ peer, message, frameBytes }, { height, current })
    else if (height === current || (height === current - 1 && isVotes(message))) takeCurrent(parts, peer, message)
  }

  return {
    onConsensusFrame(peer, frame) {
      const message = decodeOrNull(() => decodeConsensusMessage(frame))
      if (message === null) return parts.network.penalise(peer, 'a consensus frame that is not in canonical form')
      if (message.kind === 'evidence') return takeEvidence(parts, peer, message.bytes)
      take({ peer, message, frameBytes: frame.length })
    },
    onSummaryFrame(peer, frame) {
      const summary = decodeOrNull(() => decodeSummary(frame))
      if (summary === null) return parts.network.penalise(peer, 'a summary that is not in canonical form')
      const known = summaries.get(peer)
      summaries.set(peer, { summary, answeredAtMs: known?.answeredAtMs ?? 0 })
      parts.onPeerHeight(peer, summary.height - 1)
      answerSummary(parts, summaries, peer)
    },
    onHeight() {
      for (const message of early.takeUp(parts.head().height + 1)) take(message)
    },
    onTick() {
      const { height, round, step } = parts.state
      const key = `${height}.${round}.${step}`
      const now = parts.clock.monotonicMs()
      if (key !== movedKey) {
        movedKey = key
        movedAtMs = now
      }
      parts.publisher.publishSummary()
      if (now - movedAtMs >= REBROADCAST_MS) parts.publisher.publishBundle(rebroadcastOf(parts.state), null)
    },
    onReplay(inputs) {
      for (const input of inputs) if (verifyInput({ ...about(parts), message: input }) === null) parts.enqueue(input)
    },
    heightOfPeer: (peer) => (summaries.get(peer)?.summary.height ?? 1) - 1,
    summaryOf: (peer) => summaries.get(peer)?.summary ?? null,
    onPeerGone: (peer) => void summaries.delete(peer),
  }
}

function takeEvidence(parts: ConsensusLinkParts, peer: PeerId, bytes: Uint8Array): void {
  const lie = parts.onEvidence(bytes)
  if (lie !== null) parts.network.penalise(peer, lie)
}

function decodeOrNull<T>(decode: () => T): T | null {
  try {
    return decode()
  } catch (error) {
    if (error instanceof CodecError) return null
    throw error
  }
}

function isVotes(message: HeightMessage): boolean {
  return message.kind === 'vote' || message.kind === 'votes'
}

function heightOf(message: HeightMessage): Height {
  switch (message.kind) {
    case 'proposal':
      return message.proposal.height
    case 'vote':
      return message.vote.height
    case 'votes':
      return message.votes[0]?.height ?? 0
    case 'polka':
    case 'commit':
      return message.certificate.height
  }
}

function takeCurrent(parts: ConsensusLinkParts, peer: PeerId, message: HeightMessage): void {
  const refused = takeVerified(parts, peer, message)
  if (refused !== null) parts.network.penalise(peer, refused)
}

// Said by the old validators, before a recovery began this height: it counts for nothing, and is no lie.
function isVoid(parts: ConsensusLinkParts, round: Round, height: Height): boolean {
  return round < firstRoundAt(parts.head().recovery ?? null, height)
}

function takeVerified(parts: ConsensusLinkParts, peer: PeerId, message: HeightMessage): string | null {
  switch (message.kind) {
    case 'proposal':
      return takeProposal(parts, peer, message)
    case 'vote':
      return takeVote(parts, message.vote)
    case 'votes':
      for (const vote of message.votes) {
        if (vote.height !== message.votes[0]?.height) return 'votes of several heights in one frame'
        const refused = takeVote(parts, vote)
        if (refused !== null) return refused
      }
      return null
    case 'polka':
      return takePolka(parts, message.certificate)
    case 'commit': {
      const { certificate } = message
      if (isVoid(parts, certificate.round, certificate.height)) return null
      const refused = verifyCommit({ ...about(parts), message: certificate })
      if (refused === null) parts.enqueue({ kind: 'commit', certificate })
      return refused
    }
  }
}

function about(parts: ConsensusLinkParts) {
  return { chainId: parts.chainId, set: parts.head().set, checkSignature: parts.checkSignature }
}

function takePolka(parts: ConsensusLinkParts, certificate: Certificate): string | null {
  if (isVoid(parts, certificate.round, certificate.height)) return null
  if (hasPolka(parts.state, certificate) && certificate.height === parts.state.height) return null
  const refused = verifyPolka({ ...about(parts), message: certificate })
  if (refused !== null) return refused
  // Of an older round nobody may hold more than this: a sign state from a backup betrays itself here or not at all (W9).
  const authority = parts.signer()?.authority
  const own = votesInside(parts.head().set, certificate).find(({ validator }) => validator === authority)
  if (own !== undefined) isTwin(parts, own.type, own)
  parts.enqueue({ kind: 'polka', certificate })
  return null
}

type ProposalMessage = Extract<HeightMessage, { kind: 'proposal' }>

function takeProposal(parts: ConsensusLinkParts, peer: PeerId, message: ProposalMessage): string | null {
  const { proposal, polka, block } = message
  if (isVoid(parts, proposal.round, proposal.height)) return null
  if (block !== null && (blockIdOf(block.header) !== proposal.blockId || !isCompactSound(block)))
    return 'a compact block that does not fit its proposal'
  const refused = verifyProposal({ ...about(parts), message: proposal })
  if (refused !== null) return refused
  if (isTwin(parts, 'proposal', proposal)) return null
  parts.witness.onProposal(proposal)
  if (polka !== null) {
    const bad = polka.height === proposal.height ? takePolka(parts, polka) : 'a polka of another height'
    if (bad !== null) return bad
  }
  parts.fetcher.noteHolder(proposal.blockId, peer)
  if (block !== null) parts.bodies.offerCompact(block, proposal.proposer)
  const header = parts.bodies.header(proposal.blockId)
  // The first proposal of a round counts. One without its header says nothing of its time, so it must not stand for the
  // proposer's own, which is still on its way.
  if (header === null && proposal.validRound === -1) return null
  parts.enqueue({ kind: 'proposal', proposal, timely: header === null || isAcceptable(parts, proposal, header) })
  return null
}

// A fresh block names its proposer; in a later round the first one's name stays, and its time was judged then.
function isAcceptable(parts: ConsensusLinkParts, proposal: Proposal, header: Header): boolean {
  if (proposal.validRound !== -1) return true
  return header.proposer === proposal.proposer && isTimely(parts, header.time, proposal.round - parts.state.firstRound)
}

// PBTS (consensus.md 1.5): recv - delay - precision <= time <= recv + precision; the delay grows by a tenth per round.
function isTimely(parts: ConsensusLinkParts, time: number, round: number): boolean {
  const { precisionMs, messageDelayMs } = parts.head().params
  const receivedMs = parts.clock.nowMs()
  let delayMs = messageDelayMs
  for (let i = 0; i < round && i < 64; i++) delayMs = Math.floor((delayMs * 11) / 10)
  return time <= receivedMs + precisionMs && time >= receivedMs - delayMs - precisionMs
}

function takeVote(parts: ConsensusLinkParts, vote: Vote): string | null {
  if (isVoid(parts, vote.round, vote.height) || isKnown(parts.state, vote)) return null
  const head = parts.head()
  const set = vote.height === head.height ? head.signedBy : head.set
  const refused = verifyVote({ ...about(parts), set, message: vote })
  if (refused !== null) return refused
  if (vote.height > head.height && isTwin(parts, vote.type, vote)) return null
  parts.witness.onVote(vote)
  parts.enqueue({ kind: 'vote', vote })
  return null
}

// The very vote that the machine has: repetition costs neither a verification nor a place in the queue.
function isKnown(state: ConsensusState, vote: Vote): boolean {
  if (vote.height !== state.height) return false
  const { type, round, validator } = vote
  const known = voteOf(state.votes, { type, round, index: state.set.indexByAuthority.get(validator) ?? -1 })
  return known !== null && isSameWord(known, vote) && equalBytes(known.signature, vote.signature)
}

function isTwin(parts: ConsensusLinkParts, kind: 'proposal' | Vote['type'], message: Proposal | Vote): boolean {
  const author = 'proposer' in message ? message.proposer : message.validator
  const signer = parts.signer()
  if (signer === null || author !== signer.authority || !signer.isForeign(kind, message)) return false
  if (!parts.isForeignKnown(message.height))
    parts.onTwin(`${kind} at height ${message.height} round ${message.round}`, message.height)
  return true
}

function answerSummary(
  parts: ConsensusLinkParts,
  summaries: Map<PeerId, { summary: Summary; answeredAtMs: number }>,
  peer: PeerId,
): void {
  const entry = summaries.get(peer)
  const now = parts.clock.monotonicMs()
  if (entry === undefined || now - entry.answeredAtMs < ANSWER_GAP_MS) return
  const { summary } = entry
  const bundle = messagesMissingFrom(parts.state, summary)
  const isEmpty = bundle.commit === null && bundle.polka === null && bundle.votes.length === 0 && bundle.proposals.length === 0
  const behind = summary.height <= parts.head().height && summary.height > 0 && summary.step !== 'decided'
  const commit = bundle.commit ?? (behind ? parts.certificateAt(summary.height) : null)
  if (isEmpty && commit === null) return
  entry.answeredAtMs = now
  parts.publisher.publishBundle({ ...bundle, commit }, peer)
}
