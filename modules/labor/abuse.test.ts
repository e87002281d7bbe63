// What one account could do to everybody, or one party to the other: each case was possible once.
import { describe, expect, it } from 'vitest'
import {
  ALICE,
  BOB,
  BOSS,
  INSPECTOR,
  MINOR,
  at,
  codeOf,
  goTo,
  hashOf,
  hire,
  makeOffer,
  openLaborCity,
  propose,
  termsOf,
  work,
  workNovember,
} from '../../test/labor-bench.ts'
import { accountOf } from '../../test/room-bench.ts'
import type { RoomBench } from '../../test/room-bench.ts'
import type { Hash32 } from '../../core/base/ids.ts'
import { REGISTRY } from '../registry.ts'
import { approve } from '../governance/approve.ts'
import { propose as proposeParam } from '../governance/propose.ts'
import { availableWon } from '../payment/keeper.ts'
import { amendPropose, createAmendAccept } from './amend.ts'
import { claimFile } from './claim-file.ts'
import { countActive } from './contract.ts'
import { escrowAccount } from './escrow-account.ts'
import { escrowFund, escrowRelease } from './escrow.ts'
import { interestOn } from './due.ts'
import { NO_INSURANCE } from './insurance-port.ts'
import { guardianTerminate, notice } from './notice.ts'
import { wagePay } from './pay.ts'
import { createPayslipIssue } from './payslip-issue.ts'
import { createVoid, settle } from './settle.ts'
import { shiftClose, shiftOpen } from './shift-clock.ts'
import { createShiftConfirm, shiftPropose } from './shift-propose.ts'
import { createShiftResolve, shiftDispute } from './shift-dispute.ts'
import { books, contracts, days, dues, openClaims, openShifts, workplaces } from './store.ts'
import type { Terms } from './terms-schema.ts'
import { PREMIUM_PPM_MAX } from './terms-shape.ts'

const resolve = createShiftResolve(NO_INSURANCE)
const TEXT = hashOf('text')
const none = { kind: 'WORK' as const, times: null }
const stateOf = (city: RoomBench, contractId: Hash32) => contracts.mustGet(city.view, contractId).state
const decide = (
  city: RoomBench,
  contractId: Hash32,
  said: { date: number; sender?: typeof BOSS; times?: ReturnType<typeof at> },
) =>
  codeOf(
    city.run(resolve, {
      sender: said.sender ?? INSPECTOR,
      payload: { contractId, date: said.date, seq: 0, statement: { kind: 'WORK' as const, times: said.times ?? null } },
    }),
  )

function amend(city: RoomBench, contractId: Hash32, { from, terms }: { from: number; terms: Terms }): string {
  const payload = { contractId, effectiveFrom: from, docHash: TEXT, terms }
  const proposed = codeOf(city.run(amendPropose, { sender: BOSS, payload }))
  if (proposed !== 'ok') return proposed
  return codeOf(city.run(createAmendAccept(NO_INSURANCE), { sender: ALICE, payload: { contractId, docHash: TEXT } }))
}

describe('the due work of the city goes on', () => {
  it('no agreed surcharge is larger than a line of a payslip can hold', () => {
    const city = openLaborCity()
    const offered = makeOffer(city, { terms: termsOf({ premiumPpm: PREMIUM_PPM_MAX + 1 }) })
    expect(offered.failure).toMatchObject({ code: 'LABOR_TERM_INVALID', detail: { field: 'premiumPpm' } })
    // The largest one, on a holiday of ten hours: the payday writes its payslip.
    const contractId = hire(city, { terms: termsOf({ premiumPpm: PREMIUM_PPM_MAX }) })
    goTo(city, 20261225, 1_260)
    work(city, contractId, { date: 20261225, times: at(9, 20, [240, 60]) })
    goTo(city, 20270110)
    expect(dues.mustGet(city.view, { contractId, ym: 202612 }).payslips).toBe(1)
    expect(city.broken()).toEqual([])
  })
})

describe('a day that no calendar has', () => {
  it('is no last day: work could not be recorded, and the contract would not end for years', () => {
    const city = openLaborCity()
    const contractId = hire(city)
    const payload = { contractId, endOn: 20269999, reasonCommit: null }
    expect(codeOf(city.run(notice, { sender: BOSS, payload }))).toBe('LABOR_TERM_INVALID')
    const young = makeOffer(city, { terms: termsOf({ ageBand: 'UNDER_18' }), minor: MINOR })
    const ended = { contractId: young.txId, endOn: 20269999, reasonCommit: null }
    expect(codeOf(city.run(guardianTerminate, { sender: MINOR.guardian, payload: ended }))).toBe('LABOR_TERM_INVALID')
    expect(stateOf(city, contractId)).toBe('ACTIVE')
  })

  it('is no first day of a change', () => {
    const city = openLaborCity()
    const contractId = hire(city)
    expect(amend(city, contractId, { from: 20261299, terms: termsOf() })).toBe('LABOR_TERM_INVALID')
  })
})

/** December worked on one day, which the employer disputes; the contract has won set aside. */
function disputed(city: RoomBench): Hash32 {
  const contractId = hire(city)
  city.run(escrowFund, { sender: BOSS, payload: { contractId, amount: 200_000n } })
  goTo(city, 20261201, 1_260)
  propose(city, contractId, { date: 20261201 })
  city.run(shiftDispute, { sender: BOSS, payload: { contractId, date: 20261201, seq: 0, statement: none } })
  return contractId
}

describe('hours that nobody decided do not hold wages and escrow for ever', () => {
  it('of a void contract: an inspector decides, the wage is paid, the rest goes back', () => {
    const city = openLaborCity()
    const contractId = disputed(city)
    const payload = { contractId, courtRefCommit: hashOf('court') }
    expect(codeOf(city.run(createVoid(NO_INSURANCE), { sender: INSPECTOR, payload }))).toBe('ok')
    expect(decide(city, contractId, { date: 20261201, times: at(9, 13) })).toBe('ok')
    goTo(city, 20261215)
    city.advance(1_000)
    expect(dues.mustGet(city.view, { contractId, ym: 202612 }).state).toBe('PAID')
    expect(codeOf(city.run(escrowRelease, { sender: BOSS, payload: { contractId } }))).toBe('ok')
    expect(availableWon(city.view, escrowAccount(contractId))).toBe(0n)
    expect(city.broken()).toEqual([])
  })

  it('of a void contract: an open record is closed, and the other side confirms it', () => {
    const city = openLaborCity()
    const contractId = hire(city)
    goTo(city, 20261201)
    city.run(shiftOpen, { sender: ALICE, payload: { contractId, placeCommit: null } })
    city.run(createVoid(NO_INSURANCE), { sender: INSPECTOR, payload: { contractId, courtRefCommit: hashOf('court') } })
    goTo(city, 20261201, 780)
    expect(codeOf(city.run(shiftClose, { sender: ALICE, payload: { contractId, breaks: [] } }))).toBe('ok')
    const said = { contractId, date: 20261201, seq: 0 }
    expect(codeOf(city.run(createShiftConfirm(NO_INSURANCE), { sender: BOSS, payload: said }))).toBe('ok')
    expect(codeOf(city.run(shiftPropose, { sender: ALICE, payload: { contractId, date: 20261201, ...record } }))).toBe(
      'LABOR_CONTRACT_STATE',
    )
  })

  it('of a contract that is over: what a side left open or unanswered is decided by an inspector, by nobody else', () => {
    const city = openLaborCity()
    const contractId = hire(city)
    city.run(escrowFund, { sender: BOSS, payload: { contractId, amount: 200_000n } })
    goTo(city, 20261201, 1_260)
    // The employer's record, which the worker never answers; the worker's own, never closed.
    propose(city, contractId, { date: 20261201, by: BOSS })
    goTo(city, 20261202)
    city.run(shiftOpen, { sender: ALICE, payload: { contractId, placeCommit: null } })
    expect(decide(city, contractId, { date: 20261201 })).toBe('LABOR_SHIFT_STATE')
    city.run(notice, { sender: ALICE, payload: { contractId, endOn: 20261202, reasonCommit: null } })
    goTo(city, 20270115)
    city.advance(1_000)
    expect(stateOf(city, contractId)).toBe('ENDED')
    expect(codeOf(city.run(settle, { sender: BOSS, payload: { contractId } }))).toBe('LABOR_NOT_SETTLED')
    for (const sender of [BOSS, ALICE]) expect(decide(city, contractId, { date: 20261201, sender })).toBe('LABOR_SHIFT_STATE')
    expect(decide(city, contractId, { date: 20261201, sender: BOB })).toBe('LABOR_SHIFT_STATE')
    for (const date of [20261201, 20261202]) expect(decide(city, contractId, { date })).toBe('ok')
    expect(openShifts.has(city.view, contractId)).toBe(false)
    expect(codeOf(city.run(settle, { sender: BOSS, payload: { contractId } }))).toBe('ok')
    expect(availableWon(city.view, escrowAccount(contractId))).toBe(0n)
    expect(city.broken()).toEqual([])
  })
})

const record = { kind: 'WORK' as const, times: at(15, 16) }

describe('what an employer recorded does not keep the worker from recording', () => {
  it('gives way to the worker’s own record, which silence confirms; the employer may dispute it', () => {
    const city = openLaborCity()
    const contractId = hire(city)
    goTo(city, 20261201, 600)
    city.run(shiftOpen, { sender: BOSS, payload: { contractId, placeCommit: null } })
    goTo(city, 20261202, 1_260)
    // The employer's clock of yesterday still runs; a second record of it is refused as any other.
    propose(city, contractId, { date: 20261202, times: at(9, 10), by: BOSS })
    expect(codeOf(propose(city, contractId, { date: 20261202 }))).toBe('ok')
    expect(openShifts.has(city.view, contractId)).toBe(false)
    expect(codeOf(propose(city, contractId, { date: 20261202, times: at(10, 11), by: BOSS }))).toBe('LABOR_SHIFT_OVERLAP')
    goTo(city, 20261205, 1_260)
    const states = (date: number) => days.mustGet(city.view, { contractId, date }).shifts.map(({ state }) => state)
    expect([states(20261201), states(20261202)]).toEqual([['SUPERSEDED'], ['DEEMED']])
    expect(books.mustGet(city.view, contractId).openShifts).toBe(0)
    propose(city, contractId, { date: 20261203, by: BOSS })
    propose(city, contractId, { date: 20261203, times: at(9, 18) })
    expect(states(20261203)).toEqual(['SUPERSEDED', 'PROPOSED'])
    const own = { kind: 'WORK' as const, times: at(9, 13) }
    const payload = { contractId, date: 20261203, seq: 1, statement: own }
    expect(codeOf(city.run(shiftDispute, { sender: BOSS, payload }))).toBe('ok')
    expect(city.broken()).toEqual([])
  })

  it('fills half of a day’s places at most, so that it is never full for the worker', () => {
    const city = openLaborCity()
    const contractId = hire(city)
    goTo(city, 20261202)
    const said = [0, 1, 2, 3, 4, 5, 6, 7, 8].map((hour) =>
      codeOf(propose(city, contractId, { date: 20261201, times: at(hour, hour + 1), by: BOSS })),
    )
    expect([said.filter((code) => code === 'ok').length, said.at(-1)]).toEqual([8, 'LABOR_SHIFT_LIMIT'])
    expect(codeOf(propose(city, contractId, { date: 20261201, times: at(9, 12) }))).toBe('ok')
    expect(codeOf(propose(city, contractId, { date: 20261201, times: at(12, 13) }))).toBe('ok')
  })
})

describe('a case that no inspector has taken yet', () => {
  it('is not shown to the employer by the raw records either', () => {
    const city = openLaborCity(20261023)
    const contractId = workNovember(city)
    goTo(city, 20261211)
    city.run(claimFile, { sender: ALICE, payload: { contractId, months: [202611], evidenceCommit: hashOf('paper') } })
    const { ofKey } = REGISTRY.restrictions
    const mayRead = (key: string, account: typeof BOSS): boolean => {
      const found = ofKey(key)
      return found?.ref != null && found.restriction.mayRead(city.view, { account, ref: found.ref, block: city.block() }) !== null
    }
    for (const key of [openClaims.keyOf(contractId), books.keyOf(contractId)]) {
      expect(city.view.get(key)).not.toBe(null)
      expect([ALICE, INSPECTOR, BOSS].map((account) => mayRead(key, account))).toEqual([true, true, false])
    }
    expect(ofKey(dues.keyOf({ contractId, ym: 202611 }))?.ref).toBe(contractId)
  })
})

describe('a change that goes back', () => {
  it('takes nothing from any version that stood behind it', () => {
    const city = openLaborCity(20261201)
    const contractId = hire(city)
    goTo(city, 20261210)
    expect(amend(city, contractId, { from: 20261210, terms: termsOf({ ordinaryHourly: 13_000n }) })).toBe('ok')
    goTo(city, 20261220)
    const lower = { from: 20261205, terms: termsOf({ ordinaryHourly: 11_000n }) }
    expect(amend(city, contractId, lower)).toBe('LABOR_RETROACTIVE_REDUCTION')
    expect(amend(city, contractId, { ...lower, from: 20261220 })).toBe('ok')
    expect(amend(city, contractId, { from: 20261205, terms: termsOf({ ordinaryHourly: 13_000n }) })).toBe('ok')
  })

  it('reaches a month whose payslip was issued before its payday', () => {
    const city = openLaborCity(20261023)
    const contractId = workNovember(city)
    goTo(city, 20261202)
    const slip = { contractId, ym: 202611, gross: 1_073_280n, extras: [], deductions: [] }
    expect(codeOf(city.run(createPayslipIssue(NO_INSURANCE), { sender: BOSS, payload: slip }))).toBe('ok')
    const pay = { contractId, ym: 202611, payee: ALICE, currency: 'KRW', amount: 1_073_280n, source: 'WALLET' as const }
    expect(codeOf(city.run(wagePay, { sender: BOSS, payload: pay }))).toBe('ok')
    const more = termsOf({ startOn: 20261026, ordinaryHourly: 20_640n })
    expect(amend(city, contractId, { from: 20261105, terms: more })).toBe('ok')
    expect(dues.mustGet(city.view, { contractId, ym: 202611 }).state).toBe('PART_PAID')
    expect(city.broken()).toEqual([])
  })
})

it('a workplace that crosses the line of five every day is not one of four for good', () => {
  const city = openLaborCity()
  const contract = contracts.mustGet(city.view, hire(city))
  const key = { employer: BOSS, workplaceId: 'MAPO-1' }
  workplaces.set(city.view, key, { active: 4, sizes: [] })
  for (let day = 0; day < 1_100; day++) {
    city.advance(86_400_000)
    countActive(city.view, contract, { change: day % 2 === 0 ? 1 : -1, block: city.block() })
  }
  expect(workplaces.mustGet(city.view, key).sizes.at(-1)?.headcount).toBe('GE5')
})

it('interest after the end runs from the day that the council’s labor.finalPayDays gives', () => {
  const city = openLaborCity(20261023)
  const contractId = workNovember(city)
  const value = { kind: 'number' as const, value: 30n }
  const action = { kind: 'paramSet' as const, key: 'labor.finalPayDays', effectiveFrom: 20261201, value, sourceRef: 'law' }
  const laid = city.run(proposeParam, { sender: accountOf('city1'), payload: { action } })
  expect(codeOf(city.run(approve, { sender: accountOf('city2'), payload: { proposalId: laid.txId } }))).toBe('ok')
  city.run(notice, { sender: ALICE, payload: { contractId, endOn: 20261201, reasonCommit: null } })
  goTo(city, 20261211)
  city.advance(1_000)
  const key = { contractId, ym: 202611 }
  // As if it had fallen due before arrears bore interest in service: from then on the last day to pay counts.
  dues.set(city.view, key, { ...dues.mustGet(city.view, key), dueOn: 20251010 })
  expect(interestOn(city.view, key, { principal: 365_000n, on: 20261231 })).toBe(0n)
  expect(interestOn(city.view, key, { principal: 365_000n, on: 20270110 })).toBe(2_000n)
})
