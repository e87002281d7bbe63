// Owns: bounds and states of the model, and the ways to them. Not here: which states follow (explore.ts).
import type { LockRule, Memory, Word } from './rules.ts'

/** Bounds of one exploration; rounds are 0 to `rounds - 1`. */
export type Setting = {
  readonly rule: LockRule
  readonly honest: number
  /** Faulty ones of whom no two signed votes may make evidence. */
  readonly quiet: number
  /** Faulty ones that sign everything. */
  readonly loud: number
  readonly rounds: number
  readonly values: number
}

/** What decides the future: memories (honest first, then quiet), polkas as bits `round * values + value`, decided values. */
export type State = { readonly memories: readonly Memory[]; readonly polkas: number; readonly decided: number }

/** What all validators but the loud sent in one round, in the order of the state's memories; null and -1 are nil or silence. */
export type Action = { readonly words: readonly (Word | null)[]; readonly values: readonly number[] }

/** A state at the start of a round, with the way to it. */
export type Place = { readonly state: State; readonly round: number; readonly from: Place | null; readonly by: Action | null }

/** Number of votes that make a quorum under the rule. */
export function quorumOf({ honest, quiet, loud, rule }: Setting): number {
  return Math.floor((2 * (honest + quiet + loud)) / 3) + 1 - rule.quorumShort
}

/** The actions that lead to a place, first round first. */
export function actionsTo(place: Place): readonly Action[] {
  const actions: Action[] = []
  for (let at: Place | null = place; at !== null; at = at.from) if (at.by !== null) actions.unshift(at.by)
  return actions
}
