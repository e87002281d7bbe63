// The worked examples of domain.md 15.2, due dates, severance, the almanac.
import { describe, expect, it } from 'vitest'
import { addDays } from '../../../core/base/civil-time.ts'
import { weekdayOf } from './calendar.ts'
import { arrearsInterest, daysLate, dueDateOf, finalDueOf, interestBase, interestSpans, paydayOf } from './due.ts'
import { PUBLIC_HOLIDAYS, STATUTE } from './law-table.ts'
import { computeSeverance } from './severance.ts'
import type { WageContract, WageShift, WageTerms } from './types.ts'

describe('interest on arrears (domain.md 15.2)', () => {
  it('is 12,351 on 1,073,280 that comes 21 days late', () => {
    const late = { principal: 1_073_280n, dueOn: 20261210, paidOn: 20261231, leftOn: null }
    expect([daysLate(late), arrearsInterest(STATUTE, late)]).toEqual([21, 12_351n])
  })

  it('is a fifth after a year', () => {
    const late = { principal: 1_000_000n, dueOn: 20261210, paidOn: 20271210, leftOn: null }
    expect([daysLate(late), arrearsInterest(STATUTE, late)]).toEqual([365, 200_000n])
  })

  it('is nothing on what fell due in service before 2025-10-23, until everything was due after the end', () => {
    const late = { principal: 1_000_000n, dueOn: 20251022, paidOn: 20261022, leftOn: null }
    expect(arrearsInterest(STATUTE, late)).toBe(0n)
    expect(interestBase(STATUTE, late)).toBe(null)
    expect(arrearsInterest(STATUTE, { ...late, dueOn: 20251023, paidOn: 20261023 })).toBe(200_000n)
    // Left on 2026-01-10: everything was due on 01-24.
    const left = { ...late, leftOn: 20260110, paidOn: 20260203 }
    expect(interestBase(STATUTE, left)).toBe(20260124)
    expect(arrearsInterest(STATUTE, left)).toBe(5_480n)
  })

  it('begins the day after, and is nothing in time', () => {
    const late = { principal: 1_000_000n, dueOn: 20261210, paidOn: 20261210, leftOn: null }
    expect(arrearsInterest(STATUTE, late)).toBe(0n)
    expect(arrearsInterest(STATUTE, { ...late, paidOn: 20261209 })).toBe(0n)
    expect(daysLate({ ...late, paidOn: 20261201 })).toBe(0)
    // 547.945 won a day.
    expect(arrearsInterest(STATUTE, { ...late, paidOn: 20261211 })).toBe(548n)
  })

  it('leaves days out that the law excepts, and follows a rate that changes', () => {
    const late = { principal: 365_000n, dueOn: 20261210, paidOn: 20261230, leftOn: null }
    expect(arrearsInterest(STATUTE, late)).toBe(4_000n)
    const excepted = [
      { from: 20261201, to: 20261212 },
      { from: 20261229, to: 20270105 },
    ]
    expect(interestSpans(STATUTE, { ...late, excepted })).toEqual([{ ppm: 200_000, days: 16 }])
    expect(arrearsInterest(STATUTE, { ...late, excepted })).toBe(3_200n)
    const law = { ...STATUTE, arrearsPpm: [...STATUTE.arrearsPpm, { from: 20261221, value: 100_000 }] }
    expect(interestSpans(law, late)).toEqual([
      { ppm: 200_000, days: 10 },
      { ppm: 100_000, days: 10 },
    ])
    expect(arrearsInterest(law, late)).toBe(3_000n)
  })
})

describe('due dates', () => {
  it('are the payday, the month’s last day at the latest, the day before on a holiday', () => {
    const next = (payDay: number): { payDay: number; payMonthOffset: number } => ({ payDay, payMonthOffset: 1 })
    expect(paydayOf(STATUTE, 202611, next(10))).toBe(20261210)
    expect(paydayOf(STATUTE, 202601, next(31))).toBe(20260227 + 1)
    expect(paydayOf(STATUTE, 202611, { payDay: 31, payMonthOffset: 0 })).toBe(20261130)
    // Sunday 2026-10-11; the ninth is Hangul Day, the tenth a Saturday.
    expect(paydayOf(STATUTE, 202609, next(11))).toBe(20261010)
    expect(paydayOf(STATUTE, 202609, next(9))).toBe(20261008)
    expect(paydayOf(STATUTE, 202612, next(1))).toBe(20261231)
    expect(paydayOf(STATUTE, 202604, next(1))).toBe(20260430)
    // 2026-02-16 to 18 is Seollal; the 15th is a Sunday.
    expect(paydayOf(STATUTE, 202601, next(18))).toBe(20260214)
  })

  it('after the end are 14 days later, if no payday comes first', () => {
    expect(finalDueOf(STATUTE, 20261120)).toBe(20261204)
    const terms = { payDay: 10, payMonthOffset: 1 }
    expect(dueDateOf(STATUTE, 202611, terms, 20261120)).toBe(20261204)
    expect(dueDateOf(STATUTE, 202611, terms, 20261130)).toBe(20261210)
    expect(dueDateOf(STATUTE, 202611, terms, null)).toBe(20261210)
  })
})

describe('severance', () => {
  const FOUR = { startMin: 780, endMin: 1_050, breaks: [{ startMin: 900, endMin: 930 }] }
  const terms = (days: number): WageTerms => ({
    ...{ headcount: 'LT5', weeklyHolidayDow: 6, weekStartDow: 0, wageKind: 'HOURLY', ordinaryHourly: 10_320n, fixedPay: 0n },
    ...{ components: [], premiumPpm: 500_000, probationMonths: 0, termGe1Y: true, simpleLabor: false },
    schedule: [0, 1, 2, 3, 4, 5, 6].map((dow) => (dow < days ? FOUR : null)),
  })
  const contract = (startOn: number, endOn: number, days = 5): WageContract => ({
    ...{ startOn, endOn, versions: [{ effectiveFrom: startOn, isMinor: false, terms: terms(days) }], headcounts: [] },
  })
  const worked = ({ startOn, endOn }: WageContract, days = 5): WageShift[] => {
    const shifts: WageShift[] = []
    for (let date = startOn; date <= (endOn ?? 0); date = addDays(date, 1))
      if (weekdayOf(date) < days) shifts.push({ date, kind: 'WORK', times: FOUR })
    return shifts
  }

  it('is thirty average days a year, or ordinary ones where these are more', () => {
    const of = contract(20260101, 20261231)
    const found = computeSeverance({ contract: of, shifts: worked(of), law: STATUTE }, 20261231)
    // October to December: 66 days of 41,280 and 13 Sundays in 92 days: 35,445.65 a day, less than an ordinary day of four hours.
    expect(found).toMatchObject({ serviceDays: 365, windowWages: 79n * 41_280n, window: { from: 20261001, to: 20261231 } })
    expect(found.daily).toEqual({ num: 41_280n, den: 1n })
    expect(found.won).toBe(30n * 41_280n)
  })

  it('is nothing below a year or 15 hours a week', () => {
    const short = contract(20260101, 20261230)
    expect(computeSeverance({ contract: short, shifts: worked(short), law: STATUTE }, 20261230).won).toBe(0n)
    const few = contract(20250101, 20261231, 3)
    const found = computeSeverance({ contract: few, shifts: worked(few, 3), law: STATUTE }, 20261231)
    expect([found.won, found.serviceDays]).toEqual([0n, 0])
  })

  it('grows with the average of the last three months', () => {
    const of = contract(20250101, 20261231)
    const more = worked(of).map((shift) => ({ ...shift, times: { ...FOUR, endMin: 1_290 } }))
    const found = computeSeverance({ contract: of, shifts: more, law: STATUTE }, 20261231)
    // 66 days of eight hours and 13 Sundays: 5,985,600 in 92 days.
    expect(found.windowWages).toBe(66n * 82_560n + 13n * 41_280n)
    expect(found.won).toBe((found.windowWages * 30n * 730n + 92n * 365n - 1n) / (92n * 365n))
  })
})

describe('the almanac', () => {
  it('is in order, names each day once, and has neither 1 May nor a year without the fixed days', () => {
    expect([...new Set(PUBLIC_HOLIDAYS)].sort((a, b) => a - b)).toEqual([...PUBLIC_HOLIDAYS])
    expect(PUBLIC_HOLIDAYS.some((date) => date % 10_000 === 501)).toBe(false)
    for (let year = 2018; year <= 2027; year++)
      for (const fixed of [101, 301, 505, 606, 815, 1003, 1009, 1225]) expect(PUBLIC_HOLIDAYS).toContain(year * 10_000 + fixed)
  })

  // The decree on public holidays of offices 3, as it stood: which fixed days bring a substitute, by year.
  it('has the substitute of every fixed day that falls on a weekend', () => {
    const substituted = (year: number): number[] => [
      ...(year >= 2014 ? [505] : []),
      ...(year >= 2022 ? [301] : []),
      ...(year >= 2021 ? [815, 1003, 1009] : []),
      ...(year >= 2023 ? [1225] : []),
      ...(year >= 2026 ? [717] : []),
      ...(year >= 2027 ? [501] : []),
    ]
    for (let year = 2018; year <= 2027; year++) {
      for (const fixed of substituted(year)) {
        const date = year * 10_000 + fixed
        if (weekdayOf(date) < 5) continue
        let next = addDays(date, 1)
        while (weekdayOf(next) >= 5) next = addDays(next, 1)
        expect(PUBLIC_HOLIDAYS, `after ${date}`).toContain(next)
      }
    }
  })

  it('has the substitutes of Seollal and Chuseok that touch a Sunday', () => {
    for (const date of [20180926, 20200127, 20220912, 20230124, 20240212, 20251008, 20270209])
      expect(PUBLIC_HOLIDAYS).toContain(date)
  })
})
