// Owns: who must join which insurance (domain.md 9), as a pure test over facts. Not here: state, what an agency decides.
import type { CivilDate } from '../../../core/base/civil-time.ts'
import { kstDate } from '../../../core/base/civil-time.ts'
import type { ReadView } from '../../../core/state/view.ts'
import { paramOn, statuteOn } from '../../governance/keeper.ts'
import type { Cover } from './premium.ts'
import { lastsMonths } from './months.ts'

/** The four insurances; health brings long-term care with it. */
export const INSURANCES = ['PENSION', 'HEALTH', 'EMPLOYMENT', 'ACCIDENT'] as const
/** Name of an insurance. */
export type Insurance = (typeof INSURANCES)[number]

/** Age as far as the law asks: under 18, 18 to 59, 60 to 64, and hired at 65 or later. */
export type AgeBand = 'UNDER_18' | 'FROM_18' | 'FROM_60' | 'FROM_65'
/** The bands in order. */
export const AGE_BANDS: readonly AgeBand[] = ['UNDER_18', 'FROM_18', 'FROM_60', 'FROM_65']

/** What a contract says that the law asks. Minutes are net scheduled time; `endOn` null is an employment without an end. */
export type DutyFacts = {
  readonly age: AgeBand
  readonly startOn: CivilDate
  readonly endOn: CivilDate | null
  readonly monthlyMin: number
  readonly weeklyMin: number
  readonly monthlyDays: number
  readonly monthlyPay: bigint
  /** The worker wants, and the employer agrees, to join the pension below 60 hours. */
  readonly pensionOptIn: boolean
}

/** Why an insurance is mandatory or not. */
export type DutyReason =
  | 'EVERYONE'
  | 'HOURS'
  | 'DAYS'
  | 'INCOME'
  | 'LONG'
  | 'OPT_IN'
  | 'NO_UNEMPLOYMENT'
  | 'SHORT_HOURS'
  | 'SHORT_TERM'
  | 'AGE'

/** The answer for one insurance; `mayOptIn` where the law leaves it to the two. */
export type Duty = { readonly required: boolean; readonly reason: DutyReason; readonly mayOptIn: boolean }
/** The answer for each. */
export type Duties = { readonly [I in Insurance]: Duty }

/** The numbers of the test, all of them parameters. */
export type DutyRules = {
  readonly monthlyMin: number
  readonly weeklyMin: number
  readonly monthlyDays: number
  readonly longMonths: number
  readonly incomeTest: bigint
}

const KEYS = {
  monthlyHours: 'insurance.duty.monthlyHours',
  weeklyHours: 'insurance.duty.weeklyHours',
  monthlyDays: 'insurance.duty.monthlyDays',
  longMonths: 'insurance.duty.longMonths',
  incomeTest: 'insurance.nps.incomeTest',
} as const

function buildRules(read: (key: string) => bigint): DutyRules {
  return {
    monthlyMin: Number(read(KEYS.monthlyHours)) * 60,
    weeklyMin: Number(read(KEYS.weeklyHours)) * 60,
    monthlyDays: Number(read(KEYS.monthlyDays)),
    longMonths: Number(read(KEYS.longMonths)),
    incomeTest: read(KEYS.incomeTest),
  }
}

/** The numbers in force on a chain at a block's day. */
export function dutyRulesAt(view: ReadView, block: { readonly time: number }): DutyRules {
  return buildRules((key) => paramOn(view, key, kstDate(block.time)))
}

/** The law's own numbers, without any chain. */
export function statutoryDutyRules(date: CivilDate): DutyRules {
  return buildRules((key) => statuteOn(key, date)?.value ?? 0n)
}

const must = (reason: DutyReason): Duty => ({ required: true, reason, mayOptIn: false })
const need = (reason: DutyReason, mayOptIn = false): Duty => ({ required: false, reason, mayOptIn })

/** Who must join what. Headcount never exempts: one employee is enough. */
export function findDuties(facts: DutyFacts, rules: DutyRules): Duties {
  return {
    PENSION: pensionDuty(facts, rules),
    HEALTH: healthDuty(facts, rules),
    EMPLOYMENT: employmentDuty(facts, rules),
    // Industrial Accident Compensation Insurance Act 6: from the first hour; the employer pays all of it.
    ACCIDENT: must('EVERYONE'),
  }
}

// National Pension Act 3, 6, 8, 9; decree 2: a month or more, and hours, days or income; 18 to 59.
function pensionDuty(facts: DutyFacts, rules: DutyRules): Duty {
  const { age, startOn, endOn, monthlyMin, monthlyDays, monthlyPay, pensionOptIn } = facts
  if (age !== 'FROM_18') return need('AGE')
  if (!lastsMonths(startOn, endOn, 1)) return need('SHORT_TERM')
  if (monthlyMin >= rules.monthlyMin) return must('HOURS')
  if (monthlyDays >= rules.monthlyDays) return must('DAYS')
  if (monthlyPay >= rules.incomeTest) return must('INCOME')
  const mayOptIn = lastsMonths(startOn, endOn, rules.longMonths)
  return mayOptIn && pensionOptIn ? must('OPT_IN') : need('SHORT_HOURS', mayOptIn)
}

// National Health Insurance Act 6(2), decree 9: a month or more and 60 hours a month.
function healthDuty({ startOn, endOn, monthlyMin }: DutyFacts, rules: DutyRules): Duty {
  if (!lastsMonths(startOn, endOn, 1)) return need('SHORT_TERM')
  return monthlyMin >= rules.monthlyMin ? must('HOURS') : need('SHORT_HOURS')
}

// Employment Insurance Act 10, decree 3: short hours exempt unless the employment lasts three months, then from its first day.
function employmentDuty({ age, startOn, endOn, monthlyMin, weeklyMin }: DutyFacts, rules: DutyRules): Duty {
  const isShort = monthlyMin < rules.monthlyMin || weeklyMin < rules.weeklyMin
  const isLong = lastsMonths(startOn, endOn, rules.longMonths)
  if (isShort && !isLong) return need('SHORT_HOURS')
  if (age === 'FROM_65') return must('NO_UNEMPLOYMENT')
  return must(isShort ? 'LONG' : 'HOURS')
}

/** What a month is insured in, where every duty is fulfilled. */
export function coverOf(duties: Duties): Cover {
  const { PENSION, HEALTH, EMPLOYMENT, ACCIDENT } = duties
  return {
    pension: PENSION.required,
    health: HEALTH.required,
    employment: EMPLOYMENT.required,
    unemployment: EMPLOYMENT.required && EMPLOYMENT.reason !== 'NO_UNEMPLOYMENT',
    accident: ACCIDENT.required,
  }
}
