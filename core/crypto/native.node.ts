// Owns: hashing and raw Ed25519 on Node: libsodium, OpenSSL and hashtree. Import it only as '#native'.
// Not here: the rule for signatures (ed25519-rule.ts, keys.ts), randomness (no pure room may draw any).
import { hash } from 'node:crypto'
import { createRequire } from 'node:module'
import { assert } from '../base/assert.ts'
import { createOpensslSigner, verifyByOpenssl } from './ed25519-openssl.node.ts'
import type { Signer } from './ed25519-rule.ts'
import { createSodiumSigner, type SodiumBinding, verifyBySodium } from './ed25519-sodium.node.ts'

type HashtreeBinding = { hashInto(input: Uint8Array, output: Uint8Array): void }

const require = createRequire(import.meta.url)

/** What `load` gives, or null where this machine has no build of the package. */
function loadOptional<T>(load: () => T): T | null {
  try {
    return load()
  } catch {
    return null
  }
}

const sodium = loadOptional(() => require('sodium-native') as SodiumBinding)
const hashtree = loadOptional(() => require('@chainsafe/hashtree') as HashtreeBinding)

/** What serves each part on this machine, for logs and benchmarks. */
export const NATIVE_PARTS = {
  ed25519: sodium === null ? 'node:crypto' : 'sodium-native',
  sha256: 'node:crypto',
  digest64Level: hashtree === null ? 'node:crypto' : '@chainsafe/hashtree',
} as const

/** SHA-256 as 64 lower-case hex digits; text is hashed as its UTF-8. */
export function sha256Hex(bytes: Uint8Array | string): string {
  return hash('sha256', bytes, 'hex')
}

/** SHA-256 as 32 bytes; text is hashed as its UTF-8. */
export function sha256Bytes(bytes: Uint8Array | string): Uint8Array {
  // a one-byte string and a loop: three times as fast as asking for a buffer
  const digest = hash('sha256', bytes, 'latin1')
  const out = new Uint8Array(32)
  for (let i = 0; i < 32; i++) out[i] = digest.charCodeAt(i)
  return out
}

/** The library's verdict alone: call `verifySignature` (keys.ts), which runs the pre-check first. Lengths must be 32 and 64. */
export function ed25519VerifyRaw(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (sodium === null) return verifyByOpenssl(publicKey, message, signature)
  return verifyBySodium(sodium, publicKey, message, signature)
}

/** A signer for a 32-byte RFC 8032 seed. */
export function createSignerRaw(seed: Uint8Array): Signer {
  return sodium === null ? createOpensslSigner(seed) : createSodiumSigner(sodium, seed)
}

/** The 64-byte signature of the message by a 32-byte seed. */
export function ed25519SignRaw(seed: Uint8Array, message: Uint8Array): Uint8Array {
  return createSignerRaw(seed).sign(message)
}

/** The 32-byte public key of a 32-byte seed. */
export function ed25519PublicKeyRaw(seed: Uint8Array): Uint8Array {
  return createSignerRaw(seed).publicKey
}

/** SHA-256 of each 64-byte block of `input` into `output`, 32 bytes each: one level of a binary tree. */
export function digest64Level(input: Uint8Array, output: Uint8Array): void {
  assert(input.length % 64 === 0 && output.length * 2 === input.length, 'digest64Level takes 64-byte blocks and gives half')
  if (hashtree !== null) {
    hashtree.hashInto(input, output)
    return
  }
  for (let at = 0; at < input.length; at += 64) output.set(sha256Bytes(input.subarray(at, at + 64)), at / 2)
}
