// Owns: the bounds of each consensus parameter. Not here: who may change them (modules/governance).
import { describe, expect, it } from 'vitest'
import { checkParams, CITY_PARAMS, paramsHash } from './params.ts'
import type { ChainParams } from './params.ts'

const BOUNDS: readonly (readonly [name: Exclude<keyof ChainParams, 'creditClasses'>, min: number, max: number])[] = [
  ['blockIntervalMs', 10, 60_000],
  ['heartbeatMs', 100, 3_600_000],
  ['timeoutProposeMs', 50, 60_000],
  ['timeoutProposeStepMs', 10, 60_000],
  ['timeoutVoteMs', 20, 60_000],
  ['timeoutVoteStepMs', 10, 60_000],
  ['timeoutMaxMs', 1_000, 120_000],
  ['precisionMs', 50, 10_000],
  ['messageDelayMs', 100, 60_000],
  ['blockBytesMax', 65_536, 4_194_304],
  ['blockTxsMax', 1, 20_000],
  ['blockUnitsMax', 512, 1_048_576],
  ['validUntilAheadMax', 10, 600],
  ['activationDelay', 2, 10_000],
  ['validatorsMin', 1, 100],
  ['attendanceWindow', 20, 10_000],
  ['readyWindow', 2, 10_000],
]

describe('consensus parameters', () => {
  it('of the city are within their bounds', () => {
    expect(checkParams(CITY_PARAMS)).toBeNull()
  })

  it('each have a row in this test', () => {
    expect([...BOUNDS.map(([name]) => name), 'amnesiaSuspends', 'creditClasses']).toEqual(Object.keys(CITY_PARAMS))
  })

  it.each(BOUNDS)('%s goes from %i to %i', (name, min, max) => {
    const withValue = (value: number): ChainParams => ({ ...CITY_PARAMS, [name]: value })
    expect(checkParams(withValue(min))).toBeNull()
    expect(checkParams(withValue(max))).toBeNull()
    expect(checkParams(withValue(min - 1))).toBe(`${name} is ${min - 1}, allowed are ${min} to ${max}`)
    expect(checkParams(withValue(max + 1))).toBe(`${name} is ${max + 1}, allowed are ${min} to ${max}`)
  })

  it('have three credit classes or more that fill up in a second or longer', () => {
    const { creditClasses } = CITY_PARAMS
    const [first] = creditClasses as [ChainParams['creditClasses'][number]]
    expect(checkParams({ ...CITY_PARAMS, creditClasses: creditClasses.slice(0, 2) })).toBe(
      'creditClasses has 2 rows, three are needed',
    )
    expect(checkParams({ ...CITY_PARAMS, creditClasses: [...creditClasses, { ...first, refillMs: 999 }] })).toBe(
      'creditClasses.refillMs is 999, at least 1000',
    )
    expect(checkParams({ ...CITY_PARAMS, creditClasses: [...creditClasses, { ...first, refillMs: 1_000 }] })).toBeNull()
  })

  it('have a hash that changes with each of them', () => {
    const variants = [
      CITY_PARAMS,
      ...BOUNDS.map(([name]) => ({ ...CITY_PARAMS, [name]: Number(CITY_PARAMS[name]) + 1 })),
      { ...CITY_PARAMS, amnesiaSuspends: true },
      { ...CITY_PARAMS, creditClasses: [...CITY_PARAMS.creditClasses].reverse() },
    ]
    expect(new Set(variants.map(paramsHash)).size).toBe(variants.length)
  })
})
