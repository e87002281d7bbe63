// Owns: hex, comparison, integers and UTF-8 over bytes, against the platform's own. Not here: layouts (core/codec).
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  bytesToUtf8,
  compareBytes,
  compareText,
  concatBytes,
  equalBytes,
  fromHex,
  isHex,
  sortableHex,
  toHex,
  u32ToBytes,
  u64ToBytes,
  utf8ToBytes,
} from './bytes.ts'

const anyBytes = fc.uint8Array({ maxLength: 64 })

describe('hex', () => {
  it('writes and reads every byte', () => {
    const all = Uint8Array.from({ length: 256 }, (_, i) => i)
    expect(toHex(all)).toBe(Buffer.from(all).toString('hex'))
    expect(fromHex(toHex(all))).toEqual(all)
    expect(toHex(new Uint8Array())).toBe('')
    expect(fromHex('')).toEqual(new Uint8Array())
  })

  it.each(['a', 'abc', 'AB', '0x00', 'g0', '0g', ' 0', '0 ', 'é0', '0가', '\u0130\u0130'])('refuses %j', (text) => {
    expect(() => fromHex(text)).toThrow(RangeError)
    expect(isHex(text)).toBe(false)
  })

  it('names at most 80 characters of what it refuses', () => {
    expect(() => fromHex('z'.repeat(1_000))).toThrow(new RangeError(`not lower-case hex: ${'z'.repeat(80)}`))
  })

  it('knows the length in bytes', () => {
    expect(isHex('00ff', 2)).toBe(true)
    expect(isHex('00ff', 1)).toBe(false)
    expect(isHex('00ff\n')).toBe(false)
  })
})

describe('bytes', () => {
  it('are ordered as the platform orders them', () => {
    fc.assert(
      fc.property(anyBytes, anyBytes, (a, b) => {
        expect(Math.sign(compareBytes(a, b))).toBe(Buffer.compare(a, b))
        expect(equalBytes(a, b)).toBe(Buffer.compare(a, b) === 0)
      }),
    )
    expect(compareBytes(Uint8Array.of(1), Uint8Array.of(1, 0))).toBeLessThan(0)
  })

  it('are put together in order', () => {
    expect(concatBytes(Uint8Array.of(1, 2), new Uint8Array(), Uint8Array.of(3))).toEqual(Uint8Array.of(1, 2, 3))
    expect(concatBytes()).toEqual(new Uint8Array())
  })

  it('hold integers with the most significant byte first', () => {
    expect(u32ToBytes(0x01020304)).toEqual(Uint8Array.of(1, 2, 3, 4))
    expect(u32ToBytes(0xffffffff)).toEqual(Uint8Array.of(255, 255, 255, 255))
    expect(u64ToBytes(0x0102030405060708n)).toEqual(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8))
    expect(u64ToBytes(2n ** 64n - 1n)).toEqual(new Uint8Array(8).fill(255))
  })

  it('of invalid UTF-8 are no text', () => {
    expect(bytesToUtf8(utf8ToBytes('\ufeff서울'))).toBe('\ufeff서울')
    for (const bad of ['ff', 'c080', 'eda080', 'f4908080', 'e2']) expect(() => bytesToUtf8(fromHex(bad)), bad).toThrow(TypeError)
  })
})

describe('text order', () => {
  it('is the order of code units, never of a locale', () => {
    expect(['b', 'a', 'B', '_', '0'].sort(compareText)).toEqual(['0', 'B', '_', 'a', 'b'])
    expect(compareText('a', 'a')).toBe(0)
  })

  it('of sortable numbers is the order of numbers', () => {
    const safe = fc.maxSafeNat()
    fc.assert(
      fc.property(safe, safe, (a, b) => {
        expect(compareText(sortableHex(a), sortableHex(b))).toBe(a === b ? 0 : a < b ? -1 : 1)
      }),
    )
    expect(sortableHex(255)).toBe('00000000000000ff')
    expect(sortableHex(2n ** 64n - 1n)).toBe('ffffffffffffffff')
  })
})
