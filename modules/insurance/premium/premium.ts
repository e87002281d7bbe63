// Owns: monthly premiums of the four social insurances, each line with its formula (domain.md 9).
// Not here: who must join (duty.ts), rates (rates.ts), deducting them (modules/labor).
import { isCivilMonth } from '../../../core/base/civil-time.ts'
import { failure, isFailure } from '../../../core/base/errors.ts'
import type { Failure } from '../../../core/base/errors.ts'
import { InsuranceError } from '../errors.ts'
import { rateReader, readAll } from './rates.ts'
import type { RateQuestion, RateReader } from './rates.ts'

/** Which insurances a month is insured in. `unemployment` is false for who was hired at 65 or later. */
export type Cover = {
  readonly pension: boolean
  readonly health: boolean
  readonly employment: boolean
  readonly unemployment: boolean
  readonly accident: boolean
}

/** Everything. */
export const FULL_COVER: Cover = { pension: true, health: true, employment: true, unemployment: true, accident: true }

/** Names of premium lines, in the order of a payslip. */
export const PREMIUM_CODES = [
  ...['PENSION', 'HEALTH', 'CARE', 'EMPLOYMENT', 'STABILISATION', 'ACCIDENT', 'WAGE_CLAIM_LEVY'],
] as const
/** Name of a premium line. */
export type PremiumCode = 'PENSION' | 'HEALTH' | 'CARE' | 'EMPLOYMENT' | 'STABILISATION' | 'ACCIDENT' | 'WAGE_CLAIM_LEVY'

/** One line: each amount is floor10(base x numer / denom), within bounds where the law has them. */
export type PremiumLine = {
  readonly code: PremiumCode
  readonly base: bigint
  readonly numer: bigint
  readonly denom: bigint
  /** Won that the worker pays, out of the wage. */
  readonly worker: bigint
  readonly employer: bigint
  /** Where the rule stands. */
  readonly law: string
}

/** A month's premiums. The wage-claim levy is a line and not in `employerTotal`, as the insurers' own calculator shows it. */
export type Premium = {
  readonly month: number
  readonly pay: bigint
  readonly lines: readonly PremiumLine[]
  readonly workerTotal: bigint
  readonly employerTotal: bigint
  readonly levy: bigint
}

/** A month's taxable pay and what is insured. */
export type PremiumInput = RateQuestion & { readonly pay: bigint; readonly cover: Cover }

/** Most won of one month's pay. */
export const PAY_MAX = 10n ** 12n
const PPM = 1_000_000n
const BOTH = 2_000_000n

/** Cuts off the last digit: premiums are whole tens of won (National Treasury Act 47). */
export function floor10(amount: bigint): bigint {
  return amount - (amount % 10n)
}

/** The premiums of a month; INSURANCE_MONTH_INVALID, INSURANCE_PAY_TOO_LARGE, or INSURANCE_RATE_UNDECIDED naming what lacks. */
export function computePremium(input: PremiumInput): Premium | Failure {
  const { month, pay, cover } = input
  if (!isCivilMonth(month)) return failure(InsuranceError.MONTH_INVALID, { month })
  if (pay < 0n || pay > PAY_MAX) return failure(InsuranceError.PAY_TOO_LARGE, { pay: pay.toString() })
  const read = rateReader(input)
  const parts = [
    cover.pension ? pensionLines(pay, read) : [],
    cover.health ? healthLines(pay, read) : [],
    cover.employment ? employmentLines(input, read) : [],
    cover.accident ? accidentLines(input, read) : [],
  ]
  const lines: PremiumLine[] = []
  for (const part of parts) {
    if (isFailure(part)) return part
    lines.push(...part)
  }
  const counted = lines.filter(({ code }) => code !== 'WAGE_CLAIM_LEVY')
  const sum = (side: 'worker' | 'employer', of: readonly PremiumLine[]): bigint => of.reduce((all, line) => all + line[side], 0n)
  const employerTotal = sum('employer', counted)
  return { month, pay, lines, workerTotal: sum('worker', counted), employerTotal, levy: sum('employer', lines) - employerTotal }
}

type Lines = readonly PremiumLine[] | Failure

const clamp = (value: bigint, lo: bigint, hi: bigint): bigint => (value < lo ? lo : value > hi ? hi : value)

// The base is cut to thousands first and then kept within the bounds of the year from July (National Pension Act 88, decree 5).
function pensionLines(pay: bigint, read: RateReader): Lines {
  const rates = readAll(read, ['insurance.nps.ratePpm', 'insurance.nps.lo', 'insurance.nps.hi'])
  if (isFailure(rates)) return rates
  const [rate, lo, hi] = rates
  const base = clamp(pay - (pay % 1_000n), lo, hi)
  const side = floor10((base * rate) / BOTH)
  const law = 'National Pension Act 88(3)'
  return [{ code: 'PENSION', base, numer: rate, denom: BOTH, worker: side, employer: side, law }]
}

// The bounds are those of one side's premium (National Health Insurance Act 69(6)); care is taken on what results.
function healthLines(pay: bigint, read: RateReader): Lines {
  const rates = readAll(read, [
    ...(['insurance.nhis.ratePpm', 'insurance.nhis.lo', 'insurance.nhis.hi'] as const),
    ...(['insurance.ltc.numer', 'insurance.ltc.denom'] as const),
  ])
  if (isFailure(rates)) return rates
  const [rate, lo, hi, numer, denom] = rates
  const side = clamp(floor10((pay * rate) / BOTH), lo, hi)
  const care = floor10((side * numer) / denom)
  const health = { code: 'HEALTH' as const, base: pay, numer: rate, denom: BOTH, worker: side, employer: side }
  return [
    { ...health, law: 'National Health Insurance Act 69, 76' },
    { code: 'CARE', base: side, numer, denom, worker: care, employer: care, law: 'Long-Term Care Insurance Act 9' },
  ]
}

// Each part is cut to tens by itself. Who was hired at 65 or later has no unemployment part (Employment Insurance Act 10(2)).
function employmentLines({ pay, cover, size }: PremiumInput, read: RateReader): Lines {
  const rates = readAll(read, ['insurance.ei.ratePpm', `insurance.ei.stabPpm.${size}`])
  if (isFailure(rates)) return rates
  const [rate, stab] = rates
  const side = floor10((pay * rate) / PPM)
  const law = 'Employment and Accident Premium Collection Act 13'
  const own = { code: 'EMPLOYMENT' as const, base: pay, numer: rate, denom: PPM, worker: side, employer: side, law }
  const employer = floor10((pay * stab) / PPM)
  return [
    ...(cover.unemployment ? [own] : []),
    { code: 'STABILISATION', base: pay, numer: stab, denom: PPM, worker: 0n, employer, law },
  ]
}

// Industry and way to work are one rate, cut once; the levy of the wage-claim fund is its own line.
function accidentLines({ pay, industry }: PremiumInput, read: RateReader): Lines {
  const rates = readAll(read, [`insurance.iaci.ppm.${industry}`, 'insurance.iaci.commutePpm', 'insurance.levyPpm'])
  if (isFailure(rates)) return rates
  const [own, commute, levy] = rates
  const numer = own + commute
  const line = { base: pay, denom: PPM, worker: 0n }
  const law = 'Employment and Accident Premium Collection Act 13(5), 14'
  return [
    { ...line, code: 'ACCIDENT', numer, employer: floor10((pay * numer) / PPM), law },
    { ...line, code: 'WAGE_CLAIM_LEVY', numer: levy, employer: floor10((pay * levy) / PPM), law: 'Wage Claim Guarantee Act 9' },
  ]
}
