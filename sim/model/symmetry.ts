// Owns: one name for states that differ only by renaming validators or values. Not here: which states there are (explore.ts).
import type { Setting, State } from './state.ts'
import type { Memory } from './rules.ts'

const PERMUTATIONS = new Map<number, readonly (readonly number[])[]>()

function permutationsOf(values: number): readonly (readonly number[])[] {
  const known = PERMUTATIONS.get(values)
  if (known !== undefined) return known
  const found: number[][] = []
  const extend = (taken: readonly number[]): void => {
    if (taken.length === values) found.push([...taken])
    for (let value = 0; value < values; value++) if (!taken.includes(value)) extend([...taken, value])
  }
  extend([])
  PERMUTATIONS.set(values, found)
  return found
}

/** The same text for two states exactly if a renaming turns one into the other; `fresh` marks values of the present round. */
export function canonicalKey(setting: Setting, state: State, fresh: number): string {
  let least = ''
  for (const renamed of permutationsOf(setting.values)) {
    const key = keyUnder(setting, state, fresh, renamed)
    if (least === '' || key < least) least = key
  }
  return least
}

function keyUnder({ values, honest, rounds }: Setting, state: State, fresh: number, renamed: readonly number[]): string {
  const names = state.memories.map((memory) => memoryKey(memory, renamed))
  const kinds = `${names.slice(0, honest).sort().join()};${names.slice(honest).sort().join()}`
  let polkas = 0
  for (let bit = 0; bit < rounds * values; bit++) {
    if ((state.polkas & (1 << bit)) !== 0) polkas |= 1 << (bit - (bit % values) + (renamed[bit % values] as number))
  }
  return `${kinds};${polkas};${renameBits(state.decided, renamed)};${renameBits(fresh, renamed)}`
}

function renameBits(bits: number, renamed: readonly number[]): number {
  return renamed.reduce((out, to, from) => ((bits & (1 << from)) === 0 ? out : out | (1 << to)), 0)
}

function memoryKey({ precommitted, lockedRound, lockedValue }: Memory, renamed: readonly number[]): string {
  const rounds: number[] = []
  renamed.forEach((to, from) => {
    rounds[to] = precommitted[from] as number
  })
  return `${rounds.join('.')}/${lockedRound}.${lockedValue === -1 ? -1 : renamed[lockedValue]}`
}
