// Owns: Data Integrity proofs `eddsa-jcs-2022` (W3C vc-di-eddsa) over JSON documents, and Multikey text.
// Not here: selective disclosure (sd-jwt-vc.ts), which key counts (resolver.ts).
import { base58 } from '@scure/base'
import canonicalize from 'canonicalize'
import { concatBytes } from '../../core/base/bytes.ts'
import { NodeError } from '../../core/base/errors.ts'
import { sha256Bytes } from '../../core/crypto/hash.ts'
import { verifySignature } from '../../core/crypto/keys.ts'
import { refuseMalformed } from './jws.ts'
import type { JsonObject, SignFunction } from './jws.ts'

/** What a proof is made for. */
export type ProofPurpose = 'assertionMethod' | 'authentication'

/** Options of a proof; `created` and `expires` are RFC 3339 to the second. */
export type ProofOptions = {
  readonly verificationMethod: string
  readonly proofPurpose?: ProofPurpose
  readonly created?: string
  readonly expires?: string
  readonly challenge?: string
  readonly domain?: string
}

/** A document with its proof. */
export type SecuredDocument = JsonObject & { readonly proof: JsonObject }

const SUITE = 'eddsa-jcs-2022'
const ED25519_PREFIX = [0xed, 0x01] as const

/** JSON in its one canonical form (RFC 8785). Throws NodeError CREDENTIAL_MALFORMED for what JSON cannot hold. */
export function canonicalJson(value: unknown): string {
  try {
    const text = canonicalize(value)
    if (text !== undefined) return text
  } catch {
    // Told below: NaN, a lone surrogate.
  }
  return refuseMalformed('the document has no canonical JSON form')
}

/** The 64 bytes that a proof signs: SHA-256 of the canonical proof options, then of the canonical document without its proof. */
export function proofBytes(document: JsonObject, config: JsonObject): Uint8Array {
  return concatBytes(sha256Bytes(canonicalJson(config)), sha256Bytes(canonicalJson(document)))
}

/** Secures a document with a proof. Throws NodeError CREDENTIAL_MALFORMED when it has one already. */
export function addProof(document: JsonObject, options: ProofOptions & { readonly sign: SignFunction }): SecuredDocument {
  const { sign, proofPurpose = 'assertionMethod', ...rest } = options
  if ('proof' in document) return refuseMalformed('the document carries a proof already')
  const context = '@context' in document ? { '@context': document['@context'] as JsonObject } : {}
  const config = { type: 'DataIntegrityProof', cryptosuite: SUITE, ...rest, proofPurpose, ...context }
  const proofValue = `z${base58.encode(sign(proofBytes(document, config)))}`
  return { ...document, proof: { ...config, proofValue } }
}

/** What a proof must be for. */
export type ExpectedProof = {
  readonly publicKey: Uint8Array
  readonly proofPurpose?: ProofPurpose
  readonly nowMs?: number
  readonly challenge?: string
  readonly domain?: string
}

/** The document without its proof, once the key is shown to have signed it. Throws NodeError CREDENTIAL_SIGNATURE and others. */
export function verifyProof(secured: JsonObject, expected: ExpectedProof): JsonObject {
  const { proof, ...document } = secured
  if (typeof proof !== 'object' || proof === null || Array.isArray(proof))
    return refuseMalformed('the document has no proof, or several')
  const { proofValue, ...config } = proof as JsonObject
  checkConfig(config, document, expected)
  const message = proofBytes(document as JsonObject, config as JsonObject)
  const signature = decodeMultibase(proofValue)
  const isGood = signature.length === 64 && verifySignature({ publicKey: expected.publicKey, message, signature })
  if (!isGood) throw new NodeError('CREDENTIAL_SIGNATURE', 'the proof is not of this document and key')
  return document as JsonObject
}

function checkConfig(config: JsonObject, document: JsonObject, expected: ExpectedProof): void {
  const { proofPurpose = 'assertionMethod', challenge, domain, nowMs } = expected
  if (config['type'] !== 'DataIntegrityProof' || config['cryptosuite'] !== SUITE)
    refuseMalformed(`the proof is not of suite ${SUITE}`)
  if (config['proofPurpose'] !== proofPurpose) refuseMalformed(`the proof is made for ${String(config['proofPurpose'])}`)
  if (challenge !== undefined && config['challenge'] !== challenge) refuseMalformed('the proof answers another challenge')
  if (domain !== undefined && config['domain'] !== domain) refuseMalformed('the proof is for another domain')
  if (nowMs !== undefined && isPast(config['expires'], nowMs)) throw new NodeError('CREDENTIAL_EXPIRED', 'the proof has ended')
  if ('@context' in config && !beginsWith(document['@context'], config['@context'])) {
    refuseMalformed('the document’s contexts are not those of its proof')
  }
}

function isPast(expires: unknown, nowMs: number): boolean {
  return typeof expires === 'string' && !(Date.parse(expires) > nowMs)
}

// The proof's contexts come first in the document, in order (vc-di-eddsa, transformation).
function beginsWith(all: unknown, first: unknown): boolean {
  const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value])
  return list(first).every((item, index) => canonicalJson(item) === canonicalJson(list(all)[index] ?? null))
}

/** Bytes of base58btc multibase text. Throws NodeError CREDENTIAL_MALFORMED. */
export function decodeMultibase(text: unknown): Uint8Array {
  if (typeof text !== 'string' || !text.startsWith('z') || text.length > 128)
    return refuseMalformed('expected base58btc multibase text')
  try {
    return base58.decode(text.slice(1))
  } catch {
    return refuseMalformed('the text is not base58btc')
  }
}

/** The Ed25519 public key of Multikey text. Throws NodeError CREDENTIAL_MALFORMED for any other key. */
export function parseMultikey(text: unknown): Uint8Array {
  const bytes = decodeMultibase(text)
  const isEd25519 = bytes.length === 34 && bytes[0] === ED25519_PREFIX[0] && bytes[1] === ED25519_PREFIX[1]
  return isEd25519 ? bytes.subarray(2) : refuseMalformed('the key is no Ed25519 Multikey')
}
