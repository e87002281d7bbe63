// Owns: signing and verifying as the rest of the house calls them. Not here: edge cases of the rule (ed25519-rule.test.ts).
import { describe, expect, test } from 'vitest'
import { AssertionFault } from '../base/assert.ts'
import { fromHex, toHex } from '../base/bytes.ts'
import vectors from '../../test/vectors/ed25519/rfc8032.json' with { type: 'json' }
import { createSigner, publicKeyOf, signMessage, verifySignature } from './keys.ts'

describe('keys', () => {
  test('give the public keys and signatures of RFC 8032 7.1', () => {
    for (const vector of vectors) {
      const seed = fromHex(vector.seed)
      const message = fromHex(vector.message)
      expect(toHex(publicKeyOf(seed))).toBe(vector.publicKey)
      expect(toHex(signMessage(seed, message))).toBe(vector.signature)
      const signer = createSigner(seed)
      expect(toHex(signer.publicKey)).toBe(vector.publicKey)
      expect(toHex(signer.sign(message))).toBe(vector.signature)
    }
  })

  test('verify what they signed, and nothing with one bit changed', () => {
    const seed = new Uint8Array(32).fill(7)
    const publicKey = publicKeyOf(seed)
    const message = new Uint8Array([1, 2, 3])
    const signature = signMessage(seed, message)
    expect(verifySignature({ publicKey, message, signature })).toBe(true)
    expect(verifySignature({ publicKey, message: new Uint8Array([1, 2, 4]), signature })).toBe(false)
    for (let bit = 0; bit < 512; bit++) {
      const changed = signature.slice()
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      expect(verifySignature({ publicKey, message, signature: changed })).toBe(false)
    }
    for (let bit = 0; bit < 256; bit++) {
      const changed = publicKey.slice()
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      expect(verifySignature({ publicKey: changed, message, signature })).toBe(false)
    }
  })

  test('take views into larger arrays and leave their inputs alone', () => {
    const frame = new Uint8Array(200).fill(5)
    const seed = new Uint8Array(32).fill(9)
    frame.set(publicKeyOf(seed), 10)
    frame.set(signMessage(seed, frame.subarray(120, 150)), 50)
    const before = toHex(frame)
    const claim = { publicKey: frame.subarray(10, 42), message: frame.subarray(120, 150), signature: frame.subarray(50, 114) }
    expect(verifySignature(claim)).toBe(true)
    expect(toHex(frame)).toBe(before)
  })

  test('stop on a seed that is not 32 bytes', () => {
    for (const length of [0, 31, 33, 64]) {
      expect(() => publicKeyOf(new Uint8Array(length))).toThrow(AssertionFault)
      expect(() => signMessage(new Uint8Array(length), new Uint8Array(1))).toThrow(AssertionFault)
      expect(() => createSigner(new Uint8Array(length))).toThrow(AssertionFault)
    }
  })
})
