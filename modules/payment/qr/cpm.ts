// Owns: the consumer's code: a pre-signed authorisation that a till scans (EMV QRCPS CPM 1.1; content by domain.md 7.3).
// Not here: taking the money (../capture.ts).
import { base64 } from '@scure/base'
import { concatBytes, equalBytes, fromHex, toHex, u32ToBytes, u64ToBytes, utf8ToBytes } from '../../../core/base/bytes.ts'
import { asAddress } from '../../../core/base/ids.ts'
import type { Address } from '../../../core/base/ids.ts'
import { berValue, formatBer, parseBer } from './ber.ts'
import type { BerObject } from './ber.ts'

/** Bytes of a code; readers need to support no more (EMV QRCPS CPM 4). */
export const CPM_BYTES_MAX = 512

const VERSION = utf8ToBytes('CPV01')
const APPLICATION = fromHex('f053454f554c01')
const LABEL = utf8ToBytes('SEOULPAY')
const SIGN_PREFIX = utf8ToBytes('seoul/cpm/v1\0')
const TAG = { version: 0x85, template: 0x61, application: 0x4f, label: 0x50, content: 0x63 } as const
const CONTENT = { payer: 0xc1, maxAmount: 0xc2, expiresAt: 0xc3, nonce: 0xc4, signature: 0xc5, keyId: 0xc6 } as const

/** An authorisation: up to `maxAmount` won of `payer` until `expirySec`, once; `keyId` names the payer's key. */
export type Authorisation = {
  readonly payer: Address
  readonly maxAmount: bigint
  readonly expirySec: number
  readonly nonce: Uint8Array
  readonly keyId: string
}

/** An authorisation with its signature and what that covers. */
export type SignedAuthorisation = Authorisation & { readonly signature: Uint8Array; readonly message: Uint8Array }

/** A consumer's code of any scheme, as its application templates say: application id and label. */
export type CpmCode = { readonly applications: readonly { readonly id: string; readonly label: string | null }[] }

/** Reads whose code it is; null for bytes that are no consumer code. */
export function parseCpm(bytes: Uint8Array): CpmCode | null {
  const objects = bytes.length > CPM_BYTES_MAX ? null : parseBer(bytes)
  const first = objects?.[0]
  if (objects === null || first?.tag !== TAG.version || !equalBytes(first.value, VERSION)) return null
  const templates = objects.filter(({ tag }) => tag === TAG.template)
  if (templates.length === 0 || templates.length > 2) return null
  const applications: { id: string; label: string | null }[] = []
  for (const { value } of templates) {
    const inner = parseBer(value)
    const id = inner === null ? null : berValue(inner, TAG.application)
    if (inner === null || id === null) return null
    const label = berValue(inner, TAG.label)
    applications.push({ id: toHex(id), label: label === null ? null : String.fromCharCode(...label) })
  }
  return { applications }
}

/** Reads an authorisation of this city in its one canonical form; null for anything else. */
export function parseAuthorisation(bytes: Uint8Array): SignedAuthorisation | null {
  const read = readAuthorisation(bytes)
  // What is read is written again: one authorisation has one code.
  return read !== null && equalBytes(formatAuthorisation(read), bytes) ? read : null
}

function readAuthorisation(bytes: Uint8Array): SignedAuthorisation | null {
  if (bytes.length > CPM_BYTES_MAX) return null
  const template = berValue(parseBer(bytes) ?? [], TAG.template)
  const content = template === null ? null : berValue(parseBer(template) ?? [], TAG.content)
  const objects = content === null ? null : parseBer(content)
  if (objects === null) return null
  const fixed = (tag: number, length: number): Uint8Array | null => {
    const value = berValue(objects, tag)
    return value?.length === length ? value : null
  }
  const [payer, maxAmount, expiresAt] = [fixed(CONTENT.payer, 20), fixed(CONTENT.maxAmount, 8), fixed(CONTENT.expiresAt, 4)]
  const [nonce, signature, keyId] = [fixed(CONTENT.nonce, 8), fixed(CONTENT.signature, 64), berValue(objects, CONTENT.keyId)]
  if (payer === null || maxAmount === null || expiresAt === null || nonce === null || signature === null) return null
  if (keyId === null || keyId.length === 0 || keyId.length > 16 || keyId.some((byte) => byte > 0x7e)) return null
  const authorisation = {
    payer: asAddress(toHex(payer)),
    maxAmount: BigInt(`0x${toHex(maxAmount)}`),
    expirySec: Number.parseInt(toHex(expiresAt), 16),
    nonce,
    keyId: String.fromCharCode(...keyId),
  }
  return { ...authorisation, signature, message: authorisationBytes(authorisation) }
}

/** What the payer signs: the prefix, then the content without its signature. */
export function authorisationBytes(authorisation: Authorisation): Uint8Array {
  return concatBytes(SIGN_PREFIX, ...listContent(authorisation).map(formatBer))
}

function listContent({ payer, maxAmount, expirySec, nonce, keyId }: Authorisation): readonly BerObject[] {
  return [
    { tag: CONTENT.payer, value: fromHex(payer) },
    { tag: CONTENT.maxAmount, value: u64ToBytes(maxAmount) },
    { tag: CONTENT.expiresAt, value: u32ToBytes(expirySec) },
    { tag: CONTENT.nonce, value: nonce },
    { tag: CONTENT.keyId, value: Uint8Array.from(keyId, (character) => character.charCodeAt(0)) },
  ]
}

/** The code's bytes; as base64 text they are what the QR shows. */
export function formatAuthorisation(authorisation: Authorisation & { readonly signature: Uint8Array }): Uint8Array {
  const content = concatBytes(
    ...[...listContent(authorisation), { tag: CONTENT.signature, value: authorisation.signature }].map(formatBer),
  )
  const template = concatBytes(
    formatBer({ tag: TAG.application, value: APPLICATION }),
    formatBer({ tag: TAG.label, value: LABEL }),
    formatBer({ tag: TAG.content, value: content }),
  )
  return concatBytes(formatBer({ tag: TAG.version, value: VERSION }), formatBer({ tag: TAG.template, value: template }))
}

/** The text that a QR shows. */
export function cpmText(bytes: Uint8Array): string {
  return base64.encode(bytes)
}

/** The bytes of a scanned text, or null. */
export function cpmBytes(text: string): Uint8Array | null {
  if (text.length > Math.ceil(CPM_BYTES_MAX / 3) * 4) return null
  try {
    return base64.decode(text)
  } catch {
    return null
  }
}
