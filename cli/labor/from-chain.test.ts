import { describe, expect, it } from 'vitest'
import type { Json } from '../../core/codec/schema.ts'
import { textContextOf } from '../../core/execution/init-genesis.ts'
import { NO_INSURANCE } from '../../modules/labor/insurance-port.ts'
import { laborCompute, laborPayslip } from '../../modules/labor/pay-queries.ts'
import { PayslipSchema } from '../../modules/labor/pay-schema.ts'
import { computeMonth } from '../../modules/labor/payslip.ts'
import { createPayslipIssue } from '../../modules/labor/payslip-issue.ts'
import { BOSS, goTo, openLaborCity, termsOf, work, workNovember } from '../../test/labor-bench.ts'
import { breakdownFromJson, breakdownOfPayslip } from './from-chain.ts'

const TEXT = textContextOf('devnet')

describe('a month of a contract on a chain', () => {
  it('comes out of JSON-RPC as the engine computed it, and a payslip with the same lines and articles', () => {
    const city = openLaborCity(20261023)
    const contractId = workNovember(city)
    const ask = { contractId: `0x${contractId}`, ym: 202611 }
    const computed = breakdownFromJson(city.ask(laborCompute, ask))
    expect(computed).toEqual(computeMonth(city.view, { contractId, ym: 202611 }))
    goTo(city, 20261202)
    const deductions = [{ code: 'INCOME_TAX', krw: 9_650n }]
    const payload = { contractId, ym: 202611, gross: 1_073_280n, extras: [], deductions }
    expect(city.run(createPayslipIssue(NO_INSURANCE), { sender: BOSS, payload }).failure).toBe(null)
    const { payslip } = city.ask(laborPayslip, { ...ask, seq: null }) as { payslip: Json }
    const read = PayslipSchema.fromJson(payslip, TEXT, 'labor_payslip')
    expect(breakdownOfPayslip(read, computed)).toEqual(computed)
    expect(read.deductions).toEqual(deductions)
  })

  it('keeps cuts, fractions and holidays of a monthly wage', () => {
    const city = openLaborCity(20261023)
    const monthly = { wageKind: 'MONTHLY' as const, ordinaryHourly: 10_500n, fixedPay: 1_100_000n }
    const contractId = workNovember(city, { ...termsOf(), ...monthly, startOn: 20261026 })
    goTo(city, 20261207)
    work(city, contractId, { date: 20261206 })
    for (const ym of [202611, 202612]) {
      const computed = breakdownFromJson(city.ask(laborCompute, { contractId: `0x${contractId}`, ym }))
      expect(computed).toEqual(computeMonth(city.view, { contractId, ym }))
      if (ym === 202612) expect(computed.cuts.map(({ code }) => code)).toEqual(['ABSENCE'])
    }
  })
})
