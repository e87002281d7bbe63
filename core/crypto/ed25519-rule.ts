// Owns: the one strict rule for Ed25519 signatures (decisions 5): the pre-check and a reference in point arithmetic.
// Not here: the fast libraries (native.*.ts), the rule put together (keys.ts). The rule in words: docs/reference/ed25519.md.
import { Point } from '@noble/ed25519'
import { sha512 } from '@noble/hashes/sha2.js'
import { concatBytes, equalBytes, fromHex } from '../base/bytes.ts'

/** A key pair that signs; `publicKey` is 32 bytes, signatures are 64. */
export type Signer = {
  readonly publicKey: Uint8Array
  readonly sign: (message: Uint8Array) => Uint8Array
}

/** Bytes of a public key. */
export const PUBLIC_KEY_BYTES = 32
/** Bytes of a signature: R, then S. */
export const SIGNATURE_BYTES = 64
/** Bytes of an RFC 8032 seed. */
export const SEED_BYTES = 32

/** L = 2^252 + 27742317777372353535851937790883648493, the order of the base point, little-endian. */
const ORDER = fromHex('edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010')
const ORDER_NUMBER = (1n << 252n) + 27742317777372353535851937790883648493n

/**
 * The y coordinates of the eight points of low order, little-endian without the sign bit, with the unreduced twins of 0 and 1.
 * Either sign bit over these seven gives all 14 encodings of a low-order point (the two extra signs are "x = -0").
 */
const LOW_ORDER_Y: readonly Uint8Array[] = [
  '0000000000000000000000000000000000000000000000000000000000000000', // y = 0, order 4
  '0100000000000000000000000000000000000000000000000000000000000000', // y = 1, the identity
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05', // order 8
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a', // order 8
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f', // y = p - 1, order 2
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f', // y = p, that is 0
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f', // y = p + 1, that is 1
].map(fromHex)

/** Equality of the first 32 bytes with a low-order y, sign bit ignored. */
function isLowOrderEncoding(point: Uint8Array): boolean {
  const first = point[0]
  for (const y of LOW_ORDER_Y) {
    if (y[0] !== first) continue
    let i = 1
    while (i < 31 && y[i] === point[i]) i++
    if (i === 31 && y[31] === ((point[31] as number) & 0x7f)) return true
  }
  return false
}

/** y < p = 2^255 - 19: the nineteen values from p on are 0xed..0xff, thirty times 0xff, 0x7f. */
function isReducedY(point: Uint8Array): boolean {
  if (((point[31] as number) & 0x7f) !== 0x7f) return true
  for (let i = 30; i > 0; i--) {
    if (point[i] !== 0xff) return true
  }
  return (point[0] as number) < 0xed
}

/** S < L, comparing from the most significant byte down. */
function isReducedScalar(signature: Uint8Array): boolean {
  for (let i = 31; i >= 0; i--) {
    const digit = signature[32 + i] as number
    const bound = ORDER[i] as number
    if (digit !== bound) return digit < bound
  }
  return false
}

/**
 * The pre-check: everything of the rule that needs no curve arithmetic. False means that the signature is refused.
 * 1. the key is 32 bytes and the signature 64;
 * 2. S is canonical: S < L (RFC 8032 5.1.7, against malleability);
 * 3. A is canonical: y < p. The sign bit over x = 0 happens only for y = 1 and y = -1, which rule 4 refuses with either sign;
 * 4. A is not of low order, or one signature would hold for many messages;
 * 5. R is not of low order, by any of the 14 encodings.
 * That R is canonical needs no check here: the last rule compares R byte for byte with a canonical encoding.
 */
export function isCanonicalKeyAndSignature(publicKey: Uint8Array, signature: Uint8Array): boolean {
  return (
    publicKey.length === PUBLIC_KEY_BYTES &&
    signature.length === SIGNATURE_BYTES &&
    isReducedScalar(signature) &&
    isReducedY(publicKey) &&
    !isLowOrderEncoding(publicKey) &&
    !isLowOrderEncoding(signature)
  )
}

function readLittleEndian(bytes: Uint8Array): bigint {
  let value = 0n
  for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i] as number)
  return value
}

/** The point that the bytes encode, or null. `lenient` also takes y >= p and the sign bit over x = 0. */
function parsePoint(bytes: Uint8Array, lenient: boolean): Point | null {
  try {
    return Point.fromBytes(bytes, lenient)
  } catch {
    return null
  }
}

/**
 * The whole rule by point arithmetic, sharing nothing with the pre-check: encode([S]B - [h]A) equals R byte for byte,
 * cofactorless, with h = SHA-512(R || A || message) mod L (reduced first: it matters for keys with a low-order component).
 * Some milliseconds a call: for browsers, light clients and tests.
 */
export function verifyReference(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== PUBLIC_KEY_BYTES || signature.length !== SIGNATURE_BYTES) return false
  const encodedR = signature.slice(0, 32)
  const s = readLittleEndian(signature.subarray(32))
  if (s >= ORDER_NUMBER) return false
  const a = parsePoint(publicKey, false)
  if (a === null || a.isSmallOrder()) return false
  const r = parsePoint(encodedR, true)
  if (r === null || r.isSmallOrder()) return false
  const h = readLittleEndian(sha512(concatBytes(encodedR, publicKey, message))) % ORDER_NUMBER
  const expected = Point.BASE.multiply(s, false).subtract(a.multiply(h, false))
  return equalBytes(expected.toBytes(), encodedR)
}
