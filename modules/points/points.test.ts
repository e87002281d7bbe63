import { describe, expect, it } from 'vitest'
import { DAY_MS, kstDate, kstMidnight } from '../../core/base/civil-time.ts'
import type { Address } from '../../core/base/ids.ts'
import { ZERO_HASH } from '../../core/base/ids.ts'
import { CAFE, grantOf, openPointsCity } from '../../test/points-bench.ts'
import { accountOf, textOf } from '../../test/room-bench.ts'
import type { Outcome, RoomBench } from '../../test/room-bench.ts'
import { createPay } from '../payment/pay.ts'
import { createRefund } from '../payment/refund.ts'
import { wallets } from '../payment/store.ts'
import { ETAX, HEALTH } from './fixtures.ts'
import { grant } from './grant.ts'
import { payTax } from './pay-tax.ts'
import { POINTS_PORT } from './port.ts'
import { reserveAccount } from './programme.ts'
import {
  pointsBalance,
  pointsDue,
  pointsExpiring,
  pointsGrant,
  pointsLots,
  pointsProgramme,
  pointsProgrammeStats,
  pointsSpend,
} from './queries.ts'
import { addMonths, tierFor } from './rules.ts'
import type { ProgrammeSpec } from './schema.ts'
import { settle } from './settle.ts'
import { eventIdOf, personTagOf } from './tags.ts'
import { transfer } from './transfer.ts'

const pay = createPay(POINTS_PORT)
const refund = createRefund(POINTS_PORT)
const [OFFICE, HALL, SHOP, ALICE, BOB] = ['office', 'cityhall', 'shop', 'alice', 'bob'].map(accountOf) as [
  Address,
  Address,
  Address,
  Address,
  Address,
]

/** Programmes that give what an example needs: any of these amounts, living so many months. */
const example = (programmeId: string, expiryMonths: number, more: Partial<ProgrammeSpec> = {}): ProgrammeSpec => ({
  ...{ ...HEALTH, programmeId, expiryMonths, capDay: 0n, transfer: 'ANY', startOn: 20200101, reserve: 'FULL' },
  table: [300n, 500n, 600n, 3_000n].map((points) => ({ kind: `P${points}`, from: 0n, points })),
  budget: 1_000_000n,
  ...more,
})
const SHORT = example('SHORT', 2)
const LONG = example('LONG', 3)

const codeOf = ({ failure }: Outcome): string => failure?.code ?? 'ok'
const won = (city: RoomBench, account: Address): bigint => wallets.get(city.view, account)?.balance ?? 0n
const pointsOf = (city: RoomBench, name = 'alice'): unknown =>
  (city.ask(pointsBalance, { account: textOf(name) }) as { balance: string }).balance
type Parts = { readonly pointsBack: bigint; readonly krwBack: bigint }
type LotRow = { readonly lotId: number; readonly left: string; readonly expiresOn: number; readonly extended: number }
const lotsOf = (city: RoomBench, name = 'alice'): readonly LotRow[] =>
  (city.ask(pointsLots, { account: textOf(name) }) as { lots: LotRow[] }).lots
const payWith = (city: RoomBench, total: bigint, pointsPart: bigint, sender = ALICE) =>
  city.run(pay, { sender, payload: { merchantId: CAFE, total, pointsPart, orderRef: null, qr: null } })
const refundOf = (city: RoomBench, payId: Outcome['txId'], amount: bigint, refundRef: string) =>
  city.run(refund, { sender: SHOP, payload: { payId, amount, refundRef } })
const give = (city: RoomBench, spec: ProgrammeSpec, event: string, tier = 0, more: { person?: string; to?: Address } = {}) =>
  city.run(grant, { sender: OFFICE, payload: grantOf(city, spec, { to: ALICE, person: 'alice', event, tier, ...more }) })

describe('the worked examples of the points room', () => {
  it.each([
    [20261123, 20311123],
    [20240229, 20290228],
    [20210831, 20260831],
    [20251231, 20301231],
    [20261031, 20311031],
  ])('points of %i live until the end of %i', (day, last) => {
    expect(addMonths(day, 60)).toBe(last)
    const city = openPointsCity({ time: kstMidnight(day), more: [example('FIVE', 60)] })
    expect(codeOf(give(city, example('FIVE', 60), 'e1', 1))).toBe('ok')
    city.advanceTo(kstMidnight(last) + DAY_MS - 1_000)
    expect(codeOf(payWith(city, 200n, 200n))).toBe('ok')
    city.advanceTo(kstMidnight(last) + DAY_MS)
    expect(codeOf(payWith(city, 200n, 200n))).toBe('POINTS_INSUFFICIENT')
    expect(city.broken()).toEqual([])
  })

  it('clips months to their end, over years', () => {
    expect([addMonths(20261231, 2), addMonths(20261130, 3), addMonths(20270131, 1), addMonths(20261031, 14)]).toEqual([
      20270228, 20270228, 20270228, 20271231,
    ])
  })

  it('spends what expires first, of the same day the older lot first', () => {
    const city = openPointsCity({ time: kstMidnight(20261031), more: [SHORT, LONG] })
    give(city, LONG, 'a', 1)
    give(city, SHORT, 'b', 0)
    give(city, SHORT, 'c', 0)
    expect(lotsOf(city).map(({ lotId, expiresOn }) => [lotId, expiresOn])).toEqual([
      [1, 20261231],
      [2, 20261231],
      [0, 20270131],
    ])
    const paid = payWith(city, 700n, 700n)
    expect(paid.events[0]).toEqual({
      name: 'points.spent',
      payload: {
        ...{ payId: paid.txId, owner: ALICE, merchantId: CAFE, points: 700n, part: 0 },
        lots: [
          { lotId: 1, points: 300n },
          { lotId: 2, points: 300n },
          { lotId: 0, points: 100n },
        ],
      },
    })
    expect(lotsOf(city).map(({ lotId, left }) => [lotId, left])).toEqual([[0, '400']])
    expect(city.broken()).toEqual([])
  })

  it('counts caps by person, not by account: 600 and 500 of one day on two accounts are over 1,000', () => {
    const capped = example('CAPPED', 60, { capDay: 1_000n })
    const city = openPointsCity({ more: [capped] })
    expect(codeOf(give(city, capped, 'e1', 2))).toBe('ok')
    expect(codeOf(give(city, capped, 'e2', 1, { to: BOB }))).toBe('POINTS_CAP_DAY')
    expect(codeOf(give(city, capped, 'e2', 1, { to: BOB, person: 'bob' }))).toBe('ok')
    expect(city.broken()).toEqual([])
  })

  it('has Korean days: 2026-11-30T15:30Z is 2026-12-01', () => {
    const city = openPointsCity({ time: Date.UTC(2026, 10, 30, 15, 30) })
    give(city, ETAX, 'e1')
    const answer = city.ask(pointsGrant, { programmeId: 'ETAX', eventId: `0x${eventIdOf('ETAX', 'e1')}` })
    expect(answer).toMatchObject({ grantedOn: 20261201, eventDate: 20261201 })
  })

  it('grants an event once', () => {
    const city = openPointsCity()
    expect(codeOf(give(city, ETAX, 'receipt 1'))).toBe('ok')
    expect(codeOf(give(city, ETAX, 'receipt 1', 0, { to: BOB, person: 'bob' }))).toBe('POINTS_DUPLICATE_EVENT')
    expect(city.ask(pointsProgrammeStats, { programmeId: 'ETAX' })).toMatchObject({ granted: '500', grants: 1 })
  })

  it('splits refunds of 12,000 won and 3,000 points exactly', () => {
    const city = openPointsCity({ more: [LONG] })
    give(city, LONG, 'e1', 3)
    const { txId } = payWith(city, 15_000n, 3_000n)
    const parts = [1_000n, 4_999n, 9_001n].map((amount, at) => {
      const { events } = refundOf(city, txId, amount, `R${at}`)
      const parts = events.find(({ name }) => name === 'payment.refunded')?.payload as Parts | undefined
      return [parts?.pointsBack, parts?.krwBack]
    })
    expect(parts).toEqual([
      [200n, 800n],
      [999n, 4_000n],
      [1_801n, 7_200n],
    ])
    expect([pointsOf(city), won(city, ALICE)]).toEqual(['3000', 500_000n])
    expect(city.broken()).toEqual([])
  })

  it('gives 1,000 for a tax of 300,000 won with electronic notice and 500 below', () => {
    const rowOf = (measure: bigint) => ETAX.table[tierFor(ETAX.table, { kind: 'ENOTICE', measure }) ?? -1]?.points
    expect([rowOf(300_000n), rowOf(299_999n), tierFor(ETAX.table, { kind: 'PAPER', measure: 1n })]).toEqual([1_000n, 500n, null])
  })

  it('names events and persons by the published hashes', () => {
    expect(eventIdOf('ETAX-2026', '2026-11-0001234567')).toBe('f06d8a365dbf32157105e7564cf9520136da71aec44fc0a1f2e86c525a610089')
    const tag = (last: number) => personTagOf({ salt: new Uint8Array(32), pseudonym: new Uint8Array([last]) })
    expect(tag(1)).not.toBe(tag(2))
  })
})

describe('the loop of a point', () => {
  it('tax on time, café, treasury, refund: to the won and to the lot', () => {
    const city = openPointsCity()
    const hall = won(city, HALL)
    give(city, ETAX, 'tax 2026-11', 1)
    const { txId } = payWith(city, 4_500n, 1_000n)
    expect([pointsOf(city), won(city, ALICE), won(city, SHOP)]).toEqual(['0', 496_500n, 2_003_500n])
    const day = kstDate(city.block().time)
    city.advance(DAY_MS)
    expect(city.ask(pointsDue, { programmeId: 'ETAX', merchantId: CAFE, day })).toEqual({ points: '1000', carried: '0' })
    const paid = city.run(settle, {
      sender: HALL,
      payload: { programmeId: 'ETAX', merchantId: CAFE, period: day, total: 1_000n },
    })
    expect(paid.events.map(({ name }) => name)).toEqual(['payment.transferred', 'points.merchantSettled'])
    expect([won(city, SHOP), won(city, reserveAccount('ETAX')), won(city, HALL)]).toEqual([2_004_500n, 9_999_000n, hall])
    expect(codeOf(refundOf(city, txId, 4_500n, 'R1'))).toBe('ok')
    expect([pointsOf(city), won(city, ALICE)]).toEqual(['1000', 500_000n])
    expect(city.ask(pointsSpend, { payId: `0x${txId}` })).toMatchObject({ lots: [{ lotId: 0, points: '1000', back: '1000' }] })
    expect(city.broken()).toEqual([])
    // The café was paid for points that it gave back: its next points pay that off first.
    const today = kstDate(city.block().time)
    payWith(city, 600n, 600n)
    city.advance(DAY_MS)
    const next = { programmeId: 'ETAX', merchantId: CAFE, period: today, total: 0n }
    expect(city.run(settle, { sender: HALL, payload: next }).events[0]?.payload).toMatchObject({ points: 0n, carried: 400n })
    expect(city.broken()).toEqual([])
  })

  it('pays a tax: points are gone, their reserve is the treasury’s', () => {
    const city = openPointsCity()
    give(city, ETAX, 'e1', 1)
    const hall = won(city, HALL)
    const paid = city.run(payTax, { sender: ALICE, payload: { taxRefCommit: ZERO_HASH, points: 700n } })
    expect(paid.events.at(-1)?.payload).toMatchObject({ points: 700n, credited: 700n, lots: [{ lotId: 0, points: 700n }] })
    expect([won(city, HALL) - hall, pointsOf(city)]).toEqual([700n, '300'])
    expect(city.ask(pointsProgrammeStats, { programmeId: 'ETAX' })).toMatchObject({ burned: '700', reserve: '9999300' })
    expect(city.broken()).toEqual([])
  })

  it('transfers without new life: programme, grant and expiry stay', () => {
    const city = openPointsCity({ more: [SHORT] })
    give(city, SHORT, 'e1', 1)
    city.advance(30 * DAY_MS)
    const moved = city.run(transfer, { sender: ALICE, payload: { to: BOB, programmeId: 'SHORT', points: 200n } })
    expect(moved.events[0]?.payload).toMatchObject({ points: 200n, lots: [{ lotId: 0, newLotId: 1, points: 200n }] })
    const [before, after] = [lotsOf(city)[0], lotsOf(city, 'bob')[0]]
    expect(after).toMatchObject({ left: '200', programmeId: 'SHORT' })
    expect(after?.expiresOn).toBe(before?.expiresOn)
    expect(codeOf(payWith(city, 200n, 200n, BOB))).toBe('ok')
    expect(city.broken()).toEqual([])
  })

  it('refunds of expired points live for 30 days, and what had expired stays expired', () => {
    const city = openPointsCity({ more: [SHORT] })
    give(city, SHORT, 'e1', 1)
    const end = addMonths(kstDate(city.block().time), 2)
    city.advanceTo(kstMidnight(end))
    const { txId } = payWith(city, 400n, 400n)
    expect(city.ask(pointsExpiring, { account: textOf('alice'), withinDays: 0 })).toMatchObject({ points: '100' })
    city.advanceTo(kstMidnight(end) + 3 * DAY_MS)
    expect(pointsOf(city)).toBe('0')
    const back = refundOf(city, txId, 400n, 'R1').events.find(({ name }) => name === 'points.restored')
    const grace = kstDate(city.block().time + 30 * DAY_MS)
    expect(back?.payload).toMatchObject({ points: 400n, lots: [{ lotId: 0, points: 400n, extendedTo: grace }] })
    expect(lotsOf(city)).toMatchObject([{ lotId: 0, left: '400', expiresOn: grace, extended: 1 }])
    expect(city.ask(pointsProgrammeStats, { programmeId: 'SHORT' })).toMatchObject({ expired: '100', active: '400', spent: '0' })
    city.advanceTo(kstMidnight(grace) + DAY_MS)
    expect(pointsOf(city)).toBe('0')
    expect(city.ask(pointsProgrammeStats, { programmeId: 'SHORT' })).toMatchObject({ expired: '500', active: '0' })
    expect(city.ask(pointsProgramme, { programmeId: 'SHORT' })).toMatchObject({ state: 'ACTIVE' })
    expect(city.broken()).toEqual([])
  })
})
