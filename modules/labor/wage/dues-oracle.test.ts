// Interest, due dates, leave and severance against a second implementation (test/wage-oracle-dues.ts), with fixed seeds.
import { describe, expect, it } from 'vitest'
import { createWageCase, createWageDice } from '../../../test/wage-cases.ts'
import { oracleDueDate, oracleInterest, oracleLeave, oracleSeverance } from '../../../test/wage-oracle-dues.ts'
import { later } from '../../../test/wage-oracle.ts'
import { arrearsInterest, dueDateOf } from './due.ts'
import { STATUTE } from './law-table.ts'
import { leaveHours } from './leave.ts'
import { computeSeverance } from './severance.ts'

const CASES = 400

describe('the second implementation', () => {
  it('agrees on interest, with changing rates, excepted days, and both sides of 2025-10-23', () => {
    const dice = createWageDice(7)
    const law = { ...STATUTE, arrearsPpm: [...STATUTE.arrearsPpm, { from: 20260101, value: 153_331 }] }
    for (let at = 0; at < CASES; at++) {
      const dueOn = later(20251023, dice.from(-200, 200))
      const paidOn = later(dueOn, dice.from(-3, 400))
      const leftOn = dice.chance(50) ? null : later(dueOn, dice.from(-40, 200))
      const from = later(dueOn, dice.from(-20, 300))
      const excepted = dice.chance(50) ? [] : [{ from, to: later(from, dice.from(0, 60)) }]
      const late = { principal: BigInt(dice.from(1, 3_000_000)), dueOn, paidOn, leftOn, excepted }
      expect(arrearsInterest(law, late), JSON.stringify({ ...late, principal: `${late.principal}` })).toBe(
        oracleInterest(law, late),
      )
    }
  })

  it('agrees on due dates of every month and day, in service and after', () => {
    for (let month = 201801; month <= 202711; month += month % 100 === 12 ? 89 : 1) {
      for (let payDay = 1; payDay <= 31; payDay++) {
        const [payMonthOffset, endOn] = [payDay % 2, payDay % 3 === 0 ? month * 100 + Math.min(payDay, 28) : null]
        const found = dueDateOf(STATUTE, month, { payDay, payMonthOffset }, endOn)
        expect(found, `${month} ${payDay}`).toBe(oracleDueDate(STATUTE, month, payDay, payMonthOffset, endOn))
      }
    }
  })

  it('agrees on leave', () => {
    const dice = createWageDice(9)
    for (let at = 0; at < CASES; at++) {
      const [years, fullMonths, weeklyMin] = [dice.from(0, 30), dice.from(0, 12), dice.from(600, 2_700)]
      const [isKept, five] = [dice.chance(80), dice.chance(80)]
      const found = leaveHours({ years, fullMonths, isKept, weeklyMin, headcount: five ? 'GE5' : 'LT5' })
      expect(found, `${years} ${fullMonths} ${weeklyMin}`).toBe(oracleLeave(years, fullMonths, isKept, weeklyMin, five))
    }
  })

  it('agrees on severance', () => {
    let paid = 0
    for (let seed = 1; seed <= 60; seed++) {
      const { input, period } = createWageCase(seed)
      const endOn = Math.max(period.to, input.contract.startOn)
      const { won, serviceDays } = computeSeverance(input, endOn)
      expect({ won, serviceDays }, `seed ${seed}`).toEqual(oracleSeverance(input, endOn))
      if (won > 0n) paid += 1
    }
    expect(paid).toBeGreaterThan(4)
  })
})
