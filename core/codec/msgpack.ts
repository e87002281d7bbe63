// Owns: MessagePack bytes of plain values, and the bounded scan that every byte string from outside passes first.
// Not here: what the values mean (schema.ts).
// msgpackr alone accepts extensions, non-minimal integers, deep nesting and invalid UTF-8 (decisions 4): nothing from outside
// reaches it unscanned. Its "/pack" door is used because it never loads the optional native extractor.
import { Packr } from 'msgpackr/pack'
import { CodecError } from '../base/errors.ts'
import { LIMITS } from '../base/limits.ts'

/** Values that our bytes can hold: no maps, floats or extensions. */
export type Plain = null | boolean | number | bigint | string | Uint8Array | readonly Plain[]

const packr = new Packr({
  useRecords: false,
  int64AsType: 'bigint',
  copyBuffers: true,
  moreTypes: false,
  encodeUndefinedAsNil: false,
})

/** Canonical bytes of a plain value. Integers up to 2^32-1 are minimal; bigints are always 9 bytes. */
export function packPlain(value: Plain): Uint8Array {
  const packed = packr.pack(value)
  return new Uint8Array(packed.buffer, packed.byteOffset, packed.byteLength)
}

/** The plain value of bytes that this process wrote itself (its own store). */
export function unpackTrusted(bytes: Uint8Array): Plain {
  return packr.unpack(bytes) as Plain
}

/** The plain value of bytes from outside. Throws CodecError on anything but one bounded, minimal, known value. */
export function unpackBounded(bytes: Uint8Array, bytesMax: number): Plain {
  if (bytes.length > bytesMax) throw new CodecError(`${bytes.length} bytes, at most ${bytesMax} allowed`)
  const end = scanValue(bytes, 0, 0)
  if (end !== bytes.length) throw new CodecError(`${bytes.length - end} bytes left over after the value`)
  return packr.unpack(bytes) as Plain
}

function scanValue(bytes: Uint8Array, at: number, depth: number): number {
  const type = byteAt(bytes, at)
  if (type <= 0x7f) return at + 1
  if (type >= 0x90 && type <= 0x9f) return scanArray({ bytes, at: at + 1, count: type & 15, depth })
  if (type >= 0xa0 && type <= 0xbf) return skip(bytes, at + 1, type & 31)
  switch (type) {
    case 0xc0:
    case 0xc2:
    case 0xc3:
      return at + 1
    case 0xc4:
      return skip(bytes, at + 2, sized(bytes, at, 1, 0))
    case 0xc5:
      return skip(bytes, at + 3, sized(bytes, at, 2, 0x100))
    case 0xc6:
      return skip(bytes, at + 5, sized(bytes, at, 4, 0x10000))
    case 0xcc:
      return skip(bytes, at + 2, sized(bytes, at, 1, 0x80) * 0)
    case 0xcd:
      return skip(bytes, at + 3, sized(bytes, at, 2, 0x100) * 0)
    case 0xce:
      return skip(bytes, at + 5, sized(bytes, at, 4, 0x10000) * 0)
    case 0xcf:
      if (byteAt(bytes, at + 1) < 0x80) throw new CodecError('a 64-bit integer in its non-canonical form')
      return skip(bytes, at + 1, 8)
    case 0xd3:
      if (byteAt(bytes, at + 1) >= 0x80) throw new CodecError('a negative integer')
      return skip(bytes, at + 1, 8)
    case 0xd9:
      return skip(bytes, at + 2, sized(bytes, at, 1, 0x20))
    case 0xda:
      return skip(bytes, at + 3, sized(bytes, at, 2, 0x100))
    case 0xdc:
      return scanArray({ bytes, at: at + 3, count: sized(bytes, at, 2, 0x10), depth })
    default:
      throw new CodecError(`type byte 0x${type.toString(16)} is not part of the format`)
  }
}

function scanArray(array: { bytes: Uint8Array; at: number; count: number; depth: number }): number {
  const { bytes, count, depth } = array
  if (depth + 1 > LIMITS.codecDepthMax) throw new CodecError(`nested deeper than ${LIMITS.codecDepthMax}`)
  if (count > bytes.length - array.at) throw new CodecError('an array longer than its bytes')
  let at = array.at
  for (let i = 0; i < count; i++) at = scanValue(bytes, at, depth + 1)
  return at
}

function sized(bytes: Uint8Array, at: number, width: number, min: number): number {
  let value = 0
  for (let i = 1; i <= width; i++) value = value * 256 + byteAt(bytes, at + i)
  if (value < min) throw new CodecError('a length or integer in a longer form than needed')
  return value
}

function skip(bytes: Uint8Array, at: number, length: number): number {
  const end = at + length
  if (end > bytes.length) throw new CodecError('cut short')
  return end
}

function byteAt(bytes: Uint8Array, at: number): number {
  const byte = bytes[at]
  if (byte === undefined) throw new CodecError('cut short')
  return byte
}
