// The engine against its second implementation (test/wage-oracle.ts), on random contracts and months with fixed seeds.
import { describe, expect, it } from 'vitest'
import { judgeWageCase } from '../../../test/wage-judge.ts'

/** Cases of one run; `npm run soak:wages` runs as many as one likes. */
const CASES = 300

describe('the second implementation', () => {
  it(`agrees on ${CASES} random contracts and months, which meet every line, flag and kind of week`, () => {
    const met = new Set<string>()
    for (let seed = 1; seed <= CASES; seed++) {
      const { engine, oracle, codes } = judgeWageCase(seed)
      expect(engine, `seed ${seed}`).toBe(oracle)
      for (const code of codes) met.add(code)
    }
    expect([...met].sort()).toEqual(
      [
        ...['BASE', 'MONTHLY_PAY', 'EXCESS', 'NIGHT', 'HOLIDAY', 'HOLIDAY_OVER_8H', 'PAID_HOLIDAY', 'PAID_LEAVE', 'CLOSURE'],
        ...['WEEKLY_HOLIDAY', 'ALLOWANCE', 'ABSENCE', 'PAID', 'ABSENT', 'UNDER_15_HOURS', 'PARTIAL_WEEK', 'NOTHING_ATTENDED'],
        ...['BREAK_MISSING', 'OVER_8H', 'OVER_40H', 'EXCESS_OVER_12H', 'MINOR_NIGHT', 'MINOR_HOURS', 'HOLIDAY_WORK'],
        ...['FLOOR_APPLIED', 'HOURS_REACH_15'],
      ].sort(),
    )
  })
})
