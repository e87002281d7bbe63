// Owns: the Schema type, encode and decode in bytes and JSON. One declaration per record gives canonical bytes, JSON form,
// TypeScript type and description (decisions 4). Not here: the building blocks (fields.ts, compound.ts), MessagePack itself.
import { compareBytes } from '../base/bytes.ts'
import { CodecError } from '../base/errors.ts'
import type { Address } from '../base/ids.ts'
import { packPlain, unpackBounded, unpackTrusted } from './msgpack.ts'
import type { Plain } from './msgpack.ts'

/** How accounts read as text on one network (bech32m with its prefix); given by the caller, since codec knows no network. */
export type TextContext = {
  readonly formatAddress: (address: Address) => string
  /** null when the text is no address of this network. DID text is accepted too. */
  readonly parseAddress: (text: string) => Address | null
}

/** Plain description in JSON Schema words; feeds OpenRPC, command-line flags and the reference pages. */
export type JsonSchema = { readonly [key: string]: unknown }

/** JSON-safe value. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/** One declaration of a value: to and from plain tuples, to and from JSON. */
export type Schema<T> = {
  readonly toPlain: (value: T) => Plain
  /** Throws CodecError when the plain value is not of this shape or outside its bounds. */
  readonly fromPlain: (plain: Plain) => T
  readonly toJson: (value: T, text: TextContext) => Json
  /** Throws CodecError naming the path, the value and what is expected. */
  readonly fromJson: (json: unknown, text: TextContext, path: string) => T
  readonly jsonSchema: JsonSchema
  /** True when JSON may leave the field out. */
  readonly optional?: boolean
}

/** The TypeScript type that a schema declares. */
export type Infer<S> = S extends Schema<infer T> ? T : never

/** Canonical bytes. */
export function encode<T>(schema: Schema<T>, value: T): Uint8Array {
  return packPlain(schema.toPlain(value))
}

/**
 * Value of bytes from outside: bounded scan, schema check, re-encode, compare byte for byte.
 * Throws CodecError unless the bytes are the one canonical form.
 */
export function decode<T>(schema: Schema<T>, bytes: Uint8Array, bytesMax: number): T {
  const value = schema.fromPlain(unpackBounded(bytes, bytesMax))
  if (compareBytes(encode(schema, value), bytes) !== 0) throw new CodecError('not the canonical encoding')
  return value
}

/** Value of bytes that this node encoded itself. */
export function decodeTrusted<T>(schema: Schema<T>, bytes: Uint8Array): T {
  return schema.fromPlain(unpackTrusted(bytes))
}

/** JSON form of a value. */
export function toJson<T>(schema: Schema<T>, value: T, text: TextContext): Json {
  return schema.toJson(value, text)
}

/** Value of a JSON form. Throws CodecError naming the offending path. */
export function fromJson<T>(schema: Schema<T>, json: unknown, text: TextContext, path = '$'): T {
  return schema.fromJson(json, text, path)
}

/** A short, safe rendering of an unexpected value for an error message. */
export function shown(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}...` : value)
  if (value === null || typeof value === 'boolean' || typeof value === 'number' || typeof value === 'bigint') return String(value)
  if (Array.isArray(value)) return 'an array'
  return value instanceof Uint8Array ? `${value.length} bytes` : `a ${typeof value}`
}

/** Refuses a value with a message of one form. */
export function refuse(path: string, expected: string, got: unknown): never {
  throw new CodecError(`${path}: expected ${expected}, got ${shown(got)}`)
}
