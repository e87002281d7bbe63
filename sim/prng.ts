// Owns: seeded randomness of the simulator: one stream per purpose, so that a change in one leaves the others as they were.
// Not here: what is drawn (plan.ts, network.ts, byzantine.ts, workload.ts).
import { must } from '../core/base/assert.ts'
import { sha256Bytes } from '../core/crypto/hash.ts'

/** A stream of random numbers; the same seed and name give the same numbers on every machine. */
export type Random = {
  /** An integer in 0..bound-1; bound is at least 1. */
  readonly below: (bound: number) => number
  /** An integer from `low` to `high`, both included. */
  readonly between: (low: number, high: number) => number
  /** True in `ppm` of a million draws. */
  readonly chance: (ppm: number) => boolean
  readonly pick: <T>(from: readonly T[]) => T
  /** A copy in random order. */
  readonly shuffle: <T>(from: readonly T[]) => T[]
  readonly bytes: (length: number) => Uint8Array
}

/** Opens the stream of this name under a seed (xoshiro128**, state from SHA-256). */
export function createRandom(seed: number, name: string): Random {
  const state = new Uint32Array(sha256Bytes(`naru-sim/${seed}/${name}`).buffer.slice(0, 16))
  const next = (): number => {
    const [a, b, c, d] = state as unknown as [number, number, number, number]
    const x = Math.imul(b, 5)
    const result = Math.imul((x << 7) | (x >>> 25), 9) >>> 0
    state[2] = c ^ a
    state[3] = d ^ b
    state[1] = b ^ (state[2] as number)
    state[0] = a ^ (state[3] as number)
    state[2] = (state[2] as number) ^ (b << 9)
    const high = state[3] as number
    state[3] = (high << 11) | (high >>> 21)
    return result
  }
  const below = (bound: number): number => Math.floor((next() / 4_294_967_296) * bound)
  return {
    below,
    between: (low, high) => low + below(high - low + 1),
    chance: (ppm) => ppm > 0 && below(1_000_000) < ppm,
    pick: (from) => must(from[below(from.length)], 'something to pick from'),
    shuffle(from) {
      const out = [...from]
      for (let i = out.length - 1; i > 0; i--) {
        const j = below(i + 1)
        const held = out[i] as (typeof out)[number]
        out[i] = out[j] as (typeof out)[number]
        out[j] = held
      }
      return out
    },
    bytes: (length) => Uint8Array.from({ length }, () => below(256)),
  }
}
