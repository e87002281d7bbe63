// Owns: bytes against an independent reader of MessagePack, one canonical form per value, and garbage. Not here: schemas one by one.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bytesToUtf8, concatBytes, fromHex, toHex } from '../base/bytes.ts'
import { CodecError } from '../base/errors.ts'
import { LIMITS } from '../base/limits.ts'
import { asAddress, asHash32 } from '../base/ids.ts'
import { textOn } from '../../test/helpers/network-text.ts'
import { choice, list, option, struct, union } from './compound.ts'
import { address, bool, bytes, code, fixedBytes, hash32, roundOrNone, text, u8, u16, u32, u53, u64 } from './fields.ts'
import { packPlain, unpackBounded } from './msgpack.ts'
import type { Plain } from './msgpack.ts'
import { decode, decodeTrusted, encode, fromJson, toJson } from './schema.ts'
import type { Infer } from './schema.ts'

// MessagePack once more, from its specification and without any of the code under test: what any library would read.
function readMessagePack(input: Uint8Array): unknown {
  const view = new DataView(input.buffer, input.byteOffset, input.byteLength)
  let at = 0
  const take = (length: number): Uint8Array => {
    at += length
    if (at > input.length) throw new Error('cut short')
    return input.subarray(at - length, at)
  }
  const sized = (width: number): number => take(width).reduce((size, byte) => size * 256 + byte, 0)
  const array = (count: number): unknown[] => Array.from({ length: count }, () => next())
  const wide = (isSigned: boolean): bigint => {
    take(8)
    return isSigned ? view.getBigInt64(at - 8) : view.getBigUint64(at - 8)
  }
  const next = (): unknown => {
    const type = sized(1)
    if (type < 0x80) return type
    if (type >= 0xe0) return type - 256
    if (type >= 0xa0 && type < 0xc0) return bytesToUtf8(take(type - 0xa0))
    if (type >= 0x90 && type < 0xa0) return array(type - 0x90)
    if (type === 0xc0) return null
    if (type === 0xc2 || type === 0xc3) return type === 0xc3
    if (type >= 0xc4 && type <= 0xc6) return take(sized(1 << (type - 0xc4)))
    if (type >= 0xcc && type <= 0xce) return sized(1 << (type - 0xcc))
    if (type === 0xcf || type === 0xd3) return wide(type === 0xd3)
    if (type >= 0xd9 && type <= 0xdb) return bytesToUtf8(take(sized(1 << (type - 0xd9))))
    if (type === 0xdc || type === 0xdd) return array(sized(type === 0xdc ? 2 : 4))
    throw new Error(`type byte ${type}`)
  }
  const value = next()
  if (at !== input.length) throw new Error('bytes left over')
  return value
}

const TEXT = textOn('test')
const hexOf = (byteLength: number) => fc.uint8Array({ minLength: byteLength, maxLength: byteLength }).map((value) => toHex(value))
const u64Value = fc.oneof(
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  fc.constantFrom(0n, 1n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 1n),
)
const uintValue = (max: number) =>
  fc.oneof(fc.nat(max), fc.constantFrom(...[0, 127, 128, 255, 256, 65_535, 65_536, max].filter((n) => n <= max)))
const words = fc
  .string({ unit: fc.constantFrom('a', 'Z', '0', ' ', '"', 'é', '서', '울', '😀', '\u00a0', '\u2028'), maxLength: 200 })
  .map((value) => value.normalize('NFC'))
const anyBytes = (maxLength: number) => fc.uint8Array({ maxLength })

const Everything = struct({
  small: u8,
  short: u16,
  long: u32,
  time: u53,
  money: u64,
  round: roundOrNone,
  isSet: bool,
  blob: bytes(300),
  key: fixedBytes(32),
  hash: hash32,
  account: address,
  words: text(300),
  code: code(40),
  colour: choice({ red: 0, blue: 200 }),
  maybe: option(struct({ x: u8 })),
  many: list(union({ a: [0, struct({ x: u64 })], b: [1, struct({ y: list(bool, 20) })] }), 20),
})
type Everything = Infer<typeof Everything>

const everything: fc.Arbitrary<Everything> = fc.record({
  small: uintValue(255),
  short: uintValue(65_535),
  long: uintValue(4_294_967_295),
  time: fc.maxSafeNat(),
  money: u64Value,
  round: fc.oneof(fc.constant(-1), uintValue(4_294_967_295)),
  isSet: fc.boolean(),
  blob: anyBytes(300),
  key: fc.uint8Array({ minLength: 32, maxLength: 32 }),
  hash: hexOf(32).map(asHash32),
  account: hexOf(20).map(asAddress),
  words,
  code: fc.stringMatching(/^[A-Za-z0-9_.-]{1,40}$/),
  colour: fc.constantFrom('red', 'blue'),
  maybe: fc.option(fc.record({ x: uintValue(255) })),
  many: fc.array(
    fc.oneof(
      fc.record({ kind: fc.constant('a' as const), x: u64Value }),
      fc.record({ kind: fc.constant('b' as const), y: fc.array(fc.boolean(), { maxLength: 20 }) }),
    ),
    { maxLength: 20 },
  ),
})

// Our plain values as the independent reader gives them: bytes compare by contents.
const shape = (plain: unknown): unknown =>
  plain instanceof Uint8Array ? `bytes ${toHex(plain)}` : Array.isArray(plain) ? plain.map(shape) : plain

function decodeOrRefuse(input: Uint8Array): Everything | null {
  try {
    return decode(Everything, input, 10_000)
  } catch (cause) {
    expect(cause).toBeInstanceOf(CodecError)
    return null
  }
}

describe('canonical bytes', () => {
  it('give the value back, from bytes and from JSON', () => {
    fc.assert(
      fc.property(everything, (value) => {
        const encoded = encode(Everything, value)
        expect(decode(Everything, encoded, 10_000)).toEqual(value)
        expect(decodeTrusted(Everything, encoded)).toEqual(value)
        expect(fromJson(Everything, JSON.parse(JSON.stringify(toJson(Everything, value, TEXT))), TEXT)).toEqual(value)
      }),
      { numRuns: 300 },
    )
  })

  it('are read by an independent reader of MessagePack', () => {
    fc.assert(
      fc.property(everything, (value) => {
        expect(shape(readMessagePack(encode(Everything, value)))).toEqual(shape(Everything.toPlain(value)))
      }),
      { numRuns: 300 },
    )
  })

  it('are the only bytes of their value: a changed byte is refused or is another value', () => {
    let accepted = 0
    fc.assert(
      fc.property(everything, fc.nat(), fc.integer({ min: 1, max: 255 }), (value, position, flip) => {
        const encoded = encode(Everything, value)
        const mutated = encoded.slice()
        const at = position % mutated.length
        mutated[at] = (mutated[at] as number) ^ flip
        const other = decodeOrRefuse(mutated)
        if (other === null) return
        accepted += 1
        expect(toHex(encode(Everything, other))).toBe(toHex(mutated))
        expect(other).not.toEqual(value)
      }),
      { numRuns: 3_000 },
    )
    expect(accepted).toBeGreaterThan(100)
  })

  it('are refused with every possible byte in every place unless it is another value', () => {
    const Small = struct({ n: u32, t: text(4), b: bytes(3), o: option(u64), l: list(bool, 2) })
    const encoded = encode(Small, { n: 300, t: '시a', b: Uint8Array.of(1, 2), o: 7n, l: [true] })
    const seen = new Set<string>()
    for (let at = 0; at < encoded.length; at++) {
      for (let byte = 0; byte < 256; byte++) {
        const mutated = encoded.slice()
        mutated[at] = byte
        try {
          expect(toHex(encode(Small, decode(Small, mutated, 100)))).toBe(toHex(mutated))
          seen.add(toHex(mutated))
        } catch (cause) {
          if (!(cause instanceof CodecError)) throw cause
        }
      }
    }
    expect(seen.has(toHex(encoded))).toBe(true)
    expect(seen.size).toBeGreaterThan(500)
  })

  it('are refused when cut short anywhere or followed by anything', () => {
    fc.assert(
      fc.property(everything, anyBytes(3), (value, tail) => {
        const encoded = encode(Everything, value)
        for (let length = 0; length < encoded.length; length++)
          expect(() => decode(Everything, encoded.subarray(0, length), 10_000)).toThrow(CodecError)
        if (tail.length > 0)
          expect(() => decode(Everything, concatBytes(encoded, tail), 10_000)).toThrow(
            new CodecError(`${tail.length} bytes left over after the value`),
          )
      }),
      { numRuns: 20 },
    )
  })

  it('do not depend on where they lie in a larger buffer', () => {
    const value = { x: Uint8Array.of(1, 2, 3) }
    const Box = struct({ x: bytes(8) })
    const encoded = encode(Box, value)
    const inside = concatBytes(new Uint8Array(5), encoded, new Uint8Array(5)).subarray(5, 5 + encoded.length)
    const read = decode(Box, inside, 100)
    expect(read).toEqual(value)
    inside.fill(0)
    expect(read).toEqual(value)
  })

  it('stay as they are when later values are encoded', () => {
    const first = encode(text(40), 'the first text')
    const before = toHex(first)
    for (let i = 0; i < 5_000; i++) encode(text(40), `another text ${i}`)
    expect(toHex(first)).toBe(before)
  })
})

// Random bytes that look like MessagePack more often than chance would have it.
const looseByte = fc.oneof(
  fc.nat(255),
  fc.constantFrom(0x90, 0x91, 0x92, 0x9f, 0xa0, 0xa1, 0xbf, 0xc0, 0xc2, 0xc4, 0xc5, 0xc6, 0xcc, 0xcd, 0xce, 0xcf),
  fc.constantFrom(0xd3, 0xd9, 0xda, 0xdb, 0xdc, 0xdd, 0x80, 0xc7, 0xca, 0xcb, 0xff),
)

describe('bytes from outside', () => {
  it('of random garbage give a value that is theirs alone or a CodecError, nothing else', () => {
    let accepted = 0
    fc.assert(
      fc.property(fc.array(looseByte, { maxLength: 40 }), (garbage) => {
        const input = Uint8Array.from(garbage)
        let plain: Plain
        try {
          plain = unpackBounded(input, 100)
        } catch (cause) {
          expect(cause).toBeInstanceOf(CodecError)
          return
        }
        accepted += 1
        expect(() => decodeOrRefuse(input)).not.toThrow()
        // The scan admits no second form of anything but text, which must be UTF-8 as the re-encoding shows.
        const again = packPlain(plain)
        if (!/\ufffd/.test(JSON.stringify(shape(plain), (_, v) => (typeof v === 'bigint' ? v.toString() : v))))
          expect(toHex(again)).toBe(toHex(input))
      }),
      { numRuns: 20_000 },
    )
    expect(accepted).toBeGreaterThan(500)
  })

  it('are refused beyond the bound before anything is read', () => {
    expect(() => unpackBounded(new Uint8Array(101), 100)).toThrow(new CodecError('101 bytes, at most 100 allowed'))
    expect(() => unpackBounded(new Uint8Array(), 100)).toThrow(new CodecError('cut short'))
  })

  it('nest at most sixteen deep', () => {
    const nested = (depth: number): Uint8Array => fromHex(`${'91'.repeat(depth)}c0`)
    expect(LIMITS.codecDepthMax).toBe(16)
    expect(() => unpackBounded(nested(16), 100)).not.toThrow()
    expect(() => unpackBounded(nested(17), 100)).toThrow(new CodecError('nested deeper than 16'))
    expect(() => unpackBounded(nested(1_000_000), 2_000_000)).toThrow(new CodecError('nested deeper than 16'))
    expect(() => unpackBounded(fromHex(`${'91'.repeat(16)}90`), 100)).toThrow(new CodecError('nested deeper than 16'))
  })

  it('that promise more than they hold are refused without reading on', () => {
    for (const [hex, message] of [
      ['dcffff00', 'an array longer than its bytes'],
      ['9f00', 'an array longer than its bytes'],
      ['c6ffffffff', 'cut short'],
      ['c5ffff00', 'cut short'],
      ['daffff61', 'cut short'],
      ['d9', 'cut short'],
      ['d30000', 'cut short'],
      ['ce0000', 'cut short'],
    ] as const)
      expect(() => unpackBounded(fromHex(hex), 100), hex).toThrow(new CodecError(message))
  })

  it('are scanned in time that grows with their length alone', () => {
    // 2^16 lists of 2^16 items each cannot be promised: a list is never longer than what is left.
    const level = `dcffff`.repeat(15)
    expect(() => unpackBounded(fromHex(`${level}${'00'.repeat(70_000)}`), 100_000)).toThrow(CodecError)
  })
})
