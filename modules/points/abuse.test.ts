// Owns: the attacks on money and points of domain.md 11, each tried as its author would. Not here: each rule for itself.
import { describe, expect, it } from 'vitest'
import { DAY_MS, kstDate, kstMidnight } from '../../core/base/civil-time.ts'
import type { Address, TxId } from '../../core/base/ids.ts'
import { CAFE, grantOf, openPointsCity } from '../../test/points-bench.ts'
import type { PointsCity } from '../../test/points-bench.ts'
import { accountOf, signerOf, textOf } from '../../test/room-bench.ts'
import type { Outcome, RoomBench } from '../../test/room-bench.ts'
import { encode } from '../../core/codec/schema.ts'
import { approve } from '../governance/approve.ts'
import { propose } from '../governance/propose.ts'
import { ProposePayload } from '../governance/schema.ts'
import { createCapture } from '../payment/capture.ts'
import { merchantApply } from '../payment/merchant-apply.ts'
import { merchantApprove } from '../payment/merchant-approve.ts'
import { merchantClose } from '../payment/merchant-close.ts'
import { rotateQrKey } from '../payment/merchant-key.ts'
import { checkQr } from '../payment/merchant-queries.ts'
import { createPay } from '../payment/pay.ts'
import { authorisationBytes, formatAuthorisation } from '../payment/qr/cpm.ts'
import { buildHouse } from '../payment/qr/house.ts'
import type { HouseInput } from '../payment/qr/house.ts'
import { createRefund } from '../payment/refund.ts'
import { wallets } from '../payment/store.ts'
import { ETAX, HEALTH } from './fixtures.ts'
import { grantBatch } from './grant-batch.ts'
import { grant } from './grant.ts'
import { GrantBatchPayload } from './payloads.ts'
import { POINTS_PORT } from './port.ts'
import { pointsBalance, pointsLots } from './queries.ts'
import type { ProgrammeSpec } from './schema.ts'
import { settle } from './settle.ts'
import { eventIdOf } from './tags.ts'
import { transfer } from './transfer.ts'

const [pay, capture, refund] = [createPay(POINTS_PORT), createCapture(POINTS_PORT), createRefund(POINTS_PORT)]
const named = (name: string): Address => accountOf(name)
const [OFFICE, HALL, SHOP, PSP, ALICE, BOB, CAROL] = ['office', 'cityhall', 'shop', 'psp', 'alice', 'bob', 'carol'].map(
  named,
) as [Address, Address, Address, Address, Address, Address, Address]
const THIEF_SHOP = '100000000000025'
const BRIEF: ProgrammeSpec = { ...ETAX, programmeId: 'BRIEF', expiryMonths: 1, transfer: 'ANY' }
const RICH: ProgrammeSpec = {
  ...{ ...ETAX, programmeId: 'RICH', ruleKind: 'FIXED' as const, table: [{ kind: 'PRIZE', from: 0n, points: 250_000n }] },
}

const open = (said: PointsCity = {}): RoomBench => openPointsCity({ more: [BRIEF, RICH], ...said })
const codeOf = ({ failure }: Outcome): string => failure?.code ?? 'ok'
const namesOf = ({ events }: Outcome): readonly string[] => events.map(({ name }) => name)
const won = (city: RoomBench, account: Address): bigint => wallets.get(city.view, account)?.balance ?? 0n
const pointsOf = (city: RoomBench, name = 'alice'): unknown =>
  (city.ask(pointsBalance, { account: textOf(name) }) as { balance: string }).balance
type Paying = { from?: Address; points?: bigint; orderRef?: string; qr?: string; merchantId?: string }
const payOf = (city: RoomBench, total: bigint, said: Paying = {}): Outcome => {
  const { from = ALICE, points = 0n, orderRef = null, qr = null, merchantId = CAFE } = said
  return city.run(pay, { sender: from, payload: { merchantId, total, pointsPart: points, orderRef, qr } })
}
const give = (
  city: RoomBench,
  event: string,
  said: { spec?: ProgrammeSpec; to?: Address; person?: string; tier?: number } = {},
): Outcome => {
  const { spec = ETAX, to = ALICE, person = 'alice', tier = 0 } = said
  return city.run(grant, { sender: OFFICE, payload: grantOf(city, spec, { to, person, event, tier }) })
}
const refundOf = (city: RoomBench, payId: TxId, amount: bigint, refundRef: string): Outcome =>
  city.run(refund, { sender: SHOP, payload: { payId, amount, refundRef } })

/** Dave's shop beside the café, approved as any other. */
function openThief(city: RoomBench, owner = 'dave'): void {
  const said = { brn: '1208147521', mcc: '5814', nameAscii: 'MAPO COFEE', nameKo: '마포커피점', cityAscii: 'SEOUL' }
  const payload = { ...said, guCode: '11740', settleBank: '088', qrKey: null }
  expect(codeOf(city.run(merchantApply, { sender: named(owner), payload }))).toBe('ok')
  expect(codeOf(city.run(merchantApprove, { sender: PSP, payload: { merchantId: THIEF_SHOP, tier: 'SMALL_A' as const } }))).toBe(
    'ok',
  )
}

describe('double spend', () => {
  it('of won: two payments that only together are too much; the second is refused', () => {
    const city = open()
    expect(codeOf(payOf(city, 300_000n))).toBe('ok')
    expect(codeOf(payOf(city, 300_000n))).toBe('PAYMENT_INSUFFICIENT')
    expect([won(city, ALICE), city.broken()]).toEqual([200_000n, []])
  })

  it('of points: the same lots for two coffees', () => {
    const city = open()
    give(city, 'tax', { tier: 1 })
    expect(codeOf(payOf(city, 1_000n, { points: 1_000n }))).toBe('ok')
    expect(codeOf(payOf(city, 1_000n, { points: 1_000n }))).toBe('POINTS_INSUFFICIENT')
    expect(codeOf(city.run(transfer, { sender: ALICE, payload: { to: BOB, programmeId: 'ETAX', points: 1n } }))).toBe(
      'POINTS_INSUFFICIENT',
    )
    expect(city.broken()).toEqual([])
  })

  it('of an order: paid once, by whomever', () => {
    const city = open()
    expect(codeOf(payOf(city, 5_000n, { orderRef: 'TABLE-7' }))).toBe('ok')
    expect(codeOf(payOf(city, 5_000n, { orderRef: 'TABLE-7' }))).toBe('PAYMENT_ORDER_PAID')
    expect(codeOf(payOf(city, 5_000n, { orderRef: 'TABLE-7', from: BOB }))).toBe('PAYMENT_ORDER_PAID')
    expect([won(city, ALICE), won(city, BOB)]).toEqual([495_000n, 300_000n])
  })
})

describe('a screenshot of a payer’s own code', () => {
  const codeBytes = (city: RoomBench, maxAmount = 20_000n): Uint8Array => {
    const expirySec = Math.floor(city.block().time / 1_000) + 180
    const terms = { payer: ALICE, maxAmount, expirySec, nonce: new Uint8Array(8).fill(9), keyId: 'k1' }
    return formatAuthorisation({ ...terms, signature: signerOf('alice').sign(authorisationBytes(terms)) })
  }
  const take = (city: RoomBench, authorisation: Uint8Array, said: { shop?: string; owner?: string; amount?: bigint } = {}) => {
    const { shop = CAFE, owner = 'shop', amount = 12_000n } = said
    return codeOf(
      city.run(capture, { sender: named(owner), payload: { merchantId: shop, authorisation, amount, orderRef: null } }),
    )
  }

  it('is worth nothing at the same till, at another shop, in the next block and after it expired', () => {
    const city = open()
    openThief(city)
    const shown = codeBytes(city)
    expect(take(city, shown)).toBe('ok')
    expect(take(city, shown)).toBe('PAYMENT_NONCE_USED')
    expect(take(city, shown, { shop: THIEF_SHOP, owner: 'dave', amount: 1n })).toBe('PAYMENT_NONCE_USED')
    city.advance(60_000)
    expect(take(city, shown)).toBe('PAYMENT_NONCE_USED')
    city.advance(121_000)
    expect(take(city, shown)).toBe('PAYMENT_AUTH_EXPIRED')
    expect([won(city, ALICE), city.broken()]).toEqual([488_000n, []])
  })

  it('taken before its owner pays allows no more than it says, to nobody but the shop that sends it, unaltered', () => {
    const city = open()
    const shown = codeBytes(city)
    expect(take(city, shown, { amount: 20_001n })).toBe('PAYMENT_OVER_AUTH')
    expect(take(city, shown, { owner: 'dave' })).toBe('PAYMENT_NOT_MERCHANT')
    const altered = Uint8Array.from(shown)
    // The last bytes are the signature's.
    altered[altered.length - 1] = (altered[altered.length - 1] ?? 0) ^ 1
    expect(take(city, altered)).toBe('PAYMENT_AUTH_SIG')
    expect(won(city, ALICE)).toBe(500_000n)
  })
})

describe('a sticker pasted over the shop’s own', () => {
  const cafe: HouseInput = { merchantId: CAFE, mcc: '5814', name: 'MAPO COFFEE', city: 'SEOUL', nameKo: '마포커피' }
  const ORDER = { amount: 4_500n, orderRef: 'A1B2C3D4E5F60718' }

  it('that bears the shop’s name shows its true owner by the registry before anybody pays', () => {
    const city = open()
    openThief(city)
    const swapped = buildHouse({ ...cafe, merchantId: THIEF_SHOP })
    expect(city.ask(checkQr, { qr: swapped })).toMatchObject({
      ...{ merchantId: THIEF_SHOP, nameKo: '마포커피점', guCode: '11740', names: ['MAPO COFFEE', '마포커피'] },
    })
    // A wallet that pays the shop it was told of does not pay another.
    expect(codeOf(payOf(city, 4_500n, { qr: swapped }))).toBe('PAYMENT_QR_MISMATCH')
    const closing = { merchantId: THIEF_SHOP, reasonCode: 'FRAUD' }
    expect(codeOf(city.run(merchantClose, { sender: PSP, payload: closing }))).toBe('ok')
    expect(codeOf(payOf(city, 4_500n, { qr: swapped, merchantId: THIEF_SHOP }))).toBe('PAYMENT_MERCHANT_CLOSED')
    expect(won(city, ALICE)).toBe(500_000n)
  })

  it('of an order cannot be made for a shop that signs: unsigned, by another key, with another amount', () => {
    const city = open()
    city.run(rotateQrKey, { sender: SHOP, payload: { merchantId: CAFE, publicKey: signerOf('till').publicKey } })
    const expirySec = Math.floor(city.block().time / 1_000) + 120
    const by = (name: string) => ({ expirySec, sign: (message: Uint8Array) => signerOf(name).sign(message) })
    const genuine = buildHouse({ ...cafe, ...ORDER, signing: by('till') })
    const forged = [
      buildHouse({ ...cafe, ...ORDER }),
      buildHouse({ ...cafe, ...ORDER, signing: by('dave') }),
      // The genuine signature over a cheaper coffee.
      buildHouse({ ...cafe, ...ORDER, amount: 45n, signing: { expirySec, sign: () => by('till').sign(new Uint8Array(4)) } }),
    ]
    for (const qr of forged) {
      const total = qr === forged[2] ? 45n : 4_500n
      expect([codeOf(payOf(city, total, { qr })), city.ask(checkQr, { qr })]).toEqual(['QR_SIGNATURE', 'QR_SIGNATURE'])
    }
    expect(codeOf(payOf(city, 4_500n, { qr: genuine }))).toBe('ok')
  })
})

describe('a closed merchant', () => {
  it('takes nothing by sticker, by number or by a payer’s code from the same block on, and still gives back', () => {
    const city = open()
    give(city, 'tax', { tier: 1 })
    const { txId } = payOf(city, 10_000n, { points: 1_000n })
    city.run(merchantClose, { sender: SHOP, payload: { merchantId: CAFE, reasonCode: 'RETIRED' } })
    const qr = buildHouse({ merchantId: CAFE, mcc: '5814', name: 'MAPO COFFEE', city: 'SEOUL' })
    const expirySec = Math.floor(city.block().time / 1_000) + 60
    const terms = { payer: ALICE, maxAmount: 5_000n, expirySec, nonce: new Uint8Array(8), keyId: 'k1' }
    const authorisation = formatAuthorisation({ ...terms, signature: signerOf('alice').sign(authorisationBytes(terms)) })
    const captured = { merchantId: CAFE, authorisation, amount: 5_000n, orderRef: null }
    expect([
      codeOf(payOf(city, 1_000n, { qr })),
      codeOf(payOf(city, 1_000n)),
      codeOf(city.run(capture, { sender: SHOP, payload: captured })),
    ]).toEqual(['PAYMENT_MERCHANT_CLOSED', 'PAYMENT_MERCHANT_CLOSED', 'PAYMENT_MERCHANT_CLOSED'])
    expect(codeOf(refundOf(city, txId, 10_000n, 'R1'))).toBe('ok')
    expect([won(city, ALICE), pointsOf(city), city.broken()]).toEqual([500_000n, '1000', []])
  })
})

describe('farming points by many accounts', () => {
  it('earns one person’s points: the cap is the person’s, the event is the source system’s, the row is the rule’s', () => {
    const city = open()
    const accounts = ['alice', 'bob', 'carol', 'dave', 'psp'].map(named)
    const walks = accounts.map((to, i) => codeOf(give(city, `walk ${i}`, { spec: HEALTH, to, person: 'alice' })))
    expect(walks).toEqual(['ok', 'ok', 'POINTS_CAP_DAY', 'POINTS_CAP_DAY', 'POINTS_CAP_DAY'])
    const receipts = accounts.map((to, i) => codeOf(give(city, 'one receipt', { to, person: `person ${i}` })))
    expect(receipts).toEqual(['ok', ...accounts.slice(1).map(() => 'POINTS_DUPLICATE_EVENT')])
    const invented = grantOf(city, ETAX, { to: BOB, person: 'bob', event: 'invented', points: 50_000n })
    expect(codeOf(city.run(grant, { sender: OFFICE, payload: invented }))).toBe('POINTS_RULE_MISMATCH')
    expect(codeOf(city.run(grant, { sender: BOB, payload: { ...invented, points: 500n } }))).toBe('GOVERNANCE_NOT_AUTHORIZED')
  })

  it('is told once a day where many persons’ points come to one account, granted alone or in a batch', () => {
    const city = open({ funding: 50_000_000n })
    const outcomes = Array.from({ length: 32 }, (_, i) => give(city, `tax ${i}`, { person: `person ${i}` }))
    const alarms = outcomes.map((outcome) => namesOf(outcome).includes('points.velocityAlarm'))
    expect(alarms).toEqual(Array.from({ length: 32 }, (_, i) => i === 30))
    expect(outcomes[30]?.events.at(-1)?.payload).toEqual({ day: 20261123, accounts: [{ account: ALICE, lots: 31 }] })
    const itemFor = (i: number) => {
      const { programmeId: _, ...item } = grantOf(city, ETAX, { to: i < 40 ? BOB : CAROL, person: `p${i}`, event: `b${i}` })
      return item
    }
    const batch = city.run(grantBatch, {
      sender: OFFICE,
      payload: { programmeId: 'ETAX', grants: Array.from({ length: 80 }, (_, i) => itemFor(i)) },
    })
    const told = batch.events.filter(({ name }) => name === 'points.velocityAlarm')
    expect(told.map(({ payload }) => payload)).toEqual([
      {
        day: 20261123,
        accounts: [
          { account: BOB, lots: 40 },
          { account: CAROL, lots: 40 },
        ],
      },
    ])
    city.advance(DAY_MS)
    expect(namesOf(give(city, 'next day', { person: 'x' }))).not.toContain('points.velocityAlarm')
    expect(city.broken()).toEqual([])
  })

  it('is told where they are gathered by transfers', () => {
    const city = open()
    for (let i = 0; i < 29; i++) give(city, `own ${i}`, { spec: BRIEF, to: BOB, person: `b${i}` })
    give(city, 'a', { spec: BRIEF, to: ALICE, person: 'a' })
    give(city, 'c', { spec: BRIEF, to: CAROL, person: 'c' })
    const send = (sender: Address) => city.run(transfer, { sender, payload: { to: BOB, programmeId: 'BRIEF', points: 500n } })
    expect([ALICE, CAROL].map((from) => namesOf(send(from)).includes('points.velocityAlarm'))).toEqual([false, true])
  })
})

describe('an insider who grants a fortune', () => {
  it('needs the council for every word of the list, once', () => {
    const city = open({ funding: 50_000_000n })
    const grants = Array.from({ length: 100 }, (_, i) => {
      const { programmeId: _id, ...item } = grantOf(city, RICH, { to: accountOf(`friend ${i}`), person: `p${i}`, event: `f${i}` })
      return item
    })
    const payload = { programmeId: 'RICH', grants }
    const send = (said = payload): string => codeOf(city.run(grantBatch, { sender: OFFICE, payload: said }))
    expect(send()).toBe('GOVERNANCE_MANDATE_MISSING')
    const bytes = encode(GrantBatchPayload, payload)
    const action = { kind: 'mandate' as const, sender: OFFICE, txType: 0x0409, payload: bytes }
    const laid = city.run(propose, { sender: named('city1'), payload: { action } })
    expect([codeOf(laid), send()]).toEqual(['ok', 'GOVERNANCE_MANDATE_MISSING'])
    expect(codeOf(city.run(approve, { sender: named('city2'), payload: { proposalId: laid.txId } }))).toBe('ok')
    const other = { ...payload, grants: grants.with(0, { ...(grants[0] as (typeof grants)[number]), to: BOB }) }
    expect([send(other), send(), send()]).toEqual(['GOVERNANCE_MANDATE_MISSING', 'ok', 'GOVERNANCE_MANDATE_MISSING'])
    expect(city.broken()).toEqual([])
  })

  it('is decided on however long the list is: a batch of 256 with the longest names fits a mandate', () => {
    const item = {
      ...grantOf(open(), ETAX, { to: BOB, person: 'x', event: 'y' }),
      eventKind: 'K'.repeat(32),
      points: 2n ** 64n - 1n,
    }
    const { programmeId: _id, ...grant } = item
    const payload = { programmeId: 'P'.repeat(32), grants: Array.from({ length: 256 }, () => ({ ...grant, tier: 255 })) }
    const action = { kind: 'mandate' as const, sender: OFFICE, txType: 0x0409, payload: encode(GrantBatchPayload, payload) }
    expect(() => encode(ProposePayload, { action })).not.toThrow()
  })
})

describe('a refund to revive points', () => {
  const lastDay = (city: RoomBench): number =>
    (city.ask(pointsLots, { account: textOf('alice') }) as Lots).lots[0]?.expiresOn ?? 0
  type Lots = { readonly lots: readonly { readonly expiresOn: number; readonly extended: number }[] }

  it('gives points that have not expired their own last day back, and expired ones 30 days, whatever the number of rounds', () => {
    const city = open({ time: kstMidnight(20261101) })
    give(city, 'tax', { spec: BRIEF })
    const end = lastDay(city)
    city.advanceTo(kstMidnight(end))
    const early = payOf(city, 500n, { points: 500n })
    expect(codeOf(refundOf(city, early.txId, 500n, 'R1'))).toBe('ok')
    expect(lastDay(city)).toBe(end)
    for (let round = 1; round <= 2; round++) {
      const { txId } = payOf(city, 500n, { points: 500n })
      city.advance(60 * DAY_MS)
      expect(pointsOf(city)).toBe('0')
      expect(codeOf(refundOf(city, txId, 500n, `ROUND-${round}`))).toBe('ok')
      const { lots } = city.ask(pointsLots, { account: textOf('alice') }) as Lots
      expect(lots).toMatchObject([{ expiresOn: kstDate(city.block().time + 30 * DAY_MS), extended: round }])
    }
    city.advance(31 * DAY_MS)
    expect(codeOf(payOf(city, 500n, { points: 500n }))).toMatch(/^POINTS_(EXPIRED|INSUFFICIENT)$/)
    expect(city.broken()).toEqual([])
  })

  it('after the merchant’s 90 days is refused', () => {
    const city = open()
    give(city, 'tax', { spec: BRIEF })
    const { txId } = payOf(city, 500n, { points: 500n })
    city.advance(91 * DAY_MS)
    expect(codeOf(refundOf(city, txId, 500n, 'R1'))).toBe('PAYMENT_REFUND_WINDOW')
  })
})

describe('a ring that turns points into won', () => {
  it('is refused where the owner pays himself, and points never come back as won', () => {
    const city = open({ funding: 50_000_000n })
    openThief(city, 'bob')
    give(city, 'prize', { spec: RICH, to: BOB, person: 'bob' })
    expect(codeOf(payOf(city, 100n, { from: BOB, points: 100n, merchantId: THIEF_SHOP }))).toBe('PAYMENT_SELF_PAYMENT')
    const before = won(city, BOB)
    const { txId } = payOf(city, 50_000n, { from: BOB, points: 50_000n })
    expect(codeOf(refundOf(city, txId, 50_000n, 'R1'))).toBe('ok')
    expect([won(city, BOB), pointsOf(city, 'bob')]).toEqual([before, '250000'])
  })

  it('is told once a day as a shop that takes little but points, and is not paid before somebody could look', () => {
    const city = open({ funding: 50_000_000n })
    for (let i = 0; i < 3; i++) give(city, `prize ${i}`, { spec: RICH, person: `p${i}` })
    // A busy shop with as much won as points is nobody's ring.
    expect(namesOf(payOf(city, 400_000n, { points: 200_000n }))).not.toContain('points.shareAlarm')
    const quiet = payOf(city, 250_000n, { points: 250_000n })
    expect(namesOf(quiet)).not.toContain('points.shareAlarm')
    city.advance(DAY_MS)
    expect(namesOf(payOf(city, 199_999n, { points: 199_999n }))).not.toContain('points.shareAlarm')
    const ring = payOf(city, 20_000n, { points: 20_000n })
    expect(ring.events.find(({ name }) => name === 'points.shareAlarm')?.payload).toEqual({
      ...{ merchantId: CAFE, day: 20261124, points: 219_999n, krw: 0n },
    })
    expect(namesOf(payOf(city, 20_000n, { points: 20_000n }))).not.toContain('points.shareAlarm')
    const today = { programmeId: 'RICH', merchantId: CAFE, period: 20261124, total: 239_999n }
    expect(codeOf(city.run(settle, { sender: HALL, payload: today }))).toBe('POINTS_SETTLE_PERIOD')
    city.advance(DAY_MS)
    expect(codeOf(city.run(settle, { sender: HALL, payload: today }))).toBe('ok')
    expect(city.broken()).toEqual([])
  })

  it('gets nothing for an event that it names itself', () => {
    const city = open()
    const forged = { ...grantOf(city, ETAX, { to: BOB, person: 'bob', event: 'x' }), eventId: eventIdOf('ETAX', 'forged') }
    expect(codeOf(city.run(grant, { sender: SHOP, payload: forged }))).toBe('GOVERNANCE_NOT_AUTHORIZED')
  })
})
