import { describe, expect, it } from 'vitest'
import {
  ALICE,
  BOB,
  BOSS,
  BRN,
  DAVE,
  FOUR_HOURS,
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
import type { Hash32 } from '../../core/base/ids.ts'
import { ZERO_HASH } from '../../core/base/ids.ts'
import type { RoomBench } from '../../test/room-bench.ts'
import { createAccept } from './accept.ts'
import { amendPropose, createAmendAccept } from './amend.ts'
import { decline, withdraw } from './answer.ts'
import { escrowRelease } from './escrow.ts'
import { guardianConsent } from './guardian-consent.ts'
import { NO_INSURANCE } from './insurance-port.ts'
import { guardianTerminate, notice } from './notice.ts'
import { offer } from './offer.ts'
import { laborGetContract } from './queries.ts'
import { createVoid, settle } from './settle.ts'
import { shiftClose, shiftOpen } from './shift-clock.ts'
import { createShiftConfirm, shiftPropose } from './shift-propose.ts'
import { createShiftCorrect, shiftDispute } from './shift-dispute.ts'
import type { Terms } from './terms-schema.ts'

const accept = createAccept(NO_INSURANCE)
const confirm = createShiftConfirm(NO_INSURANCE)
const correct = createShiftCorrect(NO_INSURANCE)
const TEXT = hashOf('text')

/** Code and the named detail of a refused offer. */
function offered(more: Partial<Terms>, said: { minor?: typeof MINOR } = {}): string {
  const { failure } = makeOffer(openLaborCity(), { terms: termsOf(more), minor: said.minor ?? null })
  const { field, day } = failure?.detail ?? {}
  const named = field ?? (typeof day === 'string' ? day : '')
  return failure === null ? 'ok' : `${failure.code} ${named}`.trim()
}

const week = (times: Terms['schedule'][number], days = 5): Terms['schedule'] =>
  Array.from({ length: 7 }, (_, dow) => (dow < days ? times : null))
const young = (more: Partial<Terms> = {}, minor: typeof MINOR = MINOR): string =>
  offered({ ageBand: 'UNDER_18', ...more }, { minor })
const answer = (city: RoomBench, contractId: Hash32, sender = ALICE, more = {}) =>
  city.run(accept, { sender, payload: { contractId, docHash: TEXT, isAdult: true, ...more } })

describe('an offer is refused', () => {
  it.each<[keyof Terms, unknown]>([
    ['placeCommit', ZERO_HASH],
    ['dutiesCommit', ZERO_HASH],
    ['docCommit', ZERO_HASH],
    ['startOn', 0],
    ['schedule', week(null)],
    ['ordinaryHourly', 0n],
    ['payDay', 0],
    ['monthlyScheduledMin', 0],
  ])('LABOR_TERM_MISSING without %s', (field, value) => {
    expect(offered({ [field]: value })).toBe(`LABOR_TERM_MISSING ${field}`)
  })

  it('LABOR_TERM_MISSING without the text, a fixed pay, or a minor’s papers', () => {
    const city = openLaborCity()
    const payload = { worker: ALICE, brn: BRN, workplaceId: 'M', minor: null, docHash: ZERO_HASH, terms: termsOf() }
    expect(city.run(offer, { sender: BOSS, payload }).failure).toMatchObject({
      code: 'LABOR_TERM_MISSING',
      detail: { field: 'docHash' },
    })
    expect(offered({ wageKind: 'MONTHLY' })).toBe('LABOR_TERM_MISSING fixedPay')
    expect(offered({ ageBand: 'UNDER_18' })).toBe('LABOR_TERM_MISSING minor')
    expect(young({}, { ...MINOR, familyCommit: ZERO_HASH })).toBe('LABOR_TERM_MISSING minor.familyCommit')
  })

  it.each<[string, Partial<Terms>]>([
    ['startOn', { startOn: 20261131 }],
    ['endOn', { endOn: 20261130 }],
    ['schedule', { schedule: week(FOUR_HOURS).slice(0, 6) }],
    ['schedule', { schedule: week(at(23, 48), 6).map((day, dow) => (dow === 5 ? at(8, 12) : day)) }],
    ['weeklyHolidayDow', { weeklyHolidayDow: 7 }],
    ['weeklyHolidayDow', { weeklyHolidayDow: 0 }],
    ['weekStartDow', { weekStartDow: 7 }],
    ['fixedPay', { fixedPay: 1n }],
    ['components', { components: [{ code: 'MEAL', krw: 0n, basis: 'PER_DAY' }] }],
    ['payDay', { payDay: 32 }],
    ['payMonthOffset', { payMonthOffset: 0 }],
    ['payMonthOffset', { payMonthOffset: 2 }],
    ['probationMonths', { probationMonths: 13 }],
    ['insuranceFlags', { insuranceFlags: 16 }],
    ['forbiddenClauses', { forbiddenClauses: ['PENALTY', 'PENALTY'] }],
  ])('LABOR_TERM_INVALID for %s', (field, terms) => {
    expect(offered(terms)).toBe(`LABOR_TERM_INVALID ${field}`)
  })

  it('LABOR_SELF_CONTRACT and LABOR_BRN_INVALID', () => {
    const city = openLaborCity()
    expect(codeOf(makeOffer(city, { worker: BOSS }))).toBe('LABOR_SELF_CONTRACT')
    const payload = { worker: ALICE, brn: '0000000000', workplaceId: 'M', minor: null, docHash: TEXT, terms: termsOf() }
    expect(codeOf(city.run(offer, { sender: BOSS, payload }))).toBe('LABOR_BRN_INVALID')
  })

  it('LABOR_BELOW_MIN_WAGE by the year of the first day, nine tenths in probation, a month’s pay by its hours', () => {
    expect(offered({ ordinaryHourly: 10_319n })).toBe('LABOR_BELOW_MIN_WAGE')
    expect(offered({ ordinaryHourly: 10_320n, startOn: 20270101 })).toBe('LABOR_BELOW_MIN_WAGE')
    expect(offered({ ordinaryHourly: 9_288n, probationMonths: 3 })).toBe('ok')
    expect(offered({ ordinaryHourly: 9_287n, probationMonths: 3 })).toBe('LABOR_BELOW_MIN_WAGE')
    expect(offered({ ordinaryHourly: 9_288n, probationMonths: 3, simpleLabor: true })).toBe('LABOR_BELOW_MIN_WAGE')
    const monthly = { wageKind: 'MONTHLY', ordinaryHourly: 1n } as const
    expect(offered({ ...monthly, fixedPay: 1_076_229n })).toBe('ok')
    expect(offered({ ...monthly, fixedPay: 1_076_228n })).toBe('LABOR_BELOW_MIN_WAGE')
    expect(offered({ premiumPpm: 499_999 })).toBe('LABOR_BELOW_MIN_WAGE premiumPpm')
  })

  it('LABOR_BREAK_SHORT below 30 minutes in 4 hours, 60 in 8, and for a break outside of the day', () => {
    expect(offered({ schedule: week(at(9, 13)) })).toBe('LABOR_BREAK_SHORT MON')
    expect(offered({ schedule: week({ startMin: 540, endMin: 779, breaks: [] }) })).toBe('ok')
    expect(offered({ schedule: week(at(9, 18, [180, 59])) })).toBe('LABOR_BREAK_SHORT MON')
    expect(offered({ schedule: week(at(9, 18, [180, 60])) })).toBe('ok')
    expect(offered({ schedule: week({ ...at(9, 14), breaks: [{ startMin: 500, endMin: 560 }] }) })).toBe('LABOR_BREAK_SHORT MON')
  })

  it('LABOR_HOURS_LIMIT above 8 hours a day and 40 a week at a workplace of five and more', () => {
    expect(offered({ schedule: week(at(9, 19, [180, 60])) })).toBe('LABOR_HOURS_LIMIT MON')
    expect(offered({ schedule: week(at(9, 18, [180, 60]), 6) })).toBe('LABOR_HOURS_LIMIT week')
    expect(offered({ schedule: week(at(9, 18, [180, 60]), 6), headcount: 'LT5' })).toBe('ok')
  })

  it('LABOR_HOURS_LIMIT where four on paper would be five in fact', () => {
    const city = openLaborCity()
    const long = termsOf({ headcount: 'LT5', schedule: week(at(9, 18, [180, 60]), 6) })
    for (let i = 0; i < 4; i++) hire(city, { terms: long })
    expect(codeOf(makeOffer(city, { terms: long }))).toBe('LABOR_HOURS_LIMIT')
  })

  it('LABOR_MINOR_LIMIT above 7 hours a day, 35 a week, and at night', () => {
    expect(young()).toBe('ok')
    expect(young({ schedule: week(at(9, 17, [180, 30])) })).toBe('LABOR_MINOR_LIMIT MON')
    expect(young({ schedule: week(at(9, 16, [180, 60]), 6) })).toBe('LABOR_MINOR_LIMIT week')
    expect(young({ schedule: week(at(19, 23, [120, 30])) })).toBe('LABOR_MINOR_LIMIT MON')
    expect(young({ schedule: week(at(5, 9, [120, 30])), headcount: 'LT5' })).toBe('LABOR_MINOR_LIMIT MON')
  })

  it('LABOR_MINOR_PERMIT under 15, or in middle school, without a permit', () => {
    expect(young({}, { ...MINOR, needsPermit: true })).toBe('LABOR_MINOR_PERMIT')
    expect(young({}, { ...MINOR, needsPermit: true, permitCommit: hashOf('permit') })).toBe('ok')
  })

  it.each(['PENALTY', 'ADVANCE_SETOFF', 'FORCED_SAVINGS'] as const)('LABOR_FORBIDDEN_CLAUSE: %s', (clause) => {
    expect(offered({ forbiddenClauses: [clause] })).toBe('LABOR_FORBIDDEN_CLAUSE')
  })
})

describe('signing is refused', () => {
  it('LABOR_CONTRACT_UNKNOWN, LABOR_NOT_PARTY, LABOR_HASH_MISMATCH, LABOR_CONTRACT_STATE', () => {
    const city = openLaborCity()
    expect(codeOf(answer(city, hashOf('nothing')))).toBe('LABOR_CONTRACT_UNKNOWN')
    const { txId } = makeOffer(city)
    expect(codeOf(answer(city, txId, BOB))).toBe('LABOR_NOT_PARTY')
    expect(codeOf(answer(city, txId, ALICE, { docHash: hashOf('another text') }))).toBe('LABOR_HASH_MISMATCH')
    expect(codeOf(city.run(withdraw, { sender: ALICE, payload: { contractId: txId } }))).toBe('LABOR_NOT_PARTY')
    expect(codeOf(city.run(decline, { sender: ALICE, payload: { contractId: txId } }))).toBe('ok')
    expect(codeOf(answer(city, txId))).toBe('LABOR_CONTRACT_STATE')
    expect(city.ask(laborGetContract, { contractId: `0x${txId}`, version: 1 })).toBe('LABOR_VERSION_UNKNOWN')
    expect(city.broken()).toEqual([])
  })

  it('LABOR_OFFER_EXPIRED after seven days, and the day after the offer is gone', () => {
    const city = openLaborCity()
    const { txId } = makeOffer(city)
    goTo(city, 20261202, 541)
    expect(codeOf(answer(city, txId))).toBe('LABOR_OFFER_EXPIRED')
    expect(goTo(city, 20261203, 1)).toEqual([{ name: 'labor.contractClosed', payload: { contractId: txId, state: 'EXPIRED' } }])
    expect(city.broken()).toEqual([])
  })

  it('for a minor: LABOR_GUARDIAN_CANNOT_SIGN, LABOR_CONSENT_MISSING, LABOR_NOT_GUARDIAN, LABOR_NOT_MINOR, LABOR_MINOR_UNDECLARED', () => {
    const city = openLaborCity()
    const { txId } = makeOffer(city, { terms: termsOf({ ageBand: 'UNDER_18' }), minor: MINOR })
    const consent = { contractId: txId, consentCommit: hashOf('consent') }
    expect(codeOf(answer(city, txId, DAVE))).toBe('LABOR_GUARDIAN_CANNOT_SIGN')
    expect(codeOf(city.run(decline, { sender: DAVE, payload: { contractId: txId } }))).toBe('LABOR_GUARDIAN_CANNOT_SIGN')
    expect(codeOf(answer(city, txId, ALICE, { isAdult: false }))).toBe('LABOR_CONSENT_MISSING')
    expect(codeOf(city.run(guardianConsent, { sender: BOB, payload: consent }))).toBe('LABOR_NOT_GUARDIAN')
    expect(codeOf(city.run(guardianConsent, { sender: DAVE, payload: { ...consent, consentCommit: ZERO_HASH } }))).toBe(
      'LABOR_TERM_MISSING',
    )
    expect(codeOf(city.run(guardianConsent, { sender: DAVE, payload: consent }))).toBe('ok')
    expect(codeOf(answer(city, txId, ALICE, { isAdult: false }))).toBe('ok')
    const plain = makeOffer(city, { worker: BOB })
    expect(codeOf(city.run(guardianConsent, { sender: DAVE, payload: { ...consent, contractId: plain.txId } }))).toBe(
      'LABOR_NOT_MINOR',
    )
    expect(codeOf(answer(city, plain.txId, BOB, { isAdult: false }))).toBe('LABOR_MINOR_UNDECLARED')
    const ending = { contractId: txId, endOn: 20261215, reasonCommit: null }
    expect(codeOf(city.run(guardianTerminate, { sender: BOB, payload: ending }))).toBe('LABOR_NOT_GUARDIAN')
    expect(codeOf(city.run(guardianTerminate, { sender: DAVE, payload: ending }))).toBe('ok')
    expect(city.broken()).toEqual([])
  })
})

describe('a change is refused', () => {
  const change = (
    city: RoomBench,
    contractId: Hash32,
    said: { from?: number; terms?: Partial<Terms>; by?: typeof ALICE } = {},
  ) => {
    const { from = 20261214, terms = {}, by = BOSS } = said
    const payload = { contractId, effectiveFrom: from, docHash: hashOf('second text'), terms: termsOf(terms) }
    return city.run(amendPropose, { sender: by, payload })
  }

  it('LABOR_AMEND_FIXED for the first day, a day before it, and an age that was not said', () => {
    const city = openLaborCity()
    const contractId = hire(city)
    expect(codeOf(change(city, contractId, { terms: { startOn: 20261202 } }))).toBe('LABOR_AMEND_FIXED')
    expect(codeOf(change(city, contractId, { from: 20261130 }))).toBe('LABOR_AMEND_FIXED')
    expect(codeOf(change(city, contractId, { terms: { ageBand: 'UNDER_18' } }))).toBe('LABOR_AMEND_FIXED')
    expect(codeOf(change(city, contractId, { terms: { ordinaryHourly: 10_000n } }))).toBe('LABOR_BELOW_MIN_WAGE')
  })

  it('LABOR_RETROACTIVE_REDUCTION for pay taken away before the day it is proposed', () => {
    const city = openLaborCity()
    const contractId = hire(city, { terms: termsOf({ ordinaryHourly: 12_000n }) })
    goTo(city, 20261215)
    const less = { ordinaryHourly: 11_000n }
    expect(codeOf(change(city, contractId, { from: 20261210, terms: less }))).toBe('LABOR_RETROACTIVE_REDUCTION')
    expect(codeOf(change(city, contractId, { from: 20261215, terms: less }))).toBe('ok')
    expect(codeOf(change(city, contractId, { from: 20261210, terms: { ordinaryHourly: 13_000n } }))).toBe('ok')
  })

  it('LABOR_DRAFT_MISSING for one’s own proposal or none, and LABOR_HASH_MISMATCH for another text', () => {
    const city = openLaborCity()
    const contractId = hire(city)
    const take = createAmendAccept(NO_INSURANCE)
    const payload = { contractId, docHash: hashOf('second text') }
    expect(codeOf(city.run(take, { sender: ALICE, payload }))).toBe('LABOR_DRAFT_MISSING')
    change(city, contractId)
    expect(codeOf(city.run(take, { sender: BOSS, payload }))).toBe('LABOR_DRAFT_MISSING')
    expect(codeOf(city.run(take, { sender: ALICE, payload: { contractId, docHash: TEXT } }))).toBe('LABOR_HASH_MISMATCH')
    expect(codeOf(city.run(take, { sender: ALICE, payload }))).toBe('ok')
  })

  it('LABOR_VERSION_LIMIT at 64 versions', () => {
    const city = openLaborCity()
    const contractId = hire(city)
    const take = createAmendAccept(NO_INSURANCE)
    const payload = { contractId, docHash: hashOf('second text') }
    for (let version = 2; version <= 64; version++) {
      change(city, contractId)
      expect(codeOf(city.run(take, { sender: ALICE, payload }))).toBe('ok')
    }
    change(city, contractId)
    expect(codeOf(city.run(take, { sender: ALICE, payload }))).toBe('LABOR_VERSION_LIMIT')
    expect(city.broken()).toEqual([])
  })
})

describe('an end is refused', () => {
  it('LABOR_NOTICE_DATE before today and after the agreed end', () => {
    const city = openLaborCity()
    const contractId = hire(city, { terms: termsOf({ endOn: 20261231 }) })
    const end = (endOn: number) => city.run(notice, { sender: ALICE, payload: { contractId, endOn, reasonCommit: null } })
    expect(codeOf(end(20261124))).toBe('LABOR_NOTICE_DATE')
    expect(codeOf(end(20270101))).toBe('LABOR_NOTICE_DATE')
    expect(codeOf(end(20261220))).toBe('ok')
  })

  it('LABOR_NOT_SETTLED with wages unpaid, LABOR_ESCROW_HELD before the settlement, LABOR_NOT_AUTHORIZED to void', () => {
    const city = openLaborCity(20261023)
    const contractId = workNovember(city, { endOn: 20261130 })
    goTo(city, 20261201)
    expect(city.run(settle, { sender: ALICE, payload: { contractId } }).failure).toMatchObject({
      code: 'LABOR_NOT_SETTLED',
      detail: { open: 'wages of 202611' },
    })
    expect(codeOf(city.run(escrowRelease, { sender: BOSS, payload: { contractId } }))).toBe('LABOR_ESCROW_HELD')
    const ruling = { contractId, courtRefCommit: hashOf('court') }
    const cancel = createVoid(NO_INSURANCE)
    expect(codeOf(city.run(cancel, { sender: BOSS, payload: ruling }))).toBe('LABOR_NOT_AUTHORIZED')
    expect(codeOf(city.run(cancel, { sender: INSPECTOR, payload: ruling }))).toBe('ok')
  })
})

describe('a record of hours is refused', () => {
  it('LABOR_SHIFT_TOO_OLD past 31 days, LABOR_SHIFT_FUTURE, LABOR_SHIFT_OUTSIDE, LABOR_SHIFT_INVALID', () => {
    const city = openLaborCity()
    const contractId = hire(city)
    goTo(city, 20270104, 700)
    expect(codeOf(propose(city, contractId, { date: 20261203 }))).toBe('LABOR_SHIFT_TOO_OLD')
    expect(codeOf(propose(city, contractId, { date: 20261204 }))).toBe('ok')
    expect(codeOf(propose(city, contractId, { date: 20270104 }))).toBe('LABOR_SHIFT_FUTURE')
    expect(codeOf(propose(city, contractId, { date: 20261130 }))).toBe('LABOR_SHIFT_OUTSIDE')
    expect(codeOf(propose(city, contractId, { date: 20261231, times: at(12, 12) }))).toBe('LABOR_SHIFT_INVALID')
    expect(codeOf(propose(city, contractId, { date: 20261231, times: at(9, 12, [170, 20]) }))).toBe('LABOR_SHIFT_INVALID')
  })

  it('LABOR_SHIFT_OVERLAP also past midnight and with what is proposed, LABOR_SHIFT_LIMIT at 16 a day', () => {
    const city = openLaborCity()
    const contractId = hire(city)
    goTo(city, 20261210, 1_300)
    work(city, contractId, { date: 20261208, times: at(20, 26) })
    expect(codeOf(propose(city, contractId, { date: 20261209, times: at(1, 5), by: BOSS }))).toBe('LABOR_SHIFT_OVERLAP')
    expect(codeOf(propose(city, contractId, { date: 20261208, times: at(18, 21) }))).toBe('LABOR_SHIFT_OVERLAP')
    for (let hour = 2; hour < 18; hour++)
      expect(codeOf(propose(city, contractId, { date: 20261209, times: at(hour, hour + 1) }))).toBe('ok')
    expect(codeOf(propose(city, contractId, { date: 20261209, times: at(20, 21) }))).toBe('LABOR_SHIFT_LIMIT')
    expect(city.broken()).toEqual([])
  })

  it('LABOR_SHIFT_OPEN twice, LABOR_SHIFT_UNKNOWN without one, and only the side that opened it closes it', () => {
    const city = openLaborCity()
    const contractId = hire(city)
    goTo(city, 20261201)
    expect(codeOf(city.run(shiftClose, { sender: ALICE, payload: { contractId, breaks: [] } }))).toBe('LABOR_SHIFT_UNKNOWN')
    const payload = { contractId, placeCommit: null }
    expect(codeOf(city.run(shiftOpen, { sender: ALICE, payload }))).toBe('ok')
    expect(codeOf(city.run(shiftOpen, { sender: BOSS, payload }))).toBe('LABOR_SHIFT_OPEN')
    goTo(city, 20261201, 700)
    expect(codeOf(city.run(shiftClose, { sender: BOSS, payload: { contractId, breaks: [] } }))).toBe('LABOR_NOT_PARTY')
    expect(codeOf(city.run(shiftClose, { sender: ALICE, payload: { contractId, breaks: [] } }))).toBe('ok')
    expect(city.broken()).toEqual([])
  })

  it('LABOR_SHIFT_OWN for one’s own record, LABOR_SHIFT_STATE where it counts already or does not yet', () => {
    const city = openLaborCity()
    const contractId = hire(city)
    goTo(city, 20261202)
    propose(city, contractId, { date: 20261201 })
    const ref = { contractId, date: 20261201, seq: 0 }
    const statement = { kind: 'WORK' as const, times: FOUR_HOURS }
    expect(codeOf(city.run(confirm, { sender: ALICE, payload: ref }))).toBe('LABOR_SHIFT_OWN')
    expect(codeOf(city.run(shiftDispute, { sender: ALICE, payload: { ...ref, statement } }))).toBe('LABOR_SHIFT_OWN')
    expect(codeOf(city.run(correct, { sender: ALICE, payload: { ...ref, statement } }))).toBe('LABOR_SHIFT_STATE')
    expect(codeOf(city.run(confirm, { sender: BOSS, payload: { ...ref, seq: 1 } }))).toBe('LABOR_SHIFT_UNKNOWN')
    expect(codeOf(city.run(confirm, { sender: BOSS, payload: ref }))).toBe('ok')
    expect(codeOf(city.run(confirm, { sender: BOSS, payload: ref }))).toBe('LABOR_SHIFT_STATE')
    expect(
      codeOf(city.run(shiftPropose, { sender: DAVE, payload: { ...ref, date: 20261201, kind: 'WORK', times: at(20, 21) } })),
    ).toBe('LABOR_NOT_PARTY')
  })
})
