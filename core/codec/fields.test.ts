// Owns: single values: exact bytes, JSON both ways, every refusal with its words. Not here: compound shapes (compound.test.ts).
import { describe, expect, it } from 'vitest'
import { fromHex, toHex } from '../base/bytes.ts'
import { CodecError } from '../base/errors.ts'
import { asAddress, asHash32 } from '../base/ids.ts'
import { textOn } from '../../test/helpers/network-text.ts'
import { address, bool, bytes, code, fixedBytes, hash32, roundOrNone, text, u8, u16, u32, u53, u64 } from './fields.ts'
import { decode, encode, fromJson, toJson } from './schema.ts'
import type { Schema } from './schema.ts'

const TEXT = textOn('devnet')
const HASH = asHash32('ab'.repeat(32))
const ACCOUNT = asAddress('00112233445566778899aabbccddeeff00112233')
const ACCOUNT_TEXT = TEXT.formatAddress(ACCOUNT)

type Row = readonly [name: string, schema: Schema<unknown>, value: unknown, hex: string, json: unknown]
const row = <T>(name: string, schema: Schema<T>, value: T, hex: string, json: unknown): Row => [
  name,
  schema as Schema<unknown>,
  value,
  hex,
  json,
]

const GOLDEN: readonly Row[] = [
  row('u8 zero', u8, 0, '00', 0),
  row('u8 below 128', u8, 127, '7f', 127),
  row('u8 from 128', u8, 128, 'cc80', 128),
  row('u8 at most', u8, 255, 'ccff', 255),
  row('u16 in one byte', u16, 255, 'ccff', 255),
  row('u16 from 256', u16, 256, 'cd0100', 256),
  row('u16 at most', u16, 65_535, 'cdffff', 65_535),
  row('u32 from 65536', u32, 65_536, 'ce00010000', 65_536),
  row('u32 at most', u32, 4_294_967_295, 'ceffffffff', 4_294_967_295),
  row('u53 zero', u53, 0, 'd30000000000000000', 0),
  row('u53 at most', u53, 9_007_199_254_740_991, 'd3001fffffffffffff', 9_007_199_254_740_991),
  row('u64 zero', u64, 0n, 'd30000000000000000', '0'),
  row('u64 below 2^63', u64, 2n ** 63n - 1n, 'd37fffffffffffffff', '9223372036854775807'),
  row('u64 from 2^63', u64, 2n ** 63n, 'cf8000000000000000', '9223372036854775808'),
  row('u64 at most', u64, 2n ** 64n - 1n, 'cfffffffffffffffff', '18446744073709551615'),
  row('no round', roundOrNone, -1, 'c0', -1),
  row('round 0', roundOrNone, 0, '00', 0),
  row('true', bool, true, 'c3', true),
  row('false', bool, false, 'c2', false),
  row('no bytes', bytes(4), new Uint8Array(), 'c400', '0x'),
  row('bytes', bytes(4), Uint8Array.of(1, 2, 255), 'c4030102ff', '0x0102ff'),
  row('256 bytes', bytes(256), new Uint8Array(256), `c50100${'00'.repeat(256)}`, `0x${'00'.repeat(256)}`),
  row('65536 bytes', bytes(65_536), new Uint8Array(65_536), `c600010000${'00'.repeat(65_536)}`, `0x${'00'.repeat(65_536)}`),
  row('fixed bytes', fixedBytes(2), Uint8Array.of(9, 8), 'c4020908', '0x0908'),
  row('a hash', hash32, HASH, `c420${HASH}`, `0x${HASH}`),
  row('an account', address, ACCOUNT, `c414${ACCOUNT}`, ACCOUNT_TEXT),
  row('no text', text(10), '', 'a0', ''),
  row('Korean text', text(10), '서울', 'a6ec849cec9ab8', '서울'),
  row('31 letters', text(64), 'a'.repeat(31), `bf${'61'.repeat(31)}`, 'a'.repeat(31)),
  row('32 letters', text(64), 'a'.repeat(32), `d920${'61'.repeat(32)}`, 'a'.repeat(32)),
  row('256 letters', text(256), 'a'.repeat(256), `da0100${'61'.repeat(256)}`, 'a'.repeat(256)),
  row('text of astral characters', text(2), '😀😀', 'a8f09f9880f09f9880', '😀😀'),
  row('a code', code(8), 'aZ0_.-', 'a6615a305f2e2d', 'aZ0_.-'),
]

describe.each(GOLDEN)('%s', (_name, schema, value, hex, json) => {
  it('has exactly these bytes and this JSON, and is read back from both', () => {
    expect(toHex(encode(schema, value))).toBe(hex)
    expect(decode(schema, fromHex(hex), 70_000)).toEqual(value)
    expect(toJson(schema, value, TEXT)).toEqual(json)
    expect(fromJson(schema, JSON.parse(JSON.stringify(json)), TEXT)).toEqual(value)
  })
})

type Refusal = readonly [name: string, schema: Schema<unknown>, hex: string, message: string]
const wire = <T>(name: string, schema: Schema<T>, hex: string, message: string): Refusal => [
  name,
  schema as Schema<unknown>,
  hex,
  message,
]

const LONGER = 'a length or integer in a longer form than needed'
const REFUSED_BYTES: readonly Refusal[] = [
  wire('256 as u8', u8, 'cd0100', 'wire: expected u8, an integer from 0 to 255, got 256'),
  wire('65536 as u16', u16, 'ce00010000', 'wire: expected u16, an integer from 0 to 65535, got 65536'),
  wire('u8 in the form of u16', u8, 'cd0001', LONGER),
  wire('0 in two bytes', u8, 'cc00', LONGER),
  wire('127 in two bytes', u8, 'cc7f', LONGER),
  wire('65535 in five bytes', u32, 'ce0000ffff', LONGER),
  wire('a small integer as 64 bits', u8, 'd30000000000000001', 'wire: expected u8, an integer from 0 to 255, got 1'),
  wire('u64 as a number', u64, '05', 'wire: expected a 64-bit integer, got 5'),
  wire('u64 as uint64 below 2^63', u64, 'cf0000000000000005', 'a 64-bit integer in its non-canonical form'),
  wire('u64 as a negative integer', u64, 'd3ffffffffffffffff', 'a negative integer'),
  wire('u53 above 2^53-1', u53, 'd30020000000000000', 'wire: expected a 64-bit integer up to 2^53-1, got 9007199254740992'),
  wire('u53 as a number', u53, '05', 'wire: expected a 64-bit integer up to 2^53-1, got 5'),
  wire('-1', u8, 'ff', 'type byte 0xff is not part of the format'),
  wire('an int8', u8, 'd005', 'type byte 0xd0 is not part of the format'),
  wire('an int16', u8, 'd10005', 'type byte 0xd1 is not part of the format'),
  wire('an int32', u8, 'd200000005', 'type byte 0xd2 is not part of the format'),
  wire('a float32', u8, 'ca3f800000', 'type byte 0xca is not part of the format'),
  wire('a float64', u8, 'cb3ff0000000000000', 'type byte 0xcb is not part of the format'),
  wire('a round of -1', roundOrNone, 'ff', 'type byte 0xff is not part of the format'),
  wire('true as 1', bool, '01', 'wire: expected true or false, got 1'),
  wire('a text of bytes', bytes(4), 'a3010203', 'wire: expected at most 4 bytes, got "\\u0001\\u0002\\u0003"'),
  wire('too many bytes', bytes(2), 'c403010203', 'wire: expected at most 2 bytes, got 3 bytes'),
  wire('too few fixed bytes', fixedBytes(2), 'c40101', 'wire: expected 2 bytes, got 1 bytes'),
  wire('bytes in a longer header', bytes(4), 'c5000101', LONGER),
  wire('bytes in the longest header', bytes(4), 'c60000000101', LONGER),
  wire('a short hash', hash32, 'c40101', 'wire: expected 32 bytes, got 1 bytes'),
  wire('a short account', address, 'c40101', 'wire: expected 20 bytes, got 1 bytes'),
  wire('text in a longer header', text(10), 'd90161', LONGER),
  wire('text in the longest header', text(10), 'da000161', LONGER),
  wire('text with a 32-bit header', text(10), 'db0000000161', 'type byte 0xdb is not part of the format'),
  wire('text beyond its bound', text(2), 'a3616161', 'wire: expected text of at most 2 characters in NFC, got "aaa"'),
  wire('text not in NFC', text(8), 'a365cc81', 'wire: expected text of at most 8 characters in NFC, got "e\u0301"'),
  wire('text with a line feed', text(8), 'a10a', 'wire: expected text of at most 8 characters in NFC, got "\\n"'),
  wire('text with DEL', text(8), 'a17f', 'wire: expected text of at most 8 characters in NFC, got "\u007f"'),
  wire('text with a C1 control', text(8), 'a2c29b', 'wire: expected text of at most 8 characters in NFC, got "\u009b"'),
  wire('text with a byte order mark', text(8), 'a3efbbbf', 'wire: expected text of at most 8 characters in NFC, got "\ufeff"'),
  wire('a code of nothing', code(8), 'a0', 'wire: expected 1 to 8 characters of A-Z a-z 0-9 _ . -, got ""'),
  wire('a code with a space', code(8), 'a120', 'wire: expected 1 to 8 characters of A-Z a-z 0-9 _ . -, got " "'),
  wire(
    'a code with a line feed at its end',
    code(8),
    'a2610a',
    'wire: expected 1 to 8 characters of A-Z a-z 0-9 _ . -, got "a\\n"',
  ),
]

describe.each(REFUSED_BYTES)('from the wire, %s', (_name, schema, hex, message) => {
  it('is refused with the reason', () => {
    expect(() => decode(schema, fromHex(hex), 1_000)).toThrow(new CodecError(message))
  })
})

describe('invalid UTF-8', () => {
  it.each(['a1ff', 'a2c080', 'a3eda080', 'a4f4908080', 'a1c3', 'a2e282'])('%s is refused', (hex) => {
    expect(() => decode(text(8), fromHex(hex), 100)).toThrow(CodecError)
  })
})

type JsonRefusal = readonly [name: string, schema: Schema<unknown>, json: unknown, message: string]
const json = <T>(name: string, schema: Schema<T>, value: unknown, message: string): JsonRefusal => [
  name,
  schema as Schema<unknown>,
  value,
  `$.at: expected ${message}`,
]

const REFUSED_JSON: readonly JsonRefusal[] = [
  json('a string as u8', u8, '1', 'u8, an integer from 0 to 255, got "1"'),
  json('a fraction as u8', u8, 1.5, 'u8, an integer from 0 to 255, got 1.5'),
  json('a negative u8', u8, -1, 'u8, an integer from 0 to 255, got -1'),
  json('a large u32', u32, 4_294_967_296, 'u32, an integer from 0 to 4294967295, got 4294967296'),
  json('an unsafe u53', u53, 9_007_199_254_740_992, 'an integer from 0 to 2^53-1, got 9007199254740992'),
  json('a missing u53', u53, undefined, 'an integer from 0 to 2^53-1, got nothing'),
  json('u64 as a number', u64, 5, 'a decimal string from 0 to 2^64-1, got 5'),
  json('u64 with a leading zero', u64, '05', 'a decimal string from 0 to 2^64-1, got "05"'),
  json('u64 of 2^64', u64, '18446744073709551616', 'a decimal string from 0 to 2^64-1, got "18446744073709551616"'),
  json('u64 in hex', u64, '0x5', 'a decimal string from 0 to 2^64-1, got "0x5"'),
  json('a round of -2', roundOrNone, -2, 'u32, an integer from 0 to 4294967295, got -2'),
  json('1 as a boolean', bool, 1, 'true or false, got 1'),
  json('bytes without 0x', bytes(4), '0102', '0x-prefixed lower-case hex of at most 4 bytes, got "0102"'),
  json('bytes in capitals', bytes(4), '0xAB', '0x-prefixed lower-case hex of at most 4 bytes, got "0xAB"'),
  json('half a byte', bytes(4), '0x0', '0x-prefixed lower-case hex of at most 4 bytes, got "0x0"'),
  json('too many bytes', bytes(1), '0x0102', 'at most 1 bytes, got 2 bytes'),
  json('fixed bytes of another length', fixedBytes(1), '0x0102', '1 bytes, got 2 bytes'),
  json('a list as bytes', fixedBytes(1), [1], '0x-prefixed lower-case hex of 1 bytes, got an array'),
  json('a hash without 0x', hash32, HASH, `0x-prefixed lower-case hex of 32 bytes, got "${HASH.slice(0, 60)}..."`),
  json(
    'an account of another network',
    address,
    textOn('city').formatAddress(ACCOUNT),
    `an account of this network (bech32m, or its did:seoul text), got "${textOn('city').formatAddress(ACCOUNT)}"`,
  ),
  json('an account in hex', address, ACCOUNT, `an account of this network (bech32m, or its did:seoul text), got "${ACCOUNT}"`),
  json('a number as text', text(4), 4, 'text of at most 4 characters in NFC, got 4'),
  json('half a character', text(4), '\ud800', 'text of at most 4 characters in NFC, got "\\ud800"'),
  json('an object as a code', code(4), {}, '1 to 4 characters of A-Z a-z 0-9 _ . -, got a object'),
]

describe.each(REFUSED_JSON)('from JSON, %s', (_name, schema, value, message) => {
  it('is refused with path, value and expectation', () => {
    expect(() => fromJson(schema, value, TEXT, '$.at')).toThrow(new CodecError(message))
  })
})

describe('values of our own', () => {
  it('are refused before they become bytes', () => {
    const refusesOwn = <T>(schema: Schema<T>, ...values: readonly unknown[]): void => {
      for (const value of values) expect(() => encode(schema, value as T), String(value)).toThrow(CodecError)
    }
    refusesOwn(u8, 256, -1, 1.5, 5n, '5')
    refusesOwn(u32, Number.NaN, Number.POSITIVE_INFINITY)
    refusesOwn(u53, 2 ** 53, -1, 5n)
    refusesOwn(u64, 5, -1n, 2n ** 64n)
    refusesOwn(roundOrNone, -2, null)
    refusesOwn(bool, 0, null)
    refusesOwn(bytes(1), new Uint8Array(2), '0x01')
    refusesOwn(fixedBytes(2), new Uint8Array(1))
    refusesOwn(hash32, 'ab', `0x${HASH}`)
    refusesOwn(address, HASH, ACCOUNT_TEXT)
    refusesOwn(text(2), 'aaa', null)
    refusesOwn(code(2), 'a b', '')
  })

  it('keep a long text as it was written', () => {
    const long = '가'.repeat(300)
    expect(decode(text(300), encode(text(300), long), 1_000)).toBe(long)
    // A decoder drops U+FEFF at the start of a long text, so that such a text never gets bytes.
    expect(() => encode(text(300), `\ufeff${'a'.repeat(200)}`)).toThrow(CodecError)
  })
})
