// Owns: the wage rules a second time, minute by minute and in exact rationals, to judge the engine by. It shares the engine's types and
// the law's figures, and none of its code: its own calendar, its own fractions, its own order of thought.
// Not here: the engine (modules/labor/wage/), random cases (wage-cases.ts).
import type {
  WageFlagCode,
  WageInput,
  WageLineCode,
  WagePeriod,
  WageShift,
  WageTerms,
  WageVersion,
} from '../modules/labor/wage/types.ts'

/** A rational of won or minutes. */
type Q = readonly [bigint, bigint]

const q = (num: bigint | number, den: bigint | number = 1): Q => [BigInt(num), BigInt(den)]
const add = ([a, b]: Q, [c, d]: Q): Q => (b === d ? [a + c, b] : [a * d + c * b, b * d])
const mul = ([a, b]: Q, [c, d]: Q): Q => [a * c, b * d]
const less = ([a, b]: Q, [c, d]: Q): boolean => a * d < c * b
const max = (a: Q, b: Q): Q => (less(a, b) ? b : a)
const up = ([a, b]: Q): bigint => (a % b === 0n ? a / b : a / b + 1n)
const down = ([a, b]: Q): bigint => a / b

const DAY_MS = 86_400_000

/** Days from 2013 to 2033 by the platform's own calendar; 2013-01-07 was a Monday. */
const FIRST = Date.UTC(2013, 0, 7)
const DATES = Array.from({ length: 21 * 366 }, (_, count) => {
  const day = new Date(FIRST + count * DAY_MS)
  return day.getUTCFullYear() * 10_000 + (day.getUTCMonth() + 1) * 100 + day.getUTCDate()
})
const PLACES = new Map(DATES.map((date, place) => [date, place]))

function placeOf(date: number): number {
  const place = PLACES.get(date)
  if (place === undefined) throw new Error(`${date} is outside of the oracle's calendar`)
  return place
}

/** The date so many days later. */
export function later(date: number, days: number): number {
  return DATES[placeOf(date) + days] ?? 0
}

/** Weekday, 0 is Monday. */
export function dow(date: number): number {
  return placeOf(date) % 7
}

function eachDay(from: number, to: number): readonly number[] {
  return DATES.slice(placeOf(from), placeOf(to) + 1)
}

/** Answers that do not change, kept by date. */
class Known<T> {
  readonly #answers = new Map<number, T>()

  of(date: number, find: () => T): T {
    const known = this.#answers.get(date)
    if (known !== undefined) return known
    const found = find()
    this.#answers.set(date, found)
    return found
  }
}

function inForce<T>(steps: readonly { readonly from: number; readonly value: T }[], date: number, otherwise: T): T {
  let value = otherwise
  for (const step of steps) if (step.from <= date) value = step.value
  return value
}

/** Of the input at hand. */
const minutesOfTimes = new Map<WageShift['times'], readonly number[]>()

/** The worked minutes of a shift, one by one. */
function workedMinutes({ times }: Pick<WageShift, 'times'>): readonly number[] {
  const known = minutesOfTimes.get(times)
  if (known !== undefined) return known
  const minutes: number[] = []
  for (let minute = times.startMin; minute < times.endMin; minute++) {
    if (!times.breaks.some((pause) => pause.startMin <= minute && minute < pause.endMin)) minutes.push(minute)
  }
  minutesOfTimes.set(times, minutes)
  return minutes
}

function netOf(times: WageShift['times'] | null): number {
  return times === null ? 0 : workedMinutes({ times }).length
}

const isNight = (minute: number): boolean => minute % 1_440 >= 1_320 || minute % 1_440 < 360

/** What a day is paid by; `name` is equal where all of it is. */
type Money = {
  readonly name: string
  readonly hourly: Q
  readonly monthly: Q
  readonly isFloor: boolean
  readonly premium: bigint
}

/** What the second implementation finds. */
export type OracleAnswer = {
  readonly gross: bigint
  readonly won: Readonly<Partial<Record<WageLineCode, bigint>>>
  readonly flags: Readonly<Partial<Record<WageFlagCode, number>>>
  readonly weeks: readonly string[]
}

/** The rules, from one input. */
export class WageOracle {
  readonly #input: WageInput
  readonly #plans = new Map<WageTerms, readonly number[]>()
  readonly #money = new Map<string, Money>()
  readonly #sums = new Map<string, Q>()
  readonly #shifts = new Map<number, WageShift[]>()
  readonly #weekStarts = new Known<number>()
  readonly #shortWeeks = new Known<boolean>()
  readonly #holidays = new Known<'WEEKLY' | 'LABOR' | 'PUBLIC' | 'NONE'>()
  readonly #worked = new Known<number>()
  readonly #rates = new Known<Money>()

  constructor(input: WageInput) {
    this.#input = input
    minutesOfTimes.clear()
    for (const shift of input.shifts) this.#shifts.set(shift.date, [...(this.#shifts.get(shift.date) ?? []), shift])
  }

  version(date: number): WageVersion {
    const [first, ...rest] = this.#input.contract.versions
    let found = first as WageVersion
    for (const version of rest) if (version.effectiveFrom <= date) found = version
    return found
  }

  plan(date: number): number {
    return this.week(this.version(date).terms)[dow(date)] ?? 0
  }

  week(terms: WageTerms): readonly number[] {
    const known = this.#plans.get(terms) ?? terms.schedule.map(netOf)
    this.#plans.set(terms, known)
    return known
  }

  served(date: number): boolean {
    const { startOn, endOn } = this.#input.contract
    return startOn <= date && (endOn === null || date <= endOn)
  }

  five(date: number): boolean {
    const seen = inForce(
      this.#input.contract.headcounts.map(({ from, headcount }) => ({ from, value: headcount })),
      date,
      'LT5',
    )
    return this.version(date).terms.headcount === 'GE5' || seen === 'GE5'
  }

  weekOf(date: number): number {
    return this.#weekStarts.of(date, () => this.#findWeek(date))
  }

  #findWeek(date: number): number {
    const start = (this.#input.contract.versions[0] as WageVersion).terms.weekStartDow
    let day = date
    while (dow(day) !== start) day = later(day, -1)
    return day
  }

  whole(start: number): boolean {
    return this.served(start) && this.served(later(start, 6))
  }

  /** Scheduled minutes of four weeks and their number. */
  four(start: number): { minutes: number; weeks: number } {
    const starts = [0, 7, 14, 21].map((back) => later(start, -back)).filter((day) => this.whole(day))
    const minutes = starts.flatMap((day) => [...eachDay(day, later(day, 6))]).reduce((sum, day) => sum + this.plan(day), 0)
    if (starts.length > 0) return { minutes, weeks: starts.length }
    return { minutes: this.week(this.version(later(start, 6)).terms).reduce((a, b) => a + b, 0), weeks: 1 }
  }

  isShort(start: number): boolean {
    return this.#shortWeeks.of(start, () => {
      const { minutes, weeks } = this.four(start)
      return minutes < 15 * 60 * weeks
    })
  }

  restDay(start: number): number {
    const wanted = this.version(later(start, 6)).terms.weeklyHolidayDow
    return [...eachDay(start, later(start, 6))].find((day) => dow(day) === wanted) as number
  }

  holiday(date: number): 'WEEKLY' | 'LABOR' | 'PUBLIC' | null {
    const known = this.#holidays.of(date, () => this.#findHoliday(date) ?? 'NONE')
    return known === 'NONE' ? null : known
  }

  #findHoliday(date: number): 'WEEKLY' | 'LABOR' | 'PUBLIC' | null {
    const { law } = this.#input
    const start = this.weekOf(date)
    if (this.restDay(start) === date) return 'WEEKLY'
    if (date % 10_000 === 501) return 'LABOR'
    if (!law.publicHolidays.has(date) || date < law.publicHolidaysFrom) return null
    return this.five(date) && !this.isShort(start) ? 'PUBLIC' : null
  }

  /** Minutes of one weekly holiday, at most eight hours. */
  rest(start: number, date: number): Q {
    const { minutes, weeks } = this.four(start)
    const days = inForce(this.#input.law.regularWorkdays4w, date, 20)
    const each = q(minutes * 4, weeks * days)
    return less(q(480), each) ? q(480) : each
  }

  money(date: number): Money {
    return this.#rates.of(date, () => this.#findMoney(date))
  }

  #findMoney(date: number): Money {
    const { law, contract } = this.#input
    const version = this.version(date)
    const { terms } = version
    const full = inForce(law.minWage, date, 0n)
    const onProbation = terms.termGe1Y && !terms.simpleLabor && terms.probationMonths > 0
    const limit = Math.min(3, terms.probationMonths)
    const [year, nth, day] = [
      Math.floor(contract.startOn / 10_000),
      Math.floor(contract.startOn / 100) % 100,
      contract.startOn % 100,
    ]
    // A day that the month lacks rolls over into the next one's beginning, whose first day is then the end.
    const corresponding = new Date(Date.UTC(year, nth - 1 + limit, day))
    const isThere = corresponding.getUTCDate() === day
    const until = isThere ? corresponding.getTime() : Date.UTC(corresponding.getUTCFullYear(), corresponding.getUTCMonth(), 1)
    const now = Date.UTC(Math.floor(date / 10_000), (Math.floor(date / 100) % 100) - 1, date % 100)
    const floor = q(onProbation && now < until ? up(q(full * 9n, 10)) : full)
    const days = inForce(law.regularWorkdays4w, date, 20)
    const least = inForce(law.premiumPpm, date, 0)
    const key = [version.effectiveFrom, floor[0], days, least].join()
    const known = this.#money.get(key)
    if (known !== undefined) return known
    const week = this.week(terms)
    const minutes = week.reduce((a, b) => a + b, 0)
    const rest = minutes < 900 ? q(0) : less(q(480), q(minutes * 4, days)) ? q(480) : q(minutes * 4, days)
    const is40 = minutes === 2_400 && rest[0] === 480n * rest[1]
    const hours = is40 ? q(209) : mul(mul(add(q(minutes), rest), q(1, 60)), mul(q(365, 7), q(1, 12)))
    let agreed = q(terms.ordinaryHourly)
    if (terms.wageKind === 'DAILY' && minutes > 0) {
      agreed = max(agreed, q(terms.fixedPay * 60n * BigInt(week.filter((planned) => planned > 0).length), minutes))
    }
    if (terms.wageKind === 'MONTHLY' && minutes > 0) agreed = max(agreed, q(terms.fixedPay * hours[1], hours[0]))
    const month = terms.wageKind === 'MONTHLY' ? max(q(terms.fixedPay), mul(floor, hours)) : q(0)
    const isFloor = less(agreed, floor) || (terms.wageKind === 'MONTHLY' && less(q(terms.fixedPay), month))
    const [hourly, premium] = [max(agreed, floor), BigInt(Math.max(least, terms.premiumPpm))]
    // Far more digits than two of these rates can have in common.
    const name = [up(mul(hourly, q(10n ** 24n))), up(mul(month, q(10n ** 24n))), premium].join()
    const money = { name, hourly, monthly: month, isFloor, premium }
    this.#money.set(key, money)
    return money
  }

  /** Adds `hours of a rate` to the line that the day's rate belongs to. */
  #put(code: WageLineCode, date: number, minutes: Q, ppm: bigint, apart = ''): void {
    if (minutes[0] === 0n) return
    const { hourly, name } = this.money(date)
    const key = [code, name, this.version(date).terms.wageKind, apart].join()
    const amount = mul(mul(hourly, minutes), q(ppm, 60_000_000n))
    this.#sums.set(key, add(this.#sums.get(key) ?? q(0), amount))
  }

  /** One day's minutes in the order in which they were worked; `ordinary` is what the week has had so far. */
  #work(date: number, ordinary: number, count: boolean, flags: Map<WageFlagCode, number>): number {
    const shifts = (this.#shifts.get(date) ?? []).filter(({ kind }) => kind === 'WORK')
    const isHoliday = this.holiday(date) !== null
    const five = this.five(date)
    const { premium } = this.money(date)
    const limit = Math.min(this.plan(date), 480)
    const isMonthly = this.version(date).terms.wageKind === 'MONTHLY'
    let [nth, kept] = [0, 0]
    const tally = { base: 0, excess: 0, night: 0, first8: 0, after8: 0 }
    for (const shift of [...shifts].sort((a, b) => a.times.startMin - b.times.startMin)) {
      for (const minute of workedMinutes(shift)) {
        const isOrdinary = !isHoliday && nth < limit && ordinary + kept < 2_400
        if (isOrdinary) kept += 1
        if (!isOrdinary || !isMonthly) tally.base += 1
        if (!isHoliday && !isOrdinary) tally.excess += 1
        if (isHoliday) tally[nth < 480 ? 'first8' : 'after8'] += 1
        if (isNight(minute)) tally.night += 1
        nth += 1
      }
    }
    if (count) {
      this.#put('BASE', date, q(tally.base), 1_000_000n)
      if (five) {
        this.#put('EXCESS', date, q(tally.excess), premium)
        this.#put('NIGHT', date, q(tally.night), premium)
        this.#put('HOLIDAY', date, q(tally.first8), premium)
        this.#put('HOLIDAY_OVER_8H', date, q(tally.after8), premium * 2n)
      }
      this.#flagDay(date, nth, tally.night, flags)
    }
    return kept
  }

  #flagDay(date: number, work: number, night: number, flags: Map<WageFlagCode, number>): void {
    const flag = (code: WageFlagCode, minutes: number): void => {
      if (minutes > 0) flags.set(code, (flags.get(code) ?? 0) + minutes)
    }
    const { isMinor } = this.version(date)
    flag('NIGHT', night)
    flag('OVER_8H', work - 480)
    flag('HOLIDAY_WORK', this.holiday(date) === null ? 0 : work)
    flag('MINOR_NIGHT', isMinor ? night : 0)
    flag('BREAK_MISSING', this.#missingBreak(date))
    let [before, extra] = [0, 0]
    for (const day of eachDay(this.weekOf(date), date)) {
      const worked = this.worked(day)
      const beyond = Math.max(0, worked - (this.holiday(day) === 'WEEKLY' ? 0 : this.plan(day)))
      if (day === date) {
        flag('OVER_40H', Math.max(0, before + worked - 2_400) - Math.max(0, before - 2_400))
        flag('EXCESS_OVER_12H', Math.max(0, extra + beyond - 720) - Math.max(0, extra - 720))
        const week = Math.max(0, before + worked - 2_400) - Math.max(0, before - 2_400)
        flag('MINOR_HOURS', isMinor ? Math.max(week, worked - 480) : 0)
      }
      before += worked
      extra += beyond
    }
  }

  worked(date: number): number {
    return this.#worked.of(date, () => this.#minutesOf(date, 'WORK'))
  }

  /** By the minute: whoever is neither working nor away before the first or after the last shift has a break. */
  #missingBreak(date: number): number {
    const shifts = (this.#shifts.get(date) ?? []).filter(({ kind }) => kind === 'WORK')
    if (shifts.length === 0) return 0
    const work = new Uint8Array(2_881)
    let worked = 0
    for (const shift of shifts) {
      for (const minute of workedMinutes(shift)) {
        if (work[minute] === 0) worked += 1
        work[minute] = 1
      }
    }
    const start = Math.min(...shifts.map(({ times }) => times.startMin))
    const end = Math.max(...shifts.map(({ times }) => times.endMin))
    let rest = 0
    for (let minute = start; minute < end; minute++) if (work[minute] === 0) rest += 1
    const needed = worked < 240 ? 0 : worked < 480 ? 30 : 60
    return Math.max(0, needed - rest)
  }

  #minutesOf(date: number, kind: WageShift['kind']): number {
    return (this.#shifts.get(date) ?? []).filter((shift) => shift.kind === kind).reduce((sum, { times }) => sum + netOf(times), 0)
  }

  /** Status of a week's holiday and the day it is paid for. */
  judge(start: number): { status: string; booked: number } {
    const days = [...eachDay(start, later(start, 6))]
    const scheduled = days.filter((day) => this.plan(day) > 0)
    const rest = this.restDay(start)
    const booked = Math.max(rest, ...scheduled)
    const has = (day: number, ...kinds: WageShift['kind'][]): boolean =>
      (this.#shifts.get(day) ?? []).some(
        (shift) => kinds.includes(shift.kind) && (shift.kind !== 'WORK' || netOf(shift.times) > 0),
      )
    if (!this.whole(start)) return { status: 'PARTIAL_WEEK', booked }
    if (this.isShort(start)) return { status: 'UNDER_15_HOURS', booked }
    if (scheduled.length === 0) return { status: 'NOTHING_SCHEDULED', booked }
    const asked = scheduled.filter((day) => this.holiday(day) === null)
    if (asked.some((day) => (this.#shifts.get(day) ?? []).every(({ times, kind }) => kind === 'WORK' && netOf(times) === 0))) {
      return { status: 'ABSENT', booked }
    }
    const isKept = scheduled.some((day) => {
      const kind = this.holiday(day)
      return kind === null ? has(day, 'WORK', 'LEAVE_PAID') : kind !== 'WEEKLY'
    })
    return { status: isKept ? 'PAID' : 'NOTHING_ATTENDED', booked }
  }

  /** The whole answer for a period. */
  compute(period: WagePeriod): OracleAnswer {
    const flags = new Map<WageFlagCode, number>()
    const weeks: string[] = []
    const length = [...eachDay(period.from, period.to)].length
    const inside = (date: number): boolean => period.from <= date && date <= period.to
    const monthly = new Map<string, { days: number; missing: Q; kept: Q; date: number }>()
    const monthOf = (date: number) => {
      const key = this.money(date).name
      const entry = monthly.get(key) ?? { days: 0, missing: q(0), kept: q(0), date }
      monthly.set(key, entry)
      return entry
    }
    const lastWeek = this.weekOf(period.to)
    for (let start = this.weekOf(period.from); start <= lastWeek; start = later(start, 7)) {
      let ordinary = 0
      for (const date of eachDay(start, later(start, 6))) {
        const kept = this.#work(date, ordinary, inside(date), flags)
        ordinary += kept
        if (!inside(date)) continue
        this.#rest(date, kept, monthOf)
      }
      const { status, booked } = this.judge(start)
      if (inside(booked) && eachDay(start, later(start, 6)).some((day) => this.served(day))) {
        weeks.push(`${start} ${status}`)
        const rest = this.rest(start, this.restDay(start))
        if (this.version(booked).terms.wageKind === 'MONTHLY') {
          const month = monthOf(booked)
          if (status === 'PAID') month.kept = add(month.kept, rest)
          if (status === 'ABSENT' || status === 'NOTHING_ATTENDED') month.missing = add(month.missing, rest)
        } else if (status === 'PAID') this.#put('WEEKLY_HOLIDAY', booked, rest, 1_000_000n, `${booked}`)
      }
      const last = later(start, 6)
      const starts = [21, 14, 7, 0].map((back) => later(start, -back))
      const real = starts.flatMap((day) => [...eachDay(day, later(day, 6))]).reduce((sum, day) => sum + this.worked(day), 0)
      if (inside(last) && this.isShort(start) && starts.every((day) => this.whole(day)) && real >= 3_600) {
        flags.set('HOURS_REACH_15', (flags.get('HOURS_REACH_15') ?? 0) + Math.floor(real / 4))
      }
    }
    let wasFloor = false
    for (const date of eachDay(this.weekOf(period.from), period.to)) {
      if (!inside(date)) continue
      const isFloor = (this.served(date) || this.worked(date) > 0) && this.money(date).isFloor
      if (isFloor && !wasFloor) flags.set('FLOOR_APPLIED', 0)
      wasFloor = isFloor
    }
    return this.#total(period, length, monthly, flags, weeks)
  }

  /** What a day pays besides its work. */
  #rest(date: number, kept: number, monthOf: (date: number) => { days: number; missing: Q; kept: Q }): void {
    const kind = this.holiday(date)
    const planned = Math.min(this.plan(date), 480)
    const isMonthly = this.version(date).terms.wageKind === 'MONTHLY'
    const isPaidHoliday = this.served(date) && (kind === 'LABOR' || kind === 'PUBLIC')
    const leave = kind === null ? Math.min(planned, this.#minutesOf(date, 'LEAVE_PAID')) : 0
    const closed = kind === null ? Math.min(planned, this.#minutesOf(date, 'CLOSURE')) : 0
    const counts = this.served(date) || this.worked(date) > 0
    if (!isMonthly) {
      if (isPaidHoliday) this.#put('PAID_HOLIDAY', date, q(planned), 1_000_000n, `${date}`)
      if (counts) this.#put('PAID_LEAVE', date, q(leave), 1_000_000n)
      if (counts && this.five(date)) this.#put('CLOSURE', date, q(closed), 700_000n)
      return
    }
    if (!counts) return
    const month = monthOf(date)
    month.kept = add(month.kept, q(kept + leave + closed + (isPaidHoliday ? planned : 0)))
    if (!this.served(date)) return
    month.days += 1
    if (kind === null) month.missing = add(month.missing, q(Math.max(0, planned - kept - leave - closed)))
  }

  #allowances(period: WagePeriod, length: number): bigint {
    const sums = new Map<string, Q>()
    for (const date of eachDay(period.from, period.to)) {
      const work = this.worked(date)
      for (const { code, krw, basis } of this.version(date).terms.components) {
        const share = { PER_HOUR: q(work, 60), PER_DAY: q(work > 0 ? 1 : 0), PER_MONTH: q(this.served(date) ? 1 : 0, length) }[
          basis
        ]
        const key = [code, krw, basis].join()
        sums.set(key, add(sums.get(key) ?? q(0), mul(q(krw), share)))
      }
    }
    return [...sums.values()].reduce((sum, amount) => sum + up(amount), 0n)
  }

  #total(
    period: WagePeriod,
    length: number,
    monthly: ReadonlyMap<string, { days: number; missing: Q; kept: Q; date: number }>,
    flags: ReadonlyMap<WageFlagCode, number>,
    weeks: readonly string[],
  ): OracleAnswer {
    const won: Partial<Record<WageLineCode, bigint>> = {}
    const credit = (code: WageLineCode, amount: bigint): void => {
      if (amount > 0n) won[code] = (won[code] ?? 0n) + amount
    }
    for (const [name, amount] of this.#sums) credit(name.split(',')[0] as WageLineCode, up(amount))
    let cut = 0n
    for (const { days, missing, kept, date } of monthly.values()) {
      if (days === 0) continue
      const { hourly, monthly: pay } = this.money(date)
      const part = up(mul(pay, q(days, length)))
      credit('MONTHLY_PAY', part)
      const wanted = down(mul(mul(hourly, missing), q(1, 60)))
      const most = part - up(mul(mul(hourly, kept), q(1, 60)))
      const taken = down(less(q(most), q(wanted)) ? q(most) : q(wanted))
      if (taken > 0n) cut += taken
    }
    credit('ALLOWANCE', this.#allowances(period, length))
    credit('ABSENCE', cut)
    const sum = Object.entries(won).reduce((total, [code, amount]) => (code === 'ABSENCE' ? total - amount : total + amount), 0n)
    return { gross: sum, won, flags: Object.fromEntries(flags), weeks }
  }
}
