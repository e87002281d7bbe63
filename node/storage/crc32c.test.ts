// Owns: tests of crc32c.ts against published values.
import { describe, expect, test } from 'vitest'
import { utf8ToBytes } from '../../core/base/bytes.ts'
import { crc32c } from './crc32c.ts'

describe('CRC-32C', () => {
  test('matches the test vectors of RFC 3720 B.4', () => {
    const ascending = Uint8Array.from({ length: 32 }, (_, i) => i)
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa)
    expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43)
    expect(crc32c(ascending)).toBe(0x46dd794e)
    expect(crc32c(ascending.slice().reverse())).toBe(0x113fdb5c)
  })

  test('matches the customary check value and the empty input', () => {
    expect(crc32c(utf8ToBytes('123456789'))).toBe(0xe3069283)
    expect(crc32c(new Uint8Array(0))).toBe(0)
  })

  test('covers exactly the given range', () => {
    const bytes = utf8ToBytes('xx123456789yy')
    expect(crc32c(bytes, 2, 11)).toBe(0xe3069283)
  })
})
