// Owns: hashing and raw Ed25519 in plain JavaScript, for browsers and as a check on native.node.ts. Import it only as '#native'.
// Not here: the rule for signatures (ed25519-rule.ts, keys.ts), randomness (no pure room may draw any).
import { getPublicKey, hashes, sign } from '@noble/ed25519'
import { sha256, sha512 } from '@noble/hashes/sha2.js'
import { assert } from '../base/assert.ts'
import { toHex, utf8ToBytes } from '../base/bytes.ts'
import { type Signer, verifyReference } from './ed25519-rule.ts'

hashes.sha512 = sha512

/** What serves each part on this machine, for logs and benchmarks. */
export const NATIVE_PARTS = { ed25519: '@noble/ed25519', sha256: '@noble/hashes', digest64Level: '@noble/hashes' } as const

/** SHA-256 as 64 lower-case hex digits; text is hashed as its UTF-8. */
export function sha256Hex(bytes: Uint8Array | string): string {
  return toHex(sha256Bytes(bytes))
}

/** SHA-256 as 32 bytes; text is hashed as its UTF-8. */
export function sha256Bytes(bytes: Uint8Array | string): Uint8Array {
  return sha256(typeof bytes === 'string' ? utf8ToBytes(bytes) : bytes)
}

/** The rule by point arithmetic; never noble's own `verify`, whose default follows another rule (ZIP-215). */
export function ed25519VerifyRaw(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  return verifyReference(publicKey, message, signature)
}

/** A signer for a 32-byte RFC 8032 seed. */
export function createSignerRaw(seed: Uint8Array): Signer {
  const kept = Uint8Array.from(seed)
  return { publicKey: getPublicKey(kept), sign: (message) => sign(message, kept) }
}

/** The 64-byte signature of the message by a 32-byte seed. */
export function ed25519SignRaw(seed: Uint8Array, message: Uint8Array): Uint8Array {
  return sign(message, seed)
}

/** The 32-byte public key of a 32-byte seed. */
export function ed25519PublicKeyRaw(seed: Uint8Array): Uint8Array {
  return getPublicKey(seed)
}

/** SHA-256 of each 64-byte block of `input` into `output`, 32 bytes each: one level of a binary tree. */
export function digest64Level(input: Uint8Array, output: Uint8Array): void {
  assert(input.length % 64 === 0 && output.length * 2 === input.length, 'digest64Level takes 64-byte blocks and gives half')
  for (let at = 0; at < input.length; at += 64) output.set(sha256(input.subarray(at, at + 64)), at / 2)
}
