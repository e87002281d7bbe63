// Owns: Ed25519 by libsodium (sodium-native), the fast path of every node.
// Not here: the pre-check that makes the libraries agree (ed25519-rule.ts), the choice between them (native.node.ts).
import type sodiumNative from 'sodium-native'
import type { Signer } from './ed25519-rule.ts'

/** The compiled library, however it was loaded. */
export type SodiumBinding = typeof sodiumNative

/** libsodium's verdict alone. */
export function verifyBySodium(
  sodium: SodiumBinding,
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  return sodium.crypto_sign_verify_detached(signature, message, publicKey)
}

/** A signer for a 32-byte RFC 8032 seed; it derives the key pair once. */
export function createSodiumSigner(sodium: SodiumBinding, seed: Uint8Array): Signer {
  const publicKey = new Uint8Array(32)
  const secretKey = new Uint8Array(64)
  sodium.crypto_sign_seed_keypair(publicKey, secretKey, seed)
  return {
    publicKey,
    sign: (message) => {
      const signature = new Uint8Array(64)
      sodium.crypto_sign_detached(signature, message, secretKey)
      return signature
    },
  }
}
