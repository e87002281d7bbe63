// Owns: a contract and a month as a person writes them down, in a file or in flags, and as the wage engine reads them.
// Not here: the engine (modules/labor/wage/), what is shown (sdk/payslip/), the command (cli/commands/labor.ts).
import { parse } from 'yaml'
import { z } from 'zod'
import { addDays, isCivilDate, isCivilMonth } from '../../core/base/civil-time.ts'
import type { CivilDate, CivilMonth } from '../../core/base/civil-time.ts'
import { INDUSTRIES } from '../../modules/insurance/premium/rates.ts'
import { periodOfMonth, weekdayOf } from '../../modules/labor/wage/calendar.ts'
import { shiftWindow } from '../../modules/labor/wage/days.ts'
import { STATUTE } from '../../modules/labor/wage/law-table.ts'
import { isLabourDay } from '../../modules/labor/wage/law.ts'
import { SHORT_WEEK, weeklyMinutes } from '../../modules/labor/wage/rate.ts'
import type {
  WageComponent,
  WageInput,
  WageShift,
  WageShiftKind,
  WageSpan,
  WageTerms,
  WageTimes,
} from '../../modules/labor/wage/types.ts'

/** Weekdays as they are written, from Monday. */
export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
type Weekday = (typeof WEEKDAYS)[number]

/** People from whom on a workplace is one of five and more. */
const FIVE = 5
const NIGHTS_END = 1_440

const AMOUNT = z
  .union([z.int().nonnegative(), z.string().regex(/^[0-9][0-9_,]*$/, 'is a whole number of won')])
  .transform((value) => BigInt(String(value).replace(/[_,]/g, '')))

const DATE = z
  .union([z.string(), z.int()])
  .transform((value) => Number(String(value).replaceAll('-', '')))
  .refine(isCivilDate, { error: 'is a day such as 2026-11-01' })

const MONTH = z
  .union([z.string(), z.int()])
  .transform((value) => Number(String(value).replaceAll('-', '')))
  .refine(isCivilMonth, { error: 'is a month such as 2026-11' })

function minutesOf(text: string): number | null {
  const match = /^(\d{1,2}):([0-5]\d)$/.exec(text)
  const minutes = match === null ? Number.NaN : Number(match[1]) * 60 + Number(match[2])
  return minutes <= 2 * NIGHTS_END ? minutes : null
}

function spanOf(text: string): WageSpan | null {
  const [from, to, ...more] = text.split('-').map((part) => minutesOf(part.trim()))
  if (more.length > 0 || from === null || from === undefined || to === null || to === undefined) return null
  return { startMin: from, endMin: to > from ? to : to + NIGHTS_END }
}

/** `13:00-17:30 break 15:00-15:30`, several breaks apart by commas; an end before the start lies on the next day. */
export function parseTimes(text: string): WageTimes | null {
  const [times, breaks, ...more] = text.split(/\s*\bbreak\b\s*/)
  const span = spanOf((times ?? '').trim())
  if (span === null || more.length > 0 || span.startMin >= NIGHTS_END) return null
  const pauses = breaks === undefined ? [] : breaks.split(',').map((part) => spanOf(part.trim()))
  const placed: WageSpan[] = []
  for (const pause of pauses) {
    if (pause === null) return null
    // A break after midnight of a night shift is written by the clock.
    const later = pause.startMin < span.startMin ? NIGHTS_END : 0
    placed.push({ startMin: pause.startMin + later, endMin: pause.endMin + later })
  }
  placed.sort((a, b) => a.startMin - b.startMin)
  const isInside = placed.every(({ startMin, endMin }, at) => {
    return endMin > startMin && startMin >= (placed[at - 1]?.endMin ?? span.startMin) && endMin <= span.endMin
  })
  return isInside ? { ...span, breaks: placed } : null
}

const TIMES = z
  .string()
  .transform(parseTimes)
  .refine((times): times is WageTimes => times !== null, { error: 'is such as "13:00-17:30 break 15:00-15:30"' })

const SHIFTS = z.union([TIMES.transform((times) => [times]), z.array(TIMES)])

const CONTRACT = z.strictObject({
  employerPhone: z.string(),
  employerAddress: z.string(),
  representative: z.string(),
  workerPhone: z.string(),
  workerAddress: z.string(),
  place: z.string(),
  duties: z.string(),
  documentNumber: z.string().min(16, 'has 16 characters or more that nobody can guess'),
  signedOn: DATE,
})

/** The file: what a contract says of pay, and how the month goes unless it goes as agreed. */
export const PlanSchema = z.strictObject({
  month: MONTH,
  startOn: DATE,
  endOn: DATE.nullish(),
  employer: z.string().optional(),
  worker: z.string().optional(),
  people: z.int().positive(),
  wage: z.union([z.strictObject({ hourly: AMOUNT }), z.strictObject({ daily: AMOUNT }), z.strictObject({ monthly: AMOUNT })]),
  schedule: z.partialRecord(z.enum(WEEKDAYS), TIMES),
  weeklyHoliday: z.enum(WEEKDAYS).default('sun'),
  weekStart: z.enum(WEEKDAYS).default('mon'),
  premiumPercent: z.int().min(0).max(1_000).default(50),
  components: z.array(z.strictObject({ code: z.string(), krw: AMOUNT, per: z.enum(['hour', 'day', 'month']) })).default([]),
  probationMonths: z.int().min(0).max(12).default(0),
  oneYear: z.boolean().default(true),
  simpleLabor: z.boolean().default(false),
  minor: z.boolean().default(false),
  payDay: z.int().min(1).max(31).default(10),
  payMonthOffset: z.int().min(0).max(1).default(1),
  payMethod: z.enum(['DEPOSIT_TOKEN', 'ACCOUNT', 'CASH']).default('DEPOSIT_TOKEN'),
  /** Whether premiums of the social insurances are shown, for a worker of this age in this industry. */
  insurance: z.boolean().default(true),
  age: z.int().min(13).max(120).default(30),
  industry: z.enum(INDUSTRIES).default('RETAIL'),
  /** What the standard form asks besides. */
  contract: CONTRACT.optional(),
  absent: z.array(DATE).default([]),
  paidLeave: z.array(DATE).default([]),
  unpaidLeave: z.array(DATE).default([]),
  closed: z.array(DATE).default([]),
  shifts: z.record(z.string(), SHIFTS).default({}),
})

/** A plan with its defaults. */
export type Plan = z.output<typeof PlanSchema>

/** A plan that says what is wrong with it, or the plan. */
export type PlanAnswer = { readonly plan: Plan } | { readonly faults: readonly string[] }

/** Checks a plan that was read from a file or put together from flags. */
export function checkPlan(value: unknown): PlanAnswer {
  const found = PlanSchema.safeParse(value)
  if (!found.success) {
    return { faults: found.error.issues.map(({ path, message }) => `${path.join('.') || 'the plan'}: ${message}`) }
  }
  const wrong = Object.keys(found.data.shifts).filter((key) => !isCivilDate(dateKey(key)))
  if (wrong.length > 0) return { faults: wrong.map((key) => `shifts.${key}: a key is a day such as 2026-11-01`) }
  return { plan: found.data }
}

/** Reads a plan from YAML or JSON; `flags` stand in for what it says. */
export function parsePlan(text: string, flags: Readonly<Record<string, unknown>>): PlanAnswer {
  try {
    const value: unknown = parse(text)
    return checkPlan(typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value, ...flags } : value)
  } catch (error) {
    return { faults: [error instanceof Error ? error.message : String(error)] }
  }
}

function dateKey(text: string): CivilDate {
  return Number(text.replaceAll('-', ''))
}

const BASES = { hour: 'PER_HOUR', day: 'PER_DAY', month: 'PER_MONTH' } as const

/** The terms of a plan as the engine reads them. */
export function termsOf(plan: Plan): WageTerms {
  const { wage } = plan
  const dow = (day: Weekday): number => WEEKDAYS.indexOf(day)
  const [wageKind, ordinaryHourly, fixedPay] =
    'hourly' in wage
      ? (['HOURLY', wage.hourly, 0n] as const)
      : 'daily' in wage
        ? (['DAILY', 0n, wage.daily] as const)
        : (['MONTHLY', 0n, wage.monthly] as const)
  return {
    headcount: plan.people >= FIVE ? 'GE5' : 'LT5',
    schedule: WEEKDAYS.map((day) => plan.schedule[day] ?? null),
    weeklyHolidayDow: dow(plan.weeklyHoliday),
    weekStartDow: dow(plan.weekStart),
    ...{ wageKind, ordinaryHourly, fixedPay },
    components: plan.components.map(({ code, krw, per }): WageComponent => ({ code, krw, basis: BASES[per] })),
    premiumPpm: plan.premiumPercent * 10_000,
    probationMonths: plan.probationMonths,
    termGe1Y: plan.oneYear,
    simpleLabor: plan.simpleLabor,
  }
}

function isFree(date: CivilDate, terms: WageTerms): boolean {
  if (isLabourDay(date)) return true
  const isShort = weeklyMinutes(terms) < SHORT_WEEK
  return terms.headcount === 'GE5' && !isShort && date >= STATUTE.publicHolidaysFrom && STATUTE.publicHolidays.has(date)
}

/** Attendance: as agreed on every day that the plan says nothing of; holidays are kept free. */
function shiftsOf(plan: Plan, terms: WageTerms, window: { from: CivilDate; to: CivilDate }): WageShift[] {
  const named = new Map(Object.entries(plan.shifts).map(([key, times]) => [dateKey(key), times]))
  const marked = new Map<CivilDate, WageShiftKind | 'ABSENT'>()
  for (const [kind, dates] of [
    ['ABSENT', plan.absent],
    ['LEAVE_PAID', plan.paidLeave],
    ['LEAVE_UNPAID', plan.unpaidLeave],
    ['CLOSURE', plan.closed],
  ] as const) {
    for (const date of dates) marked.set(date, kind)
  }
  const shifts: WageShift[] = []
  const last = plan.endOn ?? window.to
  for (let date = Math.max(window.from, plan.startOn); date <= Math.min(window.to, last); date = addDays(date, 1)) {
    const worked = named.get(date)
    const planned = terms.schedule[weekdayOf(date)] ?? null
    const mark = marked.get(date)
    if (worked !== undefined) shifts.push(...worked.map((times) => ({ date, kind: 'WORK' as const, times })))
    else if (planned === null || mark === 'ABSENT') continue
    else if (mark !== undefined) shifts.push({ date, kind: mark, times: planned })
    else if (!isFree(date, terms)) shifts.push({ date, kind: 'WORK', times: planned })
  }
  return shifts
}

/** What the engine needs for a month, the plan's own unless another is named, and for so many before it. */
export function inputOf(plan: Plan, month: CivilMonth = plan.month, before = 0): WageInput {
  const terms = termsOf(plan)
  const { startOn, minor } = plan
  const versions = [{ effectiveFrom: startOn, isMinor: minor, terms }]
  const contract = { startOn, endOn: plan.endOn ?? null, versions, headcounts: [] }
  const period = { from: periodOfMonth(month, -before).from, to: periodOfMonth(month).to }
  return { contract, shifts: shiftsOf(plan, terms, shiftWindow(contract, period)), law: STATUTE }
}
