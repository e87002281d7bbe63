import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createLaborLife } from '../../test/labor-workload.ts'

const STEPS = 300

/** Lives it through; every record of a signed version that was ever seen stays byte for byte, and no record of hours goes. */
function live(seed: number, ok = new Map<string, number>()): ReadonlyMap<string, number> {
  const { city, step } = createLaborLife(seed)
  const signed = new Map<string, string>()
  const recorded = new Map<string, number>()
  for (let i = 0; i < STEPS; i++) {
    const before = i % 8 === 0 ? city.view.diff() : null
    const { kind, outcome } = step()
    if (outcome?.failure === null) ok.set(kind, (ok.get(kind) ?? 0) + 1)
    else if (before !== null && outcome !== null && !/hire|change|correct|cash/.test(kind))
      expect(city.view.diff()).toEqual(before)
    expect([seed, i, kind, ...city.broken()]).toEqual([seed, i, kind])
    for (const [key, bytes] of city.scan('labor/sealed/version/')) {
      const text = Buffer.from(bytes).toString('hex')
      expect(signed.get(key) ?? text).toBe(text)
      signed.set(key, text)
    }
    for (const [key, bytes] of city.scan('labor/sealed/day/')) {
      expect(bytes.length).toBeGreaterThanOrEqual(10)
      recorded.set(key, bytes.length)
    }
    for (const key of recorded.keys()) expect(city.view.get(key)).not.toBeNull()
  }
  return ok
}

describe('a random life of labor', () => {
  it('keeps every invariant after every step, signed versions and records of hours stay, a refusal changes nothing', () => {
    fc.assert(
      fc.property(fc.nat(2 ** 31), (seed) => void live(seed)),
      { numRuns: 1 },
    )
  })

  it('meets every kind of act', () => {
    const ok = new Map<string, number>()
    for (const seed of [1, 2, 3, 4]) live(seed, ok)
    for (const kind of [
      'hire',
      'change',
      'record1',
      'confirm1',
      'dispute',
      'correct',
      'open',
      'slip',
      'pay1',
      'cash',
      'fund',
      'file',
      'end',
    ])
      expect([kind, (ok.get(kind) ?? 0) > 0]).toEqual([kind, true])
  })
})
