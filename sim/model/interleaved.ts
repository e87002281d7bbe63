// Owns: the same question as explore.ts without its reductions 2 and 4: every order of every single vote, nobody renamed.
// Not here: large bounds. It exists to be compared: both walks must reach exactly the same results.
import { afterPrecommit, freshMemory } from './rules.ts'
import type { Memory, Word } from './rules.ts'
import { prevotesOf } from './explore.ts'
import { quorumOf } from './state.ts'
import type { Setting, State } from './state.ts'
import { canonicalKey } from './symmetry.ts'

/** Where one honest validator stands; `words[r]` and `precommits[r]` are what it sent in round r, undefined for none or nil. */
type Voter = {
  readonly memory: Memory
  readonly round: number
  readonly step: 'propose' | 'prevote' | 'precommit'
  readonly words: readonly (Word | undefined)[]
  readonly precommits: readonly (number | undefined)[]
}

/** Number of interleaved states, and what they amount to, by the names that explore.ts gives to states. */
export type Interleaved = { readonly states: number; readonly results: ReadonlySet<string> }

/** Walks every interleaving of the honest validators' single votes; the faulty must all be loud. */
export function exploreInterleaved(setting: Setting): Interleaved {
  const blank = new Array<undefined>(setting.rounds).fill(undefined)
  const voter: Voter = { memory: freshMemory(setting.values), round: 0, step: 'propose', words: blank, precommits: blank }
  const seen = new Set<string>()
  const results = new Set<string>()
  const waiting: (readonly Voter[])[] = [new Array<Voter>(setting.honest).fill(voter)]
  for (let voters = waiting.pop(); voters !== undefined; voters = waiting.pop()) {
    const key = JSON.stringify(voters)
    if (seen.has(key)) continue
    seen.add(key)
    const state = amountTo(setting, voters)
    results.add(canonicalKey(setting, state, 0))
    for (const [i, one] of voters.entries()) {
      for (const moved of movesOf(setting, one, state.polkas)) waiting.push(voters.with(i, moved))
    }
  }
  return { states: seen.size, results }
}

/** Every next step of one validator, given the polkas that the votes sent so far make. */
function movesOf(setting: Setting, voter: Voter, polkas: number): readonly Voter[] {
  const { memory, round, step, words, precommits } = voter
  const moves: Voter[] = []
  for (let later = round + 1; later < setting.rounds; later++) moves.push({ ...voter, round: later, step: 'propose' })
  if (step === 'propose') {
    for (const word of prevotesOf(setting, { memory, isHonest: true, round, polkas })) {
      moves.push({ ...voter, step: 'prevote', words: words.with(round, word ?? undefined) })
    }
  }
  if (step === 'prevote') {
    moves.push({ ...voter, step: 'precommit' })
    for (let value = 0; value < setting.values; value++) {
      if ((polkas & (1 << (round * setting.values + value))) === 0) continue
      const after = afterPrecommit(memory, round, value)
      moves.push({ ...voter, step: 'precommit', memory: after, precommits: precommits.with(round, value) })
    }
  }
  return moves
}

function amountTo(setting: Setting, voters: readonly Voter[]): State {
  const { rounds, values, loud } = setting
  const quorum = quorumOf(setting)
  let polkas = 0
  let decided = 0
  for (let round = 0; round < rounds; round++) {
    for (let value = 0; value < values; value++) {
      for (let validRound = -1; validRound < round; validRound++) {
        const count = voters.filter(
          ({ words }) => words[round]?.value === value && words[round]?.validRound === validRound,
        ).length
        if (count + loud >= quorum) polkas |= 1 << (round * values + value)
      }
      if (voters.filter(({ precommits }) => precommits[round] === value).length + loud >= quorum) decided |= 1 << value
    }
  }
  return { memories: voters.map(({ memory }) => memory), polkas, decided }
}
