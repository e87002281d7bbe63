import { describe, expect, it } from 'vitest'
import type { Hash32 } from '../../core/base/ids.ts'
import {
  ALICE,
  at,
  BOB,
  BOSS,
  codeOf,
  DAVE,
  FOUR_HOURS,
  goTo,
  hashOf,
  hire,
  INSPECTOR,
  makeOffer,
  MINOR,
  openLaborCity,
  propose,
  termsOf,
  work,
  workNovember,
} from '../../test/labor-bench.ts'
import type { BenchEvent, RoomBench } from '../../test/room-bench.ts'
import { availableWon } from '../payment/keeper.ts'
import { createAccept } from './accept.ts'
import { amendPropose, createAmendAccept } from './amend.ts'
import { escrowFund } from './escrow.ts'
import { guardianConsent } from './guardian-consent.ts'
import { NO_INSURANCE } from './insurance-port.ts'
import { guardianTerminate, notice } from './notice.ts'
import { wagePay } from './pay.ts'
import { laborCompute, laborDue } from './pay-queries.ts'
import { laborContract, laborShifts } from './queries.ts'
import { settle } from './settle.ts'
import { shiftClose, shiftOpen } from './shift-clock.ts'
import { createShiftCorrect, createShiftResolve, shiftDispute } from './shift-dispute.ts'
import { flagCounts, versions, workplaces } from './store.ts'
import type { Terms } from './terms-schema.ts'

const resolve = createShiftResolve(NO_INSURANCE)
const correct = createShiftCorrect(NO_INSURANCE)
const WORKPLACE = { employer: BOSS, workplaceId: 'MAPO-1' }

const namesOf = (events: readonly BenchEvent[]): readonly string[] => events.map(({ name }) => name)
const flagsOf = (events: readonly BenchEvent[]): readonly string[] =>
  events.filter(({ name }) => name === 'labor.lawFlag').map(({ payload }) => (payload as { code: string }).code)
const shiftsOf = (city: RoomBench, contractId: Hash32, ym = 202612) =>
  (
    city.ask(laborShifts, { contractId: `0x${contractId}`, ym }) as unknown as {
      shifts: { seq: number; shift: Record<string, unknown> }[]
    }
  ).shifts
const stateOf = (city: RoomBench, contractId: Hash32) =>
  city.ask(laborContract, { contractId: `0x${contractId}` }) as {
    state: string
    flags: string[]
    version: number
    endOn: number | null
  }
const grossOf = (city: RoomBench, contractId: Hash32, ym: number): string =>
  (city.ask(laborCompute, { contractId: `0x${contractId}`, ym }) as { gross: string }).gross
type Line = { readonly code: string; readonly krw: string }
const linesOf = (city: RoomBench, contractId: Hash32, ym: number): readonly string[] =>
  (city.ask(laborCompute, { contractId: `0x${contractId}`, ym }) as unknown as { lines: Line[] }).lines.map(
    ({ code, krw }) => `${code} ${krw}`,
  )
const dueOf = (city: RoomBench, contractId: Hash32, ym: number) =>
  city.ask(laborDue, { contractId: `0x${contractId}`, ym }) as { due: Record<string, unknown>; owed: string; gross: string }
const pay = (city: RoomBench, contractId: Hash32, ym: number, amount: bigint) =>
  city.run(wagePay, {
    sender: BOSS,
    payload: { contractId, ym, payee: ALICE, currency: 'KRW', amount, source: 'WALLET' as const },
  })

describe('hours', () => {
  it('a worker’s record counts after 72 hours of the employer’s silence; the employer’s never by the worker’s', () => {
    const city = openLaborCity()
    const contractId = hire(city)
    goTo(city, 20261201, 1_200)
    propose(city, contractId, { date: 20261201 })
    propose(city, contractId, { date: 20261201, times: at(15, 19), by: BOSS })
    goTo(city, 20261204, 1_199)
    expect(shiftsOf(city, contractId).map(({ shift }) => shift['state'])).toEqual(['PROPOSED', 'PROPOSED'])
    expect(namesOf(goTo(city, 20261204, 1_200))).toEqual(['labor.shiftDeemed'])
    goTo(city, 20261220)
    expect(shiftsOf(city, contractId).map(({ shift }) => shift['state'])).toEqual(['DEEMED', 'PROPOSED'])
    expect(city.broken()).toEqual([])
  })

  it('an inspector decides a dispute; or a side gives in to what the other says last', () => {
    const city = openLaborCity()
    const contractId = hire(city)
    goTo(city, 20261202, 1_200)
    for (const date of [20261201, 20261202]) propose(city, contractId, { date })
    const less = { kind: 'WORK' as const, times: at(9, 11) }
    const middle = { kind: 'WORK' as const, times: at(9, 12) }
    for (const date of [20261201, 20261202])
      expect(codeOf(city.run(shiftDispute, { sender: BOSS, payload: { contractId, date, seq: 0, statement: less } }))).toBe('ok')
    goTo(city, 20261210)
    const first = { contractId, date: 20261201, seq: 0 }
    expect(codeOf(city.run(resolve, { sender: INSPECTOR, payload: { ...first, statement: middle } }))).toBe('ok')
    const second = { contractId, date: 20261202, seq: 0 }
    // The worker offers three hours, the employer takes it.
    expect(codeOf(city.run(resolve, { sender: ALICE, payload: { ...second, statement: middle } }))).toBe('ok')
    expect(shiftsOf(city, contractId)[1]?.shift).toMatchObject({ state: 'DISPUTED' })
    expect(codeOf(city.run(resolve, { sender: BOSS, payload: { ...second, statement: middle } }))).toBe('ok')
    expect(shiftsOf(city, contractId).map(({ shift }) => [shift['state'], shift['byInspector']])).toEqual([
      ['RESOLVED', true],
      ['RESOLVED', false],
    ])
    // 25 December is a paid holiday of its own.
    expect(linesOf(city, contractId, 202612)).toEqual(['BASE 61920', 'PAID_HOLIDAY 41280'])
    expect(city.broken()).toEqual([])
  })

  it('both correct a record: the old one stays, and what was paid follows', () => {
    const city = openLaborCity(20261023)
    const contractId = workNovember(city)
    goTo(city, 20261210)
    expect(codeOf(pay(city, contractId, 202611, 1_073_280n))).toBe('ok')
    goTo(city, 20261215)
    const payload = {
      contractId,
      date: 20261130,
      seq: 0,
      statement: { kind: 'WORK' as const, times: { ...FOUR_HOURS, endMin: 870 } },
    }
    expect(namesOf(city.run(correct, { sender: ALICE, payload }).events)).toEqual([])
    const agreed = city.run(correct, { sender: BOSS, payload })
    expect(namesOf(agreed.events)).toEqual(['labor.shiftDecided', 'labor.payslipIssued', 'labor.wageOverdue'])
    expect(shiftsOf(city, contractId, 202611).filter(({ shift }) => shift['state'] === 'SUPERSEDED')).toHaveLength(1)
    // One hour more, half of it again as a premium: 10,320 + 5,160.
    expect(dueOf(city, contractId, 202611)).toMatchObject({
      gross: '1088760',
      owed: '15480',
      due: { state: 'ARREARS', payslips: 2 },
    })
    expect(city.broken()).toEqual([])
  })

  it('clocks in and out at the block’s time, past midnight too', () => {
    const city = openLaborCity()
    const contractId = hire(city)
    goTo(city, 20261201, 1_290)
    expect(codeOf(city.run(shiftOpen, { sender: ALICE, payload: { contractId, placeCommit: hashOf('qr') } }))).toBe('ok')
    goTo(city, 20261202, 95)
    const breaks = [{ startMin: 1_380, endMin: 1_410 }]
    expect(codeOf(city.run(shiftClose, { sender: ALICE, payload: { contractId, breaks } }))).toBe('ok')
    expect(shiftsOf(city, contractId)).toMatchObject([
      { shift: { state: 'PROPOSED', times: { startMin: 1_290, endMin: 1_535, breaks } } },
    ])
    expect(namesOf(goTo(city, 20261205, 95))).toContain('labor.shiftDeemed')
    expect(city.broken()).toEqual([])
  })
})

describe('what the law sees in hours is flagged and never refused', () => {
  const seen = (times: Parameters<typeof work>[2]['times'], terms: Partial<Terms> = {}, date = 20261201): readonly string[] => {
    const city = openLaborCity()
    const contractId = hire(city, { terms: termsOf(terms) })
    goTo(city, 20261220)
    work(city, contractId, { date, ...(times === undefined ? {} : { times }) })
    expect(city.broken()).toEqual([])
    return (flagCounts.get(city.view, { ...WORKPLACE, ym: 202612 })?.flags ?? []).map(({ code }) => code)
  }

  it('BREAK_MISSING, OVER_8H, NIGHT, HOLIDAY_WORK', () => {
    expect(seen(FOUR_HOURS)).toEqual([])
    expect(seen(at(9, 13))).toEqual(['BREAK_MISSING'])
    expect(seen(at(9, 19, [180, 60]))).toEqual(['OVER_8H'])
    expect(seen(at(21, 23))).toEqual(['NIGHT'])
    expect(seen(at(9, 11), {}, 20261206)).toEqual(['HOLIDAY_WORK'])
  })

  it('OVER_40H and EXCESS_OVER_12H in a week, each told once', () => {
    const city = openLaborCity()
    const contractId = hire(city)
    goTo(city, 20261214)
    for (let date = 20261207; date <= 20261212; date++) work(city, contractId, { date, times: at(9, 18, [180, 60]) })
    const counts = flagCounts.mustGet(city.view, { ...WORKPLACE, ym: 202612 }).flags
    expect(counts.map(({ code }) => code)).toEqual(['EXCESS_OVER_12H', 'OVER_40H'])
    expect(counts.find(({ code }) => code === 'OVER_40H')?.count).toBe(1)
  })

  it('HOURS_REACH_15 where four weeks of a 14-hour contract have 15', () => {
    const schedule = [at(9, 16), at(9, 16), null, null, null, null, null].map(
      (day) => day && { ...day, breaks: [{ startMin: 720, endMin: 750 }] },
    )
    const city = openLaborCity()
    const contractId = hire(city, { terms: termsOf({ schedule, startOn: 20261130, headcount: 'LT5' }) })
    goTo(city, 20261228)
    const seenFlags: string[] = []
    for (const date of [20261130, 20261201, 20261207, 20261208, 20261214, 20261215, 20261221, 20261222])
      work(city, contractId, { date, times: at(8, 16, [180, 30]) })
    seenFlags.push(...(flagCounts.get(city.view, { ...WORKPLACE, ym: 202612 })?.flags ?? []).map(({ code }) => code))
    expect(seenFlags).toContain('HOURS_REACH_15')
  })

  it('MINOR_NIGHT and MINOR_HOURS', () => {
    const city = openLaborCity()
    const { txId: contractId } = makeOffer(city, { terms: termsOf({ ageBand: 'UNDER_18' }), minor: MINOR })
    city.run(guardianConsent, { sender: DAVE, payload: { contractId, consentCommit: hashOf('consent') } })
    const signed = { contractId, docHash: hashOf('text'), isAdult: false }
    expect(codeOf(city.run(createAccept(NO_INSURANCE), { sender: ALICE, payload: signed }))).toBe('ok')
    goTo(city, 20261210)
    work(city, contractId, { date: 20261201, times: at(13, 23, [180, 60]) })
    const codes = flagCounts.mustGet(city.view, { ...WORKPLACE, ym: 202612 }).flags.map(({ code }) => code)
    expect(codes).toEqual(['MINOR_HOURS', 'MINOR_NIGHT', 'NIGHT', 'OVER_8H'])
    const ended = city.run(guardianTerminate, { sender: DAVE, payload: { contractId, endOn: 20261211, reasonCommit: null } })
    expect(flagsOf(ended.events)).toEqual(['MINOR_TERMINATED'])
    expect(namesOf(goTo(city, 20261212, 1))).toContain('labor.contractEnded')
    expect(stateOf(city, contractId).state).toBe('ENDED')
    expect(city.broken()).toEqual([])
  })
})

describe('versions', () => {
  const amend = (city: RoomBench, contractId: Hash32, said: { from: number; terms: Partial<Terms> }) => {
    const text = hashOf(`text of ${said.from}`)
    const payload = { contractId, effectiveFrom: said.from, docHash: text, terms: termsOf({ startOn: 20261026, ...said.terms }) }
    const proposed = city.run(amendPropose, { sender: BOSS, payload })
    if (proposed.failure !== null) return codeOf(proposed)
    return codeOf(city.run(createAmendAccept(NO_INSURANCE), { sender: ALICE, payload: { contractId, docHash: text } }))
  }

  it('a raise behind hours that were worked makes payslips follow; the first version’s bytes stay', () => {
    const city = openLaborCity(20261023)
    const contractId = workNovember(city)
    const first = city.view.get(versions.keyOf({ contractId, version: 1 }))
    goTo(city, 20261210)
    expect(amend(city, contractId, { from: 20261116, terms: { ordinaryHourly: 12_000n } })).toBe('ok')
    expect(city.view.get(versions.keyOf({ contractId, version: 1 }))).toEqual(first)
    expect(stateOf(city, contractId)).toMatchObject({ version: 2 })
    // Ten days and two weekly holidays at 10,320, eleven days and three at 12,000... by the engine; and to the won here:
    const days = (hourly: number, count: number) => hourly * 4 * count
    const expected = days(10_320, 10 + 3) + days(12_000, 11 + 2)
    expect(grossOf(city, contractId, 202611)).toBe(String(expected))
    expect(dueOf(city, contractId, 202611)).toMatchObject({ gross: String(expected), due: { payslips: 2 } })
    expect(city.broken()).toEqual([])
  })

  it('a signed contract cannot be altered: nothing but a version that both sign changes a number', () => {
    const city = openLaborCity()
    const contractId = hire(city)
    const before = city.view.get(versions.keyOf({ contractId, version: 1 }))
    const payload = { contractId, effectiveFrom: 20261201, docHash: hashOf('other'), terms: termsOf({ ordinaryHourly: 11_000n }) }
    expect(codeOf(city.run(amendPropose, { sender: BOSS, payload }))).toBe('ok')
    expect(grossOf(city, contractId, 202612)).toBe(grossOf(city, contractId, 202612))
    expect(
      codeOf(city.run(createAmendAccept(NO_INSURANCE), { sender: BOSS, payload: { contractId, docHash: hashOf('other') } })),
    ).toBe('LABOR_DRAFT_MISSING')
    expect(stateOf(city, contractId).version).toBe(1)
    // The proposal falls away after seven days; the contract stands as it was signed.
    goTo(city, 20261204)
    expect(city.view.get(versions.keyOf({ contractId, version: 1 }))).toEqual(before)
    expect(stateOf(city, contractId)).toMatchObject({ state: 'ACTIVE', version: 1 })
  })
})

describe('contracts in time', () => {
  it('LATE_CONTRACT, FIXED_TERM_OVER_2Y, HEADCOUNT_GE5 are told when it is signed', () => {
    const city = openLaborCity()
    const { txId } = makeOffer(city, { terms: termsOf({ startOn: 20261123, endOn: 20281123 }) })
    const signed = { contractId: txId, docHash: hashOf('text'), isAdult: true }
    expect(flagsOf(city.run(createAccept(NO_INSURANCE), { sender: ALICE, payload: signed }).events)).toEqual([
      'LATE_CONTRACT',
      'FIXED_TERM_OVER_2Y',
    ])
    for (let i = 0; i < 3; i++) hire(city, { terms: termsOf({ headcount: 'LT5' }) })
    const fifth = hire(city, { terms: termsOf({ headcount: 'LT5' }) })
    expect(stateOf(city, fifth).flags).toEqual(['HEADCOUNT_GE5'])
    expect(workplaces.get(city.view, WORKPLACE)).toMatchObject({ active: 5, sizes: [{ headcount: 'GE5' }] })
    // Work beyond the agreed hours bears the premium from that day on, whatever the contract says.
    goTo(city, 20261202)
    work(city, fifth, { date: 20261201, times: at(9, 15) })
    expect(linesOf(city, fifth, 202612)).toEqual(['BASE 61920', 'EXCESS 10320', 'PAID_HOLIDAY 41280'])
    expect(city.broken()).toEqual([])
  })

  it('NOTICE_SHORT after three months, REASON_MISSING at a workplace of five; both stand', () => {
    const city = openLaborCity()
    const contractId = hire(city)
    goTo(city, 20270302)
    const dismissed = city.run(notice, { sender: BOSS, payload: { contractId, endOn: 20270310, reasonCommit: null } })
    expect(flagsOf(dismissed.events)).toEqual(['NOTICE_SHORT', 'REASON_MISSING'])
    expect(stateOf(city, contractId)).toMatchObject({ state: 'NOTICE', endOn: 20270310 })
    const other = hire(city, { worker: BOB, terms: termsOf({ startOn: 20270303, ordinaryHourly: 10_700n }) })
    const early = city.run(notice, { sender: BOSS, payload: { contractId: other, endOn: 20270331, reasonCommit: hashOf('why') } })
    expect(flagsOf(early.events)).toEqual([])
  })

  it('ends by its last day, is due within 14 days, settles by itself once no hours can come, returns the escrow, is archived', () => {
    const city = openLaborCity(20261023)
    const contractId = workNovember(city, { endOn: 20261130 })
    const before = availableWon(city.view, BOSS)
    city.run(escrowFund, { sender: BOSS, payload: { contractId, amount: 3_000_000n } })
    expect(goTo(city, 20261201, 1)).toEqual([
      { name: 'labor.contractEnded', payload: { contractId, endedOn: 20261130, settleBy: 20261214 } },
    ])
    const october = BigInt(dueOf(city, contractId, 202610).owed)
    expect(codeOf(pay(city, contractId, 202610, october))).toBe('ok')
    const interest = BigInt(dueOf(city, contractId, 202610).due['interestDue'] as string)
    expect(codeOf(pay(city, contractId, 202610, interest))).toBe('ok')
    expect(namesOf(goTo(city, 20261210, 1))).toContain('labor.wagePaid')
    goTo(city, 20261215)
    expect(stateOf(city, contractId).state).toBe('ENDED')
    expect(namesOf(goTo(city, 20270101))).toEqual(['labor.contractClosed', 'payment.transferred'])
    expect(stateOf(city, contractId).state).toBe('SETTLED')
    expect(availableWon(city.view, BOSS)).toBe(before - october - interest - 1_073_280n)
    for (let year = 2028; year <= 2030; year++) for (const day of [101, 401, 701, 1001]) goTo(city, year * 10_000 + day)
    expect(stateOf(city, contractId).state).toBe('ARCHIVED')
    expect(city.broken()).toEqual([])
  })

  it('a contract that ends before its payday is due 14 days after the end, and ARREARS marks what is not', () => {
    const city = openLaborCity(20261023)
    const contractId = workNovember(city, { payDay: 25 })
    city.run(notice, { sender: ALICE, payload: { contractId, endOn: 20261201, reasonCommit: null } })
    goTo(city, 20261202, 1)
    expect(namesOf(goTo(city, 20261215, 1))).toContain('labor.payslipIssued')
    expect(dueOf(city, contractId, 202611)).toMatchObject({ due: { dueOn: 20261215 } })
    const late = goTo(city, 20261216, 1)
    expect(namesOf(late)).toContain('labor.wageOverdue')
    expect(flagsOf(late)).toEqual(['ARREARS'])
    expect(stateOf(city, contractId).flags).toContain('ARREARS')
    const owed = BigInt(dueOf(city, contractId, 202611).owed)
    expect(codeOf(pay(city, contractId, 202611, owed))).toBe('ok')
    expect(codeOf(city.run(settle, { sender: ALICE, payload: { contractId } }))).toBe('LABOR_NOT_SETTLED')
    expect(city.broken()).toEqual([])
  })

  it('takes the statute’s wage where the contract’s has fallen below it: 42,800 won for four hours of 4 January 2027', () => {
    const city = openLaborCity()
    const contractId = hire(city)
    goTo(city, 20270105)
    work(city, contractId, { date: 20270104 })
    expect(linesOf(city, contractId, 202701)).toEqual(['BASE 42800', 'PAID_HOLIDAY 42800'])
    goTo(city, 20270209)
    const events = goTo(city, 20270210, 1)
    expect(namesOf(events)).toContain('labor.statutoryFloorApplied')
    expect(city.broken()).toEqual([])
  })
})
