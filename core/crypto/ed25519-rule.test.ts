// Owns: each rule of the pre-check at its boundary. Not here: agreement with the libraries (test/ed25519-agreement.test.ts).
import { describe, expect, test } from 'vitest'
import { fromHex, toHex } from '../base/bytes.ts'
import { isCanonicalKeyAndSignature, verifyReference } from './ed25519-rule.ts'
import { publicKeyOf, signMessage, verifySignature } from './keys.ts'

const ORDER = (1n << 252n) + 27742317777372353535851937790883648493n
const PRIME = (1n << 255n) - 19n
const LOW_ORDER_Y = [
  0n,
  1n,
  PRIME - 1n,
  PRIME,
  PRIME + 1n,
  0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n,
  0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7n,
]

const seed = fromHex('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60')
const message = new Uint8Array([0x72])
const publicKey = publicKeyOf(seed)
const signature = signMessage(seed, message)

function writeLittleEndian(value: bigint): Uint8Array {
  return fromHex(value.toString(16).padStart(64, '0')).reverse()
}

/** Both encodings of a y: with and without the sign bit. */
function encodeBothSigns(y: bigint): Uint8Array[] {
  return [writeLittleEndian(y), writeLittleEndian(y | (1n << 255n))]
}

function withHalf(half: 'r' | 's', value: Uint8Array): Uint8Array {
  const changed = signature.slice()
  changed.set(value, half === 'r' ? 0 : 32)
  return changed
}

describe('the pre-check', () => {
  test('passes an ordinary key and signature', () => {
    expect(isCanonicalKeyAndSignature(publicKey, signature)).toBe(true)
    expect(verifyReference(publicKey, message, signature)).toBe(true)
  })

  test('refuses lengths other than 32 and 64', () => {
    for (const length of [0, 31, 33, 64])
      expect(isCanonicalKeyAndSignature(new Uint8Array(length).fill(9), signature)).toBe(false)
    for (const length of [0, 32, 63, 65, 128]) {
      expect(isCanonicalKeyAndSignature(publicKey, new Uint8Array(length).fill(9))).toBe(false)
      expect(verifySignature({ publicKey, message, signature: new Uint8Array(length).fill(9) })).toBe(false)
    }
  })

  test('passes S up to L - 1 and refuses it from L on', () => {
    for (const s of [0n, 1n, ORDER - 1n, 1n << 251n]) {
      expect(isCanonicalKeyAndSignature(publicKey, withHalf('s', writeLittleEndian(s)))).toBe(true)
    }
    for (const s of [ORDER, ORDER + 1n, ORDER + (1n << 128n), 2n * ORDER, 1n << 253n, (1n << 256n) - 1n]) {
      expect(isCanonicalKeyAndSignature(publicKey, withHalf('s', writeLittleEndian(s)))).toBe(false)
    }
  })

  test('refuses the same signature with L added to S', () => {
    const s = BigInt(`0x${toHex(signature.slice(32).reverse())}`)
    const malleated = withHalf('s', writeLittleEndian(s + ORDER))
    expect(verifySignature({ publicKey, message, signature: malleated })).toBe(false)
    expect(verifyReference(publicKey, message, malleated)).toBe(false)
  })

  test('refuses every unreduced A, with either sign', () => {
    for (let y = PRIME; y < 1n << 255n; y++) {
      for (const encoded of encodeBothSigns(y)) {
        expect(isCanonicalKeyAndSignature(encoded, signature)).toBe(false)
        expect(verifyReference(encoded, message, signature)).toBe(false)
      }
    }
  })

  test('passes the largest reduced y that is not of low order', () => {
    for (const encoded of encodeBothSigns(PRIME - 2n)) expect(isCanonicalKeyAndSignature(encoded, signature)).toBe(true)
  })

  test('refuses all 14 encodings of a low-order point, as A and as R', () => {
    const encodings = LOW_ORDER_Y.flatMap(encodeBothSigns)
    expect(new Set(encodings.map(toHex)).size).toBe(14)
    for (const encoded of encodings) {
      expect(isCanonicalKeyAndSignature(encoded, signature)).toBe(false)
      expect(isCanonicalKeyAndSignature(publicKey, withHalf('r', encoded))).toBe(false)
      expect(verifyReference(encoded, message, signature)).toBe(false)
      expect(verifyReference(publicKey, message, withHalf('r', encoded))).toBe(false)
    }
  })

  test('passes what differs from a low-order encoding in one byte, unless A leaves the reduced range', () => {
    for (const encoded of LOW_ORDER_Y.flatMap(encodeBothSigns)) {
      for (let at = 0; at < 32; at++) {
        const near = encoded.slice()
        near[at] = (near[at] ?? 0) ^ 0x10
        expect(isCanonicalKeyAndSignature(publicKey, withHalf('r', near))).toBe(true)
        const y = BigInt(`0x${toHex(near.slice().reverse())}`) & ((1n << 255n) - 1n)
        expect(isCanonicalKeyAndSignature(near, signature)).toBe(y < PRIME)
      }
    }
  })
})
