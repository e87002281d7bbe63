// Owns: Algorithm 1 of arXiv 1807.04938 with the strict lock rule, one function per rule. Not here: receiving messages
// (receive.ts), the order in which rules are tried (machine.ts). `L22` is a line of the paper, `R2` a rule of consensus.md 1.3.
// A rule returns true when it fired; whatever it changes keeps it from firing again.
import { assert, must } from '../core/base/assert.ts'
import type { BlockId, Round } from '../core/base/ids.ts'
import type { Certificate } from '../core/chain/certificate.ts'
import { proposerOf } from '../core/chain/validator-set.ts'
import { SIGN_STEPS } from '../core/chain/vote.ts'
import type { VoteType } from '../core/chain/vote.ts'
import type { Effect } from './effect.ts'
import type { TimerStep } from './input.ts'
import { fullestCertificate } from './last-commit.ts'
import { pruneProposals } from './proposal-keeper.ts'
import { isAfter } from './state.ts'
import type { ConsensusState } from './state.ts'
import { timeoutMs } from './timeouts.ts'
import { pruneVotes, roundToSkipTo, roundVotes, tallyOf, voteOf } from './vote-keeper.ts'

/** A rule of the table: fires at most once per situation and says whether it did. */
export type Rule = (state: ConsensusState, effects: Effect[]) => boolean

const EMPTY_BLOCK_FROM_ROUND = 4

/** L11-L21, R1: enters a round; its proposer proposes its valid block or has one built, the others wait for it. */
export function startRound(state: ConsensusState, effects: Effect[], round: Round): void {
  const { height, selfIndex, set } = state
  if (round > 0) effects.push({ kind: 'cancelTimers', height, belowRound: round })
  state.round = round
  state.step = 'propose'
  state.buildingRound = -1
  pruneVotes(state.votes, { currentRound: round, validRound: state.validRound })
  pruneProposals(state.proposals, round)
  effects.push({ kind: 'roundEntered', height, round })
  const isProposer = selfIndex !== -1 && set.indexByAuthority.get(proposerOf(set, { height, round }).authority) === selfIndex
  if (isProposer && isAfter({ round, step: SIGN_STEPS.proposal }, state.signedUpTo)) {
    if (state.validRound >= 0)
      propose(state, effects, must(state.validId, 'a valid round has a block')) // L16
    else {
      state.buildingRound = round
      effects.push({ kind: 'buildBlock', height, round, shrink: shrinkOf(round - state.firstRound) }) // L18
    }
    return
  }
  startTimer(state, effects, 'propose') // L21
}

/** L14-L19: proposes the valid block with its polka if there is one, else the given fresh block; at most once per round. */
export function propose(state: ConsensusState, effects: Effect[], freshId: BlockId): void {
  const { height, round, validRound } = state
  const blockId = validRound >= 0 ? must(state.validId, 'a valid round has a block') : freshId
  state.buildingRound = -1
  if (!claimSigning(state, SIGN_STEPS.proposal)) return
  const proposer = must(state.set.validators[state.selfIndex], 'a proposer is a member').authority
  const polka = validRound >= 0 ? must(state.validPolka, 'a valid round has its polka') : null
  effects.push({ kind: 'signProposal', proposal: { height, round, blockId, validRound, proposer }, polka })
}

/** R17: how often the limits of a fresh block are halved; 4 and more means empty. */
function shrinkOf(round: Round): number {
  if (round < 2) return 0
  return round >= EMPTY_BLOCK_FROM_ROUND ? EMPTY_BLOCK_FROM_ROUND : round - 1
}

/** L49-L54, R8: a quorum of precommits of any round for a block known valid; until then nothing else is done at this height. */
export const decide: Rule = (state, effects) => {
  const commit = state.pendingCommit
  if (commit === null || state.validity.get(commit.blockId) !== 'valid') return false
  const { height, round } = state
  state.step = 'decided'
  effects.push({ kind: 'cancelTimers', height, belowRound: round + 1 })
  const certificate = fullestCertificate(must(state.lastCommit, 'a pending commit has its record'))
  effects.push({ kind: 'decide', height, blockId: commit.blockId, certificate })
  return true
}

/** L36-L43, R5: a polka of this round for a valid block locks and precommits it; after a nil precommit it only makes it valid. */
export const lockOnPolka: Rule = (state, effects) => {
  const { round, step } = state
  if (step !== 'prevote' && step !== 'precommit') return false
  if (step === 'precommit' && state.validRound >= round) return false
  const polka = state.polkas.find((known) => known.round === round && state.validity.get(known.blockId) === 'valid')
  if (polka === undefined) return false
  if (step === 'prevote') {
    state.step = 'precommit'
    if (claimSigning(state, SIGN_STEPS.precommit)) {
      state.lockedRound = round // L38
      state.lockedId = polka.blockId
      signVote(state, effects, { type: 'precommit', blockId: polka.blockId, validRound: -1 })
    }
  }
  adoptValid(state, polka) // L42
  return true
}

/** R5b: a polka of a past round above our valid round makes its block our valid one, never the lock. */
export const adoptPastPolka: Rule = (state) => {
  let newest: Certificate | null = null
  for (const polka of state.polkas) {
    const floor = newest === null ? state.validRound : newest.round
    if (polka.round < state.round && polka.round > floor && state.validity.get(polka.blockId) === 'valid') newest = polka
  }
  if (newest === null) return false
  adoptValid(state, newest)
  return true
}

function adoptValid(state: ConsensusState, polka: Certificate): void {
  state.validRound = polka.round
  state.validId = polka.blockId
  state.validPolka = polka
}

/** L44-L46, R6: a quorum of nil prevotes precommits nil; the lock stays. */
export const precommitNilOnPolka: Rule = (state, effects) => {
  const nil = { type: 'prevote', round: state.round, blockId: null, validRound: -1 } as const
  if (state.step !== 'prevote' || tallyOf(state.votes, nil) < state.set.quorum) return false
  precommitNil(state, effects)
  return true
}

/** L28-L33, R3, strict: a re-proposal with its polka is prevoted when valid and our lock is not newer, timely or not. */
export const prevoteReproposal: Rule = (state, effects) => {
  const held = state.proposals.get(state.round)
  if (state.step !== 'propose' || held === undefined || held.proposal.validRound < 0) return false
  const { blockId, validRound } = held.proposal
  const validity = state.validity.get(blockId)
  if (validity === 'invalid') return prevote(state, effects, null) // R16
  const hasPolka = state.polkas.some((polka) => polka.round === validRound && polka.blockId === blockId)
  if (!hasPolka) return false
  if (state.lockedRound > validRound) return prevote(state, effects, null)
  return validity === 'valid' && prevote(state, effects, { blockId, validRound })
}

/** L22-L27, R2, strict: a fresh proposal is prevoted when valid, timely and we hold no lock, not even on the same block. */
export const prevoteFresh: Rule = (state, effects) => {
  const held = state.proposals.get(state.round)
  if (state.step !== 'propose' || held === undefined || held.proposal.validRound >= 0) return false
  const { blockId } = held.proposal
  const validity = state.validity.get(blockId)
  if (validity === 'invalid' || !held.timely || state.lockedRound !== -1) return prevote(state, effects, null) // R16
  return validity === 'valid' && prevote(state, effects, { blockId, validRound: -1 })
}

/** R16: a proposer that prevotes nil without having proposed anything to us will not propose: no need to wait for the timeout. */
export const prevoteNilWithProposer: Rule = (state, effects) => {
  const { height, round, set } = state
  if (state.step !== 'propose' || state.proposals.has(round)) return false
  const index = must(set.indexByAuthority.get(proposerOf(set, { height, round }).authority), 'a proposer is a member')
  const vote = voteOf(state.votes, { type: 'prevote', round, index })
  return vote !== null && vote.blockId === null && prevote(state, effects, null)
}

/** R18: leaves the idle step when a proposal or more than a third of the validators show that the height has begun. */
export const leaveIdle: Rule = (state, effects) => {
  if (state.step !== 'newHeight') return false
  const heard = state.heard.filter((isHeard) => isHeard).length
  if (state.proposals.size === 0 && heard < state.set.skip) return false
  startRound(state, effects, state.firstRound)
  return true
}

/** L55-L56, R9: more than a third of the validators are in a later round. */
export const skipRound: Rule = (state, effects) => {
  if (state.step === 'newHeight') return false
  const round = roundToSkipTo(state.votes, { currentRound: state.round, skip: state.set.skip })
  if (round === -1) return false
  startRound(state, effects, round)
  return true
}

/** L34-L35, R4: a quorum of prevotes of any kind, for the first time while in step prevote. */
export const startPrevoteTimer: Rule = (state, effects) => {
  if (state.step !== 'prevote') return false
  const votes = roundVotes(state.votes, state.round)
  if (votes.prevoteTimer || votes.prevote.count < state.set.quorum) return false
  votes.prevoteTimer = true
  startTimer(state, effects, 'prevote')
  return true
}

/** L47-L48, R7: a quorum of precommits of any kind, for the first time. */
export const startPrecommitTimer: Rule = (state, effects) => {
  if (state.step === 'newHeight') return false
  const votes = roundVotes(state.votes, state.round)
  if (votes.precommitTimer || votes.precommit.count < state.set.quorum) return false
  votes.precommitTimer = true
  startTimer(state, effects, 'precommit')
  return true
}

/** L57-L67, R10: what a timeout of this round does; the step may have passed, then nothing. */
export function expire(state: ConsensusState, effects: Effect[], step: TimerStep): void {
  if (step === 'propose' && state.step === 'propose')
    prevote(state, effects, null) // L57
  else if (step === 'prevote' && state.step === 'prevote')
    precommitNil(state, effects) // L61
  else if (step === 'precommit') startRound(state, effects, state.round + 1) // L65
}

/** Prevotes and moves on to step prevote; null is nil, which always carries valid round -1. Always true, for the rules. */
export function prevote(state: ConsensusState, effects: Effect[], word: { blockId: BlockId; validRound: Round } | null): true {
  assert(word === null || state.lockedRound <= word.validRound, 'a prevote respects the lock')
  state.step = 'prevote'
  state.buildingRound = -1
  const { blockId, validRound } = word ?? { blockId: null, validRound: -1 }
  if (claimSigning(state, SIGN_STEPS.prevote)) signVote(state, effects, { type: 'prevote', blockId, validRound })
  return true
}

function precommitNil(state: ConsensusState, effects: Effect[]): void {
  state.step = 'precommit'
  if (claimSigning(state, SIGN_STEPS.precommit)) signVote(state, effects, { type: 'precommit', blockId: null, validRound: -1 })
}

function signVote(
  state: ConsensusState,
  effects: Effect[],
  word: { type: VoteType; blockId: BlockId | null; validRound: Round },
): void {
  const { height, round } = state
  const validator = must(state.set.validators[state.selfIndex], 'a voter is a member').authority
  effects.push({ kind: 'signVote', vote: { ...word, height, round, validator } })
}

/** Takes the right to sign a step of this round; false when we do not vote, or signed it or a later one before (W4). */
function claimSigning(state: ConsensusState, step: number): boolean {
  const place = { round: state.round, step }
  if (state.selfIndex === -1 || !isAfter(place, state.signedUpTo)) return false
  state.signedUpTo = place
  return true
}

function startTimer(state: ConsensusState, effects: Effect[], step: TimerStep): void {
  const { height, round, params, firstRound } = state
  const delayMs = timeoutMs(params, { step, round: round - firstRound })
  effects.push({ kind: 'startTimer', height, round, step, delayMs })
}
