// Owns: the forms that go between agency and holder: what is asked, what is shown, for which policy.
// Not here: making (holder.ts) and judging (check.ts) them.
import { base64urlnopad } from '@scure/base'
import { asHash32 } from '../../core/base/ids.ts'
import type { Hash32 } from '../../core/base/ids.ts'
import { isHex } from '../../core/base/bytes.ts'
import { CREDENTIAL_CHARS_MAX } from './sd-jwt-vc.ts'
import { refuseMalformed } from './jws.ts'

/** What an agency asks; the policy itself is on chain. `verifier` is its DID, `expiresAt` in seconds. */
export type PresentationRequest = {
  readonly kind: 'naru-presentation-request'
  readonly version: 1
  readonly policyId: string
  readonly policyVersion: number
  readonly verifier: string
  readonly nonce: string
  readonly expiresAt: number
}

/** What a holder shows: credentials with the chosen claims, and how the receipt on chain opens. */
export type Presentation = {
  readonly kind: 'naru-presentation'
  readonly version: 1
  readonly policyId: string
  readonly policyVersion: number
  readonly holder: string
  readonly receiptCommit: Hash32
  readonly salt: Uint8Array
  /** The height at which the receipt is final. */
  readonly height: number
  readonly credentials: readonly string[]
}

const CREDENTIALS_MAX = 8

function fieldsOf(json: unknown, kind: string): Record<string, unknown> {
  const fields = (typeof json === 'object' && json !== null ? json : {}) as Record<string, unknown>
  if (fields['kind'] !== kind || fields['version'] !== 1) return refuseMalformed(`expected a ${kind} of version 1`)
  return fields
}

function text(fields: Record<string, unknown>, name: string, max = 128): string {
  const value = fields[name]
  return typeof value === 'string' && value.length > 0 && value.length <= max
    ? value
    : refuseMalformed(`${name} is missing or too long`)
}

function count(fields: Record<string, unknown>, name: string): number {
  const value = fields[name]
  return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : refuseMalformed(`${name} is no whole number`)
}

/** A request out of JSON. Throws NodeError CREDENTIAL_MALFORMED. */
export function parsePresentationRequest(json: unknown): PresentationRequest {
  const fields = fieldsOf(json, 'naru-presentation-request')
  return {
    kind: 'naru-presentation-request',
    version: 1,
    policyId: text(fields, 'policyId', 32),
    policyVersion: count(fields, 'policyVersion'),
    verifier: text(fields, 'verifier'),
    nonce: text(fields, 'nonce'),
    expiresAt: count(fields, 'expiresAt'),
  }
}

/** A presentation out of JSON. Throws NodeError CREDENTIAL_MALFORMED. */
export function parsePresentation(json: unknown): Presentation {
  const fields = fieldsOf(json, 'naru-presentation')
  const commit = text(fields, 'receiptCommit', 66)
  const salt = decodeSalt(text(fields, 'salt', 64))
  const { credentials } = fields
  const areCredentials =
    Array.isArray(credentials) &&
    credentials.length <= CREDENTIALS_MAX &&
    credentials.every((one) => typeof one === 'string' && one.length <= CREDENTIAL_CHARS_MAX)
  if (!areCredentials) return refuseMalformed(`a presentation has at most ${CREDENTIALS_MAX} credentials in compact form`)
  if (!commit.startsWith('0x') || !isHex(commit.slice(2), 32)) return refuseMalformed('receiptCommit is no hash')
  return {
    kind: 'naru-presentation',
    version: 1,
    policyId: text(fields, 'policyId', 32),
    policyVersion: count(fields, 'policyVersion'),
    holder: text(fields, 'holder'),
    receiptCommit: asHash32(commit.slice(2)),
    salt,
    height: count(fields, 'height'),
    credentials: credentials as readonly string[],
  }
}

/** A presentation as JSON. */
export function formatPresentation(presentation: Presentation): Record<string, unknown> {
  const { receiptCommit, salt, ...rest } = presentation
  return { ...rest, receiptCommit: `0x${receiptCommit}`, salt: base64urlnopad.encode(salt) }
}

function decodeSalt(encoded: string): Uint8Array {
  try {
    const salt = base64urlnopad.decode(encoded)
    if (salt.length === 32) return salt
  } catch {
    // Told below.
  }
  return refuseMalformed('salt is not 32 bytes as base64url')
}
