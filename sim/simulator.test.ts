import { describe, expect, it } from 'vitest'
import { CATALOGUE, addCoverage } from './coverage.ts'
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

describe('every scenario', () => {
  it.each(SCENARIOS.filter((name) => name !== 'mix'))('%s keeps every promise', async (scenario) => {
    const result = await runOf(scenario, 1)
    expect(result.violations).toEqual([])
    expect(result.heights).toBeGreaterThanOrEqual(8)
  })
})

describe('the random mix', () => {
  it('keeps every promise over two dozen seeds and meets most of the catalogue', async () => {
    const total = new Map<string, number>()
    for (let seed = 1; seed <= 24; seed++) {
      const result = await runOf('mix', seed)
      expect([seed, result.violations]).toEqual([seed, []])
      addCoverage(total, result.coverage)
    }
    const met = [...CATALOGUE.keys()].filter((fault) => [...total.keys()].some((key) => key.startsWith(`${fault} `)))
    expect(met.length).toBeGreaterThanOrEqual(14)
  })
})
