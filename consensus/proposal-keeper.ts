// Owns: the proposals of one height by round, the first of each. Not here: whether a block is valid (state.ts).
import { LIMITS } from '../core/base/limits.ts'
import type { Round } from '../core/base/ids.ts'
import type { Proposal } from '../core/chain/vote.ts'

/** A proposal with the host's verdict on its time at receipt (1.5). */
export type HeldProposal = { readonly proposal: Proposal; readonly timely: boolean }

/** The first proposal of each round. */
export type ProposalKeeper = Map<Round, HeldProposal>

/** An empty keeper. */
export function createProposalKeeper(): ProposalKeeper {
  return new Map()
}

/** True when both propose the same, whatever their signatures. */
export function isSameProposal(a: Proposal, b: Proposal): boolean {
  return a.blockId === b.blockId && a.validRound === b.validRound
}

/**
 * Keeps the first proposal of a round that is current or later, bounded like votes (R14): the next round and the proposer's
 * newest two beyond. Proposals of past rounds are of no use: blocks with a quorum are fetched by their id.
 */
export function addProposal(keeper: ProposalKeeper, held: HeldProposal, currentRound: Round): void {
  const { round, proposer } = held.proposal
  if (round < currentRound || keeper.has(round)) return
  if (round > currentRound + 1) {
    const further = [...keeper.keys()].filter(
      (other) => other > currentRound + 1 && keeper.get(other)?.proposal.proposer === proposer,
    )
    if (further.length >= LIMITS.futureRoundsMax) {
      const oldest = Math.min(...further)
      if (round < oldest) return
      keeper.delete(oldest)
    }
  }
  keeper.set(round, held)
}

/** Forgets the proposals of past rounds. */
export function pruneProposals(keeper: ProposalKeeper, currentRound: Round): void {
  for (const round of [...keeper.keys()]) {
    if (round < currentRound) keeper.delete(round)
  }
}
