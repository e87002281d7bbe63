// Owns: pairs of signed messages that an honest key never makes, as records (G8). Not here: what becomes of them (governance).
import type { Proposal, Vote } from '../core/chain/vote.ts'
import type { Misbehaviour } from './effect.ts'
import { voteOf } from './vote-keeper.ts'
import type { VoteKeeper } from './vote-keeper.ts'

/** Two different proposals of one key for one round, or null when they say the same or differ in key, height or round. */
export function duplicateProposal(first: Proposal, second: Proposal): Misbehaviour | null {
  const isSamePlace = first.proposer === second.proposer && first.height === second.height && first.round === second.round
  const isSameWord = first.blockId === second.blockId && first.validRound === second.validRound
  return isSamePlace && !isSameWord ? { kind: 'duplicateProposal', first, second } : null
}

/** Two different votes of one key for one round and type, or null when they are no such pair. */
export function duplicateVote(first: Vote, second: Vote): Misbehaviour | null {
  const isSamePlace =
    first.validator === second.validator &&
    first.height === second.height &&
    first.round === second.round &&
    first.type === second.type
  const isSameWord = first.blockId === second.blockId && first.validRound === second.validRound
  return isSamePlace && !isSameWord ? { kind: 'duplicateVote', first, second } : null
}

/**
 * A precommit for a block and a later prevote for another block whose valid round lies below that precommit, by one key; null
 * when they are no such pair. Sound because an honest key follows the strict lock rule (1.2).
 */
export function amnesia(precommit: Vote, prevote: Vote): Misbehaviour | null {
  const isPair =
    precommit.type === 'precommit' &&
    prevote.type === 'prevote' &&
    precommit.validator === prevote.validator &&
    precommit.height === prevote.height &&
    precommit.blockId !== null &&
    prevote.blockId !== null &&
    precommit.blockId !== prevote.blockId &&
    precommit.round < prevote.round &&
    prevote.validRound < precommit.round
  return isPair ? { kind: 'amnesia', first: precommit, second: prevote } : null
}

/** Amnesia that a new vote shows together with those kept of its validator, lowest round first; null when there is none. */
export function amnesiaWith(keeper: VoteKeeper, vote: Vote, index: number): Misbehaviour | null {
  if (vote.blockId === null) return null
  const type = vote.type === 'prevote' ? 'precommit' : 'prevote'
  for (const round of [...keeper.rounds.keys()].sort((a, b) => a - b)) {
    const kept = voteOf(keeper, { type, round, index })
    if (kept === null) continue
    const found = vote.type === 'prevote' ? amnesia(kept, vote) : amnesia(vote, kept)
    if (found !== null) return found
  }
  return null
}

/** A short name under which a misbehaviour is reported once per height. */
export function misbehaviourKey({ kind, first }: Misbehaviour): string {
  if ('proposer' in first) return `${kind} ${first.proposer} ${first.round}`
  return kind === 'amnesia' ? `${kind} ${first.validator}` : `${kind} ${first.validator} ${first.round} ${first.type}`
}
