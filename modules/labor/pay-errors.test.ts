import { describe, expect, it } from 'vitest'
import type { Hash32 } from '../../core/base/ids.ts'
import { ZERO_HASH } from '../../core/base/ids.ts'
import {
  ALICE,
  BOB,
  BOSS,
  CENTRE,
  COMWEL,
  DAVE,
  INSPECTOR,
  codeOf,
  goTo,
  hashOf,
  hire,
  openLaborCity,
  workNovember,
} from '../../test/labor-bench.ts'
import type { RoomBench } from '../../test/room-bench.ts'
import { claimFile, claimWithdraw, undeclaredReport } from './claim-file.ts'
import { claimSubrogate } from './claim-fund.ts'
import { claimCertify, claimExtend, claimInvestigate, claimNotify, claimOrder, claimPaid, claimRefer } from './claim-steps.ts'
import { escrowFund } from './escrow.ts'
import { historyIssue, historyRequest } from './history.ts'
import { NO_INSURANCE } from './insurance-port.ts'
import type { InsurancePort } from './insurance-port.ts'
import { attestCash, wagePay } from './pay.ts'
import { createPayslipIssue, payslipAccept, payslipObject } from './payslip-issue.ts'
import { dues } from './store.ts'

const GROSS = 1_073_280n
const INSURED: InsurancePort = { ...NO_INSURANCE, deductions: () => [{ code: 'HEALTH', krw: 38_580n }] }

/** A city in December with November worked. */
function november(): { city: RoomBench; contractId: Hash32 } {
  const city = openLaborCity(20261023)
  const contractId = workNovember(city)
  goTo(city, 20261202)
  return { city, contractId }
}

type Slip = {
  gross?: bigint
  extras?: { code: string; krw: bigint }[]
  deductions?: { code: string; krw: bigint }[]
  ym?: number
}
const issue = (city: RoomBench, contractId: Hash32, { gross = GROSS, extras = [], deductions = [], ym = 202611 }: Slip = {}) =>
  city.run(createPayslipIssue(INSURED), { sender: BOSS, payload: { contractId, ym, gross, extras, deductions } })
const pay = (city: RoomBench, contractId: Hash32, more: object = {}, sender = BOSS) =>
  city.run(wagePay, {
    sender,
    payload: { contractId, ym: 202611, payee: ALICE, currency: 'KRW', amount: 1n, source: 'WALLET' as const, ...more },
  })

describe('a payslip is refused', () => {
  it('LABOR_PAYSLIP_BELOW_DUE a won below, LABOR_PAYSLIP_SUM where extras do not make up what is above', () => {
    const { city, contractId } = november()
    expect(issue(city, contractId, { gross: GROSS - 1n }).failure).toMatchObject({
      code: 'LABOR_PAYSLIP_BELOW_DUE',
      detail: { due: '1073280' },
    })
    expect(codeOf(issue(city, contractId, { gross: GROSS + 1n }))).toBe('LABOR_PAYSLIP_SUM')
    expect(codeOf(issue(city, contractId, { gross: GROSS + 50_000n, extras: [{ code: 'BONUS', krw: 50_000n }] }))).toBe('ok')
    expect(city.broken()).toEqual([])
  })

  it('LABOR_DEDUCTION_FORBIDDEN for breakage, meals, more than an insurance says, tax beyond its bound', () => {
    const { city, contractId } = november()
    const less = (...deductions: { code: string; krw: bigint }[]) => codeOf(issue(city, contractId, { deductions }))
    expect(less({ code: 'BREAKAGE', krw: 1n })).toBe('LABOR_DEDUCTION_FORBIDDEN')
    expect(less({ code: 'MEAL', krw: 30_000n })).toBe('LABOR_DEDUCTION_FORBIDDEN')
    expect(less({ code: 'HEALTH', krw: 38_590n })).toBe('LABOR_DEDUCTION_FORBIDDEN')
    expect(less({ code: 'PENSION', krw: 10n })).toBe('LABOR_DEDUCTION_FORBIDDEN')
    expect(less({ code: 'INCOME_TAX', krw: GROSS / 2n })).toBe('LABOR_DEDUCTION_FORBIDDEN')
    expect(less({ code: 'INCOME_TAX', krw: 10_000n }, { code: 'LOCAL_INCOME_TAX', krw: 1_001n })).toBe(
      'LABOR_DEDUCTION_FORBIDDEN',
    )
    expect(less({ code: 'HEALTH', krw: 10n }, { code: 'HEALTH', krw: 10n })).toBe('LABOR_DEDUCTION_FORBIDDEN')
    const lawful = [
      { code: 'HEALTH', krw: 38_580n },
      { code: 'INCOME_TAX', krw: 10_000n },
      { code: 'LOCAL_INCOME_TAX', krw: 1_000n },
    ]
    expect(less(...lawful)).toBe('ok')
    expect(dues.get(city.view, { contractId, ym: 202611 })?.withheld).toBe(49_580n)
    expect(city.broken()).toEqual([])
  })

  it('LABOR_PERIOD_OPEN before the month is over, LABOR_PERIOD_INVALID for no month, LABOR_PAYSLIP_LIMIT after 256', () => {
    const { city, contractId } = november()
    expect(codeOf(issue(city, contractId, { ym: 202612 }))).toBe('LABOR_PERIOD_OPEN')
    expect(codeOf(issue(city, contractId, { ym: 202609 }))).toBe('LABOR_PERIOD_OPEN')
    expect(codeOf(issue(city, contractId, { ym: 202613 }))).toBe('LABOR_PERIOD_INVALID')
    issue(city, contractId)
    const due = dues.mustGet(city.view, { contractId, ym: 202611 })
    dues.set(city.view, { contractId, ym: 202611 }, { ...due, payslips: 256 })
    expect(codeOf(issue(city, contractId))).toBe('LABOR_PAYSLIP_LIMIT')
  })

  it('LABOR_PAYSLIP_UNKNOWN for one that is not the last, LABOR_PAYSLIP_STATE for a second answer', () => {
    const { city, contractId } = november()
    const ref = { contractId, ym: 202611, seq: 1 }
    expect(codeOf(city.run(payslipAccept, { sender: ALICE, payload: ref }))).toBe('LABOR_PAYSLIP_UNKNOWN')
    issue(city, contractId)
    expect(codeOf(city.run(payslipAccept, { sender: ALICE, payload: { ...ref, seq: 2 } }))).toBe('LABOR_PAYSLIP_UNKNOWN')
    expect(codeOf(city.run(payslipObject, { sender: ALICE, payload: { ...ref, objectionCommit: hashOf('why') } }))).toBe('ok')
    expect(codeOf(city.run(payslipAccept, { sender: ALICE, payload: ref }))).toBe('LABOR_PAYSLIP_STATE')
  })
})

describe('a wage is refused', () => {
  it('LABOR_WAGE_NOT_CURRENCY in points, LABOR_WAGE_NOT_DIRECT to anybody else, LABOR_WAGE_EXCEEDS, amounts of nothing and too much', () => {
    const { city, contractId } = november()
    expect(codeOf(pay(city, contractId))).toBe('LABOR_PAYSLIP_UNKNOWN')
    issue(city, contractId)
    expect(codeOf(pay(city, contractId, { currency: 'POINT' }))).toBe('LABOR_WAGE_NOT_CURRENCY')
    expect(codeOf(pay(city, contractId, { payee: DAVE }))).toBe('LABOR_WAGE_NOT_DIRECT')
    expect(codeOf(pay(city, contractId, { amount: GROSS + 1n }))).toBe('LABOR_WAGE_EXCEEDS')
    expect(codeOf(pay(city, contractId, { amount: 0n }))).toBe('LABOR_AMOUNT_ZERO')
    expect(codeOf(pay(city, contractId, { amount: 10n ** 12n + 1n }))).toBe('LABOR_AMOUNT_TOO_LARGE')
    expect(codeOf(pay(city, contractId, {}, ALICE))).toBe('LABOR_NOT_PARTY')
    expect(codeOf(pay(city, contractId, { source: 'ESCROW' }))).toBe('PAYMENT_INSUFFICIENT')
    const cash = { contractId, ym: 202611, amount: 1n, paidOn: 20261203 }
    expect(codeOf(city.run(attestCash, { sender: ALICE, payload: cash }))).toBe('LABOR_PERIOD_OPEN')
    expect(codeOf(city.run(escrowFund, { sender: ALICE, payload: { contractId, amount: 1n } }))).toBe('LABOR_NOT_PARTY')
  })
})

describe('a step of a case is refused', () => {
  const file = (city: RoomBench, contractId: Hash32, months = [202611], sender = ALICE) =>
    city.run(claimFile, { sender, payload: { contractId, months, evidenceCommit: hashOf('evidence') } })

  it('LABOR_CLAIM_EMPTY, LABOR_PAYSLIP_UNKNOWN, LABOR_NOT_PARTY, LABOR_CLAIM_LIMIT', () => {
    const { city, contractId } = november()
    issue(city, contractId)
    expect(codeOf(file(city, contractId, []))).toBe('LABOR_CLAIM_EMPTY')
    expect(codeOf(file(city, contractId, [202611, 202610]))).toBe('LABOR_CLAIM_EMPTY')
    expect(codeOf(file(city, contractId, [202612]))).toBe('LABOR_PAYSLIP_UNKNOWN')
    expect(codeOf(file(city, contractId, [202611], BOB))).toBe('LABOR_NOT_PARTY')
    for (let i = 0; i < 8; i++) expect(codeOf(file(city, contractId))).toBe('ok')
    expect(codeOf(file(city, contractId))).toBe('LABOR_CLAIM_LIMIT')
  })

  it('LABOR_CLAIM_UNKNOWN, LABOR_NOT_AUTHORIZED, LABOR_CLAIM_STATE, LABOR_CLAIM_DATE, LABOR_CLAIM_UNPAID, LABOR_SUBROGATION_LIMIT', () => {
    const { city, contractId } = november()
    issue(city, contractId)
    const { txId: caseId } = file(city, contractId)
    const step = { caseId, caseCommit: hashOf('2026-1') }
    const as = { sender: INSPECTOR }
    expect(codeOf(city.run(claimNotify, { ...as, payload: { ...step, caseId: hashOf('none') } }))).toBe('LABOR_CLAIM_UNKNOWN')
    expect(codeOf(city.run(claimNotify, { sender: BOSS, payload: step }))).toBe('LABOR_NOT_AUTHORIZED')
    expect(codeOf(city.run(claimNotify, { ...as, payload: { ...step, caseCommit: ZERO_HASH } }))).toBe('LABOR_TERM_MISSING')
    expect(codeOf(city.run(claimInvestigate, { ...as, payload: step }))).toBe('LABOR_CLAIM_STATE')
    for (const tx of [claimNotify, claimInvestigate, claimExtend])
      expect(codeOf(city.run(tx, { ...as, payload: step }))).toBe('ok')
    expect(codeOf(city.run(claimExtend, { ...as, payload: step }))).toBe('LABOR_CLAIM_STATE')
    const order = { ...step, amount: GROSS, dueOn: 20261220 }
    expect(codeOf(city.run(claimOrder, { ...as, payload: { ...order, dueOn: 20261201 } }))).toBe('LABOR_CLAIM_DATE')
    expect(codeOf(city.run(claimOrder, { ...as, payload: order }))).toBe('ok')
    expect(codeOf(city.run(claimPaid, { ...as, payload: step }))).toBe('LABOR_CLAIM_UNPAID')
    expect(codeOf(city.run(claimRefer, { ...as, payload: step }))).toBe('LABOR_CLAIM_DATE')
    goTo(city, 20261221)
    expect(codeOf(city.run(claimCertify, { ...as, payload: step }))).toBe('ok')
    expect(codeOf(city.run(claimWithdraw, { sender: ALICE, payload: { caseId } }))).toBe('LABOR_CLAIM_STATE')
    const fund = (krw: bigint, ym = 202611) =>
      codeOf(city.run(claimSubrogate, { sender: COMWEL, payload: { caseId, months: [{ ym, krw }] } }))
    expect(fund(GROSS + 1n)).toBe('LABOR_SUBROGATION_LIMIT')
    expect(fund(1n, 202610)).toBe('LABOR_SUBROGATION_LIMIT')
    expect(codeOf(city.run(claimSubrogate, { sender: INSPECTOR, payload: { caseId, months: [{ ym: 202611, krw: 1n }] } }))).toBe(
      'LABOR_NOT_AUTHORIZED',
    )
    expect(fund(GROSS)).toBe('ok')
    expect(city.broken()).toEqual([])
  })

  it('a report of undeclared work names a business and commits to when and what', () => {
    const city = openLaborCity()
    const report = (more: object) => {
      const payload = { brn: '2208162517', periodCommit: hashOf('when'), evidenceCommit: hashOf('what'), ...more }
      return codeOf(city.run(undeclaredReport, { sender: BOB, payload }))
    }
    expect(report({ brn: '1234567890' })).toBe('LABOR_BRN_INVALID')
    expect(report({ periodCommit: ZERO_HASH })).toBe('LABOR_TERM_MISSING')
    expect(report({})).toBe('ok')
  })
})

describe('a work history is refused', () => {
  it('LABOR_HISTORY_UNKNOWN where nobody asked or it was issued, LABOR_NOT_AUTHORIZED to anybody but the centre', () => {
    const city = openLaborCity()
    const contractId = hire(city)
    const { txId: requestId } = city.run(historyRequest, { sender: ALICE, payload: { contractId, withHours: false } })
    const payload = { requestId, credentialCommit: hashOf('credential') }
    expect(codeOf(city.run(historyIssue, { sender: BOSS, payload }))).toBe('LABOR_NOT_AUTHORIZED')
    expect(codeOf(city.run(historyIssue, { sender: CENTRE, payload: { ...payload, requestId: hashOf('no') } }))).toBe(
      'LABOR_HISTORY_UNKNOWN',
    )
    expect(codeOf(city.run(historyIssue, { sender: CENTRE, payload }))).toBe('ok')
    expect(codeOf(city.run(historyIssue, { sender: CENTRE, payload }))).toBe('LABOR_HISTORY_UNKNOWN')
  })
})
