// Owns: labor.payslip.issue, accept and object. Not here: how a payslip is made (payslip.ts), automatic ones (payday.ts).
import { isCivilMonth } from '../../core/base/civil-time.ts'
import { failure, isFailure } from '../../core/base/errors.ts'
import type { Failure } from '../../core/base/errors.ts'
import type { Infer } from '../../core/codec/schema.ts'
import { KEY_PURPOSES, defineTransaction } from '../../core/execution/module.ts'
import type { BlockEnv, TxCall } from '../../core/execution/module.ts'
import type { ReadView } from '../../core/state/view.ts'
import { paramOn } from '../governance/keeper.ts'
import { checkSide, findContractIn } from './contract.ts'
import { LaborError } from './errors.ts'
import type { InsurancePort } from './insurance-port.ts'
import { lastDay } from './months.ts'
import { PayslipAnswered } from './pay-events.ts'
import { PayslipIssuePayload, PayslipObjectPayload, PayslipRefPayload } from './pay-schema.ts'
import type { Sum } from './pay-schema.ts'
import { TAX_CODES, computeMonth, isOverMonth, issuePayslip, lastPayslip } from './payslip.ts'
import type { Contract } from './schema.ts'
import { dues, payslips } from './store.ts'
import type { MonthKey } from './store.ts'
import { checkAmount } from './terms-shape.ts'

/** Payslips of one month that an employer can issue. */
export const PAYSLIPS_MAX = 256
const PPM = 1_000_000n

/** States in which wages are accounted for. */
export const ACCOUNTED: readonly Contract['state'][] = ['ACTIVE', 'NOTICE', 'ENDED', 'VOID']

const sumOf = (parts: readonly Sum[]): bigint => parts.reduce((total, { krw }) => total + krw, 0n)

/** LABOR_PERIOD_INVALID unless it is a month. */
export function checkMonth(ym: number): Failure | null {
  return isCivilMonth(ym) ? null : failure(LaborError.PERIOD_INVALID, { ym })
}

/** The month's contract, or why the sender may not account for it. */
export function findMonth(view: ReadView, { contractId }: MonthKey): Contract | Failure {
  const contract = findContractIn(view, contractId, ACCOUNTED)
  if (isFailure(contract) || contract.version > 0) return contract
  return failure(LaborError.CONTRACT_STATE, { state: contract.state, needs: 'a signed contract' })
}

type Limits = { readonly key: MonthKey; readonly gross: bigint; readonly port: InsurancePort; readonly block: BlockEnv }

// LSA 43(1): what an insurance's room says, and taxes within the law's bound; nothing else at all.
function checkDeductions(view: ReadView, deductions: readonly Sum[], { key, gross, port, block }: Limits): Failure | null {
  const insured = port.deductions(view, { ...key, pay: gross, block })
  const bound = (gross * paramOn(view, 'labor.taxMaxPpm', lastDay(key.ym))) / PPM
  const seen = new Set<string>()
  for (const { code, krw } of deductions) {
    const isTax = (TAX_CODES as readonly string[]).includes(code)
    const most = isTax ? bound : (insured.find((line) => line.code === code)?.krw ?? 0n)
    if (seen.has(code) || krw > most) return failure(LaborError.DEDUCTION_FORBIDDEN, { code, most: most.toString() })
    seen.add(code)
  }
  const won = (code: string): bigint => deductions.find((one) => one.code === code)?.krw ?? 0n
  if (won('LOCAL_INCOME_TAX') > won('INCOME_TAX') / 10n)
    return failure(LaborError.DEDUCTION_FORBIDDEN, { code: 'LOCAL_INCOME_TAX', most: (won('INCOME_TAX') / 10n).toString() })
  return sumOf(deductions) > gross ? failure(LaborError.DEDUCTION_FORBIDDEN, { code: 'all', most: gross.toString() }) : null
}

function checkSums(view: ReadView, { payload, block }: TxCall<Infer<typeof PayslipIssuePayload>>, port: InsurancePort) {
  const { contractId, ym, gross, extras, deductions } = payload
  const key = { contractId, ym }
  const due = computeMonth(view, key).gross
  if (gross < due) return failure(LaborError.PAYSLIP_BELOW_DUE, { due: due.toString() })
  if (gross !== due + sumOf(extras))
    return failure(LaborError.PAYSLIP_SUM, { due: due.toString(), extras: sumOf(extras).toString() })
  return checkDeductions(view, deductions, { key, gross, port, block })
}

/** The employer accounts for a month that is over; a later payslip takes an earlier one's place. */
export function createPayslipIssue(port: InsurancePort) {
  return defineTransaction({
    type: 0x0513,
    name: 'labor.payslip.issue',
    about: 'The employer issues a month’s payslip: at least what hours and terms give, deductions by law alone.',
    payload: PayslipIssuePayload,
    keyPurpose: KEY_PURPOSES.assertion,

    checkStateless: ({ payload }) => {
      const sums = [...payload.extras, ...payload.deductions]
      const odd = sums.map(({ krw }) => checkAmount(krw)).find((refused) => refused !== null)
      return checkMonth(payload.ym) ?? odd ?? null
    },

    checkStateful: (view, call) => {
      const { payload, sender, block } = call
      const contract = findMonth(view, payload)
      if (isFailure(contract)) return contract
      const stranger = checkSide(contract, sender, 'EMPLOYER')
      if (stranger !== null) return stranger
      if (!isOverMonth(view, payload, block)) return failure(LaborError.PERIOD_OPEN, { ym: payload.ym })
      if ((dues.get(view, payload)?.payslips ?? 0) >= PAYSLIPS_MAX) return failure(LaborError.PAYSLIP_LIMIT)
      return checkSums(view, call, port)
    },

    apply: (context, { payload, block }) => {
      const { contractId, ym, extras, deductions } = payload
      const key = { contractId, ym }
      const breakdown = computeMonth(context.view, key)
      issuePayslip(context, key, { slip: { extras, deductions, isAutomatic: false }, breakdown, port, block })
    },
  })
}

type Ref = Infer<typeof PayslipRefPayload>

// Only the worker answers, and only the month's last payslip, once.
function checkAnswer(view: ReadView, { payload, sender }: Pick<TxCall<Ref>, 'payload' | 'sender'>): Failure | null {
  const contract = findContractIn(view, payload.contractId, [...ACCOUNTED, 'SETTLED'])
  if (isFailure(contract)) return contract
  const stranger = checkSide(contract, sender, 'WORKER')
  if (stranger !== null) return stranger
  const last = lastPayslip(view, payload)
  if (last === null || dues.mustGet(view, payload).payslips !== payload.seq) return failure(LaborError.PAYSLIP_UNKNOWN)
  return last.state === 'ISSUED' ? null : failure(LaborError.PAYSLIP_STATE, { state: last.state })
}

/** Accepting says that it was read; it waives nothing (LSA 15). */
export const payslipAccept = defineTransaction({
  type: 0x0514,
  name: 'labor.payslip.accept',
  about: 'The worker accepts a month’s last payslip; nothing that the law gives is waived by it.',
  payload: PayslipRefPayload,
  keyPurpose: KEY_PURPOSES.authentication,

  checkStateless: ({ payload }) => checkMonth(payload.ym),

  checkStateful: checkAnswer,

  apply: ({ view, emit }, { payload }) => {
    payslips.set(view, payload, { ...payslips.mustGet(view, payload), state: 'ACCEPTED' })
    const { contractId, ym, seq } = payload
    emit(PayslipAnswered, { contractId, ym, seq, accepted: true })
  },
})

/** Objecting leaves what is due as it is, and says that the worker disagrees. */
export const payslipObject = defineTransaction({
  type: 0x0515,
  name: 'labor.payslip.object',
  about: 'The worker objects to a month’s last payslip; the reason stays off the chain.',
  payload: PayslipObjectPayload,
  keyPurpose: KEY_PURPOSES.authentication,

  checkStateless: ({ payload }) => checkMonth(payload.ym),

  checkStateful: checkAnswer,

  apply: ({ view, emit }, { payload }) => {
    const { contractId, ym, seq, objectionCommit } = payload
    const key = { contractId, ym, seq }
    payslips.set(view, key, { ...payslips.mustGet(view, key), state: 'OBJECTED', objectionCommit })
    emit(PayslipAnswered, { ...key, accepted: false })
  },
})
