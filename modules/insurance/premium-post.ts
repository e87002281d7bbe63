// Owns: insurance.premium.post and notice, and insurance.workplace.set. Not here: computing a month (month.ts), the formulas.
import { isCivilMonth } from '../../core/base/civil-time.ts'
import { failure, isFailure } from '../../core/base/errors.ts'
import type { Failure } from '../../core/base/errors.ts'
import { KEY_PURPOSES, defineTransaction } from '../../core/execution/module.ts'
import { hasRole, lawOn } from '../governance/keeper.ts'
import { agencyOf } from './enrolment.ts'
import { InsuranceError } from './errors.ts'
import { PremiumNoticed, WorkplaceClassed } from './events.ts'
import { computeMonth, inOrder, insurancesOf, NO_CLASS, postMonth, writeMonth } from './month.ts'
import { PAY_MAX } from './premium/premium.ts'
import { checkNames, findInsured } from './report.ts'
import { NoticePayload, PostPayload, WorkplacePayload } from './schema.ts'
import { premiums, workplaces } from './store.ts'

const checkMonth = (ym: number): Failure | null => (isCivilMonth(ym) ? null : failure(InsuranceError.MONTH_INVALID, { ym }))

/** Payslips post by themselves; this is for a rate that was decided later, or a report that came late. */
export const premiumPost = defineTransaction({
  type: 0x0607,
  name: 'insurance.premium.post',
  about: 'Computes a month’s premium anew from its payslip and the rates in force for it.',
  payload: PostPayload,
  keyPurpose: KEY_PURPOSES.authentication,

  checkStateless: ({ payload }) => checkMonth(payload.ym),

  checkStateful: (view, { payload, sender, block }) => {
    const { contractId, ym } = payload
    const found = findInsured(view, contractId)
    if (isFailure(found)) return found
    const { employer, worker } = found.parties
    if (sender !== employer && sender !== worker && agencyOf(view, sender, block).length === 0)
      return failure(InsuranceError.NOT_PARTY)
    const record = premiums.get(view, { contractId, ym })
    if (record === null) return failure(InsuranceError.NO_PAYSLIP, { ym })
    const undecided = computeMonth(view, { contractId, ym, pay: record.pay }).missing.find((key) => key !== NO_CLASS)
    return undecided === undefined ? null : failure(InsuranceError.RATE_UNDECIDED, { key: undecided, month: ym })
  },

  apply: (context, { payload, block }) => {
    const { pay } = premiums.mustGet(context.view, payload)
    postMonth(context, { ...payload, pay, block })
  },
})

/** What the agency asks for in truth; the next payslip of the month takes it. */
export const premiumNotice = defineTransaction({
  type: 0x0608,
  name: 'insurance.premium.notice',
  about: 'An agency’s notice of a month: its lines stand in for the computed ones.',
  payload: NoticePayload,
  keyPurpose: KEY_PURPOSES.authentication,

  checkStateless: ({ payload: { ym, lines } }) => {
    const refused = checkMonth(ym) ?? checkNames(lines.map(({ code }) => code))
    if (refused !== null) return refused
    const large = lines.find(({ worker, employer }) => worker > PAY_MAX || employer > PAY_MAX)
    return large === undefined ? null : failure(InsuranceError.AMOUNT_TOO_LARGE, { line: large.code })
  },

  checkStateful: (view, { payload, sender, block }) => {
    const { contractId, ym, lines } = payload
    const found = findInsured(view, contractId)
    if (isFailure(found)) return found
    const own = agencyOf(view, sender, block)
    const foreign = insurancesOf(lines).find((insurance) => !own.includes(insurance))
    if (foreign !== undefined) return failure(InsuranceError.LINE_FOREIGN, { insurance: foreign })
    return premiums.has(view, { contractId, ym }) ? null : failure(InsuranceError.NO_PAYSLIP, { ym })
  },

  apply: (context, { payload, sender, block }) => {
    const { contractId, ym, noticeCommit } = payload
    const record = premiums.mustGet(context.view, payload)
    const noticed = payload.lines.map((line) => ({ ...line, base: record.pay, numer: 0n, denom: 1n, isNotice: true }))
    const kept = record.lines.filter(({ code }) => !noticed.some((line) => line.code === code))
    const missing = record.missing
    writeMonth(context, { contractId, ym, pay: record.pay, block }, { lines: inOrder([...noticed, ...kept]), missing })
    context.emit(PremiumNoticed, { contractId, ym, by: sender, noticeCommit })
  },
})

/** The employer says it once; from then on COMWEL does. */
export const workplaceSet = defineTransaction({
  type: 0x0609,
  name: 'insurance.workplace.set',
  about: 'Classes a workplace by industry and size, which its accident and stabilisation rates follow from.',
  payload: WorkplacePayload,
  keyPurpose: KEY_PURPOSES.authentication,

  checkStateless: () => null,

  checkStateful: (view, { payload, sender, block }) => {
    const isAgency = hasRole(view, { account: sender, role: 'INS_COMWEL', scope: null, block })
    if (!isAgency && sender !== payload.employer) return failure(InsuranceError.NOT_EMPLOYER)
    if (!isAgency && workplaces.has(view, payload)) return failure(InsuranceError.WORKPLACE_SET)
    const { industry } = payload
    const { standing } = lawOn(view, `insurance.iaci.ppm.${industry}`, 20991231)
    return standing === 'none' ? failure(InsuranceError.INDUSTRY_UNKNOWN, { industry }) : null
  },

  apply: ({ view, emit }, { payload, sender, block }) => {
    const { employer, workplaceId, industry, size } = payload
    const byAgency = hasRole(view, { account: sender, role: 'INS_COMWEL', scope: null, block })
    workplaces.set(view, { employer, workplaceId }, { industry, size, byAgency, setAt: block.time })
    emit(WorkplaceClassed, payload)
  },
})
