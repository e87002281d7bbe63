import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DAY_MS } from '../../core/base/civil-time.ts'
import { asHash32 } from '../../core/base/ids.ts'
import type { Address, TxId } from '../../core/base/ids.ts'
import { accountOf, createRoomBench, GENESIS_TIME, signerOf } from '../../test/room-bench.ts'
import type { Outcome, RoomBench } from '../../test/room-bench.ts'
import { REGISTRY } from '../registry.ts'
import { createCapture } from './capture.ts'
import { collectFee } from './collect-fee.ts'
import { dispute } from './dispute.ts'
import { freeze } from './freeze.ts'
import { splitRefund } from './give-back.ts'
import { payWage } from './keeper.ts'
import { merchantApply } from './merchant-apply.ts'
import { merchantApprove } from './merchant-approve.ts'
import { merchantClose, merchantSuspend } from './merchant-close.ts'
import { rotateQrKey } from './merchant-key.ts'
import {
  checkQr,
  getInterbank,
  getOrder,
  getPayment,
  getReceipt,
  getRefund,
  getSettlement,
  listByMerchant,
} from './merchant-queries.ts'
import { cpmNonces, merchantBooks, pays } from './merchant-store.ts'
import type { Pay } from './pay-schema.ts'
import { createPay } from './pay.ts'
import { NO_POINTS } from './points-port.ts'
import type { Authorisation } from './qr/cpm.ts'
import { authorisationBytes, formatAuthorisation } from './qr/cpm.ts'
import { buildHouse } from './qr/house.ts'
import type { HouseInput } from './qr/house.ts'
import { createRefund } from './refund.ts'
import { createResolve } from './resolve.ts'
import { settle } from './settle.ts'
import { wallets } from './store.ts'
import { createApplyContext } from '../../core/execution/apply.ts'

const [pay, capture, refund, resolve] = [
  createPay(NO_POINTS),
  createCapture(NO_POINTS),
  createRefund(NO_POINTS),
  createResolve(NO_POINTS),
]
const [SHOP, PSP, ALICE, BOB, DAVE] = ['shop', 'psp', 'alice', 'bob', 'dave'].map(accountOf) as [
  Address,
  Address,
  Address,
  Address,
  Address,
]
const MERCHANT = '100000000000017'
const ORDER = 'A1B2C3D4E5F60718'
const COFFEE = {
  ...{ brn: '2208162517', mcc: '5814', nameAscii: 'MAPO COFFEE', nameKo: '마포커피', cityAscii: 'SEOUL' },
  ...{ guCode: '11440', settleBank: '088' },
}

function openCity(options: { tier?: 'SMALL_A' | 'SMALL_B'; qrKey?: boolean } = {}): RoomBench {
  const city = createRoomBench(REGISTRY)
  const qrKey = options.qrKey === true ? signerOf('qr').publicKey : null
  expect(city.run(merchantApply, { sender: SHOP, payload: { ...COFFEE, qrKey } }).failure).toBe(null)
  const approval = { merchantId: MERCHANT, tier: options.tier ?? ('SMALL_A' as const) }
  expect(city.run(merchantApprove, { sender: PSP, payload: approval }).failure).toBe(null)
  return city
}

const codeOf = ({ failure }: Outcome): string => failure?.code ?? 'ok'
const payload = (total: bigint, more: { orderRef?: string; qr?: string; merchantId?: string; pointsPart?: bigint } = {}) => ({
  ...{ merchantId: MERCHANT, total, pointsPart: 0n, orderRef: null, qr: null },
  ...more,
})
const balance = (city: RoomBench, account: Address): bigint => wallets.get(city.view, account)?.balance ?? 0n
const house = (more: Partial<HouseInput> = {}): string =>
  buildHouse({ merchantId: MERCHANT, mcc: '5814', name: 'MAPO COFFEE', city: 'SEOUL', ...more })
const signing = (expirySec: number, name = 'qr') => ({ expirySec, sign: (message: Uint8Array) => signerOf(name).sign(message) })
const NOW_SEC = GENESIS_TIME / 1_000

describe('a payment', () => {
  it('moves won from payer to merchant, between banks too, and writes a receipt', () => {
    const city = openCity({ tier: 'SMALL_B' })
    const outcome = city.run(pay, { sender: ALICE, payload: payload(15_000n, { orderRef: 'T-1' }) })
    expect(outcome.events).toEqual([
      {
        name: 'payment.paid',
        payload: {
          ...{ payId: outcome.txId, merchantId: MERCHANT, payer: ALICE, total: 15_000n, krwPart: 15_000n, pointsPart: 0n },
          ...{ fee: 45n, kind: 'TYPED', orderRef: 'T-1', seq: 0 },
        },
      },
    ])
    expect([balance(city, ALICE), balance(city, SHOP)]).toEqual([485_000n, 2_015_000n])
    expect(city.ask(getReceipt, { payId: `0x${outcome.txId}` })).toMatchObject({
      nameKo: '마포커피',
      total: '15000',
      fee: '45',
      brn: '2208162517',
    })
    expect(city.ask(getPayment, { payId: `0x${outcome.txId}` })).toMatchObject({ state: 'CAPTURED', kind: 'TYPED' })
    expect(city.ask(getOrder, { merchantId: MERCHANT, orderRef: 'T-1' })).toEqual({ payId: `0x${outcome.txId}` })
    expect(city.ask(listByMerchant, { merchantId: MERCHANT, from: 0 })).toMatchObject({ payments: 1, items: [{ seq: 0 }] })
    expect(city.ask(listByMerchant, { merchantId: MERCHANT, from: 7 })).toEqual({ payments: 1, items: [] })
    expect(city.ask(getSettlement, { merchantId: MERCHANT, day: 20261123 })).toMatchObject({ day: { krw: '15000', fee: '45' } })
    expect(city.broken()).toEqual([])
  })

  it('counts for the day’s limit of the payer', () => {
    const city = openCity()
    for (let i = 0; i < 1; i++) expect(codeOf(city.run(pay, { sender: ALICE, payload: payload(500_000n) }))).toBe('ok')
    expect(wallets.mustGet(city.view, ALICE).spent).toBe(500_000n)
  })

  it.each([
    ['PAYMENT_AMOUNT_ZERO', payload(0n)],
    ['PAYMENT_AMOUNT_TOO_LARGE', payload(10n ** 12n + 1n)],
    ['PAYMENT_POINTS_EXCEED', payload(10n, { pointsPart: 11n })],
    ['PAYMENT_POINTS_ABSENT', payload(10n, { pointsPart: 5n })],
    ['PAYMENT_MERCHANT_UNKNOWN', payload(10n, { merchantId: '100000000000025' })],
    ['PAYMENT_INSUFFICIENT', payload(600_000n)],
  ])('%s', (code, wrong) => {
    const city = openCity()
    expect(codeOf(city.run(pay, { sender: ALICE, payload: wrong }))).toBe(code)
    expect(city.broken()).toEqual([])
  })

  it('PAYMENT_SELF_PAYMENT, PAYMENT_ORDER_PAID and PAYMENT_DAILY_LIMIT', () => {
    const city = openCity()
    expect(codeOf(city.run(pay, { sender: SHOP, payload: payload(1n) }))).toBe('PAYMENT_SELF_PAYMENT')
    expect(codeOf(city.run(pay, { sender: ALICE, payload: payload(1n, { orderRef: 'T-1' }) }))).toBe('ok')
    expect(codeOf(city.run(pay, { sender: BOB, payload: payload(1n, { orderRef: 'T-1' }) }))).toBe('PAYMENT_ORDER_PAID')
    const wallet = wallets.mustGet(city.view, ALICE)
    wallets.set(city.view, ALICE, { ...wallet, spentOn: 20261123, spent: 2_000_000n })
    expect(codeOf(city.run(pay, { sender: ALICE, payload: payload(1n) }))).toBe('PAYMENT_DAILY_LIMIT')
  })

  it('PAYMENT_MERCHANT_INACTIVE and PAYMENT_MERCHANT_CLOSED: a closed merchant’s codes are worth nothing at once', () => {
    const city = openCity()
    const reason = { merchantId: MERCHANT, reasonCode: 'TEST' }
    city.run(merchantSuspend, { sender: PSP, payload: reason })
    expect(codeOf(city.run(pay, { sender: ALICE, payload: payload(1n) }))).toBe('PAYMENT_MERCHANT_INACTIVE')
    city.run(merchantClose, { sender: SHOP, payload: reason })
    expect(codeOf(city.run(pay, { sender: ALICE, payload: payload(1n, { qr: house() }) }))).toBe('PAYMENT_MERCHANT_CLOSED')
  })
})

describe('a payment by a scanned code', () => {
  it('of a sticker takes any amount, of one order its own', () => {
    const city = openCity({ qrKey: true })
    expect(city.run(pay, { sender: ALICE, payload: payload(4_500n, { qr: house() }) }).events[0]?.payload).toMatchObject({
      kind: 'STATIC',
    })
    const dynamic = house({ amount: 4_500n, orderRef: ORDER, signing: signing(NOW_SEC + 300) })
    const paid = city.run(pay, { sender: ALICE, payload: payload(4_500n, { qr: dynamic }) })
    expect(paid.events[0]?.payload).toMatchObject({ kind: 'DYNAMIC', orderRef: ORDER })
    expect(codeOf(city.run(pay, { sender: BOB, payload: payload(4_500n, { qr: dynamic }) }))).toBe('PAYMENT_ORDER_PAID')
    expect(city.ask(checkQr, { qr: dynamic })).toMatchObject({
      nameKo: '마포커피',
      guCode: '11440',
      isSigned: true,
      amount: '4500',
    })
  })

  it('PAYMENT_AMOUNT_MISMATCH and PAYMENT_QR_MISMATCH: the code is of another payment', () => {
    const city = openCity()
    const dynamic = house({ amount: 4_500n, orderRef: ORDER })
    const tried = (more: object) =>
      codeOf(city.run(pay, { sender: ALICE, payload: { ...payload(4_500n, { qr: dynamic }), ...more } }))
    expect(tried({ total: 45n })).toBe('PAYMENT_AMOUNT_MISMATCH')
    expect(tried({ orderRef: 'ANOTHER' })).toBe('PAYMENT_QR_MISMATCH')
    expect(tried({ merchantId: '100000000000025' })).toBe('PAYMENT_QR_MISMATCH')
  })

  it.each([
    ['QR_UNKNOWN_MERCHANT', house({ merchantId: '100000000000025' })],
    ['QR_EXPIRED', house({ amount: 1n, orderRef: ORDER, signing: signing(NOW_SEC - 1) })],
    ['QR_VALIDITY', house({ amount: 1n, orderRef: ORDER, signing: signing(NOW_SEC + 361) })],
    ['QR_SIGNATURE', house({ amount: 1n, orderRef: ORDER, signing: signing(NOW_SEC + 60, 'another key') })],
    ['QR_SIGNATURE', house({ amount: 1n, orderRef: ORDER })],
    ['QR_SIGNATURE', house({ signing: signing(NOW_SEC + 10_000, 'swapped sticker') })],
    ['QR_CRC_MISMATCH', `${house().slice(0, -4)}0000`],
    ['QR_TLV', 'https://example.org/pay'],
  ])('%s', (code, qr) => {
    const city = openCity({ qrKey: true })
    expect(codeOf(city.run(pay, { sender: ALICE, payload: payload(1n, { qr }) }))).toBe(code)
    expect(city.ask(checkQr, { qr })).toBe(code)
    expect(balance(city, ALICE)).toBe(500_000n)
  })

  it('of a key that was rotated away is refused', () => {
    const city = openCity({ qrKey: true })
    const qr = house({ amount: 1n, orderRef: ORDER, signing: signing(NOW_SEC + 60) })
    city.run(rotateQrKey, { sender: SHOP, payload: { merchantId: MERCHANT, publicKey: signerOf('new').publicKey } })
    expect(codeOf(city.run(pay, { sender: ALICE, payload: payload(1n, { qr }) }))).toBe('QR_SIGNATURE')
  })

  // Every refusal of a code that its grammar makes stands in qr/qr.test.ts: QR_ORDER, QR_DUPLICATE_ID, QR_MISSING, QR_LENGTH,
  // QR_FORMAT, QR_AMOUNT, QR_CONDITIONAL, QR_CURRENCY, QR_COUNTRY, QR_SURCHARGE, QR_NOT_HOUSE, QR_TOO_LONG.
})

describe("a payment on the payer's own code", () => {
  const authorisation = (more: Partial<Authorisation> = {}, signer = 'alice'): Uint8Array => {
    const plain = {
      ...{ payer: ALICE, maxAmount: 50_000n, expirySec: NOW_SEC + 180, keyId: 'k1' },
      nonce: new Uint8Array(8).fill(7),
      ...more,
    }
    return formatAuthorisation({ ...plain, signature: signerOf(signer).sign(authorisationBytes(plain)) })
  }
  const take = (city: RoomBench, bytes: Uint8Array, amount = 12_000n, sender = SHOP) =>
    city.run(capture, { sender, payload: { merchantId: MERCHANT, authorisation: bytes, amount, orderRef: null } })

  it('is taken once: a photograph of the code is worth nothing', () => {
    const city = openCity()
    expect(take(city, authorisation()).events[0]?.payload).toMatchObject({ kind: 'CONSUMER', total: 12_000n, payer: ALICE })
    expect(codeOf(take(city, authorisation()))).toBe('PAYMENT_NONCE_USED')
    expect(balance(city, ALICE)).toBe(488_000n)
    expect(city.broken()).toEqual([])
  })

  it.each([
    ['PAYMENT_AUTH_EXPIRED', authorisation({ expirySec: NOW_SEC - 1 })],
    ['PAYMENT_AUTH_EXPIRED', authorisation({ expirySec: NOW_SEC + 181 })],
    ['PAYMENT_OVER_AUTH', authorisation({ maxAmount: 11_999n })],
    ['PAYMENT_AUTH_SIG', authorisation({}, 'bob')],
    ['PAYMENT_AUTH_SIG', authorisation({ keyId: 'k9' })],
    ['PAYMENT_AUTH_FORMAT', new Uint8Array(10)],
    ['PAYMENT_AUTH_FORMAT', Uint8Array.of(...authorisation(), 0)],
  ])('%s', (code, bytes) => {
    const city = openCity()
    expect(codeOf(take(city, bytes))).toBe(code)
    expect(balance(city, ALICE)).toBe(500_000n)
  })

  it('PAYMENT_NOT_MERCHANT: nobody but the shop takes it', () => {
    expect(codeOf(take(openCity(), authorisation(), 1n, BOB))).toBe('PAYMENT_NOT_MERCHANT')
  })

  it('forgets spent numbers once no code with them can be valid, and not before', () => {
    const city = openCity()
    take(city, authorisation())
    const key = { payer: ALICE, nonce: new Uint8Array(8).fill(7) }
    city.advance(180_000)
    expect(cpmNonces.has(city.view, key)).toBe(true)
    city.advance(1_000)
    expect(cpmNonces.has(city.view, key)).toBe(false)
    expect(codeOf(take(city, authorisation()))).toBe('PAYMENT_AUTH_EXPIRED')
    expect(city.broken()).toEqual([])
  })
})

describe('a refund', () => {
  const paid = (city: RoomBench, total = 15_000n): TxId => city.run(pay, { sender: ALICE, payload: payload(total) }).txId
  const back = (city: RoomBench, payId: TxId, amount: bigint, refundRef: string, sender = SHOP) =>
    city.run(refund, { sender, payload: { payId, amount, refundRef } })

  it('splits exactly: 15,000 of which 3,000 were points, back in 1,000, 4,999 and 9,001', () => {
    let now = { total: 15_000n, pointsPart: 3_000n, fee: 36n, refunded: 0n, pointsBack: 0n, feeBack: 0n } as Pay
    const parts = [1_000n, 4_999n, 9_001n].map((amount) => {
      const { krwBack, pointsBack, feeBack } = splitRefund(now, amount)
      now = { ...now, refunded: now.refunded + amount, pointsBack: now.pointsBack + pointsBack, feeBack: now.feeBack + feeBack }
      return [pointsBack, krwBack]
    })
    expect(parts).toEqual([
      [200n, 800n],
      [999n, 4_000n],
      [1_801n, 7_200n],
    ])
    expect(now.feeBack).toBe(36n)
  })

  it('never gives back more than was paid, however it is cut', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 1n, max: 10n ** 12n }),
        fc.nat(1_000_000),
        fc.nat(100_000),
        fc.array(fc.nat(1_000), { minLength: 1, maxLength: 12 }),
        (total, share, ppm, cuts) => {
          const pointsPart = (total * BigInt(share)) / 1_000_000n
          const fee = ((total - pointsPart) * BigInt(ppm)) / 1_000_000n
          let now = { total, pointsPart, fee, refunded: 0n, pointsBack: 0n, feeBack: 0n } as Pay
          for (const cut of [...cuts, 1_000]) {
            const amount = ((total - now.refunded) * BigInt(cut)) / 1_000n
            const { krwBack, pointsBack, feeBack } = splitRefund(now, amount)
            expect(krwBack >= 0n && pointsBack >= 0n && feeBack >= 0n).toBe(true)
            now = {
              ...now,
              refunded: now.refunded + amount,
              pointsBack: now.pointsBack + pointsBack,
              feeBack: now.feeBack + feeBack,
            }
            expect(now.pointsBack <= pointsPart && now.feeBack <= fee).toBe(true)
          }
          expect([now.refunded, now.pointsBack, now.feeBack]).toEqual([total, pointsPart, fee])
        },
      ),
    )
  })

  it('goes in parts until nothing is left, under references that serve once', () => {
    const city = openCity()
    const payId = paid(city)
    expect(codeOf(back(city, payId, 5_000n, 'R-1'))).toBe('ok')
    expect(codeOf(back(city, payId, 5_000n, 'R-1'))).toBe('PAYMENT_REFUND_REF_USED')
    expect(codeOf(back(city, payId, 10_001n, 'R-2'))).toBe('PAYMENT_REFUND_EXCEEDS')
    expect(codeOf(back(city, payId, 10_000n, 'R-2', BOB))).toBe('PAYMENT_NOT_MERCHANT')
    expect(codeOf(back(city, payId, 10_000n, 'R-2'))).toBe('ok')
    expect(codeOf(back(city, payId, 1n, 'R-3'))).toBe('PAYMENT_PAY_STATE')
    expect(balance(city, ALICE)).toBe(500_000n)
    expect(city.ask(getRefund, { merchantId: MERCHANT, refundRef: 'R-1' })).toMatchObject({ krwBack: '5000' })
    expect(city.broken()).toEqual([])
  })

  it('works for a closed merchant, even past the holding limit of the payer, but not after 90 days or without won', () => {
    const city = openCity()
    const payId = paid(city)
    wallets.set(city.view, ALICE, { ...wallets.mustGet(city.view, ALICE), balance: 1_000_000n })
    city.run(merchantClose, { sender: SHOP, payload: { merchantId: MERCHANT, reasonCode: 'END' } })
    expect(codeOf(back(city, payId, 1_000n, 'R-1'))).toBe('ok')
    city.run(freeze, { sender: accountOf('cityhall'), payload: { account: SHOP, amount: null, reasonCode: 'COURT' } })
    expect(codeOf(back(city, payId, 1_000n, 'R-2'))).toBe('PAYMENT_ACCOUNT_FROZEN')
    city.advance(90 * DAY_MS + 1)
    expect(codeOf(back(city, payId, 1_000n, 'R-3'))).toBe('PAYMENT_REFUND_WINDOW')
  })

  it('PAYMENT_PAY_UNKNOWN', () => {
    expect(codeOf(back(openCity(), asHash32('0'.repeat(64)), 1n, 'R-1'))).toBe('PAYMENT_PAY_UNKNOWN')
  })
})

describe('a dispute', () => {
  const open = (city: RoomBench, payId: TxId, sender = ALICE) =>
    city.run(dispute, { sender, payload: { payId, reasonCode: 'NOT_RECEIVED', caseCommit: asHash32('a'.repeat(64)) } })
  const decide = (city: RoomBench, payId: TxId, amount: bigint, sender = PSP) =>
    city.run(resolve, { sender, payload: { payId, refund: amount, reasonCode: 'HEARD' } })

  it('is decided by an operator, with money back or without', () => {
    const city = openCity()
    const [one, two] = [1, 2].map(() => city.run(pay, { sender: ALICE, payload: payload(9_000n) }).txId) as [TxId, TxId]
    expect(codeOf(open(city, one, BOB))).toBe('PAYMENT_NOT_PAYER')
    expect([codeOf(open(city, one)), codeOf(open(city, two)), codeOf(open(city, one))]).toEqual(['ok', 'ok', 'PAYMENT_PAY_STATE'])
    expect(codeOf(city.run(refund, { sender: SHOP, payload: { payId: one, amount: 1n, refundRef: 'R' } }))).toBe(
      'PAYMENT_PAY_STATE',
    )
    expect(codeOf(decide(city, one, 1n, SHOP))).toBe('GOVERNANCE_NOT_AUTHORIZED')
    expect(codeOf(decide(city, one, 9_001n))).toBe('PAYMENT_REFUND_EXCEEDS')
    expect([codeOf(decide(city, one, 9_000n)), codeOf(decide(city, two, 0n))]).toEqual(['ok', 'ok'])
    expect([pays.mustGet(city.view, one).state, pays.mustGet(city.view, two).state]).toEqual(['REFUNDED', 'CAPTURED'])
    expect(city.broken()).toEqual([])
  })

  it('PAYMENT_DISPUTE_WINDOW: not after 30 days', () => {
    const city = openCity()
    const { txId } = city.run(pay, { sender: ALICE, payload: payload(9_000n) })
    city.advance(30 * DAY_MS + 1)
    expect(codeOf(open(city, txId))).toBe('PAYMENT_DISPUTE_WINDOW')
  })
})

describe('fees and settlement', () => {
  it('are owed by the merchant and collected by its operator alone', () => {
    const city = openCity({ tier: 'SMALL_B' })
    city.run(pay, { sender: ALICE, payload: payload(100_000n) })
    const collect = (amount: bigint, sender = PSP) =>
      codeOf(city.run(collectFee, { sender, payload: { merchantId: MERCHANT, amount } }))
    expect([collect(301n), collect(1n, BOB), collect(300n), collect(1n)]).toEqual([
      'PAYMENT_FEE_EXCEEDS',
      'PAYMENT_NOT_MERCHANT',
      'ok',
      'PAYMENT_FEE_EXCEEDS',
    ])
    expect([balance(city, PSP), merchantBooks.mustGet(city.view, MERCHANT).feeOwed]).toEqual([300n, 0n])
    expect(city.broken()).toEqual([])
  })

  it('of banks counts once both said the same', () => {
    const city = openCity()
    city.run(pay, { sender: ALICE, payload: payload(100_000n) })
    const say = (bank: string, amount: bigint, cycleId = 'C-1', [debtor, creditor] = ['004', '088']) =>
      codeOf(
        city.run(settle, {
          sender: accountOf(bank),
          payload: { cycleId, debtor: debtor ?? '', creditor: creditor ?? '', amount },
        }),
      )
    expect(say('bankA', 100_001n)).toBe('PAYMENT_SETTLE_EXCEEDS')
    expect(say('bankA', 1n, 'C-1', ['004', '004'])).toBe('PAYMENT_SETTLE_MISMATCH')
    expect(say('alice', 1n)).toBe('PAYMENT_BANK_UNKNOWN')
    expect([say('bankA', 99_000n), say('bankA', 100_000n)]).toEqual(['ok', 'ok'])
    expect(say('bankB', 99_000n)).toBe('PAYMENT_SETTLE_MISMATCH')
    expect(say('bankB', 100_000n)).toBe('ok')
    expect(city.ask(getInterbank, { cycleId: 'C-1', a: '088', b: '004' })).toMatchObject({
      amount: '100000',
      settledAt: GENESIS_TIME,
    })
    city.run(pay, { sender: ALICE, payload: payload(5n) })
    expect(say('bankA', 5n)).toBe('PAYMENT_SETTLE_DONE')
    expect(say('bankA', 5n, 'C-2')).toBe('ok')
    expect(city.broken()).toEqual([])
  })

  it('PAYMENT_BANK_MISMATCH: a third bank settles nothing', () => {
    const city = openCity()
    city.run(pay, { sender: ALICE, payload: payload(10n) })
    const outcome = city.run(settle, {
      sender: accountOf('bankA'),
      payload: { cycleId: 'C', debtor: '088', creditor: '099', amount: 1n },
    })
    expect(codeOf(outcome)).toBe('PAYMENT_BANK_MISMATCH')
  })
})

describe('a wage', () => {
  it('passes the holding limit, and what is beyond it goes to redemption at once', () => {
    const city = openCity()
    const context = createApplyContext(city.view, [], 64)
    const move = { from: SHOP, to: DAVE, amount: 1_073_280n, block: city.block(), reqId: asHash32('b'.repeat(64)) }
    expect(payWage(context, move)).toEqual({ redeemed: 73_280n })
    expect(wallets.mustGet(city.view, DAVE)).toMatchObject({ balance: 1_000_000n, locked: 73_280n })
    expect(payWage(context, { ...move, amount: 10n, reqId: asHash32('c'.repeat(64)) })).toEqual({ redeemed: 10n })
    expect(city.broken()).toEqual([])
  })
})
