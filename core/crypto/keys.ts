// Owns: signing and verifying by the one rule, for everything that is checked or signed on chain.
// Not here: the rule itself (ed25519-rule.ts), key files and randomness (cli, node).
import { createSignerRaw, ed25519PublicKeyRaw, ed25519SignRaw, ed25519VerifyRaw } from '#native'
import { assert } from '../base/assert.ts'
import { isCanonicalKeyAndSignature, SEED_BYTES, type Signer } from './ed25519-rule.ts'

/** What a signature claims: that the key's holder signed the message. */
export type SignatureClaim = {
  readonly publicKey: Uint8Array
  readonly message: Uint8Array
  readonly signature: Uint8Array
}

/** True when the signature holds by the strict rule (decisions 5); wrong lengths give false. The same on every machine. */
export function verifySignature({ publicKey, message, signature }: SignatureClaim): boolean {
  return isCanonicalKeyAndSignature(publicKey, signature) && ed25519VerifyRaw(publicKey, message, signature)
}

/** The 64-byte signature by a 32-byte RFC 8032 seed; for many signatures by one key take `createSigner`. */
export function signMessage(seed: Uint8Array, message: Uint8Array): Uint8Array {
  assert(seed.length === SEED_BYTES, 'a seed is 32 bytes')
  return ed25519SignRaw(seed, message)
}

/** The 32-byte public key of a 32-byte seed. */
export function publicKeyOf(seed: Uint8Array): Uint8Array {
  assert(seed.length === SEED_BYTES, 'a seed is 32 bytes')
  return ed25519PublicKeyRaw(seed)
}

/** A signer that derives its key pair once: twice as fast as `signMessage` for many messages. */
export function createSigner(seed: Uint8Array): Signer {
  assert(seed.length === SEED_BYTES, 'a seed is 32 bytes')
  return createSignerRaw(seed)
}
