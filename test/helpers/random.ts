// Owns: chance that can be repeated, for tests and long runs. Not here: the simulator's (sim/prng.ts).

/** Whole numbers from 0 to below the bound; `state` can be kept and given as a seed to go on later. */
export type Random = { readonly below: (bound: number) => number; readonly state: () => number }

/** The same seed gives the same numbers. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0
  return {
    below(bound) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
      return Math.floor((state / 2 ** 32) * bound)
    },
    state: () => state,
  }
}
