// Owns: chance that repeats: whole numbers by a seed, ranks by Zipf's law. Not here: what is drawn.

/** A whole number from 0 below a bound. */
export type Dice = (below: number) => number

/** Dice of a seed; the same seed gives the same (mulberry32). */
export function createDice(seed: number): Dice {
  let state = seed >>> 0
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) % below
  }
}

/** Draws ranks 0 to count - 1, of which the k-th comes with weight 1 / (k + 1)^exponent. */
export function createZipf(dice: Dice, count: number, exponent: number): () => number {
  const sums = new Float64Array(count)
  let sum = 0
  for (let rank = 0; rank < count; rank++) {
    sum += 1 / (rank + 1) ** exponent
    sums[rank] = sum
  }
  return () => {
    const wanted = (dice(2 ** 32 - 1) / (2 ** 32 - 1)) * sum
    let [low, high] = [0, count - 1]
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((sums[middle] as number) < wanted) low = middle + 1
      else high = middle
    }
    return low
  }
}
