import { describe, expect, it } from 'vitest'
import { createRandom } from './prng.ts'

describe('a stream of random numbers', () => {
  it('repeats itself for the same seed and name', () => {
    const [a, b] = [createRandom(7, 'net'), createRandom(7, 'net')]
    const draw = (random: typeof a): number[] => Array.from({ length: 100 }, () => random.below(1_000_000))
    expect(draw(a)).toEqual(draw(b))
  })

  it('differs by seed and by name', () => {
    const draw = (seed: number, name: string): string =>
      Array.from({ length: 20 }, () => createRandom(seed, name).below(1_000)).join()
    expect(new Set([draw(1, 'net'), draw(2, 'net'), draw(1, 'disk 0')]).size).toBe(3)
  })

  it('stays within its bounds and reaches both ends', () => {
    const random = createRandom(3, 'bounds')
    const drawn = new Set(Array.from({ length: 2_000 }, () => random.between(-2, 2)))
    expect([...drawn].sort((a, b) => a - b)).toEqual([-2, -1, 0, 1, 2])
  })

  it('never and always fires at the ends of a chance', () => {
    const random = createRandom(4, 'chance')
    const fired = (ppm: number): number => Array.from({ length: 500 }, () => random.chance(ppm)).filter(Boolean).length
    expect([fired(0), fired(1_000_000)]).toEqual([0, 500])
  })

  it('shuffles without losing or inventing anything', () => {
    const items = Array.from({ length: 30 }, (_, i) => i)
    const shuffled = createRandom(5, 'shuffle').shuffle(items)
    expect(shuffled).not.toEqual(items)
    expect([...shuffled].sort((a, b) => a - b)).toEqual(items)
  })
})
