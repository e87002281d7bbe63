// Owns: who holds whose votes of the present round, as a table for operators. Not here: what it means (diagnose.ts).
import { hasBit, summaryOf } from '../../consensus/summary.ts'
import type { Summary } from '../../consensus/summary.ts'
import { voteOf } from '../../consensus/vote-keeper.ts'
import type { ChainNode } from '../chain-node.ts'

/** One validator's votes of the present round as this node holds them: a block's id, `nil`, or null without one. */
export type VoteRow = { readonly validator: string; readonly prevote: string | null; readonly precommit: string | null }

/** What one validator says it holds; an `x` for each vote in the order of the set, a `-` where there is none. */
export type HeldRow = {
  readonly by: string
  readonly height: number
  readonly round: number
  readonly step: string
  readonly prevotes: string
  readonly precommits: string
}

/** The votes of the round, and what everyone says of holding them. */
export function buildVoteMatrix(node: ChainNode): { readonly votes: readonly VoteRow[]; readonly held: readonly HeldRow[] } {
  const { consensus, link, options } = node
  const { set, round } = consensus
  const wordOf = (type: 'prevote' | 'precommit', index: number): string | null => {
    const vote = voteOf(consensus.votes, { type, round, index })
    return vote === null ? null : (vote.blockId ?? 'nil')
  }
  const rowOf = (by: string, summary: Summary | null): HeldRow[] => {
    if (summary === null) return []
    const { height, step, prevotes, precommits } = summary
    const bits = (held: Uint8Array): string => set.validators.map((_, index) => (hasBit(held, index) ? 'x' : '-')).join('')
    return [{ by, height, round: summary.round, step, prevotes: bits(prevotes), precommits: bits(precommits) }]
  }
  return {
    votes: set.validators.map(({ name }, index) => ({
      validator: name,
      prevote: wordOf('prevote', index),
      precommit: wordOf('precommit', index),
    })),
    held: set.validators.flatMap(({ name, peerId }) =>
      rowOf(name, peerId === options.network.self ? summaryOf(consensus) : link.summaryOf(peerId)),
    ),
  }
}
