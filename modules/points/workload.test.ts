import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createPointsLife } from '../../test/points-workload.ts'

describe('a random life of points', () => {
  it('keeps every invariant of every room after every step, and a refusal changes nothing', () => {
    const ok = new Map<string, number>()
    fc.assert(
      fc.property(fc.nat(2 ** 31), (seed) => {
        const { city, step } = createPointsLife(seed)
        for (let i = 0; i < 150; i++) {
          const before = i % 8 === 0 ? city.view.diff() : null
          const { kind, outcome } = step()
          if (outcome?.failure === null) ok.set(kind, (ok.get(kind) ?? 0) + 1)
          else if (before !== null && outcome !== null) expect(city.view.diff()).toEqual(before)
          expect(city.broken()).toEqual([])
        }
      }),
      { numRuns: 8 },
    )
    for (const kind of ['grant1', 'pay1', 'refund1', 'batch', 'transfer', 'payTax', 'claim', 'settle', 'open', 'execute'])
      expect([kind, (ok.get(kind) ?? 0) > 0]).toEqual([kind, true])
  })
})
