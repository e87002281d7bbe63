import { spawnSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRequire } from 'node:module'
import { scanRGBABuffer } from '@undecaf/zbar-wasm'
import { PNG } from 'pngjs'
import { encode, generate, withCrcTag } from 'promptparse'
import { describe, expect, it } from 'vitest'
import { isFailure } from '../core/base/errors.ts'
import type { Address } from '../core/base/ids.ts'
import { parseEmv } from '../modules/payment/qr/emv.ts'
import { authorisationBytes, cpmText, formatAuthorisation } from '../modules/payment/qr/cpm.ts'
import { buildHouse } from '../modules/payment/qr/house.ts'
import { drawQr, readQrImage } from './qr-image.ts'

const SHOP = { merchantId: '100000000000017', mcc: '5814', name: 'MAPO COFFEE', city: 'SEOUL' }
const sign = (): Uint8Array => new Uint8Array(64).fill(7)
const CODES: readonly (readonly [string, string])[] = [
  ['a sticker', buildHouse(SHOP)],
  ['Korean names', buildHouse({ ...SHOP, nameKo: '마포커피', cityKo: '서울' })],
  [
    'one order, signed',
    buildHouse({
      ...SHOP,
      amount: 4_500n,
      orderRef: 'A1B2C3D4E5F60718',
      nameKo: '마포커피',
      signing: { expirySec: 1_795_393_800, sign },
    }),
  ],
]

const TERMS = {
  payer: 'ab'.repeat(20) as Address,
  maxAmount: 50_000n,
  expirySec: 1_795_393_800,
  nonce: new Uint8Array(8),
  keyId: 'k1',
}
const PAYER_CODE = cpmText(formatAuthorisation({ ...TERMS, signature: sign().map((_, i) => authorisationBytes(TERMS)[i] ?? 0) }))

const tagOf = (id: string, value: string) => ({ id, value, length: value.length })
const fileOf = (bytes: Uint8Array | string, name = 'code.png'): string => {
  const path = join(mkdtempSync(join(tmpdir(), 'naru-qr-')), name)
  writeFileSync(path, bytes)
  return path
}

describe('the image of a code', () => {
  it.each(CODES)('with %s is read back from its PNG, by us and by zbar', async (_name, payload) => {
    const bytes = drawQr(payload, 'png', 6) as Uint8Array
    expect(await readQrImage(fileOf(bytes))).toBe(payload)
    const { data, width, height } = PNG.sync.read(Buffer.from(bytes))
    const symbols = await scanRGBABuffer(new Uint8Array(data).buffer as ArrayBuffer, width, height)
    expect(symbols.map((symbol) => symbol.decode())).toEqual([payload])
  })

  // Debian: zbar-tools. The same reader as above, but the program that people have, with its own image decoder.
  it.for([...CODES, ['a payer’s terms', PAYER_CODE] as const])(
    'with %s is read by zbarimg, where that is installed',
    ([, payload], context) => {
      const flags = ['--quiet', '--raw', '-Sdisable', '-Sqrcode.enable']
      const { error, status, stdout } = spawnSync('zbarimg', [...flags, fileOf(drawQr(payload, 'png', 6))], { encoding: 'utf8' })
      if (error !== undefined) return context.skip('zbarimg is not installed (Debian: zbar-tools)')
      expect([status, stdout]).toEqual([0, `${payload}\n`])
    },
  )

  it('is drawn for terminals and pages too', () => {
    expect(drawQr(SHOP.name, 'term')).toMatch(/[▀▄█]/)
    expect(drawQr(SHOP.name, 'svg')).toMatch(/^<svg/)
  })

  it('that is none, or shows none, is told apart', async () => {
    const white = new PNG({ width: 64, height: 64 })
    white.data.fill(255)
    await expect(readQrImage(fileOf(new Uint8Array(PNG.sync.write(white))))).rejects.toMatchObject({ code: 'QR_NOT_FOUND' })
    await expect(readQrImage(fileOf('no image'))).rejects.toMatchObject({ code: 'QR_IMAGE' })
  })
})

describe('payloads that other packages make', () => {
  it('are read: tags by promptparse; its PromptPay lacks what EMVCo asks for and is told so', () => {
    const tags = [
      ['00', '01'],
      ['26', encode([tagOf('00', 'D15600000000'), tagOf('05', 'A93FO3230Q')])],
      ['52', '4111'],
      ['53', '410'],
      ['58', 'KR'],
      ['59', 'BEST TRANSPORT'],
      ['60', 'SEOUL'],
    ] as const
    const payload = withCrcTag(encode(tags.map(([id, value]) => tagOf(id, value))), '63')
    expect(parseEmv(payload)).toMatchObject({ mcc: '4111', merchantCity: 'SEOUL', amount: null })
    const read = parseEmv(generate.anyId({ type: 'MSISDN', target: '0812223333', amount: 120.5 }))
    expect(isFailure(read) ? [read.code, read.detail] : read).toEqual(['QR_MISSING', { id: '52' }])
  })

  it('are read: a merchant of emv-qrcps, field by field', () => {
    type Builder = Record<string, (...values: unknown[]) => void> & { generatePayload: () => string }
    const { Merchant } = createRequire(import.meta.url)('emv-qrcps') as {
      Merchant: { buildEMVQR: () => Builder; buildMerchantAccountInformation: () => Builder }
    }
    const other = Merchant.buildEMVQR()
    const account = Merchant.buildMerchantAccountInformation()
    account['setGloballyUniqueIdentifier']?.('D15600000000')
    account['addPaymentNetworkSpecific']?.('05', 'A93FO3230Q')
    const said: readonly (readonly [string, ...unknown[]])[] = [
      ['setPayloadFormatIndicator', '01'],
      ['setPointOfInitiationMethod', '12'],
      ['addMerchantAccountInformation', '29', account],
      ['setMerchantCategoryCode', '4111'],
      ['setTransactionCurrency', '410'],
      ['setTransactionAmount', '2300'],
      ['setCountryCode', 'KR'],
      ['setMerchantName', 'BEST TRANSPORT'],
      ['setMerchantCity', 'SEOUL'],
    ]
    for (const [setter, ...values] of said) other[setter]?.(...values)
    const read = parseEmv(other.generatePayload())
    expect(read).toMatchObject({ mcc: '4111', currency: '410', amount: '2300', merchantName: 'BEST TRANSPORT', isDynamic: true })
  })
})
