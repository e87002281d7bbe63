// Owns: a WOFF 1.0 file unpacked to the TrueType font that it holds, since PDFs take their subsets from that.
// Not here: pages (pdf.ts).
import { inflateSync } from 'node:zlib'

const [HEADER, ENTRY] = [44, 20]
const [SFNT_HEADER, SFNT_ENTRY] = [12, 16]

const padded = (length: number): number => (length + 3) & ~3

/** The font's tables as they stand in a `.ttf`; throws on anything that is no WOFF. */
export function unpackWoff(woff: Uint8Array): Buffer {
  const file = Buffer.from(woff)
  if (file.length < HEADER || file.toString('latin1', 0, 4) !== 'wOFF') throw new Error('not a WOFF 1.0 font')
  const count = file.readUInt16BE(12)
  const tables = Array.from({ length: count }, (_, at) => {
    const entry = HEADER + at * ENTRY
    const [offset, packed, length] = [file.readUInt32BE(entry + 4), file.readUInt32BE(entry + 8), file.readUInt32BE(entry + 12)]
    const raw = file.subarray(offset, offset + packed)
    return {
      tag: file.subarray(entry, entry + 4),
      sum: file.readUInt32BE(entry + 16),
      bytes: packed < length ? inflateSync(raw) : raw,
    }
  })
  let at = SFNT_HEADER + count * SFNT_ENTRY
  const font = Buffer.alloc(at + tables.reduce((sum, { bytes }) => sum + padded(bytes.length), 0))
  file.copy(font, 0, 4, 8)
  const power = 2 ** Math.floor(Math.log2(count))
  font.writeUInt16BE(count, 4)
  font.writeUInt16BE(power * 16, 6)
  font.writeUInt16BE(Math.log2(power), 8)
  font.writeUInt16BE((count - power) * 16, 10)
  for (const [index, { tag, sum, bytes }] of tables.entries()) {
    const entry = SFNT_HEADER + index * SFNT_ENTRY
    tag.copy(font, entry)
    font.writeUInt32BE(sum, entry + 4)
    font.writeUInt32BE(at, entry + 8)
    font.writeUInt32BE(bytes.length, entry + 12)
    bytes.copy(font, at)
    at += padded(bytes.length)
  }
  return font
}
