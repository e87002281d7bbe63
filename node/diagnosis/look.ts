// Owns: gathering an observation from the running parts of a node. Not here: what it means (diagnose.ts).
import type { Address } from '../../core/base/ids.ts'
import { equalBytes } from '../../core/base/bytes.ts'
import { proposerOf } from '../../core/chain/validator-set.ts'
import type { Validator } from '../../core/chain/validator-set.ts'
import type { ConsensusState } from '../../consensus/state.ts'
import { hasBit } from '../../consensus/summary.ts'
import type { Summary } from '../../consensus/summary.ts'
import { voteOf } from '../../consensus/vote-keeper.ts'
import type { ChainNode } from '../chain-node.ts'
import type { Journal } from '../storage/journal.ts'
import type { Contact, FailedRound, Observation, SeenValidator, Word } from './observation.ts'

/** What this node sees right now. */
export function lookAround(node: ChainNode): Observation {
  const { options, witness } = node
  const { clock } = options
  const { set, params, height: headHeight } = node.head()
  const now = clock.monotonicMs()
  const authority = node.signer()?.authority ?? null
  const self = set.validators.find((entry) => entry.authority === authority) ?? null
  const ago = (atMs: number | null): number | null => (atMs === null ? null : Math.max(0, now - atMs))
  const committing = ago(witness.committingSinceMs())
  return {
    nowMs: clock.nowMs(),
    self: {
      name: self?.name ?? null,
      hasKey: options.validator !== null,
      isValidator: self !== null,
      pause: node.signing.pause(),
      refused: quarantineOf(node) ?? witness.refused(),
      isGuardOpen: node.isGuardOpen(),
      upMs: now - witness.startedMs,
    },
    head: { height: headHeight, sinceMs: now - witness.headSinceMs() },
    params: {
      blockIntervalMs: params.blockIntervalMs,
      heartbeatMs: params.heartbeatMs,
      precisionMs: params.precisionMs,
      roundMs: params.timeoutProposeMs + 2 * params.timeoutVoteMs,
    },
    sync: lookAtSync(node),
    round: lookAtRound(node, now),
    quorum: set.quorum,
    validators: set.validators.map((entry, index) => lookAtValidator(node, { entry, index, self, now })),
    failedRounds: lookAtFailures(node, now),
    invalid: witness.invalid().map(({ proposer, reason }) => ({ proposer: nameOf(node, proposer), reason })),
    mempool: { count: node.mempool.count(), hasReady: node.mempool.hasReady() },
    disk: { committingMs: committing, lastCommitMs: witness.lastCommitMs(), lastExecuteMs: witness.lastExecuteMs() },
  }
}

/** The journal of the key that has the seat; of the one that waits for a seat where none has; null without a key. */
export function activeJournal(node: ChainNode): Journal | null {
  const { validator, nextValidator } = node.options
  const seat = node.head().set.validators.find(({ authority }) => authority === node.signer()?.authority)
  const keys = [validator, nextValidator ?? null].filter((key) => key !== null)
  return (keys.find(({ publicKey }) => seat !== undefined && equalBytes(publicKey, seat.publicKey)) ?? keys[0])?.journal ?? null
}

// A raised floor closes heights to the key whether or not it was asked to sign there yet.
function quarantineOf(node: ChainNode): string | null {
  const floor = activeJournal(node)?.state().floorHeight ?? 0
  return floor > node.head().height ? `nothing is signed up to block ${floor}` : null
}

// Sync forgets the claim of a peer that does not deliver; that more than a third claim it is reason enough to be told.
function lookAtSync(node: ChainNode): Observation['sync'] {
  const { set, height } = node.head()
  const claims = set.validators.flatMap(({ peerId }) => {
    const summary = node.link.summaryOf(peerId)
    return summary === null ? [] : [summary.height - 1]
  })
  const claimed = claims.sort((a, b) => b - a)[set.skip - 1] ?? 0
  const bestPeerHeight = Math.max(claimed, node.sync.bestPeerHeight())
  return { behind: node.sync.isBehind() || claimed > height + 1, bestPeerHeight }
}

function nameOf(node: ChainNode, authority: Address): string {
  return node.head().set.validators.find((entry) => entry.authority === authority)?.name ?? authority
}

function lookAtRound(node: ChainNode, now: number): Observation['round'] {
  const { consensus, witness } = node
  const { height, round, step, set, proposals, pendingCommit, validity, votes } = consensus
  const held = proposals.get(round)
  const workSinceMs = witness.workSinceMs()
  const validityOf = (blockId: Parameters<typeof validity.get>[0]): 'asked' | 'valid' | 'invalid' =>
    validity.get(blockId) ?? 'asked'
  return {
    height,
    round,
    step,
    stepMs: now - witness.stepSinceMs(),
    workMs: workSinceMs === null ? null : now - workSinceMs,
    proposer: set.validators.length === 0 ? '' : proposerOf(set, { height, round }).name,
    proposal: held === undefined ? 'none' : validityOf(held.proposal.blockId),
    isTimely: held?.timely ?? true,
    commit: pendingCommit === null ? 'none' : validityOf(pendingCommit.blockId),
    prevoteWords: votes.rounds.get(round)?.prevote.tallies.length ?? 0,
  }
}

type At = { readonly entry: Validator; readonly index: number; readonly self: Validator | null; readonly now: number }

function lookAtValidator(node: ChainNode, { entry, index, self, now }: At): SeenValidator {
  const { witness, link, consensus } = node
  const trace = witness.peer(entry.peerId)
  const isSelf = entry === self
  const isConnected = trace !== null && trace.connectedAtMs !== null
  const contact: Contact = isSelf ? 'self' : isConnected ? 'connected' : endOf(trace)
  const summary = isSelf ? null : link.summaryOf(entry.peerId)
  const ago = (atMs: number | null | undefined): number | null => (atMs == null ? null : Math.max(0, now - atMs))
  const isHere = contact === 'self' || contact === 'connected'
  return {
    name: entry.name,
    contact,
    awayMs: isHere ? null : (ago(trace?.endedAtMs) ?? now - witness.startedMs),
    silentMs: isSelf ? 0 : ago(trace?.heardAtMs ?? trace?.connectedAtMs),
    voteMs: ago(witness.voteAtMs(entry.authority)),
    height: isSelf ? consensus.height : (summary?.height ?? null),
    round: isSelf ? consensus.round : (summary?.round ?? null),
    prevote: wordOf(consensus, 'prevote', index),
    precommit: wordOf(consensus, 'precommit', index),
    answerMs: isSelf ? 0 : isHere ? (trace?.answerMs ?? null) : null,
    clockOffsetMs: isSelf ? 0 : isHere ? (trace?.clockOffsetMs ?? null) : null,
    heardBy: heardBy(node, index, entry),
    isEvil: witness.isEvil(entry.authority),
  }
}

function endOf(trace: { readonly endedAtMs: number | null; readonly isLost: boolean } | null): Contact {
  if (trace === null || trace.endedAtMs === null) return 'never'
  return trace.isLost ? 'lost' : 'closed'
}

function wordOf(state: ConsensusState, type: 'prevote' | 'precommit', index: number): Word {
  if (state.step === 'newHeight' || state.step === 'decided') return 'none'
  const vote = voteOf(state.votes, { type, round: state.round, index })
  return vote === null ? 'none' : vote.blockId === null ? 'nil' : 'block'
}

// Summaries say whose votes of this round others hold: a validator that others hear is alive, whatever our own link says.
function heardBy(node: ChainNode, index: number, entry: Validator): readonly string[] {
  const { height, round, set } = node.consensus
  const holds = (summary: Summary | null): boolean =>
    summary !== null &&
    summary.height === height &&
    summary.round === round &&
    (hasBit(summary.prevotes, index) || hasBit(summary.precommits, index))
  return set.validators
    .filter((other) => other.authority !== entry.authority && holds(node.link.summaryOf(other.peerId)))
    .map(({ name }) => name)
}

function lookAtFailures(node: ChainNode, now: number): readonly FailedRound[] {
  return node.witness.failedRounds().map(({ height, round, proposer, why, missing, atMs, lateVotes, needed }) => {
    const isLate = (why === 'fewVotes' && lateVotes > 0 && missing.length === 0) || (why === 'noProposal' && lateVotes >= needed)
    return {
      height,
      round,
      proposer: nameOf(node, proposer),
      why: isLate ? 'late' : why,
      missing: missing.map((authority) => nameOf(node, authority)),
      agoMs: Math.max(0, now - atMs),
    }
  })
}
