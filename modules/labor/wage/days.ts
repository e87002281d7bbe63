// Owns: weeks of days with their minutes: planned, worked, excess, night, holiday (domain.md 8.4). Not here: won (lines.ts),
// the weekly holiday's pay (weeks.ts).
import { must } from '../../../core/base/assert.ts'
import { dateOfDays, daysOf } from '../../../core/base/civil-time.ts'
import type { CivilDate } from '../../../core/base/civil-time.ts'
import { WEEK, weekStartOfDays, weekdayOfDays } from './calendar.ts'
import { isLabourDay } from './law.ts'
import { DAY_LIMIT, SHORT_WEEK, WEEK_LIMIT, plannedMinutes, weeklyMinutes } from './rate.ts'
import { missingBreakMinutes, netMinutes, nightMinutes } from './shift-minutes.ts'
import type { HolidayKind, WageContract, WageDay, WageInput, WagePeriod, WageShift, WageVersion } from './types.ts'

/** Weeks over which hours are averaged (LSA 18(3)). */
const AVERAGE_WEEKS = 4

/** How a day was kept: by work, by leave that is paid, without fault, or not at all. */
export type Attendance = 'WORKED' | 'LEAVE' | 'EXCUSED' | 'NONE'

/** A day with what its pay depends on. */
export type DayFacts = WageDay & {
  readonly version: WageVersion
  readonly isGe5: boolean
  readonly inService: boolean
  readonly attendance: Attendance
}

/** Scheduled hours of the whole weeks of service among four, the week at hand being the last. */
export type ContractedHours = {
  readonly contractedMin: number
  readonly weeks: number
  /** Whether the average is below 15 hours. */
  readonly isShort: boolean
}

/** Seven days. */
export type WeekFacts = ContractedHours & {
  readonly days: readonly DayFacts[]
  /** Whether the contract holds through all seven. */
  readonly isWhole: boolean
  readonly holidayOn: CivilDate
}

/** The version in force on a day: the latest that began by then, or the first. */
export function versionOn({ versions }: WageContract, date: CivilDate): WageVersion {
  const found = versions.findLast(({ effectiveFrom }) => effectiveFrom <= date) ?? versions[0]
  return must(found, 'a contract has a version')
}

function isGe5On(contract: WageContract, { terms }: WageVersion, date: CivilDate): boolean {
  if (terms.headcount === 'GE5') return true
  return contract.headcounts.findLast(({ from }) => from <= date)?.headcount === 'GE5'
}

/** First and last day of the records that a period's pay depends on. */
export function shiftWindow(contract: WageContract, { from, to }: WagePeriod): WagePeriod {
  const start = firstWeekOf(contract, from) - WEEK * (AVERAGE_WEEKS - 1)
  return { from: dateOfDays(start), to: dateOfDays(firstWeekOf(contract, to) + WEEK - 1) }
}

/** Day number of the first day of a date's week; the first version says on which weekday weeks begin. */
function firstWeekOf(contract: WageContract, date: CivilDate): number {
  return weekStartOfDays(daysOf(date), must(contract.versions[0], 'a contract has a version').terms.weekStartDow)
}

type Service = { readonly first: number; readonly last: number }

function serviceOf({ startOn, endOn }: WageContract): Service {
  return { first: daysOf(startOn), last: endOn === null ? Number.MAX_SAFE_INTEGER : daysOf(endOn) }
}

function isWholeWeek(start: number, { first, last }: Service): boolean {
  return start >= first && start + WEEK - 1 <= last
}

function plannedOfWeek(contract: WageContract, start: number): number {
  const end = versionOn(contract, dateOfDays(start + WEEK - 1))
  if (versionOn(contract, dateOfDays(start)) === end) return weeklyMinutes(end.terms)
  let sum = 0
  for (let day = start; day < start + WEEK; day++) {
    sum += plannedMinutes(versionOn(contract, dateOfDays(day)).terms, weekdayOfDays(day))
  }
  return sum
}

function contractedHours(contract: WageContract, start: number): ContractedHours {
  const service = serviceOf(contract)
  let [contractedMin, weeks] = [0, 0]
  for (let back = 0; back < AVERAGE_WEEKS; back++) {
    const at = start - WEEK * back
    if (!isWholeWeek(at, service)) continue
    contractedMin += plannedOfWeek(contract, at)
    weeks += 1
  }
  if (weeks === 0) {
    weeks = 1
    contractedMin = weeklyMinutes(versionOn(contract, dateOfDays(start + WEEK - 1)).terms)
  }
  return { contractedMin, weeks, isShort: contractedMin < SHORT_WEEK * weeks }
}

type DayRead = {
  readonly input: WageInput
  readonly service: Service
  readonly holidayDay: number
  readonly isShort: boolean
  readonly shifts: readonly WageShift[]
}

function holidayKindOf(
  days: number,
  date: CivilDate,
  isGe5: boolean,
  { input, holidayDay, isShort }: DayRead,
): HolidayKind | null {
  if (days === holidayDay) return 'WEEKLY'
  if (isLabourDay(date)) return 'LABOR_DAY'
  const isPublic = isGe5 && !isShort && date >= input.law.publicHolidaysFrom && input.law.publicHolidays.has(date)
  return isPublic ? 'PUBLIC' : null
}

function sumOf(shifts: readonly WageShift[], kind: WageShift['kind'], measure: typeof netMinutes): number {
  return shifts.reduce((sum, shift) => (shift.kind === kind ? sum + measure(shift.times) : sum), 0)
}

function attendanceOf(shifts: readonly WageShift[], workMin: number): Attendance {
  if (workMin > 0) return 'WORKED'
  if (shifts.some(({ kind }) => kind === 'LEAVE_PAID')) return 'LEAVE'
  return shifts.some(({ kind }) => kind === 'LEAVE_UNPAID' || kind === 'CLOSURE') ? 'EXCUSED' : 'NONE'
}

/** A day by itself; work above 40 hours a week is added by `readWeek`. */
function readDay(days: number, read: DayRead): DayFacts {
  const { input, service, shifts } = read
  const date = dateOfDays(days)
  const version = versionOn(input.contract, date)
  const isGe5 = isGe5On(input.contract, version, date)
  const holiday = holidayKindOf(days, date, isGe5, read)
  const plannedMin = plannedMinutes(version.terms, weekdayOfDays(days))
  const ordinaryMin = Math.min(plannedMin, DAY_LIMIT)
  const workMin = sumOf(shifts, 'WORK', netMinutes)
  const inService = days >= service.first && days <= service.last
  const isPaidHoliday = inService && (holiday === 'LABOR_DAY' || holiday === 'PUBLIC')
  const onWorkday = (minutes: number): number => (holiday === null ? Math.min(minutes, ordinaryMin) : 0)
  return {
    ...{ date, version, isGe5, inService, holiday, plannedMin, workMin },
    attendance: attendanceOf(shifts, workMin),
    excessMin: holiday === null ? Math.max(0, workMin - ordinaryMin) : 0,
    nightMin: sumOf(shifts, 'WORK', nightMinutes),
    holidayMin: holiday === null ? 0 : Math.min(workMin, DAY_LIMIT),
    holidayOverMin: holiday === null ? 0 : Math.max(0, workMin - DAY_LIMIT),
    paidHolidayMin: isPaidHoliday ? ordinaryMin : 0,
    leaveMin: onWorkday(sumOf(shifts, 'LEAVE_PAID', netMinutes)),
    closureMin: onWorkday(sumOf(shifts, 'CLOSURE', netMinutes)),
    breakMissingMin: missingBreakMinutes(shifts.filter(({ kind }) => kind === 'WORK').map(({ times }) => times)),
  }
}

function readWeek(input: WageInput, start: number, byDate: ReadonlyMap<CivilDate, readonly WageShift[]>): WeekFacts {
  const { contract } = input
  const service = serviceOf(contract)
  const hours = contractedHours(contract, start)
  const { weeklyHolidayDow } = versionOn(contract, dateOfDays(start + WEEK - 1)).terms
  const holidayDay = start + ((weeklyHolidayDow - weekdayOfDays(start) + WEEK) % WEEK)
  const days: DayFacts[] = []
  let ordinary = 0
  for (let at = start; at < start + WEEK; at++) {
    const shifts = byDate.get(dateOfDays(at)) ?? []
    const day = readDay(at, { input, service, holidayDay, isShort: hours.isShort, shifts })
    // Above 40 hours a week the rest of ordinary time is excess as well; holiday work has its own surcharge.
    const within = day.holiday === null ? day.workMin - day.excessMin : 0
    const surplus = Math.min(within, Math.max(0, ordinary + within - WEEK_LIMIT))
    ordinary += within
    days.push(surplus === 0 ? day : { ...day, excessMin: day.excessMin + surplus })
  }
  return { ...hours, days, isWhole: isWholeWeek(start, service), holidayOn: dateOfDays(holidayDay) }
}

/** The weeks that a period touches; after the three before them where a contract of few hours makes the real ones matter. */
export function readWeeks(input: WageInput, period: WagePeriod): readonly WeekFacts[] {
  const byDate = new Map<CivilDate, WageShift[]>()
  for (const shift of input.shifts) {
    const of = byDate.get(shift.date)
    if (of === undefined) byDate.set(shift.date, [shift])
    else of.push(shift)
  }
  const read = (from: number, to: number): WeekFacts[] => {
    const weeks: WeekFacts[] = []
    for (let start = from; start <= to; start += WEEK) weeks.push(readWeek(input, start, byDate))
    return weeks
  }
  const first = firstWeekOf(input.contract, period.from)
  const weeks = read(first, firstWeekOf(input.contract, period.to))
  const isAsked = weeks.some(({ isShort }) => isShort)
  return isAsked ? [...read(first - WEEK * (AVERAGE_WEEKS - 1), first - WEEK), ...weeks] : weeks
}
