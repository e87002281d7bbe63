// Owns: the terms of a contract as both parties sign them (domain.md 8.1). Not here: whether they are lawful (law.ts), who signs
// (schema.ts).
import { choice, list, option, struct } from '../../core/codec/compound.ts'
import { bool, code, hash32, u8, u16, u32, u64 } from '../../core/codec/fields.ts'
import type { Infer } from '../../core/codec/schema.ts'

/** Breaks of one day or shift. */
export const BREAKS_MAX = 8
/** Days of a week; index 0 is Monday. */
export const WEEK_DAYS = 7
/** Named parts of a wage. */
export const COMPONENTS_MAX = 12

/** A span in minutes from 00:00 KST of the start date; past midnight it goes on above 1440. */
export const SpanSchema = struct({ startMin: u16, endMin: u16 })

/** Working time of one day: from, to, and the breaks inside. */
export const TimesSchema = struct({ startMin: u16, endMin: u16, breaks: list(SpanSchema, BREAKS_MAX) })

/** Whether the workplace has fewer than five, or five and more people (LSA 11). */
export const HeadcountSchema = choice({ LT5: 0, GE5: 1 })

/** How the wage is agreed. */
export const WageKindSchema = choice({ HOURLY: 0, DAILY: 1, MONTHLY: 2 })

/** Age as far as the law asks at the first day of work. */
export const AgeBandSchema = choice({ UNDER_18: 0, FROM_18: 1, FROM_60: 2, FROM_65: 3 })

/** Clauses that no contract may have (LSA 20, 21, 22); a declared one refuses the offer. */
export const ForbiddenClauseSchema = choice({ PENALTY: 0, ADVANCE_SETOFF: 1, FORCED_SAVINGS: 2 })

/** Every term that the law asks for in writing. Weekdays count from 0, Monday. */
export const TermsSchema = struct({
  headcount: HeadcountSchema,
  /** First day; the last one where the contract is for a fixed term. */
  startOn: u32,
  endOn: option(u32),
  placeCommit: hash32,
  dutiesCode: code(32),
  dutiesCommit: hash32,
  /** Seven entries from Monday; null is a day without work. */
  schedule: list(option(TimesSchema), WEEK_DAYS),
  weeklyHolidayDow: u8,
  weekStartDow: u8,
  annualLeave: choice({ STATUTORY: 0, NONE: 1, BETTER: 2 }),
  wageKind: WageKindSchema,
  /** Won per ordinary hour; of a monthly wage what the month divides into. */
  ordinaryHourly: u64,
  /** Won per month or day of the other two kinds; 0 of an hourly one. */
  fixedPay: u64,
  components: list(
    struct({ code: code(32), krw: u64, basis: choice({ PER_HOUR: 0, PER_DAY: 1, PER_MONTH: 2 }) }),
    COMPONENTS_MAX,
  ),
  calcRule: code(32),
  /** Surcharge of overtime, night and holiday work, millionths. */
  premiumPpm: u32,
  /** Day of the month, the last one where it has fewer; 0 or 1 months after the one that it pays. */
  payDay: u8,
  payMonthOffset: u8,
  payMethod: choice({ DEPOSIT_TOKEN: 0, ACCOUNT: 1, CASH: 2 }),
  probationMonths: u8,
  /** Agreed for a year or more, or without end (minimum wage act 5(2)). */
  termGe1Y: bool,
  simpleLabor: bool,
  monthlyScheduledMin: u32,
  /** Bits of the insurances that the employer declares: 1 pension, 2 health, 4 employment, 8 accident. */
  insuranceFlags: u8,
  ageBand: AgeBandSchema,
  /** The worker wants, and the employer agrees, to join the pension where the hours alone do not ask for it. */
  pensionOptIn: bool,
  forbiddenClauses: list(ForbiddenClauseSchema, 3),
  /** Salted commitment to the signed text. */
  docCommit: hash32,
})

export type Span = Infer<typeof SpanSchema>
export type Times = Infer<typeof TimesSchema>
export type Terms = Infer<typeof TermsSchema>
