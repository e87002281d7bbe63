// Owns: tests of codes and money as a wallet or till uses them. Not here: the grammar (modules/payment/qr/qr.test.ts).
import { describe, expect, it } from 'vitest'
import { createTinyChain } from '../test/helpers/tiny-chain.ts'
import { toHex } from '../core/base/bytes.ts'
import { buildMerchantCode, buildPayerCode, readEmvCode, readMerchantCode, readPayerCode } from './codes.ts'
import { capturePayment, grantPoints, grantPointsBatch, payMerchant, refundPayment, transferPoints } from './money.ts'
import { buildTransaction, encodeAction } from './transaction.ts'
import { createWallet } from './wallet.ts'

const SHOP = { merchantId: '100000000000017', mcc: '5814', name: 'MAPO COFFEE', city: 'SEOUL' }
const ORDER = { amount: 4_500n, orderRef: 'A1B2C3D4E5F60718' }
const tiny = createTinyChain()
const wallet = createWallet({ seed: new Uint8Array(32).fill(1), keyId: 'k1', network: 'devnet' })

describe('a code', () => {
  it('of an order is the published one, signed', () => {
    const signing = { seed: new Uint8Array(32).fill(1), expirySec: 1_795_393_800 }
    const text = buildMerchantCode({ ...SHOP, ...ORDER, terminal: 'POS01', signing })
    expect(text).toMatch(/6304FBC2$/)
    expect(readMerchantCode(text)).toMatchObject({
      isDynamic: true,
      amount: 4_500n,
      orderRef: ORDER.orderRef,
      signed: { expirySec: 1_795_393_800 },
    })
    expect(readEmvCode(text)).toMatchObject({ currency: '410', merchantName: 'MAPO COFFEE' })
  })

  it('that is none is a NodeError naming the rule', () => {
    expect(() => readMerchantCode('https://example.org')).toThrow(expect.objectContaining({ code: 'QR_TLV' }))
    expect(() => readMerchantCode(`${buildMerchantCode(SHOP).slice(0, -1)}X`)).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/^QR_/) }),
    )
    expect(() => readPayerCode('AAAA')).toThrow(expect.objectContaining({ code: 'QR_NOT_PAYER' }))
  })

  it('of a payer holds terms that a till reads and sends on', () => {
    const text = buildPayerCode(wallet, {
      maxAmount: 50_000n,
      expirySec: 1_795_393_800,
      nonce: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8),
    })
    const { bytes, terms } = readPayerCode(text)
    expect(terms).toMatchObject({ payer: wallet.account, maxAmount: 50_000n, keyId: 'k1', expirySec: 1_795_393_800 })
    const { type, payload } = capturePayment({ merchantId: SHOP.merchantId, authorisation: bytes, amount: 12_000n })
    expect([type.name, payload.orderRef, toHex(payload.authorisation)]).toEqual(['payment.capture', null, toHex(bytes)])
  })
})

describe('money as actions', () => {
  const hash = 'ab'.repeat(32) as never
  const item = {
    personTag: hash,
    eventId: hash,
    eventKind: 'ENOTICE',
    eventDate: 20261123,
    tier: 0,
    points: 500n,
    evidenceCommit: hash,
  }

  it('encodes as the rooms declare, receivers as text', () => {
    const to = tiny.account('citizen-2').id
    const actions = [
      payMerchant({ merchantId: SHOP.merchantId, total: 4_500n, points: 500n }),
      refundPayment({ payId: hash, amount: 10n, refundRef: 'R1' }),
      transferPoints(tiny.chain, { to, programmeId: 'ETAX', points: 5n }),
      grantPoints(tiny.chain, { programmeId: 'ETAX', to, ...item }),
      grantPointsBatch(tiny.chain, { programmeId: 'ETAX', grants: [{ to, ...item }] }),
    ]
    expect(actions.map(({ type }) => type.name)).toEqual([
      ...['payment.pay', 'payment.refund', 'points.transfer', 'points.grant', 'points.grantBatch'],
    ])
    for (const action of actions) expect(encodeAction(tiny.chain, action as never).bytes.length).toBeGreaterThan(10)
    expect(() => transferPoints(tiny.chain, { to: 'nobody', programmeId: 'ETAX', points: 5n })).toThrow(
      expect.objectContaining({ code: 'BAD_ACCOUNT' }),
    )
  })

  it('is refused before it is signed where no state could take it', () => {
    const envelope = { chain: tiny.chain, sender: wallet.account, keyId: 'k1', nonce: 0n, validUntil: 9 }
    const tooMany = payMerchant({ merchantId: SHOP.merchantId, total: 10n, points: 11n })
    expect(() => buildTransaction({ ...envelope, ...tooMany })).toThrow(/POINTS_EXCEED|points/i)
  })
})
