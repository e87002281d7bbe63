// Owns: the part of sodium-native that Naru calls; the package ships no types. Not here: the calls (core/crypto).

declare module 'sodium-native' {
  /** A view over bytes; every length is checked by the library, which throws on a wrong one. */
  type Bytes = Uint8Array

  interface Sodium {
    readonly crypto_sign_BYTES: number
    readonly crypto_sign_PUBLICKEYBYTES: number
    readonly crypto_sign_SECRETKEYBYTES: number
    readonly crypto_sign_SEEDBYTES: number
    /** Fills `publicKey` (32 bytes) and `secretKey` (64 bytes) with a fresh pair. */
    crypto_sign_keypair(publicKey: Bytes, secretKey: Bytes): void
    /** Fills `publicKey` and `secretKey` from a 32-byte seed. */
    crypto_sign_seed_keypair(publicKey: Bytes, secretKey: Bytes, seed: Bytes): void
    /** Fills `signature` (64 bytes) with the Ed25519 signature of `message`. */
    crypto_sign_detached(signature: Bytes, message: Bytes, secretKey: Bytes): void
    /** True if `signature` is good for `message` by libsodium's cofactorless rule. */
    crypto_sign_verify_detached(signature: Bytes, message: Bytes, publicKey: Bytes): boolean
    /** Fills `publicKey` from the last half of `secretKey`. */
    crypto_sign_ed25519_sk_to_pk(publicKey: Bytes, secretKey: Bytes): void

    readonly crypto_generichash_BYTES: number
    readonly crypto_generichash_BYTES_MIN: number
    readonly crypto_generichash_BYTES_MAX: number
    /** Fills `output` with the BLAKE2b hash of `input`, keyed if `key` is given. */
    crypto_generichash(output: Bytes, input: Bytes, key?: Bytes): void
    /** Fills `output` with the BLAKE2b hash of the concatenated `batch`. */
    crypto_generichash_batch(output: Bytes, batch: readonly Bytes[], key?: Bytes): void

    readonly crypto_hash_sha256_BYTES: number
    readonly crypto_hash_sha512_BYTES: number
    /** Fills `output` (32 bytes) with SHA-256 of `input`. */
    crypto_hash_sha256(output: Bytes, input: Bytes): void
    /** Fills `output` (64 bytes) with SHA-512 of `input`. */
    crypto_hash_sha512(output: Bytes, input: Bytes): void

    readonly crypto_aead_chacha20poly1305_ietf_ABYTES: number
    readonly crypto_aead_chacha20poly1305_ietf_KEYBYTES: number
    readonly crypto_aead_chacha20poly1305_ietf_NPUBBYTES: number
    /** Seals `message` into `ciphertext` (message + ABYTES); returns the bytes written. */
    crypto_aead_chacha20poly1305_ietf_encrypt(
      ciphertext: Bytes,
      message: Bytes,
      additional: Bytes | null,
      secretNonce: null,
      publicNonce: Bytes,
      key: Bytes,
    ): number
    /** Opens `ciphertext` into `message` (ciphertext - ABYTES); returns the bytes written, throws if it was altered. */
    crypto_aead_chacha20poly1305_ietf_decrypt(
      message: Bytes,
      secretNonce: null,
      ciphertext: Bytes,
      additional: Bytes | null,
      publicNonce: Bytes,
      key: Bytes,
    ): number
    /** Seals `message` into `ciphertext` (same length) and `mac` (ABYTES); returns the bytes of the mac. */
    crypto_aead_chacha20poly1305_ietf_encrypt_detached(
      ciphertext: Bytes,
      mac: Bytes,
      message: Bytes,
      additional: Bytes | null,
      secretNonce: null,
      publicNonce: Bytes,
      key: Bytes,
    ): number
    /** Opens `ciphertext` with its `mac` into `message`; throws if either was altered. */
    crypto_aead_chacha20poly1305_ietf_decrypt_detached(
      message: Bytes,
      secretNonce: null,
      ciphertext: Bytes,
      mac: Bytes,
      additional: Bytes | null,
      publicNonce: Bytes,
      key: Bytes,
    ): void

    readonly crypto_scalarmult_BYTES: number
    readonly crypto_scalarmult_SCALARBYTES: number
    /** Fills `publicKey` with the X25519 base-point product of `secretKey`. */
    crypto_scalarmult_base(publicKey: Bytes, secretKey: Bytes): void
    /** Fills `shared` with the X25519 product; throws on a low-order `publicKey`. */
    crypto_scalarmult(shared: Bytes, secretKey: Bytes, publicKey: Bytes): void

    /** Fills `buffer` with random bytes of the operating system. */
    randombytes_buf(buffer: Bytes): void
    /** Overwrites `buffer` with zeros in a way the compiler cannot drop. */
    sodium_memzero(buffer: Bytes): void
    /** True if both buffers hold the same bytes, in constant time; throws if the lengths differ. */
    sodium_memcmp(a: Bytes, b: Bytes): boolean
  }

  const sodium: Sodium
  export default sodium
}
