// Owns: compact JWS with Ed25519 (RFC 7515, 8037) under the one strict signature rule, and JWKs of keys.
// Not here: selective disclosure (sd-jwt-vc.ts).
import { base64urlnopad } from '@scure/base'
import { bytesToUtf8, utf8ToBytes } from '../../core/base/bytes.ts'
import { NodeError } from '../../core/base/errors.ts'
import type { Json } from '../../core/codec/schema.ts'
import { verifySignature } from '../../core/crypto/keys.ts'

/** A public Ed25519 key as JWK. */
export type PublicJwk = { readonly kty: 'OKP'; readonly crv: 'Ed25519'; readonly x: string }

/** A JSON object as it stands in a token. */
export type JsonObject = { readonly [name: string]: Json }

/** Makes the 64-byte Ed25519 signature of a message. */
export type SignFunction = (message: Uint8Array) => Uint8Array

/** A token taken apart; nothing about it is verified. */
export type Token = {
  readonly header: JsonObject
  readonly claims: JsonObject
  readonly signingInput: Uint8Array
  readonly signature: Uint8Array
}

const TOKEN_CHARS_MAX = 65_536

/** Throws NodeError CREDENTIAL_MALFORMED. */
export function refuseMalformed(text: string): never {
  throw new NodeError('CREDENTIAL_MALFORMED', text)
}

/** Bytes of base64url without padding, its one spelling only. Throws NodeError CREDENTIAL_MALFORMED. */
export function decodeBase64url(text: string): Uint8Array {
  try {
    return base64urlnopad.decode(text)
  } catch {
    return refuseMalformed(`${JSON.stringify(text.slice(0, 32))} is not base64url without padding`)
  }
}

/** Base64url without padding. */
export function encodeBase64url(bytes: Uint8Array): string {
  return base64urlnopad.encode(bytes)
}

/** The JWK of a public key. */
export function toJwk(publicKey: Uint8Array): PublicJwk {
  return { kty: 'OKP', crv: 'Ed25519', x: encodeBase64url(publicKey) }
}

/** The 32 bytes of an Ed25519 JWK. Throws NodeError CREDENTIAL_MALFORMED for any other key. */
export function fromJwk(jwk: unknown): Uint8Array {
  const { kty, crv, x } = (typeof jwk === 'object' && jwk !== null ? jwk : {}) as Record<string, unknown>
  if (kty !== 'OKP' || crv !== 'Ed25519' || typeof x !== 'string') return refuseMalformed('the key is no Ed25519 JWK')
  const bytes = decodeBase64url(x)
  return bytes.length === 32 ? bytes : refuseMalformed(`an Ed25519 key has 32 bytes, this one ${bytes.length}`)
}

/** A signed token; the algorithm of its header is EdDSA. */
export function signToken(token: { header: JsonObject; claims: JsonObject; sign: SignFunction }): string {
  const part = (value: JsonObject): string => encodeBase64url(utf8ToBytes(JSON.stringify(value)))
  const input = `${part({ alg: 'EdDSA', ...token.header })}.${part(token.claims)}`
  return `${input}.${encodeBase64url(token.sign(utf8ToBytes(input)))}`
}

/** Takes a token of this type apart. Throws NodeError CREDENTIAL_MALFORMED. */
export function readToken(text: string, typ: string): Token {
  const parts = text.split('.')
  if (text.length > TOKEN_CHARS_MAX || parts.length !== 3)
    return refuseMalformed('a token has three parts and at most 65,536 characters')
  const [head, body, signature] = parts as [string, string, string]
  const header = parseObject(head)
  if (header['alg'] !== 'EdDSA' || header['typ'] !== typ || 'crit' in header) {
    return refuseMalformed(`the token is ${String(header['typ'])} signed by ${String(header['alg'])}, expected ${typ} by EdDSA`)
  }
  return {
    header,
    claims: parseObject(body),
    signingInput: utf8ToBytes(`${head}.${body}`),
    signature: decodeBase64url(signature),
  }
}

/** Whether the key signed the token. */
export function isSignedBy({ signingInput, signature }: Token, publicKey: Uint8Array): boolean {
  return verifySignature({ publicKey, message: signingInput, signature })
}

/** The claim as text. Throws NodeError CREDENTIAL_MALFORMED. */
export function textClaim({ claims }: Pick<Token, 'claims'>, name: string): string {
  const value = claims[name]
  return typeof value === 'string' && value.length > 0 ? value : refuseMalformed(`the token has no ${name}`)
}

/** The claim as seconds since 1970. Throws NodeError CREDENTIAL_MALFORMED. */
export function timeClaim({ claims }: Pick<Token, 'claims'>, name: string): number {
  const value = claims[name]
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
    ? value
    : refuseMalformed(`the token has no ${name}`)
}

function parseObject(part: string): JsonObject {
  try {
    const value = JSON.parse(bytesToUtf8(decodeBase64url(part))) as unknown
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject
  } catch {
    // Told below.
  }
  return refuseMalformed('a part of the token is no JSON object')
}
