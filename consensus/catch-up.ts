// Owns: what to send a peer that lacks messages, and what to repeat to everyone (consensus.md 6.2, R12). Not here: the summary
// itself (summary.ts), sending (node/). Pure readers: nothing is signed anew.
import type { Certificate } from '../core/chain/certificate.ts'
import type { Proposal, Vote } from '../core/chain/vote.ts'
import { lateCommit } from './progress.ts'
import type { ConsensusState } from './state.ts'
import { hasBit } from './summary.ts'
import type { Summary } from './summary.ts'

/** A proposal with the polka that it rests on, as they travel. */
export type ProposalWithPolka = { readonly proposal: Proposal; readonly polka: Certificate | null }

/** Messages to send: all verified before, or our own. */
export type Bundle = {
  readonly proposals: readonly ProposalWithPolka[]
  readonly votes: readonly Vote[]
  readonly polka: Certificate | null
  readonly commit: Certificate | null
}

const NOTHING: Bundle = { proposals: [], votes: [], polka: null, commit: null }

/** What a peer lacks by its summary: a commit ends its height, a round certificate lifts it to our round, votes complete it. */
export function messagesMissingFrom(state: ConsensusState, theirs: Summary): Bundle {
  const commit = lateCommit(state)
  if (commit !== null && commit.height === theirs.height && theirs.step !== 'decided') return { ...NOTHING, commit }
  if (theirs.height !== state.height || theirs.step === 'decided' || state.step === 'decided') return NOTHING
  const polka = state.validRound > theirs.validRound ? state.validPolka : null
  if (theirs.round > state.round) return { ...NOTHING, polka }
  const isBehind = theirs.round < state.round
  const proposals = isBehind || !theirs.hasProposal ? currentProposals(state) : []
  const lacked = currentVotes(state).filter((vote) => isBehind || !holds(state, theirs, vote))
  return { proposals, votes: isBehind ? [...roundCertificate(state), ...lacked] : lacked, polka, commit: null }
}

/** What we repeat to all while nothing moves: our last messages, the proof of our valid round, and how we entered this round. */
export function rebroadcastOf(state: ConsensusState): Bundle {
  const { own, round, selfIndex, step } = state
  if (step === 'newHeight' || step === 'decided' || state.pendingCommit !== null) return { ...NOTHING, commit: lateCommit(state) }
  const ownVotes = [own.prevote, own.precommit].filter((vote) => vote !== null)
  const isCurrent = own.proposal !== null && own.proposal.round === round
  return {
    proposals: selfIndex !== -1 && isCurrent ? currentProposals(state) : [],
    votes: [...roundCertificate(state), ...ownVotes],
    polka: state.validPolka,
    commit: null,
  }
}

function holds(state: ConsensusState, theirs: Summary, vote: Vote): boolean {
  const index = state.set.indexByAuthority.get(vote.validator)
  return index !== undefined && hasBit(vote.type === 'prevote' ? theirs.prevotes : theirs.precommits, index)
}

function currentProposals(state: ConsensusState): readonly ProposalWithPolka[] {
  const held = state.proposals.get(state.round)
  if (held === undefined) return []
  const { proposal } = held
  const polka = state.polkas.find((known) => known.round === proposal.validRound && known.blockId === proposal.blockId) ?? null
  return [{ proposal, polka }]
}

function currentVotes(state: ConsensusState): readonly Vote[] {
  const current = state.votes.rounds.get(state.round)
  if (current === undefined) return []
  return [...current.prevote.votes, ...current.precommit.votes].filter((vote) => vote !== null)
}

/** The votes by which this round could be entered: a quorum of precommits of the last one, else one each of f+1 in this one. */
function roundCertificate(state: ConsensusState): readonly Vote[] {
  const { round, set, votes } = state
  if (round === 0) return []
  const precommits = (votes.rounds.get(round - 1)?.precommit.votes ?? []).filter((vote) => vote !== null)
  if (precommits.length >= set.quorum) return precommits
  const current = votes.rounds.get(round)
  if (current === undefined) return []
  const one = set.validators.map((_, index) => current.prevote.votes[index] ?? current.precommit.votes[index] ?? null)
  return one.filter((vote) => vote !== null).slice(0, set.skip)
}
