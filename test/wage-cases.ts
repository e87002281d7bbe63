// Owns: random contracts with a month of attendance, by a seed: nights, weeks across months, versions, minimum-wage years, absences.
// Not here: who judges them (modules/labor/wage/soak.test.ts, test/soak/wages.ts).
import { MIN_WAGES, STATUTE } from '../modules/labor/wage/law-table.ts'
import type {
  Headcount,
  WageComponent,
  WageInput,
  WageKind,
  WageLaw,
  WagePeriod,
  WageShift,
  WageShiftKind,
  WageSpan,
  WageTerms,
  WageTimes,
  WageVersion,
} from '../modules/labor/wage/types.ts'
import { dow, later } from './wage-oracle.ts'

/** A random case. */
export type WageCase = { readonly input: WageInput; readonly period: WagePeriod }

type Dice = {
  /** A whole number from `low` to `high`. */
  readonly from: (low: number, high: number) => number
  readonly chance: (percent: number) => boolean
  readonly pick: <T>(values: readonly [T, ...T[]]) => T
}

/** Repeatable chance (mulberry32). */
export function createWageDice(seed: number): Dice {
  let state = seed >>> 0
  const below = (bound: number): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * bound)
  }
  return {
    from: (low, high) => low + below(high - low + 1),
    chance: (percent) => below(100) < percent,
    pick: (values) => values[below(values.length)] as (typeof values)[0],
  }
}

/** Breaks somewhere inside, in order; perhaps none. */
function breaksIn(dice: Dice, { startMin, endMin }: WageSpan): WageSpan[] {
  const breaks: WageSpan[] = []
  const count = dice.pick([0, 1, 1, 1, 2])
  let free = startMin + 1
  for (let at = 0; at < count; at++) {
    const start = free + dice.from(0, Math.max(0, Math.floor((endMin - free) / 2)))
    const end = start + dice.pick([10, 15, 30, 30, 30, 60, 60, dice.from(1, 45)])
    if (end >= endMin) break
    breaks.push({ startMin: start, endMin: end })
    free = end
  }
  return breaks
}

function timesFrom(dice: Dice, startMin: number, length: number): WageTimes {
  const span = { startMin, endMin: startMin + Math.min(1_440, Math.max(1, length)) }
  return { ...span, breaks: breaksIn(dice, span) }
}

function scheduleFrom(dice: Dice): { schedule: (WageTimes | null)[]; restDow: number } {
  const days = dice.pick([1, 2, 3, 3, 4, 5, 5, 5, 5, 6])
  const isNight = dice.chance(15)
  const start = isNight ? dice.from(1_080, 1_380) : dice.from(300, 900)
  const length = dice.pick([180, 240, 270, 300, 360, 480, 540, 540, 600, dice.from(61, 620)])
  const isEven = dice.chance(60)
  const order = [0, 1, 2, 3, 4, 5, 6].map((day) => (day + (dice.chance(70) ? 0 : dice.from(0, 6))) % 7)
  const on = new Set(order.slice(0, days))
  const same = timesFrom(dice, start, length)
  const schedule = [0, 1, 2, 3, 4, 5, 6].map((day) => {
    if (!on.has(day)) return null
    return isEven ? same : timesFrom(dice, start + dice.from(-30, 30), length + dice.from(-60, 60))
  })
  const off = [6, 5, 4, 3, 2, 1, 0].find((day) => schedule[day] === null) ?? 6
  return { schedule, restDow: dice.chance(92) ? off : dice.from(0, 6) }
}

function componentsFrom(dice: Dice): WageComponent[] {
  const all: WageComponent[] = [
    { code: 'MEAL', krw: BigInt(dice.from(1, 12_000)), basis: 'PER_DAY' },
    { code: 'SKILL', krw: BigInt(dice.from(1, 900)), basis: 'PER_HOUR' },
    { code: 'POST', krw: BigInt(dice.from(1, 200_000)), basis: 'PER_MONTH' },
  ]
  return dice.chance(70) ? [] : all.filter(() => dice.chance(50))
}

/** The minimum wage of a year, for wages near it. */
function wageNear(dice: Dice, date: number): bigint {
  const found = MIN_WAGES.findLast(({ from }) => from <= date)?.value ?? 7_530n
  const percent = BigInt(dice.pick([100, 100, 100, 90, 95, 98, 101, 105, 120, 150, dice.from(80, 220)]))
  return (found * percent) / 100n + BigInt(dice.pick([0, 0, dice.from(0, 300)]))
}

function termsFrom(dice: Dice, date: number, weekStartDow: number): WageTerms {
  const { schedule, restDow } = scheduleFrom(dice)
  const wageKind = dice.pick<WageKind>([
    'HOURLY',
    'HOURLY',
    'HOURLY',
    'HOURLY',
    'HOURLY',
    'HOURLY',
    'DAILY',
    'MONTHLY',
    'MONTHLY',
  ])
  const hourly = wageNear(dice, date)
  const hours = BigInt(Math.max(1, dice.from(20, 209)))
  const fixed = wageKind === 'HOURLY' ? 0n : wageKind === 'DAILY' ? hourly * BigInt(dice.from(3, 10)) : hourly * hours
  return {
    ...{ headcount: dice.pick<Headcount>(['LT5', 'GE5', 'GE5']), schedule, weeklyHolidayDow: restDow, weekStartDow, wageKind },
    ordinaryHourly: wageKind === 'HOURLY' || dice.chance(50) ? hourly : 0n,
    fixedPay: fixed,
    components: componentsFrom(dice),
    premiumPpm: dice.pick([500_000, 500_000, 500_000, 600_000, 333_333, 1_000_000]),
    probationMonths: dice.pick([0, 0, 1, 2, 3, 6]),
    termGe1Y: dice.chance(60),
    simpleLabor: dice.chance(30),
  }
}

function workFrom(dice: Dice, planned: WageTimes | null): WageTimes[] {
  if (planned === null) return [timesFrom(dice, dice.from(360, 1_300), dice.from(30, 700))]
  const jitter = (): number => (dice.chance(60) ? 0 : dice.from(-90, 150))
  const startMin = Math.min(1_439, Math.max(0, planned.startMin + (dice.chance(70) ? 0 : dice.from(-60, 60))))
  const end = Math.max(startMin + 20, planned.endMin + jitter())
  const keeps = dice.chance(60) && planned.breaks.every((pause) => pause.startMin > startMin && pause.endMin < end)
  const whole = keeps ? { startMin, endMin: end, breaks: planned.breaks } : timesFrom(dice, startMin, end - startMin)
  if (!dice.chance(8) || whole.endMin - startMin < 120) return [whole]
  const middle = startMin + Math.floor((whole.endMin - startMin) / 2)
  const gap = dice.pick([0, 10, 30, 60])
  return [timesFrom(dice, startMin, middle - startMin), timesFrom(dice, middle + gap, whole.endMin - middle)]
}

const DISTURBED: readonly [WageShiftKind | 'ABSENT', ...(WageShiftKind | 'ABSENT')[]] = [
  ...(['ABSENT', 'ABSENT', 'LEAVE_PAID', 'LEAVE_UNPAID', 'CLOSURE'] as const),
]

/** Records of the days from the first to the last, without two at one minute. */
function shiftsFrom(dice: Dice, versions: readonly WageVersion[], { from, to }: WagePeriod, care: number): WageShift[] {
  const shifts: WageShift[] = []
  let busy = 0
  for (let date = from; date <= to; date = later(date, 1), busy -= 1_440) {
    const { terms } = versions.findLast(({ effectiveFrom }) => effectiveFrom <= date) ?? (versions[0] as WageVersion)
    const planned = terms.schedule[dow(date)] ?? null
    const put = (kind: WageShiftKind, times: WageTimes): void => {
      if (times.startMin < busy || times.startMin >= 1_440 || times.endMin > 2_880) return
      shifts.push({ date, kind, times })
      busy = times.endMin
    }
    if (planned === null) {
      if (dice.chance(6)) for (const times of workFrom(dice, null)) put('WORK', times)
      continue
    }
    const kind = dice.chance(care) ? 'WORK' : dice.pick(DISTURBED)
    if (kind === 'ABSENT') continue
    if (kind === 'WORK') for (const times of workFrom(dice, planned)) put('WORK', times)
    else put(kind, planned)
  }
  return dice.chance(20) ? shifts.toReversed() : shifts
}

/** The law as it is, or with odd figures: a minimum wage of no round tenth, another divisor, a surcharge that rises. */
function lawFrom(dice: Dice, from: number): WageLaw {
  if (dice.chance(75)) return STATUTE
  const odd = BigInt(dice.from(1, 9))
  return {
    ...STATUTE,
    minWage: STATUTE.minWage.map((step) => ({ ...step, value: step.value + odd })),
    premiumPpm: [...STATUTE.premiumPpm, { from: later(from, dice.from(0, 20)), value: dice.pick([500_000, 550_000, 700_001]) }],
    regularWorkdays4w: dice.chance(50) ? STATUTE.regularWorkdays4w : [{ from: 20180101, value: 24 }],
  }
}

/** A first day: long ago, in or about the period, or such that a probation of months ends inside, at the end of a month too. */
function startFrom(dice: Dice, from: number): number {
  const kind = dice.from(1, 100)
  if (kind <= 45) return later(from, -dice.from(40, 900))
  if (kind <= 85) return later(from, dice.from(-60, 20))
  const near = later(from, -dice.pick([31, 62, 92, 92]) + dice.from(0, 28))
  return dice.chance(50) ? near : later(near, -(near % 100))
}

/** A contract and a period by a seed. */
export function createWageCase(seed: number): WageCase {
  const dice = createWageDice(seed)
  const year = dice.from(2018, 2027)
  const month = dice.from(1, 12)
  const first = year * 10_000 + month * 100 + 1
  const isMonth = dice.chance(75)
  const from = isMonth ? first : later(first, dice.from(0, 27))
  const next = month === 12 ? (year + 1) * 10_000 + 101 : first + 100
  const to = isMonth ? later(next, -1) : later(from, dice.from(0, 45))
  const startOn = startFrom(dice, from)
  const endOn = dice.chance(75) ? null : later(from, dice.from(-5, 60))
  const weekStartDow = dice.chance(75) ? 0 : dice.from(0, 6)
  const version = (effectiveFrom: number, terms: WageTerms): WageVersion => ({ effectiveFrom, isMinor: dice.chance(15), terms })
  const versions = [version(startOn, termsFrom(dice, startOn, weekStartDow))]
  for (let more = dice.pick([0, 0, 0, 1, 1, 2]); more > 0; more--) {
    const last = versions.at(-1) as WageVersion
    const on = later(Math.max(last.effectiveFrom, from), dice.from(-20, 25))
    if (on <= last.effectiveFrom) continue
    const fresh = termsFrom(dice, on, weekStartDow)
    versions.push(version(on, dice.chance(50) ? fresh : { ...last.terms, ordinaryHourly: fresh.ordinaryHourly }))
  }
  const headcounts = dice.chance(85)
    ? []
    : [
        { from: later(from, dice.from(-30, 10)), headcount: 'GE5' as const },
        { from: later(from, dice.from(11, 25)), headcount: 'LT5' as const },
      ]
  const shifts = shiftsFrom(dice, versions, { from: later(from, -36), to: later(to, 8) }, dice.pick([100, 97, 90, 70]))
  return {
    input: {
      contract: { startOn, endOn: endOn !== null && endOn < startOn ? startOn : endOn, versions, headcounts },
      shifts,
      law: lawFrom(dice, from),
    },
    period: { from, to },
  }
}
