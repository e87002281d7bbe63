// Owns: the cipher of Noise connections by libsodium, several times faster than the library's own. Not here: the handshake.
import { createRequire } from 'node:module'
import type { ICryptoInterface } from '@chainsafe/libp2p-noise'
import { defaultCrypto } from '@chainsafe/libp2p-noise/crypto'
import type sodiumNative from 'sodium-native'

type Bytes = Uint8Array | { subarray: () => Uint8Array }
type Sodium = typeof sodiumNative

const TAG_BYTES = 16
/** Measured here: libsodium wins up to some 20 KB, OpenSSL (behind the library's default) beyond. */
const SODIUM_BYTES_MAX = 32_768

/** ChaCha20-Poly1305 by libsodium, all else as the library has it. */
export function createSodiumNoiseCrypto(sodium: Sodium): ICryptoInterface {
  return {
    ...defaultCrypto,
    chaCha20Poly1305Encrypt: (plaintext: Bytes, nonce, additional, key) => {
      const message = plaintext.subarray()
      if (message.length > SODIUM_BYTES_MAX) return defaultCrypto.chaCha20Poly1305Encrypt(message, nonce, additional, key)
      const sealed = Buffer.allocUnsafe(message.length + TAG_BYTES)
      sodium.crypto_aead_chacha20poly1305_ietf_encrypt(sealed, message, additional, null, nonce, key)
      return sealed
    },
    chaCha20Poly1305Decrypt: (ciphertext: Bytes, nonce, additional, key, target) => {
      const sealed = ciphertext.subarray()
      if (sealed.length < TAG_BYTES) throw new Error('ciphertext is shorter than its tag')
      if (sealed.length > SODIUM_BYTES_MAX) return defaultCrypto.chaCha20Poly1305Decrypt(sealed, nonce, additional, key, target)
      const message = target ?? new Uint8Array(sealed.length - TAG_BYTES)
      sodium.crypto_aead_chacha20poly1305_ietf_decrypt(message, null, sealed, additional, nonce, key)
      return message
    },
  }
}

/** The fastest cipher this machine has: libsodium where it is installed, else the library's own. */
export function createNoiseCrypto(): ICryptoInterface {
  try {
    return createSodiumNoiseCrypto(createRequire(import.meta.url)('sodium-native') as Sodium)
  } catch {
    return defaultCrypto
  }
}
