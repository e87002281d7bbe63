// Owns: the check sum of QR payloads: CRC-16 with polynomial 0x1021, start 0xFFFF, not reflected (EMVCo MPM 4.7.3).
// Not here: over which bytes (emv.ts).

const POLYNOMIAL = 0x1021

/** The check sum, 0 to 65535; that of ASCII "123456789" is 0x29b1. */
export function crc16(bytes: Uint8Array): number {
  let crc = 0xffff
  for (const byte of bytes) {
    crc ^= byte << 8
    for (let bit = 0; bit < 8; bit++) crc = (crc & 0x8000) !== 0 ? ((crc << 1) ^ POLYNOMIAL) & 0xffff : (crc << 1) & 0xffff
  }
  return crc
}

/** The check sum as the four upper-case hex digits of data object 63. */
export function crcText(bytes: Uint8Array): string {
  return crc16(bytes).toString(16).toUpperCase().padStart(4, '0')
}
