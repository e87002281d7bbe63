// Owns: whether a reached state can still decide: one round of a correct proposer after messages arrive again.
// Not here: reaching states (explore.ts); the same question put to the real machines (conformance.test.ts).
import { quorumOf } from './state.ts'
import type { Setting, State } from './state.ts'
import type { Memory, Word } from './rules.ts'

/** What a correct proposer knows: every polka that any honest validator holds (R5b, R12), or that of its own lock alone. */
export type Knowledge = 'delivered' | 'own lock only'

/** States asked about, those in which some proposal of some correct proposer does not decide, and one of them. */
export type Liveness = { readonly asked: number; readonly stuck: number; readonly example: State | null }

/**
 * From each state one fair round: a correct proposer proposes what its knowledge allows, every honest validator receives it and
 * the faulty are silent. Stuck is a state with a proposal that fewer than a quorum may prevote, or one for another value than the
 * decided one. Which polkas an honest validator holds beyond its locks is the scheduler's choice, so each is tried.
 */
export function checkLiveness(setting: Setting, states: Iterable<State>, knowledge: Knowledge): Liveness {
  let asked = 0
  let stuck = 0
  let example: State | null = null
  for (const state of states) {
    asked += 1
    if (decides(setting, state, knowledge)) continue
    stuck += 1
    example ??= state
  }
  return { asked, stuck, example }
}

function decides(setting: Setting, state: State, knowledge: Knowledge): boolean {
  const honest = state.memories.slice(0, setting.honest)
  const proposals =
    knowledge === 'delivered'
      ? proposalsOf(setting, state, Math.max(...honest.map(({ lockedRound }) => lockedRound)))
      : honest.map(ownLock)
  return proposals.every((word) => {
    const prevotes = honest.filter((memory) => setting.rule.mayPrevote(memory, word)).length
    const isOther = state.decided !== 0 && word.validRound >= 0 && (state.decided & (1 << word.value)) === 0
    return prevotes >= quorumOf(setting) && !isOther
  })
}

function ownLock({ lockedRound, lockedValue }: Memory): Word {
  return { value: Math.max(lockedValue, 0), validRound: lockedRound }
}

/** Everything that a proposer may propose whose valid round is at least the newest lock of an honest validator. */
function proposalsOf({ rounds, values }: Setting, { polkas }: State, newestLock: number): readonly Word[] {
  const words: Word[] = newestLock === -1 ? [{ value: 0, validRound: -1 }] : []
  for (let bit = 0; bit < rounds * values; bit++) {
    const word = { value: bit % values, validRound: Math.floor(bit / values) }
    if ((polkas & (1 << bit)) !== 0 && word.validRound >= newestLock) words.push(word)
  }
  return words
}
