// Owns: the votes of one height by round and validator, and their tallies. Not here: what follows from a tally (round.ts).
// An equivocator's first vote counts and its second is returned as a conflict (R13). Prevotes are tallied by block and valid
// round, precommits by block (they all carry -1). Nothing here depends on the order in which rounds were inserted.
import { assert, must } from '../core/base/assert.ts'
import { LIMITS } from '../core/base/limits.ts'
import type { BlockId, Round } from '../core/base/ids.ts'
import { certificateSigners } from '../core/chain/certificate.ts'
import type { Certificate } from '../core/chain/certificate.ts'
import type { ValidatorSet } from '../core/chain/validator-set.ts'
import type { Vote, VoteType } from '../core/chain/vote.ts'

/** What a vote says, apart from who says it and where. */
export type VoteWord = Pick<Vote, 'blockId' | 'validRound'>

/** A word with its place: type and round. */
export type PlacedWord = VoteWord & Pick<Vote, 'type' | 'round'>

type Tally = { readonly blockId: BlockId | null; readonly validRound: Round; count: number }

/** Votes of one type and round: the first of each validator, by index. */
export type VoteBox = { readonly votes: (Vote | null)[]; readonly tallies: Tally[]; count: number }

/** Votes of one round. `voters` counts validators with a vote of either type (R9); the timer flags say "first time" (R4, R7). */
export type RoundVotes = {
  readonly prevote: VoteBox
  readonly precommit: VoteBox
  voters: number
  prevoteTimer: boolean
  precommitTimer: boolean
}

/** Votes of a height by round. */
export type VoteKeeper = { readonly size: number; readonly rounds: Map<Round, RoundVotes> }

/** An empty keeper for a set of `size` validators. */
export function createVoteKeeper(size: number): VoteKeeper {
  return { size, rounds: new Map() }
}

/** Votes of a round; created empty where there are none yet. */
export function roundVotes(keeper: VoteKeeper, round: Round): RoundVotes {
  const known = keeper.rounds.get(round)
  if (known !== undefined) return known
  const createBox = (): VoteBox => ({ votes: new Array<Vote | null>(keeper.size).fill(null), tallies: [], count: 0 })
  const created = { prevote: createBox(), precommit: createBox(), voters: 0, prevoteTimer: false, precommitTimer: false }
  keeper.rounds.set(round, created)
  return created
}

/** The vote kept of a validator, or null. */
export function voteOf(keeper: VoteKeeper, at: { type: VoteType; round: Round; index: number }): Vote | null {
  return keeper.rounds.get(at.round)?.[at.type].votes[at.index] ?? null
}

/** True when both say the same, whatever their signatures. */
export function isSameWord(a: VoteWord, b: VoteWord): boolean {
  return a.blockId === b.blockId && a.validRound === b.validRound
}

/** Keeps a validator's first vote of its type and round; the caller has seen that there is none yet. */
export function addVote(keeper: VoteKeeper, vote: Vote, index: number): void {
  const votes = roundVotes(keeper, vote.round)
  const box = votes[vote.type]
  assert(box.votes[index] === null, 'one vote per validator, round and type')
  const other = vote.type === 'prevote' ? votes.precommit : votes.prevote
  if (other.votes[index] === null) votes.voters += 1
  box.votes[index] = vote
  box.count += 1
  const tally = box.tallies.find((candidate) => isSameWord(candidate, vote))
  if (tally === undefined) box.tallies.push({ blockId: vote.blockId, validRound: vote.validRound, count: 1 })
  else tally.count += 1
}

function removeVote(keeper: VoteKeeper, vote: Vote, index: number): void {
  const votes = roundVotes(keeper, vote.round)
  const box = votes[vote.type]
  const other = vote.type === 'prevote' ? votes.precommit : votes.prevote
  box.votes[index] = null
  box.count -= 1
  if (other.votes[index] === null) votes.voters -= 1
  const tally = must(
    box.tallies.find((candidate) => isSameWord(candidate, vote)),
    'a kept vote is tallied',
  )
  tally.count -= 1
  if (tally.count === 0) box.tallies.splice(box.tallies.indexOf(tally), 1)
}

/** How many votes of this type and round say exactly this. */
export function tallyOf(keeper: VoteKeeper, vote: PlacedWord): number {
  const box = keeper.rounds.get(vote.round)?.[vote.type]
  return box?.tallies.find((candidate) => isSameWord(candidate, vote))?.count ?? 0
}

/** The votes kept that say exactly this, in the order of the set. */
export function votesLike(keeper: VoteKeeper, vote: PlacedWord): readonly Vote[] {
  const votes = keeper.rounds.get(vote.round)?.[vote.type].votes ?? []
  return votes.filter((kept): kept is Vote => kept !== null && isSameWord(kept, vote))
}

/**
 * Whether a vote of a later round may be kept (R14): the next round, and the newest two beyond it per sender; a newer one
 * drives out the sender's oldest, so that a node at round 0 still sees a crowd at round 50.
 */
export function makeRoom(keeper: VoteKeeper, at: { round: Round; index: number; currentRound: Round }): boolean {
  const { round, index, currentRound } = at
  if (round <= currentRound + 1) return true
  const further: Round[] = []
  for (const [other, votes] of keeper.rounds) {
    if (other <= currentRound + 1) continue
    if (votes.prevote.votes[index] !== null || votes.precommit.votes[index] !== null) further.push(other)
  }
  if (further.includes(round) || further.length < LIMITS.futureRoundsMax) return true
  const oldest = Math.min(...further)
  if (round < oldest) return false
  removeSender(keeper, oldest, index)
  return true
}

function removeSender(keeper: VoteKeeper, round: Round, index: number): void {
  const votes = roundVotes(keeper, round)
  for (const type of ['prevote', 'precommit'] as const) {
    const vote = votes[type].votes[index] ?? null
    if (vote !== null) removeVote(keeper, vote, index)
  }
  if (votes.voters === 0) keeper.rounds.delete(round)
}

/** Whether a vote of a past round is still of use (R11); nil precommits of the last one prove how this one was entered (R12). */
export function isLateVoteOfUse(vote: Vote, at: { currentRound: Round; validRound: Round }): boolean {
  if (vote.type === 'prevote') return vote.blockId !== null && vote.round >= at.validRound
  return vote.blockId !== null || vote.round === at.currentRound - 1
}

/** Forgets what a node in `currentRound` has no use for any more, which bounds memory in a long stall. */
export function pruneVotes(keeper: VoteKeeper, at: { currentRound: Round; validRound: Round }): void {
  for (const [round, votes] of [...keeper.rounds]) {
    if (round >= at.currentRound - 1) continue
    for (const type of ['prevote', 'precommit'] as const) {
      votes[type].votes.forEach((vote, index) => {
        if (vote !== null && !isLateVoteOfUse(vote, at)) removeVote(keeper, vote, index)
      })
    }
    if (votes.voters === 0) keeper.rounds.delete(round)
  }
}

/** The highest round above `currentRound` in which at least `skip` distinct validators voted, or -1 (R9). */
export function roundToSkipTo(keeper: VoteKeeper, at: { currentRound: Round; skip: number }): Round {
  let highest = -1
  for (const [round, votes] of keeper.rounds) {
    if (round > at.currentRound && round > highest && votes.voters >= at.skip) highest = round
  }
  return highest
}

/** The single votes inside a verified certificate. */
export function votesInside(set: ValidatorSet, certificate: Certificate): readonly Vote[] {
  const { type, height, round, blockId, validRound, signatures } = certificate
  const signers = must(certificateSigners(set, certificate), 'a verified certificate fits its set')
  return signers.map(({ authority }, i) => {
    const signature = must(signatures[i], 'a verified certificate has a signature per bit')
    return { type, height, round, blockId, validRound, validator: authority, signature }
  })
}
