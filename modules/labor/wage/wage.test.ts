// The worked examples of domain.md 15.1, and what lies between them.
import { describe, expect, it } from 'vitest'
import { addDays } from '../../../core/base/civil-time.ts'
import { afterMonths, monthsBefore, periodOfMonth, weekdayOf } from './calendar.ts'
import { shiftWindow } from './days.ts'
import { leastMonthlyPay, monthlyEquivalent, reachesMinimum } from './equivalents.ts'
import { ceilOf, floorOf, fraction } from './fraction.ts'
import { STATUTE } from './law-table.ts'
import { floorWage, isTabled, minWageOn } from './law.ts'
import { fullMonthsOf, isYearKept, leaveDays, leaveHours } from './leave.ts'
import { computePeriod } from './period.ts'
import { missingBreakMinutes, netMinutes, nightMinutes } from './shift-minutes.ts'
import type {
  WageBreakdown,
  WageContract,
  WageInput,
  WagePeriod,
  WageShift,
  WageShiftKind,
  WageTerms,
  WageTimes,
} from './types.ts'

const MON_FRI = [0, 1, 2, 3, 4]

/** From an hour on, so many hours net; the break is laid at the start of the last hour, outside of nights where it can be. */
function day(startHour: number, netMin: number, breakMin = 0): WageTimes {
  const startMin = startHour * 60
  const pause = { startMin: startMin + 60, endMin: startMin + 60 + breakMin }
  return { startMin, endMin: startMin + netMin + breakMin, breaks: breakMin === 0 ? [] : [pause] }
}

function week(days: readonly number[], times: WageTimes): (WageTimes | null)[] {
  return [0, 1, 2, 3, 4, 5, 6].map((dow) => (days.includes(dow) ? times : null))
}

const FOUR = day(13, 240, 30)

function terms(more: Partial<WageTerms> = {}): WageTerms {
  return {
    ...{ headcount: 'GE5', schedule: week(MON_FRI, FOUR), weeklyHolidayDow: 6, weekStartDow: 0, wageKind: 'HOURLY' },
    ...{ ordinaryHourly: 10_320n, fixedPay: 0n, components: [], premiumPpm: 500_000, probationMonths: 0 },
    ...{ termGe1Y: true, simpleLabor: false },
    ...more,
  }
}

function contract(more: Partial<WageTerms> = {}, rest: Partial<WageContract> = {}): WageContract {
  const startOn = rest.startOn ?? 20250101
  const versions = [{ effectiveFrom: startOn, isMinor: false, terms: terms(more) }]
  return { startOn, endOn: null, versions, headcounts: [], ...rest }
}

const shift = (date: number, times: WageTimes, kind: WageShiftKind = 'WORK'): WageShift => ({ date, kind, times })

/** Every scheduled day of the window as agreed, but for the days named. */
function kept(of: WageContract, period: WagePeriod, not: readonly number[] = []): WageShift[] {
  const { from, to } = shiftWindow(of, period)
  const shifts: WageShift[] = []
  for (let date = from; date <= to; date = addDays(date, 1)) {
    const times = of.versions.findLast(({ effectiveFrom }) => effectiveFrom <= date)?.terms.schedule[weekdayOf(date)] ?? null
    if (times !== null && date >= of.startOn && !not.includes(date)) shifts.push(shift(date, times))
  }
  return shifts
}

function compute(of: WageContract, period: WagePeriod, shifts: readonly WageShift[]): WageBreakdown {
  const input: WageInput = { contract: of, shifts, law: STATUTE }
  return computePeriod(input, period)
}

/** Lines as `CODE won`. */
const shown = ({ lines, cuts }: WageBreakdown): string[] => [...lines, ...cuts].map(({ code, won }) => `${code} ${won}`)
const flagged = ({ flags }: WageBreakdown): string[] => flags.map(({ code, date, minutes }) => `${date} ${code} ${minutes}`)

// Monday to Sunday without any holiday.
const ONE_WEEK: WagePeriod = { from: 20261109, to: 20261115 }

describe('worked examples of domain.md 15.1', () => {
  it('1: pays 247,680 for a week of 20 hours', () => {
    const of = contract()
    const found = compute(of, ONE_WEEK, kept(of, ONE_WEEK))
    expect(shown(found)).toEqual(['BASE 206400', 'WEEKLY_HOLIDAY 41280'])
    expect(found.gross).toBe(247_680n)
  })

  it('2: pays a weekly holiday of three hours for 15 hours', () => {
    const of = contract({ schedule: week([0, 2, 4], day(10, 300, 30)) })
    const found = compute(of, ONE_WEEK, kept(of, ONE_WEEK))
    expect(shown(found)).toEqual(['BASE 154800', 'WEEKLY_HOLIDAY 30960'])
    expect(found.weeks[0]?.restMin).toEqual({ num: 180n, den: 1n })
  })

  it('3: pays no weekly holiday for 14 hours', () => {
    const of = contract({ schedule: week([0, 2], day(9, 420, 30)) })
    const found = compute(of, ONE_WEEK, kept(of, ONE_WEEK))
    expect(shown(found)).toEqual(['BASE 144480'])
    expect(found.weeks.map(({ status }) => status)).toEqual(['UNDER_15_HOURS'])
  })

  it('4: pays no weekly holiday for a week with an absence, and names the day', () => {
    const of = contract()
    const found = compute(of, ONE_WEEK, kept(of, ONE_WEEK, [20261111]))
    expect(shown(found)).toEqual(['BASE 165120'])
    expect(found.weeks.map(({ status, absentOn }) => [status, absentOn])).toEqual([['ABSENT', 20261111]])
  })

  it('6: pays 1,073,280 for November 2026, with five Sundays of which the first belongs to a week of October', () => {
    const of = contract()
    const november = periodOfMonth(202611)
    const found = compute(of, november, kept(of, november))
    expect(shown(found)).toEqual(['BASE 866880', ...Array<string>(5).fill('WEEKLY_HOLIDAY 41280')])
    expect(found.lines.filter(({ code }) => code === 'WEEKLY_HOLIDAY').map(({ from }) => from)).toEqual([
      ...[20261101, 20261108, 20261115, 20261122, 20261129],
    ])
    expect(found.gross).toBe(1_073_280n)
  })

  it('6: counts an absence in October against the first Sunday of November', () => {
    const of = contract()
    const november = periodOfMonth(202611)
    expect(compute(of, november, kept(of, november, [20261030])).gross).toBe(1_073_280n - 41_280n)
  })

  it('8: adds half for two hours beyond four where five people work, and nothing where four do', () => {
    const worked = [shift(20261110, day(13, 360, 30))]
    const one = { from: 20261110, to: 20261110 }
    expect(shown(compute(contract(), one, worked))).toEqual(['BASE 61920', 'EXCESS 10320'])
    expect(shown(compute(contract({ headcount: 'LT5' }), one, worked))).toEqual(['BASE 61920'])
  })

  it('11: pays 165,120 for ten hours on a holiday', () => {
    const sunday = { from: 20261115, to: 20261115 }
    const found = compute(contract({ schedule: week([0], FOUR) }), sunday, [shift(20261115, day(9, 600, 60))])
    expect(shown(found)).toEqual(['BASE 103200', 'HOLIDAY 41280', 'HOLIDAY_OVER_8H 20640'])
    expect(found.gross).toBe(165_120n)
  })

  it('14: rounds ten minutes at 10,030 up to 1,672', () => {
    const of = contract({ ordinaryHourly: 10_030n })
    const found = compute(of, { from: 20251110, to: 20251110 }, [shift(20251110, day(13, 10))])
    expect(shown(found)).toEqual(['BASE 1672'])
  })

  it('15: pays the minimum wage of the day where the contract names less, and says so', () => {
    const of = contract()
    const found = compute(of, { from: 20270104, to: 20270104 }, [shift(20270104, FOUR)])
    expect(shown(found)).toEqual(['BASE 42800'])
    expect(found.lines[0]?.rate).toEqual({ num: 10_700n, den: 1n })
    expect(flagged(found)).toEqual(['20270104 FLOOR_APPLIED 0'])
  })

  it.each([
    [20260201, 9_288n],
    [20270201, 9_630n],
    [20250201, 9_027n],
  ])('16: lowers the floor on probation, from %i to %i', (date, floor) => {
    const startOn = date - 100
    const probation = { startOn, probationMonths: 3, termGe1Y: true, simpleLabor: false }
    expect(floorWage(STATUTE, date, probation)).toBe(floor)
    const full = minWageOn(STATUTE, date)
    expect(floorWage(STATUTE, date, { ...probation, termGe1Y: false })).toBe(full)
    expect(floorWage(STATUTE, date, { ...probation, simpleLabor: true })).toBe(full)
    expect(floorWage(STATUTE, date, { ...probation, probationMonths: 0 })).toBe(full)
    expect(floorWage(STATUTE, afterMonths(startOn, 3), { ...probation, probationMonths: 6 })).toBe(full)
    expect(floorWage(STATUTE, addDays(afterMonths(startOn, 3), -1), { ...probation, probationMonths: 6 })).toBe(floor)
  })

  it.each([
    [40, 2_156_880n],
    [30, 1_614_343n],
    [20, 1_076_229n],
    [15, 807_171n],
    [14, 627_800n],
  ])('17: makes %i hours a week %i a month', (hours, won) => {
    expect(monthlyEquivalent(10_320n, hours * 60)).toBe(won)
    // The least lawful month is that figure rounded up, and one won less is below it.
    const least = leastMonthlyPay(10_320n, hours * 60)
    expect(least - won).toBe(hours === 15 ? 1n : 0n)
    expect(reachesMinimum(least, 10_320n, hours * 60)).toBe(true)
    expect(reachesMinimum(least - 1n, 10_320n, hours * 60)).toBe(false)
  })

  it.each([
    [15, 45],
    [20, 60],
    [24, 72],
    [30, 90],
    [14, 0],
  ])('21: gives %i hours a week %i hours of leave after a year', (hours, leave) => {
    const year = { years: 1, isKept: true, fullMonths: 12, weeklyMin: hours * 60 }
    expect(leaveHours({ ...year, headcount: 'GE5' })).toBe(leave)
    expect(leaveHours({ ...year, headcount: 'LT5' })).toBe(0)
  })
})

describe('minutes of a shift', () => {
  it('belong to the day on which it starts, past midnight and past 24:00', () => {
    const late = { startMin: 1_320, endMin: 1_800, breaks: [{ startMin: 1_500, endMin: 1_530 }] }
    expect([netMinutes(late), nightMinutes(late)]).toEqual([450, 450])
    expect(nightMinutes({ startMin: 1_200, endMin: 2_000, breaks: [] })).toBe(480)
    expect(nightMinutes({ startMin: 300, endMin: 400, breaks: [] })).toBe(60)
    expect(nightMinutes({ startMin: 1_439, endMin: 2_879, breaks: [] })).toBe(361 + 119)
    const found = compute(contract({ schedule: week([], FOUR) }), periodOfMonth(202611), [shift(20261130, late)])
    expect(shown(found)).toEqual(['BASE 77400', 'EXCESS 38700', 'NIGHT 38700'])
    expect(shown(compute(contract({ schedule: week([], FOUR) }), periodOfMonth(202612), [shift(20261130, late)]))).toEqual([])
  })

  it('count a break that was not given, which is flagged', () => {
    expect(missingBreakMinutes([{ startMin: 540, endMin: 1_020, breaks: [] }])).toBe(60)
    expect(missingBreakMinutes([{ startMin: 540, endMin: 780, breaks: [] }])).toBe(30)
    expect(missingBreakMinutes([{ startMin: 540, endMin: 779, breaks: [] }])).toBe(0)
    expect(missingBreakMinutes([{ startMin: 540, endMin: 800, breaks: [{ startMin: 600, endMin: 615 }] }])).toBe(15)
    // Three hours, an hour apart, three hours: the gap is the break. Without a gap two shifts are one.
    const [morning, noon] = [day(9, 180), day(13, 180)]
    expect(missingBreakMinutes([morning, noon])).toBe(0)
    expect(missingBreakMinutes([day(12, 180), morning])).toBe(30)
    const one = { from: 20261110, to: 20261110 }
    const found = compute(contract(), one, [shift(20261110, { startMin: 780, endMin: 1_050, breaks: [] })])
    expect(shown(found)).toEqual(['BASE 46440', 'EXCESS 2580'])
    expect(flagged(found)).toEqual(['20261110 BREAK_MISSING 30'])
  })
})

describe('excess, night and holiday', () => {
  it('stack: late hours beyond the schedule on a holiday', () => {
    // Sunday 14:00 to 02:00 with an hour's break: 11 hours, 4 of them at night, 3 beyond eight.
    const late = { startMin: 840, endMin: 1_560, breaks: [{ startMin: 1_080, endMin: 1_140 }] }
    const found = compute(contract(), { from: 20261115, to: 20261115 }, [shift(20261115, late)])
    expect(shown(found)).toEqual(['BASE 113520', 'NIGHT 20640', 'HOLIDAY 41280', 'HOLIDAY_OVER_8H 30960'])
    expect(flagged(found)).toEqual([...['20261115 OVER_8H 180', '20261115 NIGHT 240', '20261115 HOLIDAY_WORK 660']])
  })

  it('stack: night and excess on a work day', () => {
    const late = { startMin: 780, endMin: 1_410, breaks: [{ startMin: 1_020, endMin: 1_050 }] }
    const found = compute(contract(), { from: 20261110, to: 20261110 }, [shift(20261110, late)])
    // 10 hours: 4 agreed, 6 beyond; 22:00 to 23:30 is night.
    expect(shown(found)).toEqual(['BASE 103200', 'EXCESS 30960', 'NIGHT 7740'])
  })

  it('takes two shifts of a day together', () => {
    const found = compute(contract(), { from: 20261110, to: 20261110 }, [
      shift(20261110, day(8, 180)),
      shift(20261110, day(13, 180)),
    ])
    expect(shown(found)).toEqual(['BASE 61920', 'EXCESS 10320'])
  })

  it('counts what exceeds 40 hours a week, also where the schedule has more, and across a month', () => {
    const of = contract({ schedule: week([0, 1, 2, 3, 4, 5], day(9, 480, 60)) })
    const split = { from: 20261201, to: 20261231 }
    // Monday 2026-11-30 to Saturday 12-05: the sixth day's eight hours are beyond 40 although five lie in December.
    const found = compute(
      of,
      split,
      kept(of, { from: 20261130, to: 20261205 }).filter(({ date }) => date >= 20261130 && date <= 20261205),
    )
    expect(found.days.filter(({ excessMin }) => excessMin > 0).map(({ date, excessMin }) => [date, excessMin])).toEqual([
      [20261205, 480],
    ])
    expect(flagged(found).filter((flag) => flag.includes('OVER_40H'))).toEqual(['20261205 OVER_40H 480'])
  })

  it('uses the surcharge of the contract where it is more than the law asks', () => {
    const found = compute(contract({ premiumPpm: 1_000_000 }), { from: 20261110, to: 20261110 }, [
      shift(20261110, day(13, 360, 30)),
    ])
    expect(shown(found)).toEqual(['BASE 61920', 'EXCESS 20640'])
    const low = compute(contract({ premiumPpm: 0 }), { from: 20261110, to: 20261110 }, [shift(20261110, day(13, 360, 30))])
    expect(shown(low)).toEqual(['BASE 61920', 'EXCESS 10320'])
  })

  it('knows five people by the contract or by what the chain saw', () => {
    const of = contract(
      { headcount: 'LT5' },
      {
        headcounts: [
          { from: 20261110, headcount: 'GE5' },
          { from: 20261112, headcount: 'LT5' },
        ],
      },
    )
    const days = [20261109, 20261110, 20261112].map((date) => shift(date, day(13, 300, 30)))
    expect(compute(of, ONE_WEEK, days).lines.find(({ code }) => code === 'EXCESS')?.quantity).toEqual(fraction(60))
  })
})

describe('public holidays', () => {
  // Friday 2026-10-09 is Hangul Day.
  const hangul = { from: 20261009, to: 20261009 }

  it('are paid without work, and with work besides, where five people work', () => {
    expect(shown(compute(contract(), hangul, []))).toEqual(['PAID_HOLIDAY 41280'])
    const worked = compute(contract(), hangul, [shift(20261009, FOUR)])
    expect(shown(worked)).toEqual(['BASE 41280', 'HOLIDAY 20640', 'PAID_HOLIDAY 41280'])
    expect(worked.gross).toBe(103_200n)
  })

  it('are days like others where four people work, on days off, before 2022, and below 15 hours', () => {
    expect(shown(compute(contract({ headcount: 'LT5' }), hangul, [shift(20261009, FOUR)]))).toEqual(['BASE 41280'])
    expect(shown(compute(contract({ schedule: week([0, 1, 2, 3], day(9, 300)) }), hangul, []))).toEqual([])
    expect(shown(compute(contract({ schedule: week([4], FOUR) }), hangul, [shift(20261009, FOUR)]))).toEqual(['BASE 41280'])
    const old = contract({ ordinaryHourly: 9_000n }, { startOn: 20200101 })
    expect(shown(compute(old, { from: 20211011, to: 20211011 }, [shift(20211011, FOUR)]))).toEqual(['BASE 36000'])
  })

  it('do not cost the weekly holiday', () => {
    const of = contract()
    const found = compute(of, { from: 20261005, to: 20261011 }, kept(of, { from: 20261005, to: 20261011 }, [20261005, 20261009]))
    expect(found.weeks.map(({ status }) => status)).toEqual(['PAID'])
    expect(shown(found)).toEqual(['BASE 123840', 'PAID_HOLIDAY 41280', 'PAID_HOLIDAY 41280', 'WEEKLY_HOLIDAY 41280'])
  })

  it('include 1 May for everybody, without a surcharge where four people work', () => {
    const may = { from: 20260501, to: 20260501 }
    const small = contract({ headcount: 'LT5', schedule: week([4], FOUR) })
    const found = compute(small, may, [shift(20260501, FOUR)])
    expect(shown(found)).toEqual(['BASE 41280', 'PAID_HOLIDAY 41280'])
    expect(found.lines[1]?.law).toBe('LDA')
    expect(found.days[0]?.holiday).toBe('LABOR_DAY')
  })
})

describe('weekly holidays', () => {
  const statusOf = (of: WageContract, period: WagePeriod, shifts: readonly WageShift[]): string[] =>
    compute(of, period, shifts).weeks.map(({ status, bookedOn }) => `${bookedOn} ${status}`)

  it('survive coming late, leave and closure, not a week of leave without pay', () => {
    const of = contract()
    const days = kept(of, ONE_WEEK, [20261110, 20261111, 20261112])
    const kinds: WageShift[] = [
      shift(20261110, day(16, 60)),
      shift(20261111, FOUR, 'LEAVE_UNPAID'),
      shift(20261112, FOUR, 'CLOSURE'),
    ]
    expect(statusOf(of, ONE_WEEK, [...days, ...kinds])).toEqual(['20261115 PAID'])
    const leave = MON_FRI.map((dow) => shift(20261109 + dow, FOUR, 'LEAVE_UNPAID'))
    expect(statusOf(of, ONE_WEEK, leave)).toEqual(['20261115 NOTHING_ATTENDED'])
    const paid = MON_FRI.map((dow) => shift(20261109 + dow, FOUR, 'LEAVE_PAID'))
    expect(shown(compute(of, ONE_WEEK, paid))).toEqual(['PAID_LEAVE 206400', 'WEEKLY_HOLIDAY 41280'])
  })

  it('need a whole week of service', () => {
    const of = contract({}, { startOn: 20261110 })
    expect(statusOf(of, ONE_WEEK, kept(of, ONE_WEEK))).toEqual(['20261115 PARTIAL_WEEK'])
    const left = contract({}, { endOn: 20261114 })
    expect(statusOf(left, ONE_WEEK, kept(left, ONE_WEEK))).toEqual(['20261115 PARTIAL_WEEK'])
    // A week before or after the contract is none of its weeks.
    const before = { from: 20261102, to: 20261115 }
    expect(statusOf(of, before, kept(of, before))).toEqual(['20261115 PARTIAL_WEEK'])
    const stayed = contract({}, { endOn: 20261115 })
    expect(statusOf(stayed, ONE_WEEK, kept(stayed, ONE_WEEK))).toEqual(['20261115 PAID'])
  })

  it('in the middle of a week wait for its last scheduled day', () => {
    const of = contract({ weeklyHolidayDow: 2, schedule: week([0, 1, 3, 4], day(9, 300, 30)) })
    expect(statusOf(of, ONE_WEEK, kept(of, ONE_WEEK))).toEqual(['20261113 PAID'])
    expect(statusOf(of, { from: 20261109, to: 20261112 }, kept(of, ONE_WEEK))).toEqual([])
  })

  it('average four weeks of service, fewer at the start', () => {
    const versions = [
      { effectiveFrom: 20261026, isMinor: false, terms: terms({ schedule: week([0, 1], FOUR) }) },
      { effectiveFrom: 20261109, isMinor: false, terms: terms() },
    ]
    const of = contract({}, { startOn: 20261026, versions })
    const found = compute(of, { from: 20261026, to: 20261122 }, kept(of, { from: 20261026, to: 20261122 }))
    // 8 h; 8, 8; 8, 8, 20 = 12 h; 8, 8, 20, 20 = 14 h.
    expect(found.weeks.map(({ contractedMin, weeks, status }) => [contractedMin, weeks, status])).toEqual([
      [480, 1, 'UNDER_15_HOURS'],
      [960, 2, 'UNDER_15_HOURS'],
      [2_160, 3, 'UNDER_15_HOURS'],
      [3_360, 4, 'UNDER_15_HOURS'],
    ])
    const later = compute(of, { from: 20261123, to: 20261129 }, kept(of, { from: 20261123, to: 20261129 }))
    // 8 + 20 + 20 + 20 hours over 20 days: 3 h 24 min.
    expect(later.weeks[0]?.restMin).toEqual({ num: 204n, den: 1n })
    expect(shown(later)).toEqual(['BASE 206400', 'WEEKLY_HOLIDAY 35088'])
  })

  it('are at most eight hours, and a fraction of a minute is paid to the won', () => {
    const full = contract({ schedule: week(MON_FRI, day(9, 480, 60)) })
    expect(compute(full, ONE_WEEK, kept(full, ONE_WEEK)).gross).toBe(48n * 10_320n)
    const odd = contract({ schedule: week([0, 2, 4], day(9, 301, 30)) })
    const found = compute(odd, ONE_WEEK, kept(odd, ONE_WEEK))
    // 903 minutes a week: 180.6 minutes; 10,320 x 180.6 / 60 = 31,063.2.
    expect(found.lines.at(-1)).toMatchObject({ quantity: { num: 903n, den: 5n }, won: 31_064n })
  })

  it('of comparable people with six days a week are shorter', () => {
    const of = contract()
    const law = { ...STATUTE, regularWorkdays4w: [{ from: 20180101, value: 24 }] }
    const found = computePeriod({ contract: of, shifts: kept(of, ONE_WEEK), law }, ONE_WEEK)
    // 20 hours a week give 3 h 20 min.
    expect(found.weeks[0]?.restMin).toEqual(fraction(200))
    expect(found.lines.at(-1)?.won).toBe(34_400n)
  })
})

describe('a period', () => {
  it('is split where the minimum wage changes', () => {
    const of = contract()
    const turn = { from: 20261216, to: 20270115 }
    const found = compute(of, turn, kept(of, turn, [20261225, 20270101]))
    const base = found.lines.filter(({ code }) => code === 'BASE')
    expect(base.map(({ from, to, quantity, rate, won }) => [from, to, quantity.num, rate.num, won])).toEqual([
      [20261216, 20261231, 11n * 240n, 10_320n, 454_080n],
      [20270101, 20270115, 10n * 240n, 10_700n, 428_000n],
    ])
    expect(found.lines.filter(({ code }) => code === 'PAID_HOLIDAY').map(({ from, won }) => [from, won])).toEqual([
      [20261225, 41_280n],
      [20270101, 42_800n],
    ])
  })

  it('is split where the contract changes, and its first version holds before that begins', () => {
    const versions = [
      { effectiveFrom: 20260101, isMinor: false, terms: terms() },
      { effectiveFrom: 20261112, isMinor: false, terms: terms({ ordinaryHourly: 12_000n }) },
    ]
    const of = contract({}, { startOn: 20260101, versions })
    const found = compute(of, ONE_WEEK, kept(of, ONE_WEEK))
    expect(shown(found)).toEqual(['BASE 123840', 'BASE 96000', 'WEEKLY_HOLIDAY 48000'])
    const early = compute(of, { from: 20251231, to: 20251231 }, [shift(20251231, FOUR)])
    expect(shown(early)).toEqual(['BASE 41280'])
  })

  it('pays named parts by the hour, the day and the month', () => {
    const components: WageTerms['components'] = [
      { code: 'SKILL', krw: 333n, basis: 'PER_HOUR' },
      { code: 'MEAL', krw: 5_000n, basis: 'PER_DAY' },
      { code: 'POST', krw: 100_000n, basis: 'PER_MONTH' },
    ]
    const of = contract({ components }, { startOn: 20261116 })
    const november = periodOfMonth(202611)
    const found = compute(of, november, kept(of, november))
    // 11 days of 4 hours; 15 of 30 days.
    expect(found.lines.filter(({ code }) => code === 'ALLOWANCE').map(({ name, won }) => `${name} ${won}`)).toEqual([
      ...['SKILL 14652', 'MEAL 55000', 'POST 50000'],
    ])
  })

  it('of closure pays seven tenths where five people work', () => {
    const closed = [shift(20261110, FOUR, 'CLOSURE')]
    const one = { from: 20261110, to: 20261110 }
    expect(shown(compute(contract(), one, closed))).toEqual(['CLOSURE 28896'])
    expect(shown(compute(contract({ headcount: 'LT5' }), one, closed))).toEqual([])
  })

  it('knows nothing of records outside of its weeks, and does not care about their order', () => {
    const of = contract()
    const shifts = kept(of, ONE_WEEK)
    const found = compute(of, ONE_WEEK, shifts)
    expect(compute(of, ONE_WEEK, [...shifts.toReversed(), shift(20260101, FOUR), shift(20270101, FOUR)])).toEqual(found)
  })

  it('stays exact beyond 2^53 won', () => {
    const of = contract({ ordinaryHourly: 10n ** 17n + 1n })
    const found = compute(of, { from: 20261110, to: 20261110 }, [shift(20261110, day(13, 60))])
    expect(found.gross).toBe(10n ** 17n + 1n)
  })
})

describe('daily and monthly wages', () => {
  const full = { schedule: week(MON_FRI, day(9, 480, 60)) }

  it('divide a day by its hours', () => {
    const of = contract({ ...full, wageKind: 'DAILY', ordinaryHourly: 0n, fixedPay: 96_000n })
    const one = { from: 20261110, to: 20261110 }
    expect(shown(compute(of, one, [shift(20261110, day(9, 480, 60))]))).toEqual(['BASE 96000'])
    expect(shown(compute(of, one, [shift(20261110, day(9, 540, 60))]))).toEqual(['BASE 108000', 'EXCESS 6000'])
    expect(compute(of, ONE_WEEK, kept(of, ONE_WEEK)).gross).toBe(96_000n * 6n)
    const low = contract({ ...full, wageKind: 'DAILY', ordinaryHourly: 0n, fixedPay: 80_000n })
    const found = compute(low, one, [shift(20261110, day(9, 480, 60))])
    expect([shown(found), flagged(found)]).toEqual([['BASE 82560'], ['20261110 FLOOR_APPLIED 0']])
  })

  it('pay a month of 209 hours, its weekly and public holidays inside', () => {
    const of = contract({ ...full, wageKind: 'MONTHLY', ordinaryHourly: 0n, fixedPay: 2_508_000n })
    for (const month of [202610, 202611]) {
      const period = periodOfMonth(month)
      expect(shown(compute(of, period, kept(of, period, [20261005, 20261009])))).toEqual(['MONTHLY_PAY 2508000'])
    }
    const extra = compute(of, periodOfMonth(202611), [...kept(of, periodOfMonth(202611)), shift(20261115, day(9, 240, 30))])
    // 12,000 an hour: four hours on a Sunday, and half as much again.
    expect(shown(extra)).toEqual(['MONTHLY_PAY 2508000', 'BASE 48000', 'HOLIDAY 24000'])
  })

  it('lose an absence and the weekly holiday that it cost, never what was earned by the hour', () => {
    const of = contract({ ...full, wageKind: 'MONTHLY', ordinaryHourly: 0n, fixedPay: 2_508_000n })
    const november = periodOfMonth(202611)
    const found = compute(of, november, kept(of, november, [20261111]))
    expect(shown(found)).toEqual(['MONTHLY_PAY 2508000', `ABSENCE ${16 * 12_000}`])
    expect(found.gross).toBe(2_508_000n - 192_000n)
    // One day in December of 23: 22 days of absence are worth more than the month.
    const december = periodOfMonth(202612)
    const one = compute(of, december, [shift(20261201, day(9, 480, 60))])
    expect(one.gross).toBe(BigInt(8 + 8) * 12_000n)
  })

  it('are raised to the minimum by cross-multiplication, and shared by days', () => {
    const of = contract({ ...full, wageKind: 'MONTHLY', ordinaryHourly: 0n, fixedPay: 2_000_000n })
    const november = periodOfMonth(202611)
    const found = compute(of, november, kept(of, november))
    expect([shown(found), flagged(found)]).toEqual([['MONTHLY_PAY 2156880'], ['20261101 FLOOR_APPLIED 0']])
    const half = contract({ ...full, wageKind: 'MONTHLY', ordinaryHourly: 0n, fixedPay: 3_000_001n }, { startOn: 20261116 })
    expect(shown(compute(half, november, kept(half, november)))).toEqual(['MONTHLY_PAY 1500001'])
  })
})

describe('flags', () => {
  it('name minors at night and beyond their hours, and more than twelve hours beyond the schedule', () => {
    const versions = [{ effectiveFrom: 20250101, isMinor: true, terms: terms({ schedule: week([0, 1, 2], FOUR) }) }]
    const of = contract({}, { versions })
    const long = { startMin: 840, endMin: 1_380, breaks: [] }
    const found = compute(
      of,
      ONE_WEEK,
      [0, 1, 2, 3].map((dow) => shift(20261109 + dow, long)),
    )
    expect(flagged(found).filter((flag) => /MINOR|12H|40H/.test(flag))).toEqual([
      ...['20261109 MINOR_NIGHT 60', '20261109 MINOR_HOURS 60'],
      ...['20261110 MINOR_NIGHT 60', '20261110 MINOR_HOURS 60'],
      ...['20261111 EXCESS_OVER_12H 180', '20261111 MINOR_NIGHT 60', '20261111 MINOR_HOURS 60'],
      // 540 of 2,160 minutes so far lie within 40 hours up to 2,400; the day's own limit is passed by 60.
      ...['20261112 EXCESS_OVER_12H 540', '20261112 MINOR_NIGHT 60', '20261112 MINOR_HOURS 60'],
    ])
  })

  it('tell of 15 real hours under a contract of fewer', () => {
    const of = contract({ schedule: week([0, 1], day(9, 420, 30)) })
    const weeks = { from: 20261102, to: 20261129 }
    const shifts = kept(of, weeks).map((each) => ({ ...each, times: day(9, 450, 30) }))
    const found = compute(of, weeks, shifts)
    expect(flagged(found).filter((flag) => flag.includes('15'))).toEqual([
      ...[20261108, 20261115, 20261122, 20261129].map((date) => `${date} HOURS_REACH_15 900`),
    ])
    expect(found.weeks.every(({ status }) => status === 'UNDER_15_HOURS')).toBe(true)
  })
})

describe('leave and calendar', () => {
  it('grow by a day every two years up to 25, and begin with a day a month', () => {
    const days = (years: number): number => leaveDays({ years, isKept: true, fullMonths: 0 })
    expect([1, 2, 3, 4, 5, 21, 22, 40].map(days)).toEqual([15, 15, 16, 16, 17, 25, 25, 25])
    expect(leaveDays({ years: 0, isKept: true, fullMonths: 11 })).toBe(11)
    expect(leaveDays({ years: 2, isKept: false, fullMonths: 7 })).toBe(7)
    // 7 days of 21 hours a week: 29.4 hours are 30.
    expect(leaveHours({ years: 0, isKept: true, fullMonths: 7, weeklyMin: 1_260, headcount: 'GE5' })).toBe(30)
  })

  it('count months kept in full', () => {
    const days = [20260105, 20260205, 20260305].map((date) => ({ date, wasScheduled: true, wasKept: date !== 20260205 }))
    expect(fullMonthsOf(20260101, 20260331, days)).toBe(2)
    expect(fullMonthsOf(20260101, 20260330, days)).toBe(1)
    expect([isYearKept(days), isYearKept([...days, ...days.filter(({ wasKept }) => wasKept)])]).toEqual([false, true])
  })

  it('count months as the Civil Act does', () => {
    expect(afterMonths(20261130, 3)).toBe(20270301)
    expect(afterMonths(20260115, 3)).toBe(20260415)
    expect(monthsBefore(20260531, 3)).toBe(20260228)
    expect(periodOfMonth(202602)).toEqual({ from: 20260201, to: 20260228 })
    expect(periodOfMonth(202612, 1)).toEqual({ from: 20270101, to: 20270131 })
  })

  it('knows which years its tables cover', () => {
    expect([isTabled(STATUTE, 20171231), isTabled(STATUTE, 20271231), isTabled(STATUTE, 20280101)]).toEqual([false, true, false])
    expect(minWageOn(STATUTE, 20171231)).toBe(0n)
    expect(minWageOn(STATUTE, 20300101)).toBe(10_700n)
  })

  it('rounds fractions as it says', () => {
    expect([floorOf(fraction(7, 2)), ceilOf(fraction(7, 2)), ceilOf(fraction(6, 2))]).toEqual([3n, 4n, 3n])
  })
})
