// Owns: the derived facts that credentials carry in place of dates and amounts, as of a Korean day.
// Not here: where an issuer's register has them from, the claims that policies may ask for (modules/identity/claims.ts).
import type { CivilDate } from '../../core/base/civil-time.ts'
import { isCivilDate } from '../../core/base/civil-time.ts'
import { NodeError } from '../../core/base/errors.ts'

/** What a register of residents knows; it never leaves the office. Days are yyyymmdd, `guCode` five digits of Seoul or null. */
export type ResidentEntry = {
  readonly bornOn: CivilDate
  readonly guCode: string | null
  readonly residentSince: CivilDate | null
  readonly isForeign: boolean
}

/** What a register of incomes knows: percent of the median, employment, hours. */
export type IncomeEntry = {
  readonly medianPercent: number
  readonly isEmployed: boolean
  readonly weeklyHours: number
  readonly contractMonths: number | null
}

const AGES = [14, 18, 19, 30, 35] as const

function parts(day: CivilDate): readonly [year: number, month: number, date: number] {
  if (!isCivilDate(day)) throw new NodeError('CREDENTIAL_DATE', `${day} is no day yyyymmdd`)
  return [Math.floor(day / 10_000), Math.floor(day / 100) % 100, day % 100]
}

/**
 * Whole years between two days: the international age, the legal one since 2023-06-28. A birthday of 29 February comes on 1
 * March.
 */
export function ageOn(bornOn: CivilDate, on: CivilDate): number {
  const [year, month, date] = parts(bornOn)
  const [y, m, d] = parts(on)
  return y - year - (m < month || (m === month && d < date) ? 1 : 0)
}

/** Whole months between two days; the day itself counts as reached, a month that lacks it reaches it on the first of the next. */
export function monthsBetween(from: CivilDate, to: CivilDate): number {
  const [year, month, date] = parts(from)
  const [y, m, d] = parts(to)
  return (y - year) * 12 + (m - month) - (d < date ? 1 : 0)
}

/** Claims of SeoulResidentCredential: ages and residence as yes or no. */
export function deriveResidency(entry: ResidentEntry, on: CivilDate): Record<string, boolean | string> {
  const age = ageOn(entry.bornOn, on)
  const { guCode, residentSince } = entry
  const isResident = guCode !== null && residentSince !== null
  const months = isResident ? monthsBetween(residentSince, on) : -1
  return {
    ...Object.fromEntries(AGES.map((limit) => [`age_ge_${limit}`, age >= limit])),
    resident_seoul: isResident,
    ...(isResident ? { resident_gu: guCode } : {}),
    resident_ge_3m: months >= 3,
    resident_ge_12m: months >= 12,
    foreign_registered: entry.isForeign,
  }
}

/** Claims of IncomeBandCredential: bands of the median income and employment as yes or no. */
export function deriveIncome(entry: IncomeEntry): Record<string, boolean> {
  const { medianPercent, isEmployed, weeklyHours, contractMonths } = entry
  return {
    income_le_100: medianPercent <= 100,
    income_le_150: medianPercent <= 150,
    unemployed: !isEmployed,
    weekly_hours_le_30: weeklyHours <= 30,
    contract_le_3m: isEmployed && contractMonths !== null && contractMonths <= 3,
  }
}
