// Owns: SHA-256 with a tag, so that bytes hashed for one purpose never stand for another.
// Not here: SHA-256 itself (#native), trees (merkle.ts, core/state).
import { sha256Bytes as nativeSha256Bytes, sha256Hex } from '#native'
import { assert } from '../base/assert.ts'
import { concatBytes, utf8ToBytes } from '../base/bytes.ts'
import { asHash32, type Hash32 } from '../base/ids.ts'

const LENGTH_MAX = 0xffff

/** `lp(x)` of domain.md 2: the length as u16 big-endian, then the bytes (at most 65,535). */
export function withLength(bytes: Uint8Array): Uint8Array {
  assert(bytes.length <= LENGTH_MAX, `a hashed field holds at most ${LENGTH_MAX} bytes, got ${bytes.length}`)
  const out = new Uint8Array(bytes.length + 2)
  out[0] = bytes.length >>> 8
  out[1] = bytes.length & 0xff
  out.set(bytes, 2)
  return out
}

/** `lp` of a text's UTF-8. */
export function withTextLength(text: string): Uint8Array {
  return withLength(utf8ToBytes(text))
}

/** A function giving SHA-256(lp(tag) || bytes); make it once per tag, as a constant. */
export function createHasher(tag: string): (bytes: Uint8Array) => Hash32 {
  const prefix = withTextLength(tag)
  return (bytes) => {
    const input = new Uint8Array(prefix.length + bytes.length)
    input.set(prefix)
    input.set(bytes, prefix.length)
    return asHash32(sha256Hex(input))
  }
}

/** SHA-256(lp(tag) || parts in order), for parts whose lengths are fixed or coded inside them; otherwise take `hashFields`. */
export function hashTagged(tag: string, ...parts: readonly Uint8Array[]): Hash32 {
  return asHash32(sha256Hex(concatBytes(withTextLength(tag), ...parts)))
}

/** `H(tag, f1..fn)` of domain.md 2: SHA-256(lp(tag) || lp(f1) || ...), fields of at most 65,535 bytes. */
export function hashFields(tag: string, ...fields: readonly Uint8Array[]): Hash32 {
  return asHash32(sha256Hex(concatBytes(withTextLength(tag), ...fields.map(withLength))))
}

const COMMIT_PREFIX = withTextLength('seoul/commit/v1')

/** The salted commitment C of domain.md 2; the 32-byte salt is random per value and stays off chain. */
export function commitValue({ type, salt, value }: { type: string; salt: Uint8Array; value: Uint8Array }): Hash32 {
  assert(salt.length === 32, 'a commitment has a 32-byte salt')
  return asHash32(sha256Hex(concatBytes(COMMIT_PREFIX, withTextLength(type), salt, withLength(value))))
}

/** Plain SHA-256, for whole canonical records that are leaves of a tree. */
export function sha256(bytes: Uint8Array): Hash32 {
  return asHash32(sha256Hex(bytes))
}

/** Plain SHA-256 as bytes, for the state tree; text is hashed as its UTF-8. */
export function sha256Bytes(bytes: Uint8Array | string): Uint8Array {
  return nativeSha256Bytes(bytes)
}
