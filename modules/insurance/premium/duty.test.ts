import { describe, expect, it } from 'vitest'
import { coverOf, findDuties, INSURANCES, statutoryDutyRules } from './duty.ts'
import type { DutyFacts } from './duty.ts'
import { addToMonth, lastDayOfMonths, lastsMonths } from './months.ts'

const RULES = statutoryDutyRules(20261101)

/** Twenty hours a week with no end, and what differs. */
const facts = (more: Partial<DutyFacts> = {}): DutyFacts => ({
  ...{ age: 'FROM_18', startOn: 20261101, endOn: null, monthlyMin: 5_214, weeklyMin: 1_200, monthlyDays: 21 },
  ...{ monthlyPay: 1_073_280n, pensionOptIn: false },
  ...more,
})
const duties = (more: Partial<DutyFacts> = {}): readonly string[] => {
  const found = findDuties(facts(more), RULES)
  return INSURANCES.map(
    (name) => `${found[name].required ? 'yes' : 'no'} ${found[name].reason}${found[name].mayOptIn ? '?' : ''}`,
  )
}

/** 14 hours a week are 60.83 hours a month: 14 x 365 / 84, in minutes. */
const FOURTEEN = { weeklyMin: 840, monthlyMin: 3_650, monthlyDays: 4 }
const TEN = { weeklyMin: 600, monthlyMin: 2_607, monthlyDays: 4, monthlyPay: 443_760n }

describe('who must join', () => {
  it.each([
    ['twenty hours without an end', {}, ['yes HOURS', 'yes HOURS', 'yes HOURS', 'yes EVERYONE']],
    ['one day', { endOn: 20261101 }, ['no SHORT_TERM', 'no SHORT_TERM', 'yes HOURS', 'yes EVERYONE']],
    ['ten hours without an end', TEN, ['no SHORT_HOURS?', 'no SHORT_HOURS', 'yes LONG', 'yes EVERYONE']],
    [
      'ten hours without an end, opted in',
      { ...TEN, pensionOptIn: true },
      ['yes OPT_IN', 'no SHORT_HOURS', 'yes LONG', 'yes EVERYONE'],
    ],
    [
      'ten hours for two months',
      { ...TEN, endOn: 20261231 },
      ['no SHORT_HOURS', 'no SHORT_HOURS', 'no SHORT_HOURS', 'yes EVERYONE'],
    ],
    [
      'ten hours for two months: too short to opt in',
      { ...TEN, endOn: 20261231, pensionOptIn: true },
      ['no SHORT_HOURS', 'no SHORT_HOURS', 'no SHORT_HOURS', 'yes EVERYONE'],
    ],
    [
      'ten hours for three months to the day',
      { ...TEN, endOn: 20270131 },
      ['no SHORT_HOURS?', 'no SHORT_HOURS', 'yes LONG', 'yes EVERYONE'],
    ],
    [
      'three months but a day',
      { ...TEN, endOn: 20270130 },
      ['no SHORT_HOURS', 'no SHORT_HOURS', 'no SHORT_HOURS', 'yes EVERYONE'],
    ],
    [
      'the trap of 14 hours a week, which are over 60 a month',
      { ...FOURTEEN, endOn: 20261231 },
      ['yes HOURS', 'yes HOURS', 'no SHORT_HOURS', 'yes EVERYONE'],
    ],
    ['eight short days a month', { ...TEN, monthlyDays: 8 }, ['yes DAYS', 'no SHORT_HOURS', 'yes LONG', 'yes EVERYONE']],
    ['few hours, high pay', { ...TEN, monthlyPay: 2_200_000n }, ['yes INCOME', 'no SHORT_HOURS', 'yes LONG', 'yes EVERYONE']],
    [
      'few hours, a won less',
      { ...TEN, monthlyPay: 2_199_999n },
      ['no SHORT_HOURS?', 'no SHORT_HOURS', 'yes LONG', 'yes EVERYONE'],
    ],
    ['a minor', { age: 'UNDER_18' }, ['no AGE', 'yes HOURS', 'yes HOURS', 'yes EVERYONE']],
    ['sixty years', { age: 'FROM_60' }, ['no AGE', 'yes HOURS', 'yes HOURS', 'yes EVERYONE']],
    ['hired at 65', { age: 'FROM_65' }, ['no AGE', 'yes HOURS', 'yes NO_UNEMPLOYMENT', 'yes EVERYONE']],
  ] as const)('%s', (_name, more, expected) => {
    expect(duties(more)).toEqual(expected)
  })

  it('covers who was hired at 65 without the unemployment part', () => {
    const cover = coverOf(findDuties(facts({ age: 'FROM_65' }), RULES))
    expect(cover).toEqual({ pension: false, health: true, employment: true, unemployment: false, accident: true })
  })

  it('takes its numbers from parameters', () => {
    expect(RULES).toEqual({ monthlyMin: 3_600, weeklyMin: 900, monthlyDays: 8, longMonths: 3, incomeTest: 2_200_000n })
  })
})

describe('periods of months', () => {
  it.each([
    [20261101, 3, 20270131],
    [20261115, 1, 20261214],
    [20260131, 1, 20260228],
    [20240131, 1, 20240229],
    [20260130, 1, 20260228],
    [20260228, 1, 20260327],
    [20261231, 2, 20270228],
  ])('from %i, %i months end on %i', (start, months, end) => {
    expect(lastDayOfMonths(start, months)).toBe(end)
    expect(lastsMonths(start, end, months)).toBe(true)
  })

  it('counts months across years', () => {
    expect([addToMonth(202612, 1), addToMonth(202601, -1), addToMonth(202611, 14)]).toEqual([202701, 202512, 202801])
  })
})
