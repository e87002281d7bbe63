// Owns: this city's merchant codes: which objects they hold, how they are built, what their signature covers (domain.md 7.3).
// Not here: EMVCo's own rules (emv.ts), the registry of merchants (../merchant.ts).
import { base64urlnopad } from '@scure/base'
import { concatBytes, utf8ToBytes } from '../../../core/base/bytes.ts'
import { failure, isFailure } from '../../../core/base/errors.ts'
import type { Failure } from '../../../core/base/errors.ts'
import { parseEmv, sealPayload } from './emv.ts'
import type { EmvCode } from './emv.ts'
import { QrError } from './errors.ts'
import { isMerchantId } from './merchant-id.ts'
import { formatObject, textOf } from './tlv.ts'
import type { DataObject } from './tlv.ts'

/** Globally unique id of the city's templates. */
export const HOUSE_GUID = 'kr.go.seoul'
/** The one network of the city. */
export const HOUSE_NETWORK = '01'

const WON = '410'
const SIGN_PREFIX = 'seoul/qr/v1\0'
const SIGNATURE_HALF = 43
const AMOUNT_MAX = 10n ** 12n

/** A merchant's signature: what it covers and until when the code is good, in seconds since 1970. */
export type CodeSignature = { readonly expirySec: number; readonly signature: Uint8Array; readonly message: Uint8Array }

/** What a code of this city says. `amount` null lets the payer type it; a dynamic code has one and an order reference. */
export type HouseCode = {
  readonly merchantId: string
  readonly networkId: string
  readonly isDynamic: boolean
  readonly mcc: string
  readonly amount: bigint | null
  readonly orderRef: string | null
  readonly terminal: string | null
  readonly name: string
  readonly city: string
  readonly postalCode: string | null
  readonly nameKo: string | null
  readonly cityKo: string | null
  readonly signed: CodeSignature | null
}

/** Reads a payload as a code of this city. Fails with a QR_* that names the data object. */
export function parseHouse(payload: string): HouseCode | Failure {
  const emv = parseEmv(payload)
  return isFailure(emv) ? emv : readHouse(emv, payload)
}

function readHouse(emv: EmvCode, payload: string): HouseCode | Failure {
  const { objects } = emv
  const surcharge = ['55', '56', '57'].find((id) => textOf(objects, id) !== null)
  if (surcharge !== undefined) return failure(QrError.SURCHARGE, { id: surcharge })
  if (emv.currency !== WON) return failure(QrError.CURRENCY, { got: emv.currency })
  if (emv.country !== 'KR') return failure(QrError.COUNTRY, { got: emv.country })
  const account = emv.templates.find(({ id, objects: inner }) => Number(id) <= 51 && textOf(inner, '00') === HOUSE_GUID)
  if (account === undefined) return failure(QrError.NOT_HOUSE, { needs: HOUSE_GUID })
  const merchantId = textOf(account.objects, '01')
  const networkId = textOf(account.objects, '02')
  if (merchantId === null) return failure(QrError.MISSING, { id: `${account.id}.01` })
  if (!isMerchantId(merchantId)) return failure(QrError.FORMAT, { id: `${account.id}.01`, got: merchantId })
  if (networkId === null) return failure(QrError.MISSING, { id: `${account.id}.02` })
  const amount = emv.amount === null ? null : readWon(emv.amount)
  if (isFailure(amount)) return amount
  const additional = innerOf(emv, '62')
  const orderRef = textOf(additional, '05')
  const refused = emv.isDynamic ? checkDynamic(amount, orderRef) : null
  if (refused !== null) return refused
  const signed = readSignature(emv, payload)
  if (isFailure(signed)) return signed
  const korean = innerOf(emv, '64')
  return {
    merchantId,
    networkId,
    isDynamic: emv.isDynamic,
    mcc: emv.mcc,
    amount,
    orderRef,
    terminal: textOf(additional, '07'),
    name: emv.merchantName,
    city: emv.merchantCity,
    postalCode: textOf(objects, '61'),
    nameKo: textOf(korean, '01'),
    cityKo: textOf(korean, '02'),
    signed,
  }
}

function innerOf(emv: EmvCode, id: string): readonly DataObject[] {
  return emv.templates.find((template) => template.id === id)?.objects ?? []
}

function readWon(text: string): bigint | Failure {
  const isWon = /^[1-9]\d*$/.test(text) && BigInt(text) <= AMOUNT_MAX
  return isWon ? BigInt(text) : failure(QrError.AMOUNT, { id: '54', got: text })
}

function checkDynamic(amount: bigint | null, orderRef: string | null): Failure | null {
  if (amount === null) return failure(QrError.MISSING, { id: '54' })
  if (orderRef === null) return failure(QrError.MISSING, { id: '62.05' })
  return /^[0-9A-F]{16}$/.test(orderRef) ? null : failure(QrError.FORMAT, { id: '62.05', got: orderRef })
}

// The signature does not fit one template, so 80 holds the time and its first half, 81 the rest; both or neither.
function readSignature(emv: EmvCode, payload: string): CodeSignature | null | Failure {
  const head = innerOf(emv, '80')
  const tail = innerOf(emv, '81')
  if (textOf(head, '00') !== HOUSE_GUID && textOf(tail, '00') !== HOUSE_GUID) return null
  if (textOf(head, '00') !== HOUSE_GUID || textOf(tail, '00') !== HOUSE_GUID) return failure(QrError.CONDITIONAL, { id: '80' })
  const expiry = textOf(head, '01')
  const first = textOf(head, '02')
  const rest = textOf(tail, '02')
  if (expiry === null || first === null || rest === null)
    return failure(QrError.MISSING, { id: expiry === null ? '80.01' : first === null ? '80.02' : '81.02' })
  if (!/^\d{10}$/.test(expiry)) return failure(QrError.FORMAT, { id: '80.01', got: expiry })
  const signature = decodeSignature(first, rest)
  if (signature === null) return failure(QrError.FORMAT, { id: '80.02' })
  const before = emv.objects.slice(
    0,
    emv.objects.findIndex(({ id }) => id === '80'),
  )
  const covered = before.map(formatObject).join('')
  // Whatever stands after 80 would not be covered, so nothing but the signature itself may.
  if (`${covered}${formatTail(emv)}` !== payload) return failure(QrError.ORDER, { id: '80' })
  return { expirySec: Number(expiry), signature, message: signedBytes(covered, expiry) }
}

function formatTail(emv: EmvCode): string {
  const at = emv.objects.findIndex(({ id }) => id === '80')
  const tail = emv.objects.slice(at)
  return tail.length === 3 && tail[1]?.id === '81' ? tail.map(formatObject).join('') : ''
}

function decodeSignature(first: string, rest: string): Uint8Array | null {
  const text = `${first}${rest}`
  if (first.length !== SIGNATURE_HALF || rest.length !== SIGNATURE_HALF || !/^[A-Za-z0-9_-]{86}$/.test(text)) return null
  try {
    return base64urlnopad.decode(text)
  } catch {
    return null
  }
}

/** What a merchant signs: the prefix, the payload before data object 80, and the expiry in seconds as ten digits. */
export function signedBytes(covered: string, expiry: string): Uint8Array {
  return concatBytes(utf8ToBytes(SIGN_PREFIX), utf8ToBytes(covered), utf8ToBytes(expiry))
}

/** What a code says; without an amount it is static. Names in Korean go beside the ASCII ones. */
export type HouseInput = {
  readonly merchantId: string
  readonly mcc: string
  readonly name: string
  readonly city: string
  readonly postalCode?: string
  readonly nameKo?: string
  readonly cityKo?: string
  readonly amount?: bigint
  /** Sixteen hex digits; with it the code is dynamic and needs an amount. */
  readonly orderRef?: string
  readonly terminal?: string
  readonly signing?: { readonly expirySec: number; readonly sign: (message: Uint8Array) => Uint8Array }
}

/** Writes a code; what `parseHouse` then refuses throws RangeError naming the data object. */
export function buildHouse(input: HouseInput): string {
  const { signing } = input
  const objects = listObjects(input)
  const payload =
    signing === undefined
      ? sealPayload(objects, formatObject)
      : sealPayload([...objects, ...signatureObjects(objects, signing)], formatObject)
  const read = parseHouse(payload)
  if (isFailure(read))
    throw new RangeError(`the code cannot be written: ${read.code} ${String(read.detail?.['id'] ?? '')} ${read.text}`)
  return payload
}

function listObjects(input: HouseInput): readonly DataObject[] {
  const { merchantId, mcc, name, city, postalCode, nameKo, cityKo, amount, orderRef, terminal } = input
  const template = (id: string, inner: readonly (readonly [string, string | undefined])[]): DataObject[] => {
    const value = inner.flatMap(([own, text]) => (text === undefined ? [] : [formatObject({ id: own, value: text })])).join('')
    return value === '' ? [] : [{ id, value }]
  }
  return [
    { id: '00', value: '01' },
    { id: '01', value: orderRef === undefined ? '11' : '12' },
    ...template('26', [
      ['00', HOUSE_GUID],
      ['01', merchantId],
      ['02', HOUSE_NETWORK],
    ]),
    { id: '52', value: mcc },
    { id: '53', value: WON },
    ...(amount === undefined ? [] : [{ id: '54', value: amount.toString() }]),
    { id: '58', value: 'KR' },
    { id: '59', value: name },
    { id: '60', value: city },
    ...(postalCode === undefined ? [] : [{ id: '61', value: postalCode }]),
    ...template('62', [
      ['05', orderRef],
      ['07', terminal],
    ]),
    ...(nameKo === undefined
      ? []
      : template('64', [
          ['00', 'ko'],
          ['01', nameKo],
          ['02', cityKo],
        ])),
  ]
}

function signatureObjects(objects: readonly DataObject[], signing: NonNullable<HouseInput['signing']>): readonly DataObject[] {
  const expiry = String(signing.expirySec).padStart(10, '0')
  const text = base64urlnopad.encode(signing.sign(signedBytes(objects.map(formatObject).join(''), expiry)))
  const guid = formatObject({ id: '00', value: HOUSE_GUID })
  const half = (value: string): string => formatObject({ id: '02', value })
  return [
    { id: '80', value: `${guid}${formatObject({ id: '01', value: expiry })}${half(text.slice(0, SIGNATURE_HALF))}` },
    { id: '81', value: `${guid}${half(text.slice(SIGNATURE_HALF))}` },
  ]
}
