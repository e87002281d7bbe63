// Owns: schemas of single values: integers, booleans, bytes, hashes, addresses, text. Not here: compound shapes (compound.ts).
import { fromHex, isHex, toHex } from '../base/bytes.ts'
import { asAddress, asHash32 } from '../base/ids.ts'
import type { Address, Hash32 } from '../base/ids.ts'
import type { Plain } from './msgpack.ts'
import { refuse } from './schema.ts'
import type { Schema } from './schema.ts'

const U64_MAX = 2n ** 64n - 1n
const WIRE = 'wire'

function uint(max: number, name: string): Schema<number> {
  const check = (value: unknown, path: string): number =>
    typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= max
      ? value
      : refuse(path, `${name}, an integer from 0 to ${max}`, value)
  return {
    toPlain: (value) => check(value, name),
    fromPlain: (plain) => check(plain, WIRE),
    toJson: (value) => value,
    fromJson: (json, _text, path) => check(json, path),
    jsonSchema: { type: 'integer', minimum: 0, maximum: max },
  }
}

/** Unsigned 8-bit integer. */
export const u8 = uint(0xff, 'u8')
/** Unsigned 16-bit integer. */
export const u16 = uint(0xffff, 'u16')
/** Unsigned 32-bit integer. */
export const u32 = uint(0xffffffff, 'u32')

/** Height, time in ms or a count: a safe integer in memory and JSON, nine bytes in the encoding. */
export const u53: Schema<number> = {
  toPlain: (value) =>
    Number.isSafeInteger(value) && value >= 0 ? BigInt(value) : refuse('u53', 'a safe non-negative integer', value),
  fromPlain: (plain) =>
    typeof plain === 'bigint' && plain <= 9007199254740991n
      ? Number(plain)
      : refuse(WIRE, 'a 64-bit integer up to 2^53-1', plain),
  toJson: (value) => value,
  fromJson: (json, _text, path) =>
    typeof json === 'number' && Number.isSafeInteger(json) && json >= 0
      ? json
      : refuse(path, 'an integer from 0 to 2^53-1', json),
  jsonSchema: { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
}

/** Money, nonces, ids: bigint in memory, decimal string in JSON, nine bytes in the encoding. */
export const u64: Schema<bigint> = {
  toPlain: (value) =>
    typeof value === 'bigint' && value >= 0n && value <= U64_MAX ? value : refuse('u64', 'a bigint from 0 to 2^64-1', value),
  fromPlain: (plain) => (typeof plain === 'bigint' ? plain : refuse(WIRE, 'a 64-bit integer', plain)),
  toJson: (value) => value.toString(),
  fromJson: (json, _text, path) => {
    if (typeof json !== 'string' || !/^(0|[1-9][0-9]{0,19})$/.test(json))
      return refuse(path, 'a decimal string from 0 to 2^64-1', json)
    const value = BigInt(json)
    return value <= U64_MAX ? value : refuse(path, 'a decimal string from 0 to 2^64-1', json)
  },
  jsonSchema: { type: 'string', pattern: '^(0|[1-9][0-9]{0,19})$', description: 'unsigned 64-bit integer as a decimal string' },
}

/** Consensus round or "none": -1 or an unsigned 32-bit integer in memory; nil on the wire for none. */
export const roundOrNone: Schema<number> = {
  toPlain: (value) => (value === -1 ? null : u32.toPlain(value)),
  fromPlain: (plain) => (plain === null ? -1 : u32.fromPlain(plain)),
  toJson: (value) => value,
  fromJson: (json, text, path) => (json === -1 ? -1 : u32.fromJson(json, text, path)),
  jsonSchema: { type: 'integer', minimum: -1 },
}

/** True or false. */
export const bool: Schema<boolean> = {
  toPlain: (value) => (typeof value === 'boolean' ? value : refuse('bool', 'true or false', value)),
  fromPlain: (plain) => (typeof plain === 'boolean' ? plain : refuse(WIRE, 'true or false', plain)),
  toJson: (value) => value,
  fromJson: (json, _text, path) => (typeof json === 'boolean' ? json : refuse(path, 'true or false', json)),
  jsonSchema: { type: 'boolean' },
}

function hexFromJson(json: unknown, path: string, expected: string): string {
  if (typeof json !== 'string' || !json.startsWith('0x') || !isHex(json.slice(2))) return refuse(path, expected, json)
  return json.slice(2)
}

/** Bytes of a bounded length; `0x` and lower-case hex in JSON. */
export function bytes(max: number): Schema<Uint8Array> {
  const expected = `0x-prefixed lower-case hex of at most ${max} bytes`
  const check = (value: unknown, path: string): Uint8Array =>
    value instanceof Uint8Array && value.length <= max ? value : refuse(path, `at most ${max} bytes`, value)
  return {
    toPlain: (value) => check(value, 'bytes'),
    fromPlain: (plain) => check(plain, WIRE),
    toJson: (value) => `0x${toHex(value)}`,
    fromJson: (json, _text, path) => check(fromHex(hexFromJson(json, path, expected)), path),
    jsonSchema: { type: 'string', pattern: `^0x([0-9a-f]{2}){0,${max}}$` },
  }
}

/** Exactly `length` bytes. */
export function fixedBytes(length: number): Schema<Uint8Array> {
  const expected = `0x-prefixed lower-case hex of ${length} bytes`
  const check = (value: unknown, path: string): Uint8Array =>
    value instanceof Uint8Array && value.length === length ? value : refuse(path, `${length} bytes`, value)
  return {
    toPlain: (value) => check(value, 'bytes'),
    fromPlain: (plain) => check(plain, WIRE),
    toJson: (value) => `0x${toHex(value)}`,
    fromJson: (json, _text, path) => check(fromHex(hexFromJson(json, path, expected)), path),
    jsonSchema: { type: 'string', pattern: `^0x[0-9a-f]{${length * 2}}$` },
  }
}

const hashBytes = fixedBytes(32)
const addressBytes = fixedBytes(20)

/** 32-byte hash: hex without prefix in memory, `0x` hex in JSON, 32 bytes in the encoding. */
export const hash32: Schema<Hash32> = {
  toPlain: (value) =>
    typeof value === 'string' && value.length === 64 ? fromHex(value) : refuse('hash', '64 hex digits', value),
  fromPlain: (plain) => asHash32(toHex(hashBytes.fromPlain(plain))),
  toJson: (value) => `0x${value}`,
  fromJson: (json, text, path) => asHash32(toHex(hashBytes.fromJson(json, text, path))),
  jsonSchema: hashBytes.jsonSchema,
}

/** Account: 40 hex digits in memory, bech32m text of the network in JSON, 20 bytes in the encoding. */
export const address: Schema<Address> = {
  toPlain: (value) =>
    typeof value === 'string' && value.length === 40 ? fromHex(value) : refuse('address', '40 hex digits', value),
  fromPlain: (plain) => asAddress(toHex(addressBytes.fromPlain(plain))),
  toJson: (value, text) => text.formatAddress(value),
  fromJson: (json, text, path) => {
    const parsed = typeof json === 'string' ? text.parseAddress(json) : null
    return parsed === null ? refuse(path, 'an account of this network (bech32m, or its did:seoul text)', json) : parsed
  },
  jsonSchema: { type: 'string', description: 'account: bech32m text with the prefix of the network, or its did:seoul text' },
}

/** UTF-8 text of at most `max` code points, in NFC, without control characters (C0, C1) and without U+FEFF. */
export function text(max: number): Schema<string> {
  const check = (value: unknown, path: string): string => {
    const fits = typeof value === 'string' && value.length <= max * 2 && value.isWellFormed() && [...value].length <= max
    if (!fits || hasControl(value) || value.normalize('NFC') !== value)
      return refuse(path, `text of at most ${max} characters in NFC`, value)
    return value
  }
  return {
    toPlain: (value) => check(value, 'text'),
    fromPlain: (plain) => check(plain, WIRE),
    toJson: (value) => value,
    fromJson: (json, _context, path) => check(json, path),
    jsonSchema: { type: 'string', maxLength: max },
  }
}

// U+FEFF is refused because decoders of UTF-8 drop it at the start of a text: what was written would not be what is read.
function hasControl(value: string): boolean {
  for (let i = 0; i < value.length; i++) {
    const unit = value.charCodeAt(i)
    if (unit < 0x20 || (unit >= 0x7f && unit <= 0x9f) || unit === 0xfeff) return true
  }
  return false
}

/** ASCII code of 1 to `max` characters from A-Z a-z 0-9 _ . - (domain.md 13.1). */
export function code(max: number): Schema<string> {
  const check = (value: Plain | unknown, path: string): string =>
    typeof value === 'string' && value.length <= max && /^[A-Za-z0-9_.-]+$/.test(value)
      ? value
      : refuse(path, `1 to ${max} characters of A-Z a-z 0-9 _ . -`, value)
  return {
    toPlain: (value) => check(value, 'code'),
    fromPlain: (plain) => check(plain, WIRE),
    toJson: (value) => value,
    fromJson: (json, _context, path) => check(json, path),
    jsonSchema: { type: 'string', pattern: `^[A-Za-z0-9_.-]{1,${max}}$` },
  }
}
