// Owns: the golden vectors of tagged hashes and commitments, made by another program. Not here: SHA-256 itself (native.test.ts).
import { describe, expect, test } from 'vitest'
import vectors from '../../test/vectors/hash.json' with { type: 'json' }
import { AssertionFault } from '../base/assert.ts'
import { fromHex, utf8ToBytes } from '../base/bytes.ts'
import { commitValue, createHasher, hashFields, hashTagged, withLength } from './hash.ts'

describe('hashTagged', () => {
  test('gives the golden hashes', () => {
    for (const { tag, parts, hash } of vectors.tagged) expect(hashTagged(tag, ...parts.map(fromHex))).toBe(hash)
  })

  test('equals a hasher made for the tag', () => {
    const hasher = createHasher('naru/test/v1')
    expect(hasher(utf8ToBytes('abc'))).toBe(hashTagged('naru/test/v1', utf8ToBytes('abc')))
    expect(hasher(new Uint8Array(0))).toBe(hashTagged('naru/test/v1'))
  })

  test('keeps tags apart', () => {
    expect(hashTagged('naru/a', utf8ToBytes('bc'))).not.toBe(hashTagged('naru/ab', utf8ToBytes('c')))
  })

  test('does not tell where one part ends, which is why variable parts go through hashFields', () => {
    const [a, ab, bc, c] = ['a', 'ab', 'bc', 'c'].map(utf8ToBytes) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array]
    expect(hashTagged('t', ab, c)).toBe(hashTagged('t', a, bc))
    expect(hashFields('t', ab, c)).not.toBe(hashFields('t', a, bc))
  })
})

describe('hashFields', () => {
  test('gives the golden hashes', () => {
    for (const { tag, fields, hash } of vectors.fields) expect(hashFields(tag, ...fields.map(fromHex))).toBe(hash)
  })

  test('takes a field of 65,535 bytes and stops on a longer one', () => {
    expect(withLength(new Uint8Array(65_535)).subarray(0, 3)).toEqual(new Uint8Array([0xff, 0xff, 0]))
    expect(() => hashFields('t', new Uint8Array(65_536))).toThrow(AssertionFault)
  })
})

describe('commitValue', () => {
  test('gives the golden commitments', () => {
    for (const { type, salt, value, hash } of vectors.commitments) {
      expect(commitValue({ type, salt: fromHex(salt), value: fromHex(value) })).toBe(hash)
    }
  })

  test('stops on a salt that is not 32 bytes', () => {
    expect(() => commitValue({ type: 'x', salt: new Uint8Array(31), value: new Uint8Array(1) })).toThrow(AssertionFault)
  })
})
