// Owns: the wage of a period, line by line (domain.md 8.4): a pure function of versions, final records and the law's figures.
// Not here: minutes (days.ts), rates (rate.ts), flags (flags.ts), due dates and interest (due.ts).
import { readWeeks } from './days.ts'
import type { DayFacts } from './days.ts'
import { flagsOf } from './flags.ts'
import { ceilOf, fraction, plus } from './fraction.ts'
import type { Fraction } from './fraction.ts'
import { createRateReader, groupByRate } from './groups.ts'
import type { RateGroup, RateReader } from './groups.ts'
import { allowanceLines } from './allowances.ts'
import { buildCut, buildLine, exactWon, minuteLine } from './lines.ts'
import { lengthOf } from './calendar.ts'
import type { WageBreakdown, WageDay, WageInput, WageLine, WagePeriod, WageWeek } from './types.ts'
import { judgeWeek } from './weeks.ts'

/** Share of the ordinary wage that a closure pays at least, millionths (LSA 46(1)). */
const CLOSURE_PPM = 700_000

/** A weekly holiday with the day that it is paid for. */
type BookedWeek = { readonly week: WageWeek; readonly day: DayFacts }

function groupLines(group: RateGroup, period: WagePeriod): WageLine[] {
  const { kind, rate, from, to, leaveMin, paidClosureMin } = group
  const isMonthly = kind === 'MONTHLY'
  const span = { from, to }
  const { hourly, premiumPpm } = rate
  const lines: WageLine[] = []
  if (isMonthly && group.serviceDays > 0) lines.push(buildLine(monthlyLine(group, period)))
  const add = (line: ReturnType<typeof minuteLine>): void => {
    if (line.quantity.num > 0n) lines.push(buildLine(line))
  }
  add(minuteLine('BASE', span, { quantity: isMonthly ? group.beyondMin : group.workMin, rate: hourly }))
  add(minuteLine('EXCESS', span, { quantity: group.premiumExcessMin, rate: hourly, ppm: premiumPpm }))
  add(minuteLine('NIGHT', span, { quantity: group.premiumNightMin, rate: hourly, ppm: premiumPpm }))
  add(minuteLine('HOLIDAY', span, { quantity: group.premiumHolidayMin, rate: hourly, ppm: premiumPpm }))
  add(minuteLine('HOLIDAY_OVER_8H', span, { quantity: group.premiumHolidayOverMin, rate: hourly, ppm: premiumPpm * 2 }))
  if (isMonthly) return lines
  add(minuteLine('PAID_LEAVE', span, { quantity: leaveMin, rate: hourly }))
  add(minuteLine('CLOSURE', span, { quantity: paidClosureMin, rate: hourly, ppm: CLOSURE_PPM }))
  return lines
}

function monthlyLine({ rate, from, to, serviceDays }: RateGroup, period: WagePeriod): Omit<WageLine, 'won' | 'law' | 'name'> {
  const quantity = fraction(serviceDays, lengthOf(period))
  return { code: 'MONTHLY_PAY', from, to, unit: 'MONTH', quantity, rate: rate.monthly, ppm: 1_000_000 }
}

function sumMinutes(weeks: readonly BookedWeek[], status: WageWeek['status']): Fraction {
  return weeks.filter(({ week }) => week.status === status).reduce((sum, { week }) => plus(sum, week.restMin), fraction(0))
}

/**
 * What a monthly wage loses by absence: the hours, and the weekly holidays that the absence cost; never what was earned by the
 * hour in
 * spite of it.
 */
function cutOf(group: RateGroup, period: WagePeriod, weeks: readonly BookedWeek[]): WageLine | null {
  const { rate, from, to, missingMin } = group
  if (group.kind !== 'MONTHLY' || group.serviceDays === 0) return null
  const lost = plus(sumMinutes(weeks, 'ABSENT'), sumMinutes(weeks, 'NOTHING_ATTENDED'))
  const quantity = plus(fraction(missingMin), lost)
  if (quantity.num === 0n) return null
  const kept = group.workMin - group.beyondMin + group.leaveMin + group.closureMin + group.paidHolidayMin
  const earned = minuteLine('BASE', group, { quantity: plus(fraction(kept), sumMinutes(weeks, 'PAID')), rate: rate.hourly })
  const most = ceilOf(exactWon(monthlyLine(group, period))) - ceilOf(exactWon(earned))
  return buildCut(minuteLine('ABSENCE', { from, to }, { quantity, rate: rate.hourly }), most > 0n ? most : 0n)
}

function holidayLines(days: readonly DayFacts[], readRate: RateReader): WageLine[] {
  return days.flatMap((day) => {
    if (day.paidHolidayMin === 0 || day.version.terms.wageKind === 'MONTHLY') return []
    const law = day.holiday === 'LABOR_DAY' ? { law: 'LDA' } : {}
    const quantity = { quantity: day.paidHolidayMin, rate: readRate(day).hourly, ...law }
    return [buildLine(minuteLine('PAID_HOLIDAY', { from: day.date, to: day.date }, quantity))]
  })
}

function weekLines(weeks: readonly BookedWeek[], readRate: RateReader): WageLine[] {
  return weeks.flatMap(({ week, day }) => {
    if (week.status !== 'PAID' || day.version.terms.wageKind === 'MONTHLY') return []
    const span = { from: week.bookedOn, to: week.bookedOn }
    return [buildLine(minuteLine('WEEKLY_HOLIDAY', span, { quantity: week.restMin, rate: readRate(day).hourly }))]
  })
}

function showDay(day: DayFacts): WageDay {
  const { date, holiday, plannedMin, workMin, excessMin, nightMin, holidayMin, holidayOverMin } = day
  const { paidHolidayMin, leaveMin, closureMin, breakMissingMin } = day
  return {
    ...{ date, holiday, plannedMin, workMin, excessMin, nightMin, holidayMin, holidayOverMin },
    ...{ paidHolidayMin, leaveMin, closureMin, breakMissingMin },
  }
}

/** The wage of a period. It needs every final record of `shiftWindow(contract, period)`; others do not matter. */
export function computePeriod(input: WageInput, period: WagePeriod): WageBreakdown {
  const isInside = (date: number): boolean => date >= period.from && date <= period.to
  const weeks = readWeeks(input, period)
  const allDays = weeks.flatMap(({ days }) => days)
  const days = allDays.filter(({ date }) => isInside(date))
  const booked: BookedWeek[] = []
  for (const week of weeks) {
    if (!week.days.some(({ inService }) => inService)) continue
    const judged = judgeWeek(week, input.law)
    const day = week.days.find(({ date }) => date === judged.bookedOn)
    if (day !== undefined && isInside(judged.bookedOn)) booked.push({ week: judged, day })
  }
  const readRate = createRateReader(input)
  const groups = groupByRate(days, readRate)
  const lines = [
    ...groups.flatMap((group) => groupLines(group, period)),
    ...holidayLines(days, readRate),
    ...weekLines(booked, readRate),
    ...allowanceLines(days, period),
  ]
  const cuts = groups.flatMap((group) => {
    const mine = booked.filter(({ day }) => readRate(day).key === group.rate.key)
    const cut = cutOf(group, period, mine)
    return cut === null || cut.won === 0n ? [] : [cut]
  })
  const total = (list: readonly WageLine[]): bigint => list.reduce((sum, { won }) => sum + won, 0n)
  return {
    ...{ period, lines, cuts, gross: total(lines) - total(cuts) },
    days: days.filter((day) => day.inService || day.workMin > 0).map(showDay),
    weeks: booked.map(({ week }) => week),
    flags: flagsOf(weeks, isInside, readRate),
  }
}
