import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createPointsLife } from '../../test/points-workload.ts'

const STEPS = 150
/** Two lives in which every kind of act succeeds at least once; what a life does follows from its seed. */
const FULL_LIVES = [11, 13]

/** Lives it through with every check after every step; gives how often each kind of act succeeded. */
function live(seed: number, ok = new Map<string, number>()): ReadonlyMap<string, number> {
  const { city, step } = createPointsLife(seed)
  for (let i = 0; i < STEPS; i++) {
    const before = i % 8 === 0 ? city.view.diff() : null
    const { kind, outcome } = step()
    if (outcome?.failure === null) ok.set(kind, (ok.get(kind) ?? 0) + 1)
    else if (before !== null && outcome !== null) expect(city.view.diff()).toEqual(before)
    expect(city.broken()).toEqual([])
  }
  return ok
}

describe('a random life of points', () => {
  it('keeps every invariant of every room after every step, and a refusal changes nothing', () => {
    fc.assert(
      fc.property(fc.nat(2 ** 31), (seed) => void live(seed)),
      { numRuns: 6 },
    )
  })

  it('meets every kind of act', () => {
    const ok = new Map<string, number>()
    for (const seed of FULL_LIVES) live(seed, ok)
    for (const kind of ['grant1', 'pay1', 'refund1', 'batch', 'transfer', 'payTax', 'claim', 'settle', 'open', 'execute'])
      expect([kind, (ok.get(kind) ?? 0) > 0]).toEqual([kind, true])
  })
})
