// Owns: what the wage engine reads and what it answers (domain.md 8.4). Not here: the rules (period.ts and its neighbours), the
// law's figures (law.ts), records on the chain (modules/labor/schema.ts).
import type { CivilDate } from '../../../core/base/civil-time.ts'
import type { Fraction } from './fraction.ts'

/** A span in minutes from 00:00 KST of the start date; past midnight it goes on above 1440. */
export type WageSpan = { readonly startMin: number; readonly endMin: number }
/** Working time of one day or one shift: from, to, and the breaks inside. */
export type WageTimes = WageSpan & { readonly breaks: readonly WageSpan[] }

/** Fewer than five, or five and more people at the workplace (LSA 11). */
export type Headcount = 'LT5' | 'GE5'
/** How the wage is agreed. */
export type WageKind = 'HOURLY' | 'DAILY' | 'MONTHLY'
/** A named part of the wage beside the agreed one; it is no part of the ordinary hour. */
export type WageComponent = {
  readonly code: string
  readonly krw: bigint
  readonly basis: 'PER_HOUR' | 'PER_DAY' | 'PER_MONTH'
}

/** The terms that pay depends on; a signed version's terms can stand here as they are. Weekdays count from 0, Monday. */
export type WageTerms = {
  readonly headcount: Headcount
  /** Seven entries from Monday; null is a day without work. */
  readonly schedule: readonly (WageTimes | null)[]
  readonly weeklyHolidayDow: number
  readonly weekStartDow: number
  readonly wageKind: WageKind
  /** Won per ordinary hour. */
  readonly ordinaryHourly: bigint
  /** Won per day or month of those two kinds; 0 of an hourly wage. */
  readonly fixedPay: bigint
  readonly components: readonly WageComponent[]
  /** Surcharge of excess, night and holiday work, millionths; the law's is the least. */
  readonly premiumPpm: number
  readonly probationMonths: number
  /** Agreed for a year or more, or without end (minimum wage act 5(2)). */
  readonly termGe1Y: boolean
  readonly simpleLabor: boolean
}

/** Terms and the first day on which they hold. */
export type WageVersion = { readonly effectiveFrom: CivilDate; readonly isMinor: boolean; readonly terms: WageTerms }

/** A contract as pay sees it. */
export type WageContract = {
  readonly startOn: CivilDate
  /** Last day, once it is known. */
  readonly endOn: CivilDate | null
  /** Ascending by `effectiveFrom`, at least one. */
  readonly versions: readonly WageVersion[]
  /** Days from which the workplace was seen to have five and more people whatever the contract says, ascending. */
  readonly headcounts: readonly { readonly from: CivilDate; readonly headcount: Headcount }[]
}

/** What a record of attendance is about. */
export type WageShiftKind = 'WORK' | 'LEAVE_PAID' | 'LEAVE_UNPAID' | 'CLOSURE'
/** A final record of attendance: confirmed, deemed or resolved. It belongs to the day on which it starts. */
export type WageShift = { readonly date: CivilDate; readonly kind: WageShiftKind; readonly times: WageTimes }

/** First and last day of what is paid at once. */
export type WagePeriod = { readonly from: CivilDate; readonly to: CivilDate }

/** A value from a day on. */
export type Dated<T> = { readonly from: CivilDate; readonly value: T }

/** The law's figures over time, each list ascending by day (domain.md 14). */
export type WageLaw = {
  /** Won per hour. */
  readonly minWage: readonly Dated<bigint>[]
  /** Least surcharge, millionths (LSA 56). */
  readonly premiumPpm: readonly Dated<number>[]
  /** Interest on arrears a year, millionths (LSA 37). */
  readonly arrearsPpm: readonly Dated<number>[]
  /** Work days of comparable full-time people in four weeks (LSA decree, table 2). */
  readonly regularWorkdays4w: readonly Dated<number>[]
  /** Public holidays and their substitutes; neither Sundays nor 1 May. */
  readonly publicHolidays: { readonly has: (date: CivilDate) => boolean }
  /** From here on they are paid holidays where five and more people work (LSA 55(2)). */
  readonly publicHolidaysFrom: CivilDate
  /** From here on arrears bear interest in service too (LSA 37(1) as amended). */
  readonly serviceInterestFrom: CivilDate
  /** Days in which everything is paid after the end (LSA 36). */
  readonly finalPayDays: number
}

/** Everything that a wage is a function of. */
export type WageInput = { readonly contract: WageContract; readonly shifts: readonly WageShift[]; readonly law: WageLaw }

/** What a line pays for. */
export type WageLineCode =
  | 'BASE'
  | 'MONTHLY_PAY'
  | 'EXCESS'
  | 'NIGHT'
  | 'HOLIDAY'
  | 'HOLIDAY_OVER_8H'
  | 'PAID_HOLIDAY'
  | 'PAID_LEAVE'
  | 'CLOSURE'
  | 'WEEKLY_HOLIDAY'
  | 'ALLOWANCE'
  | 'ABSENCE'

/**
 * One line. In minutes, `won` is rate x quantity x ppm / (60 x 1,000,000); in days and months rate x quantity. Earnings are
 * rounded up to
 * a won, deductions down.
 */
export type WageLine = {
  readonly code: WageLineCode
  /** The component's code of an allowance, else empty. */
  readonly name: string
  /** First and last day that it is about. */
  readonly from: CivilDate
  readonly to: CivilDate
  readonly unit: 'MINUTE' | 'DAY' | 'MONTH'
  /** Whole in most lines; the weekly holiday's minutes are an average. */
  readonly quantity: Fraction
  /** Won an hour, a day, or a month. */
  readonly rate: Fraction
  readonly ppm: number
  readonly won: bigint
  /** Article of law, such as `LSA-56(1)`. */
  readonly law: string
}

/** Why a day is a holiday of this worker. */
export type HolidayKind = 'WEEKLY' | 'LABOR_DAY' | 'PUBLIC'

/** Minutes of one day, as pay sees them. */
export type WageDay = {
  readonly date: CivilDate
  readonly holiday: HolidayKind | null
  /** Scheduled by the contract, breaks left out. */
  readonly plannedMin: number
  readonly workMin: number
  readonly excessMin: number
  readonly nightMin: number
  readonly holidayMin: number
  readonly holidayOverMin: number
  /** Scheduled minutes that are paid although the day is a holiday. */
  readonly paidHolidayMin: number
  readonly leaveMin: number
  readonly closureMin: number
  readonly breakMissingMin: number
}

/** Why a week's holiday is paid or not. */
export type WeekStatus = 'PAID' | 'ABSENT' | 'UNDER_15_HOURS' | 'PARTIAL_WEEK' | 'NOTHING_SCHEDULED' | 'NOTHING_ATTENDED'

/** A week whose weekly holiday is accounted for in the period. */
export type WageWeek = {
  readonly from: CivilDate
  readonly to: CivilDate
  readonly holidayOn: CivilDate
  /** The day it is paid for: the holiday, or the week's last scheduled day where that is later. */
  readonly bookedOn: CivilDate
  readonly status: WeekStatus
  /** The first scheduled day without a record, of status ABSENT. */
  readonly absentOn: CivilDate | null
  /** Scheduled minutes of the whole weeks of service among the last four, and how many they are. */
  readonly contractedMin: number
  readonly weeks: number
  /** Minutes of one weekly holiday. */
  readonly restMin: Fraction
}

/** What the law sees in the period. */
export type WageFlagCode =
  | 'BREAK_MISSING'
  | 'OVER_8H'
  | 'OVER_40H'
  | 'EXCESS_OVER_12H'
  | 'NIGHT'
  | 'MINOR_NIGHT'
  | 'MINOR_HOURS'
  | 'HOLIDAY_WORK'
  | 'FLOOR_APPLIED'
  | 'HOURS_REACH_15'
/** A flag: on which day, how many minutes beyond the limit. */
export type WageFlag = { readonly code: WageFlagCode; readonly date: CivilDate; readonly minutes: number }

/** The wage of a period, line by line. `gross` is the sum of the lines less the deductions. */
export type WageBreakdown = {
  readonly period: WagePeriod
  readonly lines: readonly WageLine[]
  /** Time not worked of a monthly wage; amounts to take off. */
  readonly cuts: readonly WageLine[]
  readonly gross: bigint
  readonly days: readonly WageDay[]
  readonly weeks: readonly WageWeek[]
  readonly flags: readonly WageFlag[]
}
