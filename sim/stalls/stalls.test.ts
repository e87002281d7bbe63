// Owns: every injected standstill is named: cause, validators, state. Not here: causes that no simulation brings about
// (node/diagnosis/diagnose.test.ts).
import { describe, expect, it } from 'vitest'
import { CAUSES } from '../../rpc/node-api.ts'
import { STALL_CASES } from './cases.ts'
import { formatStall, runStall } from './stall-run.ts'

describe('a node that is asked why', () => {
  it('is put to at least thirty different standstills', () => {
    expect(STALL_CASES.length).toBeGreaterThanOrEqual(30)
    expect(new Set(STALL_CASES.map(({ name }) => name)).size).toBe(STALL_CASES.length)
    const shown = new Set(STALL_CASES.map(({ cause }) => cause))
    // These few are shown by observations made by hand.
    expect(CAUSES.filter((cause) => !shown.has(cause))).toEqual([
      'invalidHere',
      'waitingForOthers',
      'notValidator',
      'slowExecution',
      'splitVotes',
      'unknown',
    ])
  })

  it.each(STALL_CASES.map((stall) => [stall.name, stall] as const))('names it: %s', async (_name, stall) => {
    const { diagnosis, expected, isRight } = await runStall(stall)
    expect([diagnosis.cause, [...diagnosis.validators].sort()], formatStall({ stall, diagnosis, expected, isRight })).toEqual([
      stall.cause,
      expected,
    ])
    expect(isRight).toBe(true)
  })
})
