// Owns: seeing evidence among the messages of a height (R13). Not here: what a pair proves (core/chain/evidence.ts), what becomes
// of it (node/evidence-pool.ts, governance).
import { amnesiaOf, offenceOf } from '../core/chain/evidence.ts'
import type { Evidence } from '../core/chain/evidence.ts'
import type { Vote } from '../core/chain/vote.ts'
import { voteOf } from './vote-keeper.ts'
import type { VoteKeeper } from './vote-keeper.ts'

/** Amnesia that a new vote shows together with those kept of its validator, lowest round first; null when there is none. */
export function amnesiaWith(keeper: VoteKeeper, vote: Vote, index: number): Evidence | null {
  if (vote.blockId === null) return null
  const type = vote.type === 'prevote' ? 'precommit' : 'prevote'
  for (const round of [...keeper.rounds.keys()].sort((a, b) => a - b)) {
    const kept = voteOf(keeper, { type, round, index })
    if (kept === null) continue
    const found = vote.type === 'prevote' ? amnesiaOf(kept, vote) : amnesiaOf(vote, kept)
    if (found !== null) return found
  }
  return null
}

/** A short name under which evidence is reported once per height; amnesia once per validator. */
export function evidenceKey(evidence: Evidence): string {
  const { validator, round, offence } = offenceOf(evidence)
  return offence === 'amnesia' ? `${offence} ${validator}` : `${offence} ${validator} ${round}`
}
