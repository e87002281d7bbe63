// Owns: social insurances of a plan's month: who must join, what it takes. Not here: the rules (modules/insurance/premium/).
import { isFailure } from '../../core/base/errors.ts'
import { coverOf, findDuties, statutoryDutyRules } from '../../modules/insurance/premium/duty.ts'
import { computePremium } from '../../modules/insurance/premium/premium.ts'
import type { Cover, PremiumLine } from '../../modules/insurance/premium/premium.ts'
import { STATUTE as RATES } from '../../modules/insurance/premium/rates.ts'
import { floorOf, fraction, times } from '../../modules/labor/wage/fraction.ts'
import { weeklyMinutes } from '../../modules/labor/wage/rate.ts'
import type { PayslipSum } from '../../sdk/payslip/document.ts'
import { grouped, ratioText } from '../../sdk/payslip/words.ts'
import { CliError, EXIT } from '../errors.ts'
import { termsOf } from './plan.ts'
import type { Plan } from './plan.ts'

/** What is taken from the wage, what the employer pays besides, and whether a rate had to be guessed. */
export type Insured = {
  readonly cover: Cover
  readonly worker: readonly PayslipSum[]
  readonly employer: readonly PayslipSum[]
  readonly isLatest: boolean
}

function sumsOf(lines: readonly PremiumLine[], side: 'worker' | 'employer'): PayslipSum[] {
  return lines.flatMap(({ code, base, numer, denom, law, ...amounts }) => {
    const won = amounts[side]
    return won === 0n ? [] : [{ code, won, formula: `${grouped(base)} × ${ratioText(numer, denom)}`, law }]
  })
}

function bandOf(age: number): 'UNDER_18' | 'FROM_18' | 'FROM_60' {
  return age < 18 ? 'UNDER_18' : age < 60 ? 'FROM_18' : 'FROM_60'
}

/** Premiums of the month where the law makes the worker join. */
export function insure(plan: Plan, gross: bigint): Insured {
  const weeklyMin = weeklyMinutes(termsOf(plan))
  const month = (count: number): number => Number(floorOf(times(fraction(count), fraction(365, 84))))
  const facts = {
    ...{ age: bandOf(plan.age), startOn: plan.startOn, endOn: plan.endOn ?? null, weeklyMin, monthlyMin: month(weeklyMin) },
    ...{ monthlyDays: month(Object.keys(plan.schedule).length), monthlyPay: gross, pensionOptIn: false },
  }
  const cover = coverOf(findDuties(facts, statutoryDutyRules(plan.month * 100 + 1)))
  if (!plan.insurance) return { cover, worker: [], employer: [], isLatest: false }
  const ask = { month: plan.month, pay: gross, cover, industry: plan.industry, size: 'UNDER_150', source: RATES } as const
  const decided = computePremium({ ...ask, undecided: 'refuse' })
  const found = isFailure(decided) ? computePremium({ ...ask, undecided: 'latest' }) : decided
  if (isFailure(found)) throw new CliError(EXIT.usage, found.code, found.text, found.detail)
  return { cover, worker: sumsOf(found.lines, 'worker'), employer: sumsOf(found.lines, 'employer'), isLatest: isFailure(decided) }
}
