// Owns: that sodium-native, node:crypto and the reference never differ under the rule (decisions 5), on the public test sets and on
// signatures of our own making. Not here: the table (scripts/ed25519-verdicts.ts).
import { Point } from '@noble/ed25519'
import { sha512 } from '@noble/hashes/sha2.js'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { concatBytes, fromHex, toHex } from '../core/base/bytes.ts'
import { publicKeyOf, signMessage, verifySignature } from '../core/crypto/keys.ts'
import { RULE_JUDGES } from '../scripts/ed25519-judges.ts'
import { readSignatureCases, type SignatureCase } from '../scripts/ed25519-vectors.ts'

const ORDER = (1n << 252n) + 27742317777372353535851937790883648493n
/** A point of order 8: its multiples are all the low-order points. */
const TORSION = Point.fromHex('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05')

function readLittleEndian(bytes: Uint8Array): bigint {
  return BigInt(`0x${toHex(bytes.slice().reverse())}`)
}

function writeLittleEndian(value: bigint): Uint8Array {
  return fromHex(value.toString(16).padStart(64, '0')).reverse()
}

function verdictsOf(claim: Omit<SignatureCase, 'set' | 'name' | 'expected'>): boolean[] {
  const one = { set: '', name: '', expected: false, ...claim }
  return [...RULE_JUDGES.map(({ judge }) => judge(one)), verifySignature(one)]
}

const scalar = fc.bigInt({ min: 1n, max: ORDER - 1n })
const seed = fc.uint8Array({ minLength: 32, maxLength: 32 })
const message = fc.uint8Array({ maxLength: 200 })

describe('the three implementations of the Ed25519 rule', () => {
  test('give every case of the public sets the verdict that the set implies', { timeout: 60_000 }, () => {
    const cases = readSignatureCases()
    const countOf = (set: string): number => cases.filter((one) => one.set === set).length
    expect(['RFC 8032', 'speccheck', 'Wycheproof', 'CCTV'].map(countOf)).toEqual([5, 12, 151, 914])
    for (const one of cases) {
      const all = Array.from({ length: 4 }, () => one.expected)
      expect(verdictsOf(one), `${one.set} ${one.name}`).toEqual(all)
    }
  })

  test('agree on mutated signatures, keys and messages', { timeout: 60_000 }, () => {
    const mutation = fc.tuple(fc.constantFrom('none', 'key', 'message', 'r', 's'), fc.nat(), fc.integer({ min: 1, max: 255 }))
    fc.assert(
      fc.property(seed, fc.uint8Array({ minLength: 1, maxLength: 200 }), mutation, (key, text, [part, at, mask]) => {
        const publicKey = publicKeyOf(key)
        const signature = signMessage(key, text)
        const r = signature.subarray(0, 32)
        const s = signature.subarray(32)
        const target = { none: new Uint8Array(1), key: publicKey, message: text, r, s }[part] as Uint8Array
        target[at % target.length] = (target[at % target.length] as number) ^ mask
        const isUntouched = part === 'none'
        expect(verdictsOf({ publicKey, message: text, signature })).toEqual(Array.from({ length: 4 }, () => isUntouched))
      }),
      { numRuns: 300 },
    )
  })

  test('agree on random bytes', () => {
    const signature = fc.uint8Array({ minLength: 64, maxLength: 64 })
    fc.assert(
      fc.property(seed, message, signature, fc.boolean(), (publicKey, text, random, isReduced) => {
        if (isReduced) random[63] = 0
        expect(verdictsOf({ publicKey, message: text, signature: random })).toEqual([false, false, false, false])
      }),
      { numRuns: 300 },
    )
  })

  test('accept keys and signatures with a low-order component only where it cancels out', { timeout: 60_000 }, () => {
    const seen = { accepted: 0, refused: 0 }
    fc.assert(
      fc.property(scalar, scalar, fc.nat(7), fc.nat(7), message, (a, r, i, j, text) => {
        const publicKey = Point.BASE.multiply(a)
          .add(TORSION.multiply(BigInt(i), false))
          .toBytes()
        const encodedR = Point.BASE.multiply(r)
          .add(TORSION.multiply(BigInt(j), false))
          .toBytes()
        const h = readLittleEndian(sha512(concatBytes(encodedR, publicKey, text))) % ORDER
        const signature = concatBytes(encodedR, writeLittleEndian((r + h * a) % ORDER))
        const cancels = (BigInt(j) + h * BigInt(i)) % 8n === 0n
        seen[cancels ? 'accepted' : 'refused']++
        expect(verdictsOf({ publicKey, message: text, signature })).toEqual([cancels, cancels, cancels, cancels])
      }),
      { numRuns: 200 },
    )
    expect(seen.accepted).toBeGreaterThan(0)
    expect(seen.refused).toBeGreaterThan(seen.accepted)
  })
})
