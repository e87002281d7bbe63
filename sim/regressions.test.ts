import { readFileSync, readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { faultyOf, losesTooManyLogs, parsePlan } from './plan.ts'
import { buildPlan } from './scenarios.ts'
import { runPlan } from './simulator.ts'

const FOLDER = new URL('./regressions/', import.meta.url)

describe('every run that once broke a promise', () => {
  // A new one is a file in regressions/, by the name of what it found.
  it.each(readdirSync(FOLDER))('%s keeps every promise now', async (file) => {
    const { plan } = JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8')) as { plan: unknown }
    const result = await runPlan(parsePlan(plan))
    expect(result.violations).toEqual([])
  })
})

describe('the budget of lost logs', () => {
  const lossOf = (n: number, machines: readonly number[]) =>
    parsePlan({
      scenario: 'test',
      seed: 1,
      n,
      crypto: 'stub',
      heights: 3,
      faultMs: 2_000,
      txEveryMs: 0,
      byzantine: [],
      faults: machines.map((machine) => ({ kind: 'logLost', atMs: 900, machine, downMs: 100 })),
    })

  it('bears the log of one of four and no log of a lone validator', () => {
    expect(losesTooManyLogs(lossOf(4, [2, 2]))).toBe(false)
    expect(losesTooManyLogs(lossOf(4, [2, 3]))).toBe(true)
    expect(losesTooManyLogs(lossOf(1, [0]))).toBe(true)
    expect(losesTooManyLogs(lossOf(1, []))).toBe(false)
  })

  it('is kept by the random mix, liars counted', () => {
    for (let seed = 1; seed <= 300; seed++) {
      const plan = buildPlan('mix', { seed, heights: 3, crypto: 'stub' })
      if (plan === null) throw new Error('no mix')
      expect([seed, faultyOf(plan).size, losesTooManyLogs(plan)]).toEqual([seed, faultyOf(plan).size, false])
    }
  })

  it('is left by a lone validator that lost the log after its precommit: it stands still and signs nothing', async () => {
    const { plan } = JSON.parse(readFileSync(new URL('lone-validator-loses-log-1.json', FOLDER), 'utf8')) as { plan: unknown }
    const result = await runPlan(parsePlan(plan))
    expect(result.violations).toEqual([])
    expect(result.coverage.counts.get('10 logs lost beyond the budget, stands still')).toBe(1)
    expect(result.heights).toBe(2)
  })
})
