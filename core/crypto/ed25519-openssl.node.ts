// Owns: Ed25519 and SHA-256 by node:crypto (OpenSSL), for Node where libsodium cannot load and as its second opinion.
// Not here: the pre-check that makes the libraries agree (ed25519-rule.ts), the choice between them (native.node.ts).
import { Buffer } from 'node:buffer'
import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto'
import type { Signer } from './ed25519-rule.ts'

/** DER header of a SubjectPublicKeyInfo holding a 32-byte Ed25519 key (RFC 8410 4). */
const SPKI_HEADER = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00] as const
/** DER header of a PKCS#8 key holding a 32-byte Ed25519 seed (RFC 8410 7). */
const PKCS8_HEADER = [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20] as const

function wrapKey(header: readonly number[], key: Uint8Array): Buffer {
  const der = Buffer.alloc(header.length + key.length)
  der.set(header)
  der.set(key, header.length)
  return der
}

/** OpenSSL's verdict alone; not a rule to agree by, since its versions differ on edge cases. */
export function verifyByOpenssl(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const key = { key: wrapKey(SPKI_HEADER, publicKey), format: 'der', type: 'spki' } as const
  return verify(null, message, key, signature)
}

/** A signer for a 32-byte RFC 8032 seed. */
export function createOpensslSigner(seed: Uint8Array): Signer {
  const privateKey = createPrivateKey({ key: wrapKey(PKCS8_HEADER, seed), format: 'der', type: 'pkcs8' })
  const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' })
  return {
    publicKey: Uint8Array.from(spki.subarray(SPKI_HEADER.length)),
    sign: (message) => Uint8Array.from(sign(null, message, privateKey)),
  }
}
