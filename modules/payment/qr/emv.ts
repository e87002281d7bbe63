// Owns: the EMVCo merchant-presented code (EMV QRCPS MPM 1.1, tables 3.1 to 3.8) read strictly, whoever's it is.
// Not here: what this city's codes must hold besides (house.ts).
import { utf8ToBytes } from '../../../core/base/bytes.ts'
import { failure, isFailure } from '../../../core/base/errors.ts'
import type { Failure } from '../../../core/base/errors.ts'
import { crcText } from './crc.ts'
import { QrError } from './errors.ts'
import { parseObjects, textOf } from './tlv.ts'
import type { DataObject } from './tlv.ts'

/** Characters of a payload (EMVCo MPM 4.1). */
export const QR_CHARACTERS_MAX = 512

/** A template: a data object that holds data objects. */
export type Template = { readonly id: string; readonly objects: readonly DataObject[] }

/** A payload that keeps every rule of EMVCo's: its objects in order, its templates opened. Amount and codes as written. */
export type EmvCode = {
  readonly objects: readonly DataObject[]
  readonly templates: readonly Template[]
  readonly isDynamic: boolean
  readonly merchantAccounts: readonly MerchantAccount[]
  readonly mcc: string
  readonly currency: string
  readonly country: string
  readonly amount: string | null
  readonly merchantName: string
  readonly merchantCity: string
}

/** Merchant account information: 02 to 25 by network, 26 to 51 by the globally unique id in 00. */
export type MerchantAccount = {
  readonly id: string
  readonly network: string
  readonly guid: string | null
  readonly value: string
}

type Format = { readonly pattern: RegExp; readonly min: number; readonly max: number }

const N = /^\d+$/
/** Characters of "ans": printable ASCII. */
const ANS = /^[\x20-\x7e]+$/
const ANY = /^[^\p{Cc}]+$/u

const FORMATS: ReadonlyMap<string, Format> = new Map<string, Format>([
  ['00', { pattern: /^01$/, min: 2, max: 2 }],
  ['01', { pattern: /^1[12]$/, min: 2, max: 2 }],
  ['52', { pattern: N, min: 4, max: 4 }],
  ['53', { pattern: N, min: 3, max: 3 }],
  ['54', { pattern: /^(\d+\.?\d*|\.\d+)$/, min: 1, max: 13 }],
  ['55', { pattern: /^0[123]$/, min: 2, max: 2 }],
  ['56', { pattern: /^(\d+\.?\d*|\.\d+)$/, min: 1, max: 13 }],
  ['57', { pattern: /^(\d+\.?\d*|\.\d+)$/, min: 1, max: 5 }],
  ['58', { pattern: /^[A-Z]{2}$/, min: 2, max: 2 }],
  ['59', { pattern: ANS, min: 1, max: 25 }],
  ['60', { pattern: ANS, min: 1, max: 15 }],
  ['61', { pattern: ANS, min: 1, max: 10 }],
  ['63', { pattern: /^[0-9A-Fa-f]{4}$/, min: 4, max: 4 }],
])

const MANDATORY = ['00', '52', '53', '58', '59', '60', '63'] as const

const NETWORKS: readonly (readonly [last: number, name: string])[] = [
  [3, 'Visa'],
  [5, 'Mastercard'],
  [8, 'EMVCo'],
  [10, 'Discover'],
  [12, 'American Express'],
  [14, 'JCB'],
  [16, 'UnionPay'],
  [25, 'EMVCo'],
]

/** Reads a payload of any scheme. Fails with a QR_* that names the data object. */
export function parseEmv(payload: string): EmvCode | Failure {
  const length = [...payload].length
  if (length > QR_CHARACTERS_MAX) return failure(QrError.TOO_LONG, { length })
  if (!payload.isWellFormed()) return failure(QrError.TLV, { at: 0, got: 'text with halves of surrogate pairs' })
  const objects = parseObjects(payload)
  if (isFailure(objects)) return objects
  const refused = checkEnds(objects) ?? checkCrc(payload, objects) ?? checkFormats(objects) ?? checkConditions(objects)
  if (refused !== null) return refused
  const templates = openTemplates(objects)
  if (isFailure(templates)) return templates
  const value = (id: string): string => textOf(objects, id) ?? ''
  return {
    objects,
    templates,
    isDynamic: value('01') === '12',
    merchantAccounts: listAccounts(objects, templates),
    mcc: value('52'),
    currency: value('53'),
    country: value('58'),
    amount: textOf(objects, '54'),
    merchantName: value('59'),
    merchantCity: value('60'),
  }
}

/** The payload of these objects with its check sum, 63, at the end. Throws RangeError for an object that cannot be written. */
export function sealPayload(objects: readonly DataObject[], formatObject: (object: DataObject) => string): string {
  const body = `${objects.map(formatObject).join('')}6304`
  return `${body}${crcText(utf8ToBytes(body))}`
}

function checkEnds(objects: readonly DataObject[]): Failure | null {
  if (objects[0]?.id !== '00' && textOf(objects, '00') !== null) return failure(QrError.ORDER, { id: '00' })
  if (objects.at(-1)?.id !== '63' && textOf(objects, '63') !== null) return failure(QrError.ORDER, { id: '63' })
  // A payload that was cut or mistyped is told by its check sum before what it lacks.
  return textOf(objects, '63') === null ? failure(QrError.MISSING, { id: '63' }) : null
}

function checkCrc(payload: string, objects: readonly DataObject[]): Failure | null {
  const told = textOf(objects, '63') ?? ''
  const covered = payload.slice(0, payload.length - told.length)
  const crc = crcText(utf8ToBytes(covered))
  return told.toUpperCase() === crc ? null : failure(QrError.CRC_MISMATCH, { expected: crc, got: told })
}

function checkFormats(objects: readonly DataObject[]): Failure | null {
  const missing = MANDATORY.find((id) => textOf(objects, id) === null)
  if (missing !== undefined) return failure(QrError.MISSING, { id: missing })
  if (!objects.some(({ id }) => isMerchantAccount(id))) return failure(QrError.MISSING, { id: '02-51' })
  for (const { id, value } of objects) {
    const length = [...value].length
    const format = FORMATS.get(id) ?? { pattern: ANY, min: 1, max: 99 }
    if (length < format.min || length > format.max) return failure(QrError.LENGTH, { id, length })
    if (!format.pattern.test(value)) return failure(id === '54' ? QrError.AMOUNT : QrError.FORMAT, { id, got: value })
  }
  const amount = textOf(objects, '54')
  return amount !== null && /^[0.]*$/.test(amount) ? failure(QrError.AMOUNT, { id: '54', got: amount }) : null
}

// 56 stands with 55 = 02, 57 with 55 = 03, neither otherwise; 57 lies from 00.01 to 99.99 (EMVCo MPM 3.2, table 3.4).
function checkConditions(objects: readonly DataObject[]): Failure | null {
  const indicator = textOf(objects, '55')
  for (const [id, needed] of [
    ['56', '02'],
    ['57', '03'],
  ] as const) {
    const value = textOf(objects, id)
    if ((value !== null) !== (indicator === needed)) return failure(QrError.CONDITIONAL, { id })
    if (value !== null && /^[0.]*$/.test(value)) return failure(QrError.FORMAT, { id, got: value })
  }
  const percent = textOf(objects, '57')
  if (percent === null) return null
  return /^\d{1,2}(\.\d{1,2})?$/.test(percent) ? null : failure(QrError.FORMAT, { id: '57', got: percent })
}

function openTemplates(objects: readonly DataObject[]): readonly Template[] | Failure {
  const templates: Template[] = []
  for (const { id, value } of objects) {
    if (!isTemplate(id)) continue
    const inner = parseObjects(value, `${id}.`)
    if (isFailure(inner)) return inner
    const refused = checkTemplate(id, inner)
    if (refused !== null) return refused
    templates.push({ id, objects: inner })
  }
  return templates
}

function checkTemplate(id: string, inner: readonly DataObject[]): Failure | null {
  const number = Number(id)
  const needsGuid = (number >= 26 && number <= 51) || number >= 80
  const guid = textOf(inner, '00')
  if (needsGuid && guid === null) return failure(QrError.MISSING, { id: `${id}.00` })
  if (needsGuid && guid !== null && [...guid].length > 32)
    return failure(QrError.LENGTH, { id: `${id}.00`, length: [...guid].length })
  return id === '62' ? checkAdditional(inner) : id === '64' ? checkLanguage(inner) : null
}

function checkAdditional(inner: readonly DataObject[]): Failure | null {
  for (const { id, value } of inner) {
    const path = `62.${id}`
    const length = [...value].length
    if (Number(id) >= 1 && Number(id) <= 8 && length > 25) return failure(QrError.LENGTH, { id: path, length })
    if (id === '09' && !/^(?!.*(.).*\1)[AME]{1,3}$/.test(value)) return failure(QrError.FORMAT, { id: path, got: value })
    if (Number(id) < 50) continue
    const own = parseObjects(value, `${path}.`)
    if (isFailure(own)) return own
    if (textOf(own, '00') === null) return failure(QrError.MISSING, { id: `${path}.00` })
  }
  return null
}

function checkLanguage(inner: readonly DataObject[]): Failure | null {
  const bounds: readonly (readonly [id: string, max: number, isMandatory: boolean])[] = [
    ['00', 2, true],
    ['01', 25, true],
    ['02', 15, false],
  ]
  for (const [id, max, isMandatory] of bounds) {
    const value = textOf(inner, id)
    if (value === null && isMandatory) return failure(QrError.MISSING, { id: `64.${id}` })
    if (value !== null && [...value].length > max) return failure(QrError.LENGTH, { id: `64.${id}`, length: [...value].length })
  }
  return /^[A-Za-z]{2}$/.test(textOf(inner, '00') ?? '')
    ? null
    : failure(QrError.FORMAT, { id: '64.00', got: textOf(inner, '00') ?? '' })
}

function listAccounts(objects: readonly DataObject[], templates: readonly Template[]): readonly MerchantAccount[] {
  return objects
    .filter(({ id }) => isMerchantAccount(id))
    .map(({ id, value }) => {
      const inner = templates.find((template) => template.id === id)?.objects
      const network = NETWORKS.find(([last]) => Number(id) <= last)?.[1] ?? 'template'
      return { id, network, guid: inner === undefined ? null : textOf(inner, '00'), value }
    })
}

function isMerchantAccount(id: string): boolean {
  return Number(id) >= 2 && Number(id) <= 51
}

function isTemplate(id: string): boolean {
  const number = Number(id)
  return (number >= 26 && number <= 51) || number === 62 || number === 64 || number >= 80
}
