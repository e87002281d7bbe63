import { describe, expect, it } from 'vitest'
import { CATALOGUE, addCoverage, countOfFault } from './coverage.ts'
import { parsePlan } from './plan.ts'
import { SCENARIOS, buildPlan } from './scenarios.ts'
import { runPlan } from './simulator.ts'
import type { RunResult } from './simulator.ts'

function planOf(scenario: string, seed: number, heights: number, crypto: 'stub' | 'ed25519' = 'stub') {
  const plan = buildPlan(scenario, { seed, heights, crypto })
  if (plan === null) throw new Error(`no scenario ${scenario}`)
  return plan
}

function runOf(scenario: string, seed: number, heights = 8): Promise<RunResult> {
  return runPlan(planOf(scenario, seed, heights))
}

describe('a run', () => {
  it('of one seed does the same every time, to the last byte', async () => {
    const first = await runOf('mix', 11)
    const again = await runOf('mix', 11)
    expect(again.auditHash).toBe(first.auditHash)
    expect([again.events, again.heights, again.virtualMs]).toEqual([first.events, first.heights, first.virtualMs])
  })

  it('of a plan that went through a file does the same', async () => {
    const plan = planOf('crashes', 3, 5)
    const [direct, reread] = [await runPlan(plan), await runPlan(parsePlan(JSON.parse(JSON.stringify(plan))))]
    expect(reread.auditHash).toBe(direct.auditHash)
  })

  it('of another seed does something else', async () => {
    const [one, other] = [await runOf('calm', 1, 3), await runOf('calm', 2, 3)]
    expect(one.auditHash).not.toBe(other.auditHash)
  })

  it('with real signatures decides blocks as the stub does', async () => {
    const result = await runPlan(planOf('calm', 1, 5, 'ed25519'))
    expect(result.violations).toEqual([])
    expect(result.heights).toBeGreaterThanOrEqual(5)
    expect(result.txs).toBeGreaterThan(0)
  })
})

/** The fault of the catalogue that each scenario is there for. */
const PURPOSE: Readonly<Record<string, number>> = {
  'equivocating-proposer': 1,
  'double-votes': 2,
  withheld: 3,
  amnesia: 4,
  'hidden-lock': 3,
  'partition-half': 6,
  'partition-one': 6,
  swizzle: 6,
  'bad-links': 7,
  crashes: 8,
  'every-boundary': 8,
  'set-changes': 12,
  'weak-disk': 9,
  'lying-disk': 9,
  'lost-files': 10,
  'old-backup': 10,
  'bad-clocks': 11,
  blackout: 13,
  'too-many-liars': 14,
  flood: 15,
  accusations: 21,
  'lying-sync': 16,
  poison: 17,
  idle: 18,
  storm: 3,
  'heavy-loss': 7,
  'late-decisions': 3,
  'broken-certificates': 20,
  twins: 22,
}

describe('every scenario', () => {
  it('has a purpose', () => {
    expect(Object.keys(PURPOSE).sort()).toEqual(SCENARIOS.filter((name) => !['mix', 'rota', 'calm'].includes(name)).sort())
  })

  it.each(Object.entries(PURPOSE))('%s keeps every promise and brings about fault %i', async (scenario, fault) => {
    const plan = planOf(scenario, 1, 4)
    const result = await runPlan({ ...plan, faultMs: Math.min(plan.faultMs, 7_000) })
    expect(result.violations).toEqual([])
    expect([...result.coverage.counts.keys()].filter((key) => key.startsWith(`${fault} `)).length).toBeGreaterThan(0)
  })
})

describe('the random mix', () => {
  it('keeps every promise over a dozen seeds and meets most of the catalogue', async () => {
    const total: Record<string, number> = {}
    for (let seed = 1; seed <= 12; seed++) {
      const result = await runOf('mix', seed)
      expect([seed, result.violations]).toEqual([seed, []])
      addCoverage(total, result.coverage.counts)
    }
    const met = [...CATALOGUE.keys()].filter((fault) => countOfFault(total, fault) > 0)
    expect(met.length).toBeGreaterThanOrEqual(12)
  })
})
