// Owns: taking messages and answers into the state: what is kept, what is evidence, which quorum is complete.
// Not here: what follows (round.ts). Everything received here has been verified by the host (verify.ts).
import { LIMITS } from '../core/base/limits.ts'
import type { Address, BlockId, Height, Round } from '../core/base/ids.ts'
import { buildCertificate } from '../core/chain/certificate.ts'
import type { Certificate } from '../core/chain/certificate.ts'
import { duplicateProposalOf, duplicateVoteOf, offenceOf } from '../core/chain/evidence.ts'
import type { Evidence } from '../core/chain/evidence.ts'
import type { Proposal, Vote } from '../core/chain/vote.ts'
import type { Effect } from './effect.ts'
import { amnesiaWith, evidenceKey } from './evidence.ts'
import { addToLastCommit, createLastCommit } from './last-commit.ts'
import { addProposal } from './proposal-keeper.ts'
import type { HeldProposal } from './proposal-keeper.ts'
import type { ConsensusState } from './state.ts'
import { addVote, isLateVoteOfUse, makeRoom, tallyOf, voteOf, votesInside, votesLike } from './vote-keeper.ts'

const POLKAS_MAX = 16

/** Takes in a proposal of this height: the first of a round is kept, another one by the same proposer is evidence (R13). */
export function onProposal(state: ConsensusState, effects: Effect[], held: HeldProposal): void {
  const { proposal } = held
  const known = state.proposals.get(proposal.round)
  if (known !== undefined) report(state, effects, duplicateProposalOf(known.proposal, proposal))
  else addProposal(state.proposals, held, state.round)
  if (isOwn(state, proposal.proposer)) rememberOwnProposal(state, proposal)
}

function rememberOwnProposal(state: ConsensusState, proposal: Proposal): void {
  if (state.own.proposal === null || state.own.proposal.round < proposal.round) state.own.proposal = proposal
}

/** Takes in a vote of this height. */
export function onVote(state: ConsensusState, effects: Effect[], vote: Vote): void {
  const { type, round } = vote
  const index = state.set.indexByAuthority.get(vote.validator)
  if (index === undefined) return
  state.heard[index] = true
  if (index === state.selfIndex) rememberOwnVote(state, vote)
  const known = voteOf(state.votes, { type, round, index })
  report(state, effects, amnesiaWith(state.votes, vote, index))
  if (known !== null) {
    report(state, effects, duplicateVoteOf(known, vote))
    return
  }
  const { validRound } = state
  const isKept =
    round < state.round
      ? isLateVoteOfUse(vote, { currentRound: state.round, validRound }) // R11
      : makeRoom(state.votes, { round, index, currentRound: state.round }) // R14
  if (!isKept) return
  addVote(state.votes, vote, index)
  noteQuorum(state, vote)
}

function rememberOwnVote(state: ConsensusState, vote: Vote): void {
  const last = state.own[vote.type]
  if (last === null || last.round < vote.round) state.own[vote.type] = vote
}

function noteQuorum(state: ConsensusState, vote: Vote): void {
  if (vote.blockId === null || tallyOf(state.votes, vote) < state.set.quorum) return
  if (vote.type === 'precommit') {
    if (state.pendingCommit === null) setPendingCommit(state, buildCertificate(state.set, votesLike(state.votes, vote)))
    else if (state.lastCommit !== null) addToLastCommit(state.lastCommit, [vote])
    return
  }
  if (!hasPolka(state, vote)) addPolka(state, buildCertificate(state.set, votesLike(state.votes, vote)))
}

/** Takes in a verified polka certificate as one unit, whatever single votes say; its votes fill gaps and show equivocation. */
export function onPolka(state: ConsensusState, effects: Effect[], certificate: Certificate): void {
  for (const vote of votesInside(state.set, certificate)) onVote(state, effects, vote)
  if (!hasPolka(state, certificate)) addPolka(state, certificate)
}

/** Takes in a verified commit certificate of this height as one unit (R8). */
export function onCommit(state: ConsensusState, effects: Effect[], certificate: Certificate): void {
  const votes = votesInside(state.set, certificate)
  for (const vote of votes) onVote(state, effects, vote)
  if (state.pendingCommit === null) setPendingCommit(state, certificate)
  if (state.lastCommit !== null) addToLastCommit(state.lastCommit, votes)
}

type PolkaName = { readonly round: Round; readonly blockId: BlockId | null; readonly validRound: Round }

function hasPolka(state: ConsensusState, name: PolkaName): boolean {
  return state.polkas.some(
    (polka) => polka.round === name.round && polka.blockId === name.blockId && polka.validRound === name.validRound,
  )
}

function addPolka(state: ConsensusState, polka: Certificate): void {
  if (state.polkas.length >= POLKAS_MAX) {
    const lowest = state.polkas.reduce((low, known) => (known.round < low.round ? known : low))
    state.polkas.splice(state.polkas.indexOf(lowest), 1)
  }
  state.polkas.push(polka)
}

function setPendingCommit(state: ConsensusState, certificate: Certificate): void {
  state.pendingCommit = certificate
  state.lastCommit = createLastCommit(state.set, certificate)
  addToLastCommit(state.lastCommit, votesLike(state.votes, certificate))
}

/** Takes in the host's answer about a block that was asked for; the first answer stands. */
export function onBlockValidated(state: ConsensusState, answer: { blockId: BlockId; valid: boolean }): void {
  if (state.validity.get(answer.blockId) === 'asked') state.validity.set(answer.blockId, answer.valid ? 'valid' : 'invalid')
}

/** Asks the host for whatever validity the rules are waiting for, each block once; blocks with a quorum are also fetched. */
export function askForBlocks(state: ConsensusState, effects: Effect[]): void {
  if (state.step === 'decided') return
  const { height, round, pendingCommit } = state
  if (pendingCommit !== null) {
    ask(state, effects, { height, round: pendingCommit.round, blockId: pendingCommit.blockId, isBacked: true })
    return
  }
  if (state.step === 'newHeight') return
  const held = state.proposals.get(round)
  if (held !== undefined) ask(state, effects, { height, round, blockId: held.proposal.blockId, isBacked: false })
  for (const polka of state.polkas) {
    if (polka.round <= round && polka.round > state.validRound) {
      ask(state, effects, { height, round: polka.round, blockId: polka.blockId, isBacked: true })
    }
  }
}

type Wanted = { readonly height: Height; readonly round: Round; readonly blockId: BlockId; readonly isBacked: boolean }

function ask(state: ConsensusState, effects: Effect[], { height, round, blockId, isBacked }: Wanted): void {
  const validity = state.validity.get(blockId)
  if (validity === 'valid' || validity === 'invalid') return
  if (isBacked && !state.fetched.has(blockId)) {
    state.fetched.add(blockId)
    effects.push({ kind: 'fetchBlock', height, blockId })
  }
  if (validity === undefined) {
    state.validity.set(blockId, 'asked')
    effects.push({ kind: 'validateBlock', height, round, blockId })
  }
}

function report(state: ConsensusState, effects: Effect[], evidence: Evidence | null): void {
  if (evidence === null) return
  const key = evidenceKey(evidence)
  // Signatures cost a liar nothing: while a height lasts its word is counted, not kept.
  if (state.reported.has(key) || isReportedEnough(state, offenceOf(evidence).validator)) return
  state.reported.add(key)
  effects.push({ kind: 'misbehaviour', misbehaviour: evidence })
}

function isReportedEnough({ reported }: ConsensusState, validator: Address): boolean {
  return [...reported].filter((key) => key.includes(validator)).length >= LIMITS.evidencePerKeyMax
}

function isOwn(state: ConsensusState, authority: string): boolean {
  return state.selfIndex !== -1 && state.set.validators[state.selfIndex]?.authority === authority
}
