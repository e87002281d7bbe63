// Owns: CRC-32C (Castagnoli, RFC 3720 B.4), the checksum of log and journal records.
// Not here: hashes that an adversary must not forge (core/crypto).

const POLYNOMIAL_REVERSED = 0x82f63b78

function buildTable(): Uint32Array {
  const table = new Uint32Array(256)
  for (let byte = 0; byte < 256; byte++) {
    let value = byte
    for (let bit = 0; bit < 8; bit++) value = (value & 1) === 1 ? (value >>> 1) ^ POLYNOMIAL_REVERSED : value >>> 1
    table[byte] = value >>> 0
  }
  return table
}

const TABLE = buildTable()

/** CRC-32C of `bytes[start, end)` as an unsigned 32-bit number. */
export function crc32c(bytes: Uint8Array, start = 0, end = bytes.length): number {
  let crc = 0xffffffff
  for (let i = start; i < end; i++) crc = (crc >>> 8) ^ (TABLE[(crc ^ (bytes[i] as number)) & 0xff] as number)
  return (crc ^ 0xffffffff) >>> 0
}
