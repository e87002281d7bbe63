import { describe, expect, it } from 'vitest'
import { addDays, DAY_MS, kstDate, kstMidnight } from '../../core/base/civil-time.ts'
import type { Address } from '../../core/base/ids.ts'
import { ZERO_HASH } from '../../core/base/ids.ts'
import { CAFE, grantOf, hashOf, openPointsCity, tagOf } from '../../test/points-bench.ts'
import { accountOf, textOf } from '../../test/room-bench.ts'
import type { Outcome, RoomBench } from '../../test/room-bench.ts'
import { createPay } from '../payment/pay.ts'
import { wallets } from '../payment/store.ts'
import { claimSurveyReward } from './claim.ts'
import { clawbackDecide, clawbackExecute, clawbackObject, clawbackOpen } from './clawback-steps.ts'
import { familySet } from './family.ts'
import { ECO, ETAX, HEALTH, SURVEY } from './fixtures.ts'
import { grantBatch } from './grant-batch.ts'
import { grant } from './grant.ts'
import { putOnPage } from './lots.ts'
import { payTax } from './pay-tax.ts'
import { POINTS_PORT } from './port.ts'
import { programmeCreate } from './prog-create.ts'
import { programmeFund } from './prog-fund.ts'
import { programmeRelease } from './prog-release.ts'
import { programmeApprove, programmeClose, programmePause, programmeResume, programmeSetBudget } from './prog-state.ts'
import { pointsBalance, pointsCapUsage, pointsClawback, pointsDebt, pointsProgrammeStats, pointsSpend } from './queries.ts'
import { addMonths } from './rules.ts'
import type { ProgrammeSpec } from './schema.ts'
import { settle } from './settle.ts'
import { owners } from './store.ts'
import { eventIdOf } from './tags.ts'
import { transfer } from './transfer.ts'

const pay = createPay(POINTS_PORT)
const NAMES = ['office', 'cityhall', 'alice', 'bob', 'city3', 'shop'] as const
const [OFFICE, HALL, ALICE, BOB, AUDITOR, SHOP] = NAMES.map(accountOf) as [Address, Address, Address, Address, Address, Address]
const codeOf = ({ failure }: Outcome): string => failure?.code ?? 'ok'
const NEW: ProgrammeSpec = { ...ETAX, programmeId: 'NEW' }
const give = (city: RoomBench, spec: ProgrammeSpec, event: string, more: Partial<Parameters<typeof grantOf>[2]> = {}) =>
  city.run(grant, { sender: OFFICE, payload: grantOf(city, spec, { to: ALICE, person: 'alice', event, ...more }) })
const payPoints = (city: RoomBench, points: bigint, sender = ALICE) =>
  city.run(pay, { sender, payload: { merchantId: CAFE, total: points, pointsPart: points, orderRef: null, qr: null } })
const balanceOf = (city: RoomBench, name: string): unknown => city.ask(pointsBalance, { account: textOf(name) })

describe('programmes', () => {
  it('go from draft to active, paused and closed, each step by whom it belongs to', () => {
    const city = openPointsCity()
    expect(codeOf(city.run(programmeCreate, { sender: ALICE, payload: NEW }))).toBe('GOVERNANCE_NOT_AUTHORIZED')
    expect(codeOf(city.run(programmeCreate, { sender: OFFICE, payload: NEW }))).toBe('ok')
    expect(codeOf(city.run(programmeCreate, { sender: OFFICE, payload: NEW }))).toBe('POINTS_PROGRAMME_EXISTS')
    expect(codeOf(give(city, NEW, 'e1'))).toBe('POINTS_PROGRAMME_INACTIVE')
    const named = { programmeId: 'NEW' }
    expect(codeOf(city.run(programmeApprove, { sender: OFFICE, payload: named }))).toBe('GOVERNANCE_NOT_AUTHORIZED')
    expect(codeOf(city.run(programmeApprove, { sender: HALL, payload: named }))).toBe('ok')
    expect(codeOf(city.run(programmeApprove, { sender: HALL, payload: named }))).toBe('POINTS_PROGRAMME_STATE')
    expect(codeOf(give(city, NEW, 'e1'))).toBe('POINTS_RESERVE_SHORT')
    expect(codeOf(city.run(programmeFund, { sender: OFFICE, payload: { ...named, amount: 500n } }))).toBe(
      'GOVERNANCE_NOT_AUTHORIZED',
    )
    expect(codeOf(city.run(programmeFund, { sender: HALL, payload: { ...named, amount: 10n ** 12n } }))).toBe(
      'PAYMENT_INSUFFICIENT',
    )
    expect(codeOf(city.run(programmeFund, { sender: HALL, payload: { ...named, amount: 500n } }))).toBe('ok')
    expect(codeOf(give(city, NEW, 'e1'))).toBe('ok')
    const because = { programmeId: 'NEW', reasonCode: 'AUDIT' }
    expect(codeOf(city.run(programmePause, { sender: AUDITOR, payload: because }))).toBe('ok')
    expect(codeOf(give(city, NEW, 'e2'))).toBe('POINTS_PROGRAMME_INACTIVE')
    expect(codeOf(payPoints(city, 100n))).toBe('ok')
    expect(codeOf(city.run(programmeResume, { sender: OFFICE, payload: because }))).toBe('ok')
    expect(codeOf(city.run(programmeClose, { sender: OFFICE, payload: because }))).toBe('ok')
    expect(codeOf(city.run(programmeResume, { sender: OFFICE, payload: because }))).toBe('POINTS_PROGRAMME_STATE')
    expect(codeOf(payPoints(city, 400n))).toBe('ok')
    expect(city.broken()).toEqual([])
  })

  it.each([
    ['table', { table: [] }],
    ['table', { table: [ETAX.table[1], ETAX.table[0]] as ProgrammeSpec['table'] }],
    ['table', { ruleKind: 'FIXED' as const }],
    ['table', { table: [{ kind: 'X', from: 0n, points: 0n }] }],
    ['startOn', { startOn: 20260230 }],
    ['endOn', { endOn: 20200101 }],
    ['expiryMonths', { expiryMonths: 121 }],
    ['budget', { budget: 0n }],
    ['capTotal', { capDay: 10n ** 13n }],
  ])('POINTS_RULE_INVALID: %s', (field, wrong) => {
    const city = openPointsCity()
    const { failure } = city.run(programmeCreate, { sender: OFFICE, payload: { ...NEW, ...wrong } })
    expect([failure?.code, failure?.detail]).toEqual(['POINTS_RULE_INVALID', { field }])
  })

  it('POINTS_BUDGET_BELOW_GRANTED and POINTS_BUDGET_EXCEEDED', () => {
    const city = openPointsCity()
    give(city, ETAX, 'e1')
    const set = (budget: bigint, sender = HALL) =>
      codeOf(city.run(programmeSetBudget, { sender, payload: { programmeId: 'ETAX', budget } }))
    expect([set(499n), set(900n, OFFICE), set(900n)]).toEqual(['POINTS_BUDGET_BELOW_GRANTED', 'GOVERNANCE_NOT_AUTHORIZED', 'ok'])
    expect(codeOf(give(city, ETAX, 'e2'))).toBe('POINTS_BUDGET_EXCEEDED')
    expect([set(1_000n), codeOf(give(city, ETAX, 'e2'))]).toEqual(['ok', 'ok'])
  })
})

describe('a grant', () => {
  it.each([
    ['POINTS_AMOUNT_ZERO', { points: 0n }],
    ['POINTS_AMOUNT_TOO_LARGE', { points: 10n ** 12n + 1n }],
    ['POINTS_RULE_MISMATCH', { points: 501n }],
    ['POINTS_RULE_MISMATCH', { tier: 9, points: 500n }],
    ['POINTS_RULE_MISMATCH', { eventKind: 'AUTOPAY' }],
    ['POINTS_EVENT_DATE', { eventDate: 20261124 }],
    ['POINTS_EVENT_DATE', { eventDate: addDays(20261123, -91) }],
    ['ok', { eventDate: addDays(20261123, -90) }],
    ['POINTS_EVENT_DATE', { eventDate: 20251231 }],
  ])('%s', (code, wrong) => {
    const city = openPointsCity()
    expect(codeOf(give(city, ETAX, 'e1', wrong))).toBe(code)
    expect(city.broken()).toEqual([])
  })

  it('POINTS_PROGRAMME_UNKNOWN, and GOVERNANCE_NOT_AUTHORIZED for another programme’s operator', () => {
    const city = openPointsCity()
    expect(codeOf(give(city, { ...ETAX, programmeId: 'NONE' }, 'e1'))).toBe('POINTS_PROGRAMME_UNKNOWN')
    const item = grantOf(city, ETAX, { to: ALICE, person: 'alice', event: 'e1' })
    expect(codeOf(city.run(grant, { sender: ALICE, payload: item }))).toBe('GOVERNANCE_NOT_AUTHORIZED')
  })

  it('POINTS_CAP_DAY, POINTS_CAP_YEAR and POINTS_CAP_TOTAL: by person and the day of the event', () => {
    const lifelong: ProgrammeSpec = { ...HEALTH, programmeId: 'LIFE', capDay: 0n, capTotal: 250n }
    const city = openPointsCity({ more: [lifelong] })
    expect([codeOf(give(city, HEALTH, 'd1')), codeOf(give(city, HEALTH, 'd2', { tier: 1 }))]).toEqual(['ok', 'POINTS_CAP_DAY'])
    // Events of several days may be posted on one day.
    expect(codeOf(give(city, HEALTH, 'd2', { tier: 1, eventDate: 20261122 }))).toBe('ok')
    expect(codeOf(give(city, ECO, 'first half', { tier: 2 }))).toBe('ok')
    expect(codeOf(give(city, ECO, 'second half', { tier: 2 }))).toBe('ok')
    expect(codeOf(give(city, ECO, 'third half', { tier: 0 }))).toBe('POINTS_CAP_YEAR')
    expect([codeOf(give(city, lifelong, 'l1')), codeOf(give(city, lifelong, 'l2')), codeOf(give(city, lifelong, 'l3'))]).toEqual([
      'ok',
      'ok',
      'POINTS_CAP_TOTAL',
    ])
    expect(city.ask(pointsCapUsage, { programmeId: 'ECO', personTag: `0x${tagOf('alice')}` })).toMatchObject({
      total: '100000',
      years: [{ year: 2026, points: '100000' }],
    })
    expect(city.broken()).toEqual([])
  })

  it('POINTS_LOT_LIMIT: 128 lots of one month, and the next month has room', () => {
    const city = openPointsCity()
    for (let i = 0; i < 128; i++) expect(codeOf(give(city, ETAX, `e${i}`, { person: `p${i}` }))).toBe('ok')
    expect(codeOf(give(city, ETAX, 'e128', { person: 'p128' }))).toBe('POINTS_LOT_LIMIT')
    expect(codeOf(give(city, ETAX, 'e128', { person: 'p128', to: BOB }))).toBe('ok')
    city.advance(30 * DAY_MS)
    expect(codeOf(give(city, ETAX, 'e129', { person: 'p129' }))).toBe('ok')
    expect(city.broken()).toEqual([])
  })
})

describe('a batch of grants', () => {
  const items = (city: RoomBench, count: number) =>
    Array.from({ length: count }, (_, i) => {
      const { programmeId, ...item } = grantOf(city, ETAX, { to: i % 2 === 0 ? ALICE : BOB, person: `p${i}`, event: `e${i}` })
      expect(programmeId).toBe('ETAX')
      return item
    })

  it('grants what it can and says of each item what became of it', () => {
    const city = openPointsCity()
    const grants = items(city, 50).map((item, i) => (i === 3 ? { ...item, points: 7n } : item))
    const twice = [...grants.slice(0, 49), { ...(grants[0] as (typeof grants)[0]) }]
    const { events } = city.run(grantBatch, { sender: OFFICE, payload: { programmeId: 'ETAX', grants: twice } })
    const rows = events.flatMap(({ payload }) => (payload as { items: { code: number; points: bigint }[] }).items)
    expect([events.length, rows.length, rows[0]?.code, rows[3]?.code, rows[49]?.code]).toEqual([2, 50, 0, 0x040a, 0x0409])
    expect(rows.reduce((sum, { points }) => sum + points, 0n)).toBe(48n * 500n)
    expect(city.ask(pointsProgrammeStats, { programmeId: 'ETAX' })).toMatchObject({ granted: '24000', grants: 48 })
    expect(city.broken()).toEqual([])
  })

  it('POINTS_BATCH_EMPTY, and GOVERNANCE_MANDATE_MISSING above points.batchMandate', () => {
    const city = openPointsCity()
    const run = (grants: ReturnType<typeof items>, programmeId = 'ETAX') =>
      codeOf(city.run(grantBatch, { sender: OFFICE, payload: { programmeId, grants } }))
    expect(run([])).toBe('POINTS_BATCH_EMPTY')
    const rich = items(city, 250).map((item) => ({ ...item, eventKind: 'SAVING', tier: 2, points: 50_000n }))
    expect(run(rich, 'ECO')).toBe('GOVERNANCE_MANDATE_MISSING')
    expect(run(rich.slice(0, 200), 'ECO')).toBe('ok')
  })
})

describe('spending', () => {
  it('POINTS_INSUFFICIENT, and POINTS_EXPIRED before the sweep too', () => {
    const city = openPointsCity()
    expect(codeOf(payPoints(city, 1n))).toBe('POINTS_INSUFFICIENT')
    give(city, ETAX, 'e1')
    expect(codeOf(payPoints(city, 501n))).toBe('POINTS_INSUFFICIENT')
    // The index as it stands when a block comes after midnight and its sweep has not come so far.
    const yesterday = addDays(kstDate(city.block().time), -1)
    putOnPage(city.view, { owner: ALICE, lotId: 99, expiresOn: yesterday, points: 10n, isNew: true, today: yesterday })
    expect(codeOf(payPoints(city, 501n))).toBe('POINTS_EXPIRED')
    expect(codeOf(payPoints(city, 500n))).toBe('ok')
  })

  it('POINTS_TOO_MANY_LOTS: 256 lots in one payment', () => {
    const city = openPointsCity()
    const give100 = (i: number, to = ALICE) => give(city, HEALTH, `w${i}`, { person: `p${i}`, to })
    for (let i = 0; i < 100; i++) give100(i)
    city.advance(31 * DAY_MS)
    for (let i = 100; i < 200; i++) give100(i)
    city.advance(31 * DAY_MS)
    for (let i = 200; i < 257; i++) expect(codeOf(give100(i))).toBe('ok')
    expect(codeOf(payPoints(city, 25_601n))).toBe('POINTS_TOO_MANY_LOTS')
    const { events } = payPoints(city, 25_600n)
    expect(events.map(({ name }) => name)).toEqual(['points.spent', 'points.spent', 'payment.paid'])
    expect(balanceOf(city, 'alice')).toMatchObject({ balance: '100' })
    expect(city.broken()).toEqual([])
  })

  it('tells of a merchant that takes more points than points.alarmDay, once a day', () => {
    const city = openPointsCity({ funding: 100_000_000n })
    for (let i = 0; i < 80; i++) give(city, ECO, `e${i}`, { person: `p${i}`, tier: 2 })
    expect(payPoints(city, 3_000_000n).events.map(({ name }) => name)).not.toContain('points.merchantAlarm')
    expect(payPoints(city, 1n).events.map(({ name }) => name)).toContain('points.merchantAlarm')
    expect(payPoints(city, 1n).events.map(({ name }) => name)).not.toContain('points.merchantAlarm')
  })

  it('POINTS_SPEND_UNKNOWN for a payment without points; a tax needs points', () => {
    const city = openPointsCity()
    expect(city.ask(pointsSpend, { payId: `0x${hashOf('x')}` })).toBe('POINTS_SPEND_UNKNOWN')
    expect(codeOf(city.run(payTax, { sender: ALICE, payload: { taxRefCommit: ZERO_HASH, points: 5n } }))).toBe(
      'POINTS_INSUFFICIENT',
    )
  })
})

describe('a transfer', () => {
  const send = (city: RoomBench, programmeId: string, points: bigint, to = BOB) =>
    codeOf(city.run(transfer, { sender: ALICE, payload: { to, programmeId, points } }))

  it('POINTS_TRANSFER_FORBIDDEN, POINTS_SELF_TRANSFER and POINTS_TRANSFER_LIMIT', () => {
    const city = openPointsCity()
    give(city, ECO, 'half', { tier: 2 })
    give(city, HEALTH, 'walk')
    expect([send(city, 'HEALTH', 100n), send(city, 'ECO', 100n), send(city, 'ETAX', 1n, ALICE)]).toEqual([
      'POINTS_TRANSFER_FORBIDDEN',
      'POINTS_TRANSFER_FORBIDDEN',
      'POINTS_SELF_TRANSFER',
    ])
    const pair = { programmeId: 'ECO', a: BOB, b: ALICE }
    const relate = (related: boolean, sender = OFFICE) => codeOf(city.run(familySet, { sender, payload: { ...pair, related } }))
    expect([relate(true, ALICE), relate(true)]).toEqual(['GOVERNANCE_NOT_AUTHORIZED', 'ok'])
    expect(codeOf(city.run(familySet, { sender: OFFICE, payload: { ...pair, a: ALICE, related: true } }))).toBe(
      'POINTS_SELF_TRANSFER',
    )
    expect(send(city, 'ECO', 40_000n)).toBe('ok')
    expect([relate(false), send(city, 'ECO', 1n)]).toEqual(['ok', 'POINTS_TRANSFER_FORBIDDEN'])
    owners.set(city.view, ALICE, { ...owners.mustGet(city.view, ALICE), sent: 100_000n })
    expect(send(city, 'ETAX', 1n)).toBe('POINTS_TRANSFER_LIMIT')
    expect(city.broken()).toEqual([])
  })

  it('POINTS_LOT_LIMIT: a grant splits into 64 lots, and crumbs never fill the room of grants', () => {
    const city = openPointsCity()
    give(city, ETAX, 'e1')
    for (let i = 0; i < 63; i++) expect(send(city, 'ETAX', 1n)).toBe('ok')
    expect(send(city, 'ETAX', 1n)).toBe('POINTS_LOT_LIMIT')
    give(city, ETAX, 'e2', { person: 'p2' })
    expect(codeOf(payPoints(city, 437n))).toBe('ok')
    for (let i = 0; i < 33; i++) expect(send(city, 'ETAX', 1n)).toBe('ok')
    expect(send(city, 'ETAX', 1n)).toBe('POINTS_LOT_LIMIT')
    expect(codeOf(give(city, ETAX, 'e3', { person: 'bob', to: BOB }))).toBe('ok')
    expect(city.broken()).toEqual([])
  })
})

describe('a clawback', () => {
  const open = (city: RoomBench, points: bigint, event = 'e1') => {
    const payload = { programmeId: 'ETAX', eventId: eventIdOf('ETAX', event), points, reasonCode: 'ERROR', caseCommit: ZERO_HASH }
    return city.run(clawbackOpen, { sender: OFFICE, payload })
  }
  const execute = (city: RoomBench, caseId: Outcome['txId']) => city.run(clawbackExecute, { sender: BOB, payload: { caseId } })
  const object = (city: RoomBench, caseId: Outcome['txId'], sender = ALICE) =>
    codeOf(city.run(clawbackObject, { sender, payload: { caseId, objectionCommit: ZERO_HASH } }))
  const decide = (city: RoomBench, caseId: Outcome['txId'], points: bigint, sender = AUDITOR) =>
    codeOf(city.run(clawbackDecide, { sender, payload: { caseId, points, reasonCode: 'X' } }))
  const debtOf = (city: RoomBench): unknown => city.ask(pointsDebt, { programmeId: 'ETAX', personTag: `0x${tagOf('alice')}` })

  it('takes what is left of the grant, makes a debt of what was spent, and never touches other points or won', () => {
    const city = openPointsCity()
    give(city, ETAX, 'e1', { tier: 1 })
    give(city, ECO, 'half')
    payPoints(city, 400n)
    const { txId } = open(city, 1_000n)
    expect(codeOf(execute(city, txId))).toBe('POINTS_NOTICE_RUNNING')
    city.advance(14 * DAY_MS + 1)
    expect(execute(city, txId).events[0]?.payload).toMatchObject({ step: 'EXECUTED', taken: 600n, owed: 400n })
    expect(codeOf(execute(city, txId))).toBe('POINTS_CLAWBACK_STATE')
    expect([debtOf(city), balanceOf(city, 'alice')]).toMatchObject([{ debt: '400' }, { balance: '10000' }])
    expect(give(city, ETAX, 'e2').events[0]?.payload).toMatchObject({ points: 500n, offset: 400n, lotId: 2 })
    expect(debtOf(city)).toEqual({ debt: '0' })
    expect(city.ask(pointsClawback, { caseId: `0x${txId}` })).toMatchObject({ state: 'EXECUTED', taken: '600', owed: '400' })
    expect(city.broken()).toEqual([])
  })

  it('follows a grant that was transferred, and asks nothing for points that expired', () => {
    const short: ProgrammeSpec = { ...ETAX, programmeId: 'ETAX2', expiryMonths: 1 }
    const city = openPointsCity({ more: [short] })
    give(city, short, 'e1')
    city.run(transfer, { sender: ALICE, payload: { to: BOB, programmeId: 'ETAX2', points: 200n } })
    const payload = { programmeId: 'ETAX2', eventId: eventIdOf('ETAX2', 'e1'), reasonCode: 'X', caseCommit: ZERO_HASH }
    const first = city.run(clawbackOpen, { sender: OFFICE, payload: { ...payload, points: 400n } })
    city.advance(15 * DAY_MS)
    expect(execute(city, first.txId).events[0]?.payload).toMatchObject({ taken: 400n, owed: 0n })
    expect(balanceOf(city, 'bob')).toMatchObject({ balance: '100' })
    const second = city.run(clawbackOpen, { sender: OFFICE, payload: { ...payload, points: 100n } })
    city.advance(40 * DAY_MS)
    expect(execute(city, second.txId).events[0]?.payload).toMatchObject({ taken: 0n, owed: 0n })
    expect(city.broken()).toEqual([])
  })

  it('POINTS_CLAWBACK_EXCEEDS_GRANT, POINTS_GRANT_UNKNOWN, POINTS_CLAWBACK_UNKNOWN', () => {
    const city = openPointsCity()
    give(city, ETAX, 'e1')
    expect([codeOf(open(city, 501n)), codeOf(open(city, 300n)), codeOf(open(city, 201n))]).toEqual([
      'POINTS_CLAWBACK_EXCEEDS_GRANT',
      'ok',
      'POINTS_CLAWBACK_EXCEEDS_GRANT',
    ])
    expect([codeOf(open(city, 1n, 'e9')), codeOf(execute(city, hashOf('x')))]).toEqual([
      'POINTS_GRANT_UNKNOWN',
      'POINTS_CLAWBACK_UNKNOWN',
    ])
  })

  it('POINTS_NOT_OWNER and POINTS_NOTICE_OVER; an objection waits for the auditor, who may uphold a part', () => {
    const city = openPointsCity()
    give(city, ETAX, 'e1')
    const [first, second] = [open(city, 200n).txId, open(city, 300n).txId]
    expect([object(city, first, BOB), object(city, first), object(city, first)]).toEqual([
      'POINTS_NOT_OWNER',
      'ok',
      'POINTS_CLAWBACK_STATE',
    ])
    city.advance(15 * DAY_MS)
    expect([object(city, second), codeOf(execute(city, first))]).toEqual(['POINTS_NOTICE_OVER', 'POINTS_CLAWBACK_STATE'])
    expect([decide(city, first, 50n, OFFICE), decide(city, first, 201n), decide(city, first, 50n)]).toEqual([
      'GOVERNANCE_NOT_AUTHORIZED',
      'POINTS_CLAWBACK_EXCEEDS_GRANT',
      'ok',
    ])
    expect([decide(city, second, 0n), codeOf(execute(city, second)), codeOf(execute(city, first))]).toEqual([
      'ok',
      'POINTS_CLAWBACK_STATE',
      'ok',
    ])
    expect(balanceOf(city, 'alice')).toMatchObject({ balance: '450' })
    expect(city.broken()).toEqual([])
  })
})

describe('a settlement', () => {
  const pays = (city: RoomBench, period: number, total: bigint, more: { sender?: Address; programmeId?: string } = {}) => {
    const { sender = HALL, programmeId = 'ETAX' } = more
    return codeOf(city.run(settle, { sender, payload: { programmeId, merchantId: CAFE, period, total } }))
  }

  it('POINTS_SETTLE_PERIOD, POINTS_SETTLE_MISMATCH, POINTS_RESERVE_SHORT', () => {
    const city = openPointsCity({ funding: 1_000n })
    give(city, ETAX, 'e1')
    for (let i = 0; i < 30; i++) give(city, HEALTH, `w${i}`, { person: `p${i}` })
    payPoints(city, 3_500n)
    expect([pays(city, 20261123, 500n), pays(city, 20260230, 1n)]).toEqual(['POINTS_SETTLE_PERIOD', 'POINTS_RULE_INVALID'])
    city.advance(DAY_MS)
    expect([pays(city, 20261123, 499n), pays(city, 20261122, 0n), pays(city, 20261123, 500n, { sender: SHOP })]).toEqual([
      'POINTS_SETTLE_MISMATCH',
      'POINTS_SETTLE_PERIOD',
      'GOVERNANCE_NOT_AUTHORIZED',
    ])
    expect([pays(city, 20261123, 500n), pays(city, 20261123, 500n)]).toEqual(['ok', 'POINTS_SETTLE_PERIOD'])
    // HEALTH is backed by its budget: the treasury funds it before it pays.
    expect(pays(city, 20261123, 3_000n, { programmeId: 'HEALTH' })).toBe('POINTS_RESERVE_SHORT')
    city.run(programmeFund, { sender: HALL, payload: { programmeId: 'HEALTH', amount: 2_000n } })
    expect(pays(city, 20261123, 3_000n, { programmeId: 'HEALTH' })).toBe('ok')
    expect(city.broken()).toEqual([])
  })
})

describe('the reserve of a closed programme', () => {
  const release = (city: RoomBench, amount: bigint, said: { sender?: Address; programmeId?: string } = {}) =>
    city.run(programmeRelease, { sender: said.sender ?? HALL, payload: { programmeId: said.programmeId ?? 'ETAX', amount } })

  it('goes back to its treasury as far as no point needs it, and the rest as points go', () => {
    const city = openPointsCity({ funding: 5_000n })
    const won = (account: Address): bigint => wallets.get(city.view, account)?.balance ?? 0n
    const before = won(HALL)
    give(city, ETAX, 'e1')
    give(city, ETAX, 'e2', { tier: 1 })
    payPoints(city, 300n)
    expect(codeOf(release(city, 1n))).toBe('POINTS_PROGRAMME_STATE')
    city.run(programmeClose, { sender: OFFICE, payload: { programmeId: 'ETAX', reasonCode: 'END' } })
    expect([
      codeOf(release(city, 0n)),
      codeOf(release(city, 1n, { sender: OFFICE })),
      codeOf(release(city, 1n, { programmeId: 'NONE' })),
      codeOf(release(city, 3_501n)),
    ]).toEqual(['POINTS_AMOUNT_ZERO', 'GOVERNANCE_NOT_AUTHORIZED', 'POINTS_PROGRAMME_UNKNOWN', 'POINTS_RESERVE_SHORT'])
    expect(release(city, 3_500n).events.at(-1)).toEqual({
      ...{ name: 'points.reserveReturned', payload: { programmeId: 'ETAX', to: HALL, amount: 3_500n, reserve: 1_500n } },
    })
    expect([won(HALL) - before, codeOf(release(city, 1n))]).toEqual([3_500n, 'POINTS_RESERVE_SHORT'])
    // Points stay good: spent, settled and expired as before.
    payPoints(city, 200n)
    city.advance(DAY_MS)
    const settled = { programmeId: 'ETAX', merchantId: CAFE, period: 20261123, total: 500n }
    expect(codeOf(city.run(settle, { sender: HALL, payload: settled }))).toBe('ok')
    expect(codeOf(release(city, 1n))).toBe('POINTS_RESERVE_SHORT')
    // The sweep walks at most 400 days a block.
    for (let years = 1; years <= 5; years++) city.advanceTo(kstMidnight(addMonths(20261123, years * 12)) + 2 * DAY_MS)
    expect([codeOf(release(city, 1_001n)), codeOf(release(city, 1_000n))]).toEqual(['POINTS_RESERVE_SHORT', 'ok'])
    expect([won(HALL) - before, city.broken()]).toEqual([4_500n, []])
  })
})

describe('a reward for a survey', () => {
  it('is granted once per token, to whatever account, in programmes of tokens alone', () => {
    const city = openPointsCity()
    const tokenInput = new Uint8Array(32).fill(5)
    const claim = (more: { to?: Address; programmeId?: string; sender?: Address } = {}) => {
      const { to = BOB, programmeId = 'SURVEY', sender = OFFICE } = more
      const payload = { programmeId, to, tokenInput, tier: 0, points: 1_000n, evidenceCommit: ZERO_HASH }
      return codeOf(city.run(claimSurveyReward, { sender, payload }))
    }
    expect([claim({ sender: BOB }), claim({ programmeId: 'ETAX' }), claim(), claim({ to: ALICE })]).toEqual([
      'GOVERNANCE_NOT_AUTHORIZED',
      'POINTS_RULE_MISMATCH',
      'ok',
      'POINTS_DUPLICATE_EVENT',
    ])
    expect(codeOf(give(city, SURVEY, 'by name'))).toBe('POINTS_RULE_MISMATCH')
    expect(balanceOf(city, 'bob')).toMatchObject({ balance: '1000' })
    expect(city.broken()).toEqual([])
  })
})
