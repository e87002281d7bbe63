import { describe, expect, it } from 'vitest'
import { ALICE, BOSS, codeOf, goTo, openLaborCity, workNovember } from '../../test/labor-bench.ts'
import { textOf } from '../../test/room-bench.ts'
import type { RoomBench } from '../../test/room-bench.ts'
import type { Hash32 } from '../../core/base/ids.ts'
import { availableWon } from '../payment/keeper.ts'
import { redemptions } from '../payment/store.ts'
import { escrowFund } from './escrow.ts'
import { NO_INSURANCE } from './insurance-port.ts'
import { wagePay } from './pay.ts'
import { laborArrears, laborCompute, laborDue, laborEscrow, laborPayslip } from './pay-queries.ts'
import { createPayslipIssue, payslipAccept } from './payslip-issue.ts'

const issue = createPayslipIssue(NO_INSURANCE)
const GROSS = 1_073_280n

type Line = { readonly code: string; readonly krw: string; readonly formula: string; readonly law: string }
const linesOf = (city: RoomBench, contractId: Hash32, ym: number): readonly Line[] =>
  (city.ask(laborCompute, { contractId: `0x${contractId}`, ym }) as unknown as { lines: Line[] }).lines
const dueOf = (city: RoomBench, contractId: Hash32, ym = 202611) =>
  city.ask(laborDue, { contractId: `0x${contractId}`, ym }) as {
    due: Record<string, unknown>
    owed: string
    interestSoFar: string
  }
const pay = (city: RoomBench, contractId: Hash32, amount: bigint, more: object = {}) =>
  city.run(wagePay, {
    sender: BOSS,
    payload: { contractId, ym: 202611, payee: ALICE, currency: 'KRW', amount, source: 'WALLET' as const, ...more },
  })

describe('November 2026 at the café: Monday to Friday, four hours', () => {
  it('computes every line with its arithmetic and article: 1,073,280 won', () => {
    const city = openLaborCity(20261023)
    const contractId = workNovember(city)
    const lines = linesOf(city, contractId, 202611)
    expect(lines.map(({ code, krw }) => `${code} ${krw}`)).toEqual([
      'BASE 866880',
      ...Array.from({ length: 5 }, () => 'WEEKLY_HOLIDAY 41280'),
    ])
    expect(lines[0]).toMatchObject({ formula: '10320 won/h x 5040 min / 60', law: 'LSA-43(1);MWA-6(1)' })
    expect(city.broken()).toEqual([])
  })

  it('issues the payslip, pays it in won to the worker, and asks the won beyond the holding limit back from the bank', () => {
    const city = openLaborCity(20261023)
    const contractId = workNovember(city)
    goTo(city, 20261202)
    const payload = { contractId, ym: 202611, gross: GROSS, extras: [], deductions: [] }
    expect(codeOf(city.run(issue, { sender: BOSS, payload: { ...payload, gross: GROSS - 1n } }))).toBe('LABOR_PAYSLIP_BELOW_DUE')
    const issued = city.run(issue, { sender: BOSS, payload })
    expect(issued.events).toEqual([
      { name: 'labor.payslipIssued', payload: { contractId, ym: 202611, seq: 1, isAutomatic: false } },
    ])
    expect(dueOf(city, contractId)).toMatchObject({ due: { state: 'DUE', dueOn: 20261210 }, owed: '1073280' })
    expect(codeOf(city.run(payslipAccept, { sender: ALICE, payload: { contractId, ym: 202611, seq: 1 } }))).toBe('ok')
    const before = availableWon(city.view, ALICE)
    expect(codeOf(pay(city, contractId, 500_000n))).toBe('ok')
    expect(dueOf(city, contractId)).toMatchObject({ due: { state: 'PART_PAID' }, owed: '573280' })
    const paid = pay(city, contractId, 573_280n)
    expect(paid.events.map(({ name }) => name)).toEqual(['payment.transferred', 'payment.redeemRequested', 'labor.wagePaid'])
    expect(before).toBe(500_000n)
    expect(availableWon(city.view, ALICE)).toBe(1_000_000n)
    expect(redemptions.get(city.view, paid.txId)?.amount).toBe(573_280n)
    expect(dueOf(city, contractId)).toMatchObject({ due: { state: 'PAID', paid: '1073280' }, owed: '0' })
    expect(city.broken()).toEqual([])
  })

  it('makes the payslip by itself on payday and pays it out of what was set aside', () => {
    const city = openLaborCity(20261023)
    const contractId = workNovember(city)
    expect(codeOf(city.run(escrowFund, { sender: BOSS, payload: { contractId, amount: 3_000_000n } }))).toBe('ok')
    goTo(city, 20261209)
    const events = goTo(city, 20261210, 1)
    expect(events.map(({ name }) => name)).toEqual([
      'labor.payslipIssued',
      'payment.transferred',
      'payment.redeemRequested',
      'labor.wagePaid',
    ])
    expect(dueOf(city, contractId)).toMatchObject({ due: { state: 'PAID', paid: '1073280' } })
    const { held } = city.ask(laborEscrow, { contractId: `0x${contractId}` }) as { held: string }
    // October's six days were paid on 10 November, before anything was set aside: they are still open.
    expect(held).toBe('1926720')
    expect(city.ask(laborPayslip, { contractId: `0x${contractId}`, ym: 202611 })).toMatchObject({
      payslip: { isAutomatic: true, gross: '1073280', net: '1073280', workMinutes: 5_040 },
    })
    expect(city.broken()).toEqual([])
  })

  it('tells the day after the payday that wages are late, and adds 12,351 won of interest to 21 days', () => {
    const city = openLaborCity(20261023)
    const contractId = workNovember(city)
    goTo(city, 20261210)
    const late = goTo(city, 20261211, 1)
    expect(late).toEqual([{ name: 'labor.wageOverdue', payload: { contractId, ym: 202611, dueOn: 20261210 } }])
    goTo(city, 20261231)
    expect(dueOf(city, contractId)).toMatchObject({ due: { state: 'ARREARS' }, owed: '1073280', interestSoFar: '12351' })
    expect(codeOf(pay(city, contractId, GROSS + 12_352n))).toBe('LABOR_WAGE_EXCEEDS')
    const paid = pay(city, contractId, GROSS)
    expect(paid.events.map(({ name }) => name)).toContain('labor.interestAccrued')
    expect(dueOf(city, contractId)).toMatchObject({ due: { state: 'PAID', interestDue: '12351' }, owed: '0' })
    expect(city.ask(laborArrears, { did: textOf('alice') })).toMatchObject({ months: [{ ym: 202610 }, { ym: 202611 }] })
    expect(codeOf(pay(city, contractId, 12_351n))).toBe('ok')
    expect(dueOf(city, contractId)).toMatchObject({ due: { interestDue: '0', interestPaid: '12351' } })
    expect(city.broken()).toEqual([])
  })
})
