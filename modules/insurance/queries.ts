// Owns: what may be asked of insurances: a contract's cover and premiums, a workplace's class, and two calculators.
// Not here: who may ask (restricted.ts).
import { isCivilDate, kstDate } from '../../core/base/civil-time.ts'
import { failure, isFailure } from '../../core/base/errors.ts'
import { list, struct } from '../../core/codec/compound.ts'
import { address, bool, code, hash32, text, u32, u64 } from '../../core/codec/fields.ts'
import { defineQuery } from '../../core/execution/module.ts'
import { paramOn } from '../governance/keeper.ts'
import { findCover } from './enrolment.ts'
import { InsuranceError } from './errors.ts'
import { dutyRulesAt, findDuties, INSURANCES } from './premium/duty.ts'
import { computePremium } from './premium/premium.ts'
import { chainRates } from './premium/rates.ts'
import {
  CoverSchema,
  DutyParams,
  InsuranceNameSchema,
  PremiumCodeSchema,
  PremiumSchema,
  ReasonSchema,
  SizeSchema,
  WorkplaceSchema,
} from './schema.ts'
import { covers, premiums, workplaces } from './store.ts'

/** The four enrolments of a contract. */
export const getCover = defineQuery({
  name: 'insurance_getCover',
  about: 'The four insurances of a contract: state, reason, days to report.',
  params: struct({ contractId: hash32 }),
  result: CoverSchema,
  run: (view, { contractId }) => findCover(view, contractId),
  keyOf: ({ contractId }) => covers.keyOf(contractId),
})

/** A month's premium. */
export const getPremium = defineQuery({
  name: 'insurance_getPremium',
  about: 'The premium of a contract for a month, line by line.',
  params: struct({ contractId: hash32, ym: u32 }),
  result: PremiumSchema,
  run: (view, key) => premiums.get(view, key) ?? failure(InsuranceError.NO_PAYSLIP, { ym: key.ym }),
  keyOf: (key) => premiums.keyOf(key),
})

/** How a workplace is classed. */
export const getWorkplace = defineQuery({
  name: 'insurance_getWorkplace',
  about: 'Industry and size by which a workplace is classed.',
  params: struct({ employer: address, workplaceId: code(16) }),
  result: WorkplaceSchema,
  run: (view, key) => workplaces.get(view, key) ?? failure(InsuranceError.WORKPLACE_UNKNOWN, { workplaceId: key.workplaceId }),
  keyOf: (key) => workplaces.keyOf(key),
})

const DutyResult = struct({
  duties: list(struct({ insurance: InsuranceNameSchema, required: bool, reason: ReasonSchema, mayOptIn: bool }), 4),
})

/** The test, for anybody, before anything is signed. */
export const duty = defineQuery({
  name: 'insurance_duty',
  about: 'Who must join which insurance, by the numbers in force today; nothing is looked up.',
  params: DutyParams,
  result: DutyResult,
  run: (view, facts, block) => {
    const wrong = [facts.startOn, facts.endOn ?? facts.startOn].find((day) => !isCivilDate(day))
    if (wrong !== undefined) return failure(InsuranceError.DATE_INVALID, { day: wrong })
    const duties = findDuties(facts, dutyRulesAt(view, block))
    return { duties: INSURANCES.map((insurance) => ({ insurance, ...duties[insurance] })) }
  },
})

const ComputeParams = struct({
  month: u32,
  pay: u64,
  ...{ pension: bool, health: bool, employment: bool, unemployment: bool, accident: bool },
  industry: code(32),
  size: SizeSchema,
})
const LineResult = struct({
  code: PremiumCodeSchema,
  ...{ base: u64, numer: u64, denom: u64, worker: u64, employer: u64 },
  law: text(96),
})
const ComputeResult = struct({
  lines: list(LineResult, 16),
  workerTotal: u64,
  employerTotal: u64,
  levy: u64,
})

/** A month's premium of any pay, by the rates that this chain has. */
export const compute = defineQuery({
  name: 'insurance_compute',
  about: 'The premium of any pay in a month, line by line with base, rate and law; nothing is looked up.',
  params: ComputeParams,
  result: ComputeResult,
  run: (view, { month, pay, industry, size, ...cover }, block) => {
    const undecided = paramOn(view, 'insurance.undecided', kstDate(block.time)) === 1n ? ('latest' as const) : ('refuse' as const)
    const found = computePremium({ month, pay, industry, size, undecided, cover, source: chainRates(view) })
    if (isFailure(found)) return found
    const { lines, workerTotal, employerTotal, levy } = found
    return { lines, workerTotal, employerTotal, levy }
  },
})

/** Every query of the room. */
export const INSURANCE_QUERIES = [getCover, getPremium, getWorkplace, duty, compute] as const
