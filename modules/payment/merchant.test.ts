import { describe, expect, it } from 'vitest'
import type { Address } from '../../core/base/ids.ts'
import { accountOf, createRoomBench, genesisDocument, signerOf, textOf } from '../../test/room-bench.ts'
import type { RoomBench } from '../../test/room-bench.ts'
import { REGISTRY } from '../registry.ts'
import { checkBrn } from './brn.ts'
import { merchantApply } from './merchant-apply.ts'
import { merchantApprove, merchantSetTier } from './merchant-approve.ts'
import { merchantClose, merchantResume, merchantSuspend } from './merchant-close.ts'
import { rotateQrKey } from './merchant-key.ts'
import { findMerchantByBrn, getMerchant } from './merchant-queries.ts'
import { QR_KEYS_MAX } from './merchant-schema.ts'
import { wallets } from './store.ts'

const SHOP = accountOf('shop')
const PSP = accountOf('psp')
const FIRST = '100000000000017'
const COFFEE = {
  ...{ brn: '2208162517', mcc: '5814', nameAscii: 'MAPO COFFEE', nameKo: '마포커피', cityAscii: 'SEOUL' },
  ...{ guCode: '11440', settleBank: '088', qrKey: signerOf('qr').publicKey },
}
const why = (reasonCode = 'TEST') => ({ merchantId: FIRST, reasonCode })
const approval = (merchantId = FIRST) => ({ sender: PSP, payload: { merchantId, tier: 'SMALL_A' as const } })

function openShop(city: RoomBench, owner: Address = SHOP): void {
  expect(city.run(merchantApply, { sender: owner, payload: COFFEE }).failure).toBe(null)
  expect(city.run(merchantApprove, approval()).failure).toBe(null)
}
const codeOf = (outcome: { failure: { code: string } | null }): string => outcome.failure?.code ?? 'ok'

describe('business registration numbers', () => {
  it.each(['2208162517', '1208147521', '1248100998', '1018109147', '1048118121', '1234567891'])('%s is one', (brn) =>
    expect(checkBrn(brn)).toBe(null),
  )
  it.each([
    ['22081625170', 'PAYMENT_BRN_FORMAT'],
    ['220816251x', 'PAYMENT_BRN_FORMAT'],
    ['2208162518', 'PAYMENT_BRN_CHECKSUM'],
    ['0000000000', 'PAYMENT_BRN_TYPE'],
  ])('%s is refused: %s', (brn, code) => expect(checkBrn(brn)?.code).toBe(code))
})

describe('a merchant', () => {
  it('applies, is approved and stands in the registry under its two numbers', () => {
    const city = createRoomBench(REGISTRY)
    const applied = city.run(merchantApply, { sender: SHOP, payload: COFFEE })
    expect(applied.events).toEqual([
      { name: 'payment.merchantStateChanged', payload: { merchantId: FIRST, owner: SHOP, state: 'APPLIED', reasonCode: null } },
    ])
    expect(city.run(merchantApprove, approval()).events.map(({ name }) => name)).toEqual([
      'payment.merchantStateChanged',
      'payment.merchantTierChanged',
    ])
    expect(city.ask(getMerchant, { merchantId: FIRST })).toMatchObject({ state: 'ACTIVE', tier: 'SMALL_A', psp: textOf('psp') })
    expect(city.ask(findMerchantByBrn, { brn: COFFEE.brn })).toMatchObject({ merchantId: FIRST })
    expect(city.broken()).toEqual([])
  })

  it('has no holding limit while it is open, and the limits of before when its owner’s last business closes', () => {
    const city = createRoomBench(REGISTRY)
    const alice = accountOf('alice')
    const payload = { ...COFFEE, settleBank: '004' }
    expect(city.run(merchantApply, { sender: alice, payload }).failure).toBe(null)
    expect(wallets.mustGet(city.view, alice).exempt).toBe(false)
    expect(city.run(merchantApprove, approval()).failure).toBe(null)
    expect(city.run(merchantApply, { sender: alice, payload: { ...payload, brn: '1208147521' } }).failure).toBe(null)
    expect(city.run(merchantApprove, approval('100000000000025')).failure).toBe(null)
    expect(wallets.mustGet(city.view, alice).exempt).toBe(true)
    city.run(merchantClose, { sender: alice, payload: why() })
    expect(wallets.mustGet(city.view, alice).exempt).toBe(true)
    city.run(merchantClose, { sender: alice, payload: { ...why(), merchantId: '100000000000025' } })
    expect(wallets.mustGet(city.view, alice).exempt).toBe(false)
    expect(city.broken()).toEqual([])
  })

  it('is suspended and resumed by an operator or the city, and closed by its owner for good', () => {
    const city = createRoomBench(REGISTRY)
    openShop(city)
    for (const overseer of [PSP, accountOf('cityhall')]) {
      expect(codeOf(city.run(merchantSuspend, { sender: overseer, payload: why('FRAUD') }))).toBe('ok')
      expect(codeOf(city.run(merchantSuspend, { sender: overseer, payload: why() }))).toBe('PAYMENT_MERCHANT_STATE')
      expect(codeOf(city.run(merchantResume, { sender: overseer, payload: why() }))).toBe('ok')
    }
    expect(codeOf(city.run(merchantSuspend, { sender: SHOP, payload: why() }))).toBe('GOVERNANCE_NOT_AUTHORIZED')
    expect(codeOf(city.run(merchantClose, { sender: accountOf('bob'), payload: why() }))).toBe('PAYMENT_NOT_MERCHANT')
    expect(codeOf(city.run(merchantClose, { sender: SHOP, payload: why() }))).toBe('ok')
    expect(codeOf(city.run(merchantClose, { sender: SHOP, payload: why() }))).toBe('PAYMENT_MERCHANT_CLOSED')
    expect(city.ask(findMerchantByBrn, { brn: COFFEE.brn })).toBe('PAYMENT_MERCHANT_UNKNOWN')
    expect(codeOf(city.run(merchantApply, { sender: SHOP, payload: COFFEE }))).toBe('ok')
    expect(city.broken()).toEqual([])
  })

  it('changes its tier by the operator and its key by the owner; a key never comes back', () => {
    const city = createRoomBench(REGISTRY)
    openShop(city)
    const tier = { merchantId: FIRST, tier: 'SMALL_B' as const, year: 2026 }
    expect(codeOf(city.run(merchantSetTier, { sender: SHOP, payload: tier }))).toBe('GOVERNANCE_NOT_AUTHORIZED')
    expect(codeOf(city.run(merchantSetTier, { sender: PSP, payload: tier }))).toBe('ok')
    const rotate = (publicKey: Uint8Array | null, sender = SHOP) =>
      codeOf(city.run(rotateQrKey, { sender, payload: { merchantId: FIRST, publicKey } }))
    expect(rotate(signerOf('qr').publicKey)).toBe('PAYMENT_QR_KEY_REUSED')
    expect(rotate(new Uint8Array(32))).toBe('PAYMENT_QR_KEY_WEAK')
    expect(rotate(signerOf('qr2').publicKey, PSP)).toBe('PAYMENT_NOT_MERCHANT')
    expect(rotate(signerOf('qr2').publicKey)).toBe('ok')
    expect(rotate(null)).toBe('ok')
    expect(rotate(signerOf('qr2').publicKey)).toBe('PAYMENT_QR_KEY_REUSED')
    for (let i = 2; i < QR_KEYS_MAX; i++) expect(rotate(signerOf(`key-${i}`).publicKey)).toBe('ok')
    expect(rotate(signerOf('one more').publicKey)).toBe('PAYMENT_QR_KEY_LIMIT')
    expect(city.broken()).toEqual([])
  })

  it.each([
    ['PAYMENT_BRN_CHECKSUM', { brn: '2208162518' }],
    ['PAYMENT_NAME_FORMAT', { nameAscii: '마포커피' }],
    ['PAYMENT_NAME_FORMAT', { nameKo: '' }],
    ['PAYMENT_GU_UNKNOWN', { guCode: '11111' }],
    ['PAYMENT_QR_KEY_WEAK', { qrKey: new Uint8Array(32).fill(0xff) }],
    ['PAYMENT_BANK_UNKNOWN', { settleBank: '999' }],
    ['PAYMENT_BANK_MISMATCH', { settleBank: '004' }],
  ])('%s: cannot apply with %j', (code, wrong) => {
    const city = createRoomBench(REGISTRY)
    expect(codeOf(city.run(merchantApply, { sender: SHOP, payload: { ...COFFEE, ...wrong } }))).toBe(code)
  })

  it('PAYMENT_BRN_TAKEN: two businesses never share a registration number', () => {
    const city = createRoomBench(REGISTRY)
    openShop(city)
    expect(codeOf(city.run(merchantApply, { sender: accountOf('bob'), payload: COFFEE }))).toBe('PAYMENT_BRN_TAKEN')
  })

  it('PAYMENT_MERCHANT_LIMIT: an owner has at most 32', () => {
    const city = createRoomBench(REGISTRY, genesisDocument())
    let made = 0
    for (let n = 0; made < 32; n++) {
      const head = `22081${String(n).padStart(4, '0')}`
      const brn = [...Array(10).keys()].map((digit) => `${head}${digit}`).find((candidate) => checkBrn(candidate) === null)
      if (brn === undefined) continue
      expect(codeOf(city.run(merchantApply, { sender: SHOP, payload: { ...COFFEE, brn } }))).toBe('ok')
      made++
    }
    expect(codeOf(city.run(merchantApply, { sender: SHOP, payload: { ...COFFEE, brn: '1208147521' } }))).toBe(
      'PAYMENT_MERCHANT_LIMIT',
    )
  })

  it('PAYMENT_MERCHANT_UNKNOWN: nobody acts on a merchant that is not there; a stranger approves nobody', () => {
    const city = createRoomBench(REGISTRY)
    const unknown = { sender: PSP, payload: why() }
    for (const definition of [merchantSuspend, merchantResume, merchantClose]) {
      expect(codeOf(city.run(definition, unknown))).toBe('PAYMENT_MERCHANT_UNKNOWN')
    }
    expect(codeOf(city.run(merchantApprove, approval()))).toBe('PAYMENT_MERCHANT_UNKNOWN')
    city.run(merchantApply, { sender: SHOP, payload: COFFEE })
    expect(codeOf(city.run(merchantApprove, { ...approval(), sender: SHOP }))).toBe('GOVERNANCE_NOT_AUTHORIZED')
    expect(codeOf(city.run(merchantApprove, approval()))).toBe('ok')
    expect(codeOf(city.run(merchantApprove, approval()))).toBe('PAYMENT_MERCHANT_STATE')
  })
})
