// Owns: why a round ended without a block, by what this node held of it. Not here: remembering it (witness.ts).
import type { HeldProposal } from '../../consensus/proposal-keeper.ts'
import type { ConsensusState } from '../../consensus/state.ts'
import type { RoundVotes } from '../../consensus/vote-keeper.ts'
import type { FailedRound } from './observation.ts'

/** The reason, the first that fits: nothing proposed, not valid, no body, two blocks, wrong time, too few votes. */
export function whyFailed(state: ConsensusState, held: HeldProposal | null, votes: RoundVotes | null): FailedRound['why'] {
  const { set, validity } = state
  if (held === null) return 'noProposal'
  const known = validity.get(held.proposal.blockId)
  if (known === 'invalid') return 'invalid'
  if (known === 'asked') return 'bodyMissing'
  const prevote = votes?.prevote
  const blocks = (prevote?.tallies ?? []).filter(({ blockId }) => blockId !== null)
  if (blocks.length > 1) return 'split'
  if (!held.timely && held.proposal.validRound === -1) return 'untimely'
  if ((prevote?.count ?? 0) < set.quorum) return 'fewVotes'
  const own = state.selfIndex === -1 ? null : (prevote?.votes[state.selfIndex] ?? null)
  if (own !== null && own.blockId === null && state.lockedRound === -1) return 'late'
  return (blocks[0]?.count ?? 0) < set.quorum ? 'refusedByOthers' : 'fewVotes'
}
