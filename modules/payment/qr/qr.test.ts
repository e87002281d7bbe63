import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { fromHex, toHex, utf8ToBytes } from '../../../core/base/bytes.ts'
import { isFailure } from '../../../core/base/errors.ts'
import { createSigner, verifySignature } from '../../../core/crypto/keys.ts'
import { crc16 } from './crc.ts'
import { cpmBytes, cpmText, formatAuthorisation, parseAuthorisation, parseCpm } from './cpm.ts'
import { parseEmv } from './emv.ts'
import { buildHouse, parseHouse } from './house.ts'
import { isMerchantId, merchantIdOf } from './merchant-id.ts'

// The payloads of domain.md 15.5.
const E1 =
  '00020101021229300012D156000000000510A93FO3230Q31280012D15600000001030812345678520441115802CN5914BEST TRANSPORT6007BEIJING64200002ZH0104最佳运输0202北京540523.7253031565502016233030412340603***0708A60086670902ME91320016A0112233449988770708123456786304A13A'
const E2 =
  '0002010102121531260004102600041075112872400000026310014D41000000140100509000000001520472105303410540432515802KR5910CleanTopia6010KYUNGGI-DO610513204625603090000000010515MQ202090000979306081000011407080000000164210002ko0104비씨카드0203경기도630439F0'
const E5 =
  '00020126830014br.gov.bcb.pix01364004901d-bd85-4769-8e52-cb4c42c506dc0221Jornada pagador 57768520400005303986540573.625802BR5903Pix62080504oooo63048E87'
const H1 = '00020101021126400011kr.go.seoul01151000000000000170202015204581453034105802KR5911MAPO COFFEE6005SEOUL6304824D'
const H2 =
  '00020101021126400011kr.go.seoul01151000000000000170202015204581453034105802KR5911MAPO COFFEE6005SEOUL61050406664200002ko0104마포커피0202서울6304C687'
const H3 =
  '00020101021226400011kr.go.seoul0115100000000000017020201520458145303410540445005802KR5911MAPO COFFEE6005SEOUL62290516A1B2C3D4E5F607180705POS0163046A12'
const H4 =
  '00020101021226400011kr.go.seoul0115100000000000017020201520458145303410540445005802KR5911MAPO COFFEE6005SEOUL62290516A1B2C3D4E5F607180705POS0180760011kr.go.seoul011017953938000243LAoH1obA3fT3zQ4j3JQtJNTT3PWg5hls-OE-HyIaL9A81620011kr.go.seoul0243Qif2h558IbHGVLuzql2xUAAhPfyMNs1CgC5oL7CigCA6304FBC2'
const P1 = 'hQVDUFYwMWEaTwegAAAAVVVVVw8SNFZ4kBI0WNGRIgESNF8='
const P2 =
  'hQVDUFYwMWGBik8H8FNFT1VMAVAIU0VPVUxQQVljdcEUNHUPmL1Z/PyUbaRaqr6TO+FUpLXCCAAAAAAAAMNQwwRrA4kIxAgBAgMEBQYHCMYBAMVALAHq2ZSTjjQqat0RXKvit7Ak9T1Q9/yxCz4Pk6fqUbEVNjfLkprB7puWB6Ynn5s0iqowPLl4RerqtmarUc+FBg=='
const MERCHANT = '100000000000017'
const SIGNER = createSigner(new Uint8Array(32).fill(1))
const EXPIRY = 1_795_393_800

const codeOf = (result: unknown): string => {
  if (!isFailure(result)) return 'ok'
  const id = result.detail?.['id']
  return id === undefined ? result.code : `${result.code} ${id}`
}
/** The payload with some of its text replaced and a right check sum again. */
const resealed = (payload: string, from: string, to: string): string => {
  const body = payload.replace(from, to).slice(0, -4)
  expect(body).not.toBe(payload.slice(0, -4))
  return `${body}${crc16(utf8ToBytes(body)).toString(16).toUpperCase().padStart(4, '0')}`
}

describe('the check sum', () => {
  it('of "123456789" is 29B1', () => expect(crc16(utf8ToBytes('123456789'))).toBe(0x29b1))
})

describe('a code of any scheme', () => {
  it.each([
    ['the example of EMVCo', E1, { mcc: '4111', currency: '156', amount: '23.72', merchantName: 'BEST TRANSPORT' }],
    ['a Korean card code', E2, { mcc: '7210', currency: '410', amount: '3251', merchantName: 'CleanTopia' }],
    ['a static house code', H1, { mcc: '5814', currency: '410', amount: null, merchantName: 'MAPO COFFEE', isDynamic: false }],
  ])('%s is read', (_name, payload, expected) => expect(parseEmv(payload)).toMatchObject(expected))

  it('tells whose merchant accounts it carries', () => {
    const read = parseEmv(E2)
    if (isFailure(read)) throw new Error(read.code)
    expect(read.merchantAccounts.map(({ id, network, guid }) => [id, network, guid])).toEqual([
      ['15', 'UnionPay', null],
      ['26', 'template', 'D4100000014010'],
    ])
  })

  it.each([
    ['a changed check sum', `${E1.slice(0, -1)}B`, 'QR_CRC_MISMATCH'],
    ['no city', E5, 'QR_MISSING 60'],
    ['no check sum', H1.slice(0, -8), 'QR_MISSING 63'],
    ['nothing', '', 'QR_MISSING 63'],
    ['a length beyond the end', `${H1}6399A`, 'QR_TLV 63'],
    ['letters for an id', `X${H1}`, 'QR_TLV'],
    ['an empty object', resealed(H1, '6005SEOUL', '6000'), 'QR_LENGTH 60'],
    ['an object twice', resealed(H1, '6005SEOUL', '6005SEOUL5802KR'), 'QR_DUPLICATE_ID 58'],
    ['the check sum in the middle', `${H1}6005SEOUX`, 'QR_DUPLICATE_ID 60'],
    ['something after the check sum', `${H1}61050406`, 'QR_TLV 61'],
    ['00 not first', resealed(H1, '000201010211', '010211000201'), 'QR_ORDER 00'],
    ['63 not last', '6304824D000201', 'QR_ORDER 00'],
    ['another format', resealed(H1, '000201', '000202'), 'QR_FORMAT 00'],
    ['a long name', resealed(H1, '5911MAPO COFFEE', `5926${'A'.repeat(26)}`), 'QR_LENGTH 59'],
    ['Korean where ASCII belongs', resealed(H1, '5911MAPO COFFEE', '5904마포커피'), 'QR_FORMAT 59'],
    ['no merchant account', resealed(H1, '26400011kr.go.seoul0115100000000000017020201', ''), 'QR_MISSING 02-51'],
    ['an amount of zero', resealed(H3, '54044500', '54040000'), 'QR_AMOUNT 54'],
    ['an amount with two points', resealed(H3, '54044500', '54041.5.'), 'QR_AMOUNT 54'],
    ['a fixed fee without its sign', resealed(H1, '5802KR', '56011' + '5802KR'), 'QR_CONDITIONAL 56'],
    ['a percentage announced but absent', resealed(H1, '5802KR', '5502035802KR'), 'QR_CONDITIONAL 57'],
    ['a template without its id', resealed(H1, '0011kr.go.seoul0115', '0311kr.go.seoul0115'), 'QR_MISSING 26.00'],
    ['a language without its name', resealed(H2, '64200002ko0104마포커피0202서울', '64060002ko'), 'QR_MISSING 64.01'],
    ['a data request twice for one thing', resealed(H3, '62290516', '6235' + '0902MM' + '0516'), 'QR_FORMAT 62.09'],
    ['more than 512 characters', `${H1}${'9'.repeat(512)}`, 'QR_TOO_LONG'],
  ])('with %s is refused', (_name, payload, expected) => expect(codeOf(parseEmv(payload))).toBe(expected))

  it('never throws, whatever the text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ maxLength: 200, unit: 'binary' }), fc.stringMatching(/^[0-9]{0,200}$/)), (text) => {
        for (const read of [parseEmv(text), parseHouse(text)]) expect(isFailure(read) || typeof read === 'object').toBe(true)
      }),
      { numRuns: 500 },
    )
  })

  it('is refused when any one character was changed', () => {
    for (let at = 0; at < H4.length; at++) {
      const other = H4[at] === '0' ? '1' : '0'
      expect(isFailure(parseEmv(H4.slice(0, at) + other + H4.slice(at + 1))), `at ${at}`).toBe(true)
    }
  })
})

describe('a code of this city', () => {
  it.each([
    ['static', H1, { merchantId: MERCHANT, isDynamic: false, amount: null, orderRef: null, nameKo: null, signed: null }],
    ['with Korean names', H2, { nameKo: '마포커피', cityKo: '서울', postalCode: '04066' }],
    ['dynamic', H3, { isDynamic: true, amount: 4_500n, orderRef: 'A1B2C3D4E5F60718', terminal: 'POS01', signed: null }],
  ])('is read: %s', (_name, payload, expected) => expect(parseHouse(payload)).toMatchObject(expected))

  it('is written as it was read, signed too', () => {
    const base = { merchantId: MERCHANT, mcc: '5814', name: 'MAPO COFFEE', city: 'SEOUL' }
    const dynamic = { ...base, amount: 4_500n, orderRef: 'A1B2C3D4E5F60718', terminal: 'POS01' }
    expect(buildHouse(base)).toBe(H1)
    expect(buildHouse({ ...base, postalCode: '04066', nameKo: '마포커피', cityKo: '서울' })).toBe(H2)
    expect(buildHouse(dynamic)).toBe(H3)
    expect(buildHouse({ ...dynamic, signing: { expirySec: EXPIRY, sign: SIGNER.sign } })).toBe(H4)
    expect([[...H2].length, utf8ToBytes(H2).length]).toEqual([142, 154])
  })

  it('carries a signature over everything before it and its expiry', () => {
    const read = parseHouse(H4)
    if (isFailure(read) || read.signed === null) throw new Error('no signature')
    expect(toHex(SIGNER.publicKey)).toBe('8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c')
    expect(read.signed.expirySec).toBe(EXPIRY)
    expect(verifySignature({ publicKey: SIGNER.publicKey, ...read.signed })).toBe(true)
    const cheaper = parseHouse(resealed(H4, '54044500', '54040500'.replace('0500', '4501')))
    if (isFailure(cheaper) || cheaper.signed === null) throw new Error('no signature')
    expect(verifySignature({ publicKey: SIGNER.publicKey, ...cheaper.signed })).toBe(false)
  })

  it.each([
    ['a tip', E1, 'QR_SURCHARGE 55'],
    ['another currency', resealed(H1, '5303410', '5303840'), 'QR_CURRENCY'],
    ['another country', resealed(H1, '5802KR', '5802JP'), 'QR_COUNTRY'],
    ['another scheme', E2, 'QR_NOT_HOUSE'],
    ['a wrong check digit of its merchant', resealed(H1, MERCHANT, '100000000000018'), 'QR_FORMAT 26.01'],
    ['decimals', resealed(H3, '54044500', '540645.000'.replace('45.000', '4500.0')), 'QR_AMOUNT 54'],
    ['a dynamic code without an amount', resealed(H3, '54044500', ''), 'QR_MISSING 54'],
    ['a dynamic code without an order', resealed(H1, '010211', '010212'), 'QR_MISSING 62.05'.replace('62.05', '54')],
    ['an order that is no hex', resealed(H3, 'A1B2C3D4E5F60718', 'Z1B2C3D4E5F60718'), 'QR_FORMAT 62.05'],
    [
      'half a signature',
      resealed(H4, '81620011kr.go.seoul0243Qif2h558IbHGVLuzql2xUAAhPfyMNs1CgC5oL7CigCA', ''),
      'QR_CONDITIONAL 80',
    ],
    ['a signature that is no base64', resealed(H4, 'LAoH1obA', 'LAoH1ob='), 'QR_FORMAT 80.02'],
    ['something between signature and check sum', resealed(H4, '6304', '99080004test6304'), 'QR_ORDER 80'],
  ])('with %s is refused', (_name, payload, expected) => expect(codeOf(parseHouse(payload))).toBe(expected))

  it('refuses to write what it would not read', () => {
    const base = { merchantId: MERCHANT, mcc: '5814', name: 'MAPO COFFEE', city: 'SEOUL' }
    expect(() => buildHouse({ ...base, name: '마포커피' })).toThrow('QR_FORMAT 59')
    expect(() => buildHouse({ ...base, merchantId: '1' })).toThrow('QR_FORMAT 26.01')
    expect(() => buildHouse({ ...base, orderRef: 'A1B2C3D4E5F60718' })).toThrow('QR_MISSING 54')
  })
})

describe('numbers of merchants', () => {
  it('count up and end in a check digit', () => {
    expect([merchantIdOf(1), merchantIdOf(2), merchantIdOf(10)]).toEqual([MERCHANT, '100000000000025', '100000000000108'])
    for (let i = 0; i < 200; i++) expect(isMerchantId(merchantIdOf(i))).toBe(true)
    expect([isMerchantId('100000000000018'), isMerchantId('17'), isMerchantId('10000000000001x')]).toEqual([false, false, false])
  })
})

describe("a consumer's code", () => {
  it('of EMVCo is known by its application', () => {
    const bytes = cpmBytes(P1)
    expect(bytes === null ? null : toHex(bytes)).toBe('85054350563031611a4f07a0000000555555570f1234567890123458d191220112345f')
    expect(bytes === null ? null : parseCpm(bytes)).toEqual({ applications: [{ id: 'a0000000555555', label: null }] })
    expect(bytes === null ? 0 : parseAuthorisation(bytes)).toBe(null)
  })

  it('of this city is an authorisation that its payer signed', () => {
    const bytes = cpmBytes(P2) ?? new Uint8Array()
    const read = parseAuthorisation(bytes)
    expect(bytes.length).toBe(148)
    expect(read).toMatchObject({ maxAmount: 50_000n, keyId: '\0', nonce: fromHex('0102030405060708'), expirySec: 0x6b038908 })
    if (read === null) throw new Error('not read')
    expect(verifySignature({ publicKey: SIGNER.publicKey, ...read })).toBe(true)
    expect(cpmText(formatAuthorisation(read))).toBe(P2)
    expect(parseCpm(bytes)).toEqual({ applications: [{ id: 'f053454f554c01', label: 'SEOULPAY' }] })
  })

  it('has one form: whatever else says the same is refused', () => {
    const bytes = cpmBytes(P2) ?? new Uint8Array()
    for (let at = 0; at < bytes.length; at++) {
      const changed = Uint8Array.from(bytes)
      changed[at] = (changed[at] as number) ^ 1
      const read = parseAuthorisation(changed)
      expect(read !== null && verifySignature({ publicKey: SIGNER.publicKey, ...read }), `byte ${at}`).toBe(false)
    }
    expect(parseAuthorisation(new Uint8Array([...bytes, 0x62, 0]))).toBe(null)
    expect([cpmBytes('!'), cpmBytes('A'.repeat(2_000)), parseCpm(new Uint8Array(600))]).toEqual([null, null, null])
  })
})
