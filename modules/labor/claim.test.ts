import { describe, expect, it } from 'vitest'
import type { Hash32 } from '../../core/base/ids.ts'
import {
  ALICE,
  BOB,
  BOSS,
  CENTRE,
  codeOf,
  COMWEL,
  goTo,
  hashOf,
  INSPECTOR,
  openLaborCity,
  workNovember,
} from '../../test/labor-bench.ts'
import { textOf } from '../../test/room-bench.ts'
import type { RoomBench } from '../../test/room-bench.ts'
import { availableWon } from '../payment/keeper.ts'
import { claimFile, claimWithdraw, undeclaredReport } from './claim-file.ts'
import { claimSubrogate } from './claim-fund.ts'
import {
  claimCertify,
  claimClose,
  claimExtend,
  claimInvestigate,
  claimNotify,
  claimOrder,
  claimPaid,
  claimRefer,
} from './claim-steps.ts'
import { bandOf, historyIssue, historyRequest } from './history.ts'
import { NO_INSURANCE } from './insurance-port.ts'
import { attestCash, wagePay } from './pay.ts'
import { laborArrears, laborClaim, laborDue, laborHistory } from './pay-queries.ts'
import { laborContract } from './queries.ts'
import { createLaborRestriction } from './restriction.ts'
import { createVoid } from './settle.ts'
import { books, dues, openClaims } from './store.ts'

const GROSS = 1_073_280n
type ClaimAnswer = { readonly claim: Record<string, unknown>; readonly isTaken: boolean }
const claimOf = (city: RoomBench, caseId: Hash32): ClaimAnswer =>
  city.ask(laborClaim, { caseId: `0x${caseId}` }) as unknown as ClaimAnswer
const dueOf = (city: RoomBench, contractId: Hash32) =>
  city.ask(laborDue, { contractId: `0x${contractId}`, ym: 202611 }) as { due: Record<string, unknown>; owed: string }

/** November unpaid, the day after its payday, and a claim of it. */
function claimed(): { city: RoomBench; contractId: Hash32; caseId: Hash32 } {
  const city = openLaborCity(20261023)
  const contractId = workNovember(city)
  goTo(city, 20261210)
  goTo(city, 20261211)
  const filed = city.run(claimFile, { sender: ALICE, payload: { contractId, months: [202611], evidenceCommit: hashOf('e') } })
  expect(filed.events).toEqual([{ name: 'labor.claimStateChanged', payload: { caseId: filed.txId, state: 'FILED' } }])
  return { city, contractId, caseId: filed.txId }
}

const step = (city: RoomBench, tx: typeof claimNotify, caseId: Hash32) =>
  expect([tx.name, codeOf(city.run(tx, { sender: INSPECTOR, payload: { caseId, caseCommit: hashOf('2026-1') } }))]).toEqual([
    tx.name,
    'ok',
  ])
const order = (city: RoomBench, caseId: Hash32, dueOn: number) => {
  const payload = { caseId, caseCommit: hashOf('order'), amount: GROSS, dueOn }
  expect(codeOf(city.run(claimOrder, { sender: INSPECTOR, payload }))).toBe('ok')
}

describe('a case', () => {
  it('is no filing in law until an inspector takes it; paid on the chain it is PAID by itself, then closed', () => {
    const { city, contractId, caseId } = claimed()
    expect(claimOf(city, caseId)).toMatchObject({ isTaken: false, claim: { state: 'FILED', caseCommit: null } })
    step(city, claimNotify, caseId)
    expect(claimOf(city, caseId)).toMatchObject({ isTaken: true, claim: { state: 'NOTIFIED' } })
    step(city, claimInvestigate, caseId)
    expect(claimOf(city, caseId).claim['investigateUntil']).toBe(20270105)
    step(city, claimExtend, caseId)
    expect(claimOf(city, caseId).claim).toMatchObject({ investigateUntil: 20270130, isExtended: true })
    order(city, caseId, 20261231)
    goTo(city, 20261231)
    const payload = { contractId, ym: 202611, payee: ALICE, currency: 'KRW', amount: GROSS, source: 'WALLET' as const }
    expect(codeOf(city.run(wagePay, { sender: BOSS, payload }))).toBe('ok')
    expect(claimOf(city, caseId).claim['state']).toBe('ORDERED')
    const rest = city.run(wagePay, { sender: BOSS, payload: { ...payload, amount: 12_351n } })
    expect(rest.events.at(-1)).toEqual({ name: 'labor.claimStateChanged', payload: { caseId, state: 'PAID' } })
    step(city, claimClose, caseId)
    expect(claimOf(city, caseId).claim).toMatchObject({ state: 'CLOSED', closedOn: 20261231 })
    expect(city.broken()).toEqual([])
  })

  it('goes to the prosecution, is certified, and the fund pays in the employer’s place within its limits', () => {
    const { city, contractId, caseId } = claimed()
    for (const tx of [claimNotify, claimInvestigate]) step(city, tx, caseId)
    order(city, caseId, 20261220)
    goTo(city, 20261221)
    for (const tx of [claimRefer, claimCertify]) step(city, tx, caseId)
    const before = [availableWon(city.view, COMWEL), availableWon(city.view, ALICE)]
    const payload = { caseId, months: [{ ym: 202611, krw: 500_000n }] }
    expect(codeOf(city.run(claimSubrogate, { sender: COMWEL, payload }))).toBe('ok')
    expect([availableWon(city.view, COMWEL), availableWon(city.view, ALICE)]).toEqual([
      (before[0] ?? 0n) - 500_000n,
      (before[1] ?? 0n) + 500_000n,
    ])
    // 500,000 x 20 % x 11 days / 365, rounded up: what the employer still owes as interest.
    expect(dueOf(city, contractId)).toMatchObject({ owed: '573280', due: { subrogated: '500000', interestDue: '3014' } })
    expect(claimOf(city, caseId).claim).toMatchObject({ state: 'SUBROGATED', subrogated: '500000' })
    step(city, claimClose, caseId)
    expect(city.broken()).toEqual([])
  })

  it('is withdrawn by the worker before the certificate, and paid outside the chain only where the chain says so', () => {
    const { city, contractId, caseId } = claimed()
    expect(codeOf(city.run(claimWithdraw, { sender: BOB, payload: { caseId } }))).toBe('LABOR_NOT_PARTY')
    expect(codeOf(city.run(claimWithdraw, { sender: ALICE, payload: { caseId } }))).toBe('ok')
    expect(claimOf(city, caseId).claim['state']).toBe('WITHDRAWN')
    const cash = { contractId, ym: 202611, amount: GROSS, paidOn: 20261210 }
    expect(codeOf(city.run(attestCash, { sender: BOSS, payload: cash }))).toBe('ok')
    expect(dueOf(city, contractId).owed).toBe('1073280')
    expect(codeOf(city.run(attestCash, { sender: ALICE, payload: { ...cash, amount: GROSS - 1n } }))).toBe('ok')
    expect(dueOf(city, contractId).owed).toBe('1073280')
    city.run(attestCash, { sender: BOSS, payload: cash })
    expect(codeOf(city.run(attestCash, { sender: ALICE, payload: cash }))).toBe('ok')
    expect(dueOf(city, contractId)).toMatchObject({ owed: '0', due: { state: 'PAID', cash: '1073280', interestDue: '0' } })
    expect(city.broken()).toEqual([])
  })

  it('a report of undeclared work goes the same way without months, and its end is the inspector’s word', () => {
    const city = openLaborCity()
    const payload = { brn: '2208162517', periodCommit: hashOf('when'), evidenceCommit: hashOf('what') }
    const { txId: caseId } = city.run(undeclaredReport, { sender: BOB, payload })
    for (const tx of [claimNotify, claimInvestigate]) step(city, tx, caseId)
    order(city, caseId, 20261231)
    for (const tx of [claimPaid, claimClose]) step(city, tx, caseId)
    expect(claimOf(city, caseId).claim).toMatchObject({ state: 'CLOSED', contractId: null })
  })

  it('a void contract still owes what was worked', () => {
    const { city, contractId } = claimed()
    const ruling = { contractId, courtRefCommit: hashOf('court') }
    expect(codeOf(city.run(createVoid(NO_INSURANCE), { sender: INSPECTOR, payload: ruling }))).toBe('ok')
    expect(city.ask(laborContract, { contractId: `0x${contractId}` })).toMatchObject({ state: 'VOID', endOn: 20261211 })
    expect(dueOf(city, contractId).owed).toBe('1073280')
    const arrears = city.ask(laborArrears, { did: textOf('shop') }) as { owed: string }
    expect(BigInt(arrears.owed)).toBeGreaterThanOrEqual(GROSS)
    expect(city.broken()).toEqual([])
  })
})

describe('who may read', () => {
  const { mayRead } = createLaborRestriction(NO_INSURANCE)
  const rights = (city: RoomBench, ref: Hash32) =>
    [ALICE, BOSS, BOB, INSPECTOR, COMWEL].map(
      (account) => mayRead(city.view, { account, ref, block: city.block() })?.role ?? null,
    )

  it('a contract: the parties, an inspector with a case; a case: the employer only from the notice on', () => {
    const { city, contractId, caseId } = claimed()
    expect(rights(city, contractId)).toEqual(['WORKER', 'EMPLOYER', null, 'INSPECTOR', 'INS_COMWEL'])
    expect(rights(city, caseId)).toEqual(['WORKER', null, null, 'INSPECTOR', null])
    step(city, claimNotify, caseId)
    expect(rights(city, caseId)).toEqual(['WORKER', 'EMPLOYER', null, 'INSPECTOR', null])
    city.run(claimWithdraw, { sender: ALICE, payload: { caseId } })
    expect(rights(city, contractId)).toEqual(['WORKER', 'EMPLOYER', null, null, null])
  })
})

describe('the record of a contract’s cases', () => {
  it('is the worker’s and the inspectors’: no key of state tells the employer of a case before the notice', () => {
    const { refOfKey, mayRead, subjectsOf } = createLaborRestriction(NO_INSURANCE)
    const { city, contractId } = claimed()
    for (const key of [openClaims.keyOf(contractId), books.keyOf(contractId)]) {
      const ref = refOfKey(key) ?? ''
      const rights = [ALICE, BOSS, BOB, INSPECTOR].map(
        (account) => mayRead(city.view, { account, ref, block: city.block() })?.role,
      )
      expect(rights).toEqual(['WORKER', undefined, undefined, 'INSPECTOR'])
      expect(subjectsOf(city.view, ref)).toEqual([ALICE])
    }
    const due = refOfKey(dues.keyOf({ contractId, ym: 202611 })) ?? ''
    expect(mayRead(city.view, { account: BOSS, ref: due, block: city.block() })?.role).toBe('EMPLOYER')
  })
})

describe('the log of reads', () => {
  it('does not tell the employer of a case before the notice: not the read of an inspector, nor the case', () => {
    const { isTold } = createLaborRestriction(NO_INSURANCE)
    const { city, caseId } = claimed()
    const told = () => [ALICE, BOSS].map((account) => isTold?.(city.view, { account, caseId }))
    expect(told()).toEqual([true, false])
    step(city, claimNotify, caseId)
    expect(told()).toEqual([true, true])
    expect(isTold?.(city.view, { account: BOSS, caseId: 'PENSION' })).toBe(true)
  })
})

describe('a work history', () => {
  it('shows bands alone, hours only where they were asked for', () => {
    const city = openLaborCity(20261023)
    const contractId = workNovember(city)
    goTo(city, 20270226)
    const ask = (withHours: boolean) => {
      const { txId: requestId } = city.run(historyRequest, { sender: ALICE, payload: { contractId, withHours } })
      const payload = { requestId, credentialCommit: hashOf('credential') }
      expect(codeOf(city.run(historyIssue, { sender: CENTRE, payload }))).toBe('ok')
      return (city.ask(laborHistory, { requestId: `0x${requestId}` }) as unknown as { issued: object }).issued
    }
    expect(ask(true)).toMatchObject({ monthsFrom: 3, monthsBelow: 6, hoursFrom: 15, hoursBelow: 30 })
    expect(ask(false)).toMatchObject({ monthsFrom: 3, monthsBelow: 6, hoursFrom: null, hoursBelow: null })
    expect(bandOf(60, [0, 3, 60])).toEqual({ from: 60, below: null })
  })
})
