// Owns: proof that the fast Noise cipher is the same cipher. Not here: speed.
import { pureJsCrypto } from '@chainsafe/libp2p-noise'
import { describe, expect, test } from 'vitest'
import { createNoiseCrypto } from './noise-crypto.ts'

const key = new Uint8Array(32).map((_, i) => i * 7)
const nonce = new Uint8Array(12).map((_, i) => i)
const additional = new Uint8Array([1, 2, 3])
const fast = createNoiseCrypto()

describe('noise crypto', () => {
  test.each([0, 1, 300, 16_384, 32_768, 32_769, 65_519])('%i bytes are sealed and opened as by the reference', (size) => {
    const message = new Uint8Array(size).map((_, i) => i % 253)
    const sealed = fast.chaCha20Poly1305Encrypt(message, nonce, additional, key).subarray()
    const expected = pureJsCrypto.chaCha20Poly1305Encrypt(message, nonce, additional, key).subarray()
    expect(Buffer.compare(sealed, expected)).toBe(0)
    expect(Buffer.compare(fast.chaCha20Poly1305Decrypt(expected, nonce, additional, key).subarray(), message)).toBe(0)
  })

  test('opening in place gives the message', () => {
    const message = new Uint8Array(300).fill(9)
    const sealed = new Uint8Array(fast.chaCha20Poly1305Encrypt(message, nonce, additional, key).subarray())
    const target = sealed.subarray(0, 300)
    fast.chaCha20Poly1305Decrypt(sealed, nonce, additional, key, target)
    expect(target).toEqual(message)
  })

  test.each([300, 40_000])('an altered byte among %i is noticed', (size) => {
    const sealed = new Uint8Array(fast.chaCha20Poly1305Encrypt(new Uint8Array(size), nonce, additional, key).subarray())
    sealed[7] = (sealed[7] as number) ^ 1
    expect(() => fast.chaCha20Poly1305Decrypt(sealed, nonce, additional, key)).toThrow()
  })

  test('less than a tag is refused', () => {
    expect(() => fast.chaCha20Poly1305Decrypt(new Uint8Array(15), nonce, additional, key)).toThrow('shorter than its tag')
  })
})
