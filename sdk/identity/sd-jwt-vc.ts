// Owns: credentials as SD-JWT VC with key binding (RFC 9901): issuing, presenting, checking the form and the signatures.
// Not here: whether an issuer counts or a credential is revoked (check.ts), what a policy asks (policy.ts).
import { SDJwtVcInstance } from '@sd-jwt/sd-jwt-vc'
import { utf8ToBytes } from '../../core/base/bytes.ts'
import { NodeError } from '../../core/base/errors.ts'
import type { Json } from '../../core/codec/schema.ts'
import { sha256Bytes } from '../../core/crypto/hash.ts'
import { verifySignature } from '../../core/crypto/keys.ts'
import { decodeBase64url, encodeBase64url, fromJwk, refuseMalformed, toJwk } from './jws.ts'
import type { SignFunction } from './jws.ts'

/** Where a credential's entry stands in its issuer's status list. */
export type StatusEntry = { readonly list: string; readonly idx: number }

/** Who issues: its DID, the name of an assertion key, the key itself. */
export type IssuerKey = { readonly did: string; readonly keyId: string; readonly sign: SignFunction }

/** A credential to be; times are seconds. Every claim is disclosed one by one only. */
export type CredentialOrder = {
  readonly issuer: IssuerKey
  readonly vct: string
  readonly holderKey: Uint8Array
  readonly claims: Readonly<Record<string, Json>>
  readonly status: StatusEntry | null
  readonly issuedAt: number
  readonly expiresAt: number
  /** Digests beside the real ones, so that their number tells nothing; four where left out. */
  readonly decoys?: number
}

/** What a credential says in the open; `claims` are those that are disclosed. Times are seconds. */
export type CredentialFacts = {
  readonly issuer: string
  readonly keyId: string
  readonly vct: string
  readonly holderKey: Uint8Array
  readonly issuedAt: number
  readonly expiresAt: number
  readonly status: StatusEntry | null
  readonly claims: Readonly<Record<string, Json>>
}

/** To whom a presentation is made: single-use nonce, audience, moment in seconds. */
export type Binding = { readonly audience: string; readonly nonce: string; readonly at: number }

/** Longest credential or presentation, in characters. */
export const CREDENTIAL_CHARS_MAX = 65_536
/** How far the holder's clock may be off, in seconds. */
export const CLOCK_SKEW_SEC = 60
/** How old a key binding may be, in seconds. */
export const BINDING_AGE_SEC = 300

const SALT_BYTES = 16
const DECOYS = 4
const OPEN_CLAIMS = new Set(['iss', 'iat', 'nbf', 'exp', 'vct', 'cnf', 'status', 'vct#integrity'])

function hashOf(data: string | ArrayBuffer): Uint8Array {
  return sha256Bytes(typeof data === 'string' ? data : new Uint8Array(data))
}

function saltOf(): string {
  return encodeBase64url(crypto.getRandomValues(new Uint8Array(SALT_BYTES)))
}

function signText(sign: SignFunction): (data: string) => string {
  return (data) => encodeBase64url(sign(utf8ToBytes(data)))
}

function isSigned(publicKey: Uint8Array, data: string, signature: string): boolean {
  return verifySignature({ publicKey, message: utf8ToBytes(data), signature: decodeBase64url(signature) })
}

/**
 * Issues a credential in compact form; only the holder and the issuer ever see it whole. Throws NodeError
 * CREDENTIAL_MALFORMED.
 */
export async function issueCredential(order: CredentialOrder): Promise<string> {
  const { issuer, vct, holderKey, claims, status, issuedAt, expiresAt, decoys = DECOYS } = order
  const names = Object.keys(claims)
  const reserved = names.find((name) => OPEN_CLAIMS.has(name) || name.startsWith('_sd') || name === '...')
  if (reserved !== undefined) return refuseMalformed(`a claim cannot be called ${reserved}`)
  if (expiresAt <= issuedAt) return refuseMalformed('a credential ends after it begins')
  const instance = new SDJwtVcInstance({
    hasher: hashOf,
    hashAlg: 'sha-256',
    saltGenerator: saltOf,
    signer: signText(issuer.sign),
    signAlg: 'EdDSA',
  })
  const open = { iss: issuer.did, iat: issuedAt, exp: expiresAt, vct, cnf: { jwk: toJwk(holderKey) } }
  const payload = { ...open, ...(status === null ? {} : { status: { bitstring_status_list: status } }), ...claims }
  const frame = { _sd: names, _sd_decoy: decoys }
  return instance.issue(payload as never, frame as never, { header: { kid: issuer.keyId } })
}

/**
 * Discloses these claims and no other to one audience, bound to its nonce by the holder's key. Throws NodeError
 * CREDENTIAL_MALFORMED.
 */
export async function presentCredential(
  credential: string,
  options: { readonly disclose: readonly string[]; readonly binding: Binding; readonly sign: SignFunction },
): Promise<string> {
  const { disclose, binding, sign } = options
  const { claims } = await readCredential(credential)
  const unknown = disclose.find((name) => !Object.hasOwn(claims, name))
  if (unknown !== undefined) return refuseMalformed(`the credential has no claim ${unknown}`)
  const instance = new SDJwtVcInstance({ hasher: hashOf, hashAlg: 'sha-256', kbSigner: signText(sign), kbSignAlg: 'EdDSA' })
  const frame = Object.fromEntries(disclose.map((name) => [name, true]))
  const { audience, nonce, at } = binding
  return instance.present(credential, frame as never, { kb: { payload: { iat: at, aud: audience, nonce } } })
}

/** What a credential or presentation says; nothing is verified. Throws NodeError CREDENTIAL_MALFORMED. */
export async function readCredential(compact: string): Promise<CredentialFacts> {
  if (compact.length > CREDENTIAL_CHARS_MAX) return refuseMalformed(`a credential has at most ${CREDENTIAL_CHARS_MAX} characters`)
  try {
    const instance = new SDJwtVcInstance({ hasher: hashOf, hashAlg: 'sha-256' })
    const decoded = await instance.decode(compact)
    const all = (await instance.getClaims(compact)) as Record<string, unknown>
    return factsOf(decoded.jwt?.header ?? {}, all)
  } catch (cause) {
    if (cause instanceof NodeError) throw cause
    return refuseMalformed(`the credential cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`)
  }
}

function factsOf(header: Record<string, unknown>, all: Record<string, unknown>): CredentialFacts {
  const { iss, iat, exp, vct, cnf } = all
  if (header['typ'] !== 'dc+sd-jwt' || header['alg'] !== 'EdDSA' || 'crit' in header) {
    return refuseMalformed(
      `the credential is ${String(header['typ'])} signed by ${String(header['alg'])}, expected dc+sd-jwt by EdDSA`,
    )
  }
  const isWhole = typeof iss === 'string' && typeof vct === 'string' && typeof header['kid'] === 'string'
  if (!isWhole || !isTime(iat) || !isTime(exp)) return refuseMalformed('the credential lacks one of iss, vct, kid, iat, exp')
  const claims = Object.entries(all).filter(([name]) => !OPEN_CLAIMS.has(name) && !name.startsWith('_sd'))
  return {
    issuer: iss,
    keyId: header['kid'] as string,
    vct,
    holderKey: fromJwk((cnf as { jwk?: unknown } | undefined)?.jwk),
    issuedAt: iat,
    expiresAt: exp,
    status: statusOf(all['status']),
    claims: Object.fromEntries(claims) as Record<string, Json>,
  }
}

function statusOf(status: unknown): StatusEntry | null {
  if (status === undefined) return null
  const entry = (status as { bitstring_status_list?: Partial<StatusEntry> } | null)?.bitstring_status_list
  const { list, idx } = entry ?? {}
  const isEntry =
    typeof list === 'string' && /^(0|[1-9]\d{0,19})$/.test(list) && Number.isSafeInteger(idx) && (idx as number) >= 0
  return isEntry ? { list, idx: idx as number } : refuseMalformed('the credential names no status entry that can be read')
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

/**
 * Checks a presentation: issuer's signature by the given key, every disclosure, the holder's signature over audience, nonce and
 * exactly these disclosures, and the times. Throws NodeError CREDENTIAL_SIGNATURE, CREDENTIAL_BINDING, CREDENTIAL_EXPIRED and
 * CREDENTIAL_MALFORMED.
 */
export async function verifyPresentation(
  compact: string,
  options: { readonly issuerKey: Uint8Array; readonly binding: Binding },
): Promise<CredentialFacts> {
  const { issuerKey, binding } = options
  const facts = await readCredential(compact)
  const key = await checkSignatures(compact, { issuerKey, facts, binding })
  checkTimes(facts, binding.at)
  checkBinding(key, binding)
  return facts
}

type KeyBinding = { readonly iat: number; readonly aud: string; readonly nonce: string }

async function checkSignatures(
  compact: string,
  check: { issuerKey: Uint8Array; facts: CredentialFacts; binding: Binding },
): Promise<KeyBinding> {
  const { issuerKey, facts, binding } = check
  const seen = { issuer: false, holder: false }
  const instance = new SDJwtVcInstance({
    hasher: hashOf,
    hashAlg: 'sha-256',
    verifier: (data, signature) => (seen.issuer = isSigned(issuerKey, data, signature)),
    kbVerifier: (data, signature) => (seen.holder = isSigned(facts.holderKey, data, signature)),
  })
  try {
    const checked = await instance.verify(compact, {
      // Times are checked below, with their own words.
      currentDate: facts.issuedAt,
      keyBindingNonce: binding.nonce,
    } as never)
    const { kb } = checked as { kb?: { payload: KeyBinding; header: Record<string, unknown> } }
    if (kb !== undefined && seen.issuer && seen.holder && kb.header['alg'] === 'EdDSA' && kb.header['typ'] === 'kb+jwt')
      return kb.payload
  } catch (cause) {
    if (seen.issuer)
      throw new NodeError('CREDENTIAL_BINDING', `the presentation is not bound as it should be: ${textOf(cause)}`, cause)
  }
  if (!seen.issuer)
    throw new NodeError('CREDENTIAL_SIGNATURE', `the key ${facts.keyId} of ${facts.issuer} did not sign this credential`)
  throw new NodeError('CREDENTIAL_BINDING', 'the holder’s key did not sign this presentation for this nonce')
}

function checkTimes({ issuedAt, expiresAt }: CredentialFacts, at: number): void {
  if (issuedAt > at + CLOCK_SKEW_SEC) throw new NodeError('CREDENTIAL_EXPIRED', 'the credential is of the future')
  if (expiresAt <= at) throw new NodeError('CREDENTIAL_EXPIRED', 'the credential has ended; ask the issuer for a new one')
}

function checkBinding({ iat, aud, nonce }: KeyBinding, binding: Binding): void {
  if (aud !== binding.audience)
    throw new NodeError('CREDENTIAL_BINDING', `the presentation is for ${String(aud)}, not for ${binding.audience}`)
  if (nonce !== binding.nonce) throw new NodeError('CREDENTIAL_BINDING', 'the presentation answers another nonce')
  if (!isTime(iat) || iat > binding.at + CLOCK_SKEW_SEC || iat < binding.at - BINDING_AGE_SEC) {
    throw new NodeError('CREDENTIAL_BINDING', 'the presentation is not of this moment; present again')
  }
}

function textOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
