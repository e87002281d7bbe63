// Owns: the group of the voting scheme: points, scalars, their encodings, the hash to a scalar (domain.md 5.3).
// Not here: any proof. Randomness always comes in as an argument.
import { ristretto255 } from '@noble/curves/ed25519.js'
import { sha512 } from '@noble/hashes/sha2.js'
import { concatBytes } from '../../../core/base/bytes.ts'
import { withLength, withTextLength } from '../../../core/crypto/hash.ts'

/** A point of ristretto255. */
export type Point = InstanceType<typeof ristretto255.Point>

const { Point: Group } = ristretto255

/** The base point G. */
export const BASE: Point = Group.BASE
/** The identity. */
export const ZERO: Point = Group.ZERO
/** The order L of the group, a prime. */
export const ORDER: bigint = Group.Fn.ORDER

/** The number in 0..L-1 that is congruent to a value. */
export function reduce(value: bigint): bigint {
  const rest = value % ORDER
  return rest < 0n ? rest + ORDER : rest
}

/** The inverse modulo L; zero has none. */
export function invert(value: bigint): bigint {
  return Group.Fn.inv(reduce(value))
}

/** The 32 bytes of a scalar, least significant first. */
export function scalarBytes(value: bigint): Uint8Array {
  const out = new Uint8Array(32)
  let rest = value
  for (let i = 0; i < 32; i++) {
    out[i] = Number(rest & 0xffn)
    rest >>= 8n
  }
  return out
}

/** The number that bytes stand for, least significant first. */
export function numberOf(bytes: Uint8Array): bigint {
  let value = 0n
  for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i] as number)
  return value
}

/** The scalar of 32 bytes, or null where they are not reduced modulo L. */
export function readScalar(bytes: Uint8Array): bigint | null {
  const value = numberOf(bytes)
  return bytes.length === 32 && value < ORDER ? value : null
}

/** The point of its canonical 32 bytes; null for anything else, the identity included. */
export function readPoint(bytes: Uint8Array): Point | null {
  const point = readAnyPoint(bytes)
  return point === null || point.is0() ? null : point
}

/** As `readPoint`, where the identity is allowed: sums of ciphertexts. */
export function readAnyPoint(bytes: Uint8Array): Point | null {
  try {
    return Group.fromBytes(bytes)
  } catch {
    return null
  }
}

/** A public multiple: not in constant time, for verifying. */
export function times(point: Point, scalar: bigint): Point {
  return point.multiplyUnsafe(scalar)
}

/** A secret multiple, in constant time; the scalar may be zero. */
export function timesSecret(point: Point, scalar: bigint): Point {
  return scalar === 0n ? ZERO : point.multiply(scalar)
}

/** A multiple of G that may be public or secret: G's multiples are tabulated. */
export function timesBase(scalar: bigint): Point {
  return scalar === 0n ? ZERO : BASE.multiply(scalar)
}

/** An index as u16, most significant byte first. */
export function indexBytes(index: number): Uint8Array {
  return new Uint8Array([index >>> 8, index & 0xff])
}

/** What enters a hash: bytes, a point, a scalar, or an index. */
export type HashField = Uint8Array | Point | bigint | number

function fieldBytes(field: HashField): Uint8Array {
  if (field instanceof Uint8Array) return field
  if (typeof field === 'bigint') return scalarBytes(field)
  return typeof field === 'number' ? indexBytes(field) : field.toBytes()
}

/** `hs(tag, f...)`: SHA-512(lp(tag) || lp(f1) || ...) as a little-endian number modulo L. */
export function hashToScalar(tag: string, ...fields: readonly HashField[]): bigint {
  return reduce(numberOf(sha512(concatBytes(withTextLength(tag), ...fields.map((field) => withLength(fieldBytes(field)))))))
}
