// Owns: bytes of a write-ahead log file: header, records, and telling a torn tail from corruption.
// Not here: files and durability (wal.ts), what a record's payload means (node/).
import { assert } from '../../core/base/assert.ts'
import { equalBytes, utf8ToBytes } from '../../core/base/bytes.ts'
import { crc32c } from './crc32c.ts'

/** The only layout this version reads and writes. */
export const WAL_FORMAT_VERSION = 1
/** Bound of type and payload of one record in bytes: a garbage length cannot allocate more. */
export const WAL_RECORD_BYTES_MAX = 16 * 1024 * 1024
/** magic 4, version u32, chain tag 8, height u64, CRC-32C u32 of all before it. */
export const WAL_HEADER_BYTES = 28
/** Length u32 and CRC-32C u32 before type and payload; the length counts the type byte and the payload. */
const RECORD_PREFIX_BYTES = 8
const CHAIN_TAG_BYTES = 8
const MAGIC = utf8ToBytes('NWAL')

/** One logged input; the meaning of types 0–255 is the caller's. */
export type WalRecord = { readonly type: number; readonly payload: Uint8Array }

/** What the start of a file says. */
export type WalHeader = { readonly version: number; readonly chainTag: Uint8Array; readonly height: number }

/** Records in order and where the readable part ends; `torn` = an unfinished end, `corrupt` = a hole before valid records. */
export type WalScan = {
  readonly records: readonly WalRecord[]
  /** Bytes up to and including the last good record before any damage. */
  readonly validBytes: number
  readonly status: 'clean' | 'torn' | 'corrupt'
}

/** Bytes of a file header; `chainTag` is the first 8 bytes of the genesis hash. */
export function encodeWalHeader(header: { chainTag: Uint8Array; height: number }): Uint8Array {
  assert(header.chainTag.length === CHAIN_TAG_BYTES, 'a chain tag has 8 bytes')
  const bytes = new Uint8Array(WAL_HEADER_BYTES)
  const view = new DataView(bytes.buffer)
  bytes.set(MAGIC, 0)
  view.setUint32(4, WAL_FORMAT_VERSION)
  bytes.set(header.chainTag, 8)
  view.setBigUint64(16, BigInt(header.height))
  view.setUint32(24, crc32c(bytes, 0, 24))
  return bytes
}

/** The header, or null when it is damaged. The version is not judged here: this layout of the header holds for all versions. */
export function decodeWalHeader(bytes: Uint8Array): WalHeader | null {
  if (bytes.length < WAL_HEADER_BYTES) return null
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (!equalBytes(bytes.subarray(0, 4), MAGIC)) return null
  if (view.getUint32(24) !== crc32c(bytes, 0, 24)) return null
  return { version: view.getUint32(4), chainTag: bytes.slice(8, 16), height: Number(view.getBigUint64(16)) }
}

/** Bytes of one record: length, CRC-32C of type and payload, type, payload. */
export function encodeWalRecord(type: number, payload: Uint8Array): Uint8Array {
  assert(Number.isInteger(type) && type >= 0 && type <= 255, 'a record type is one byte')
  assert(payload.length < WAL_RECORD_BYTES_MAX, 'a record fits its bound')
  const bytes = new Uint8Array(RECORD_PREFIX_BYTES + 1 + payload.length)
  const view = new DataView(bytes.buffer)
  bytes[RECORD_PREFIX_BYTES] = type
  bytes.set(payload, RECORD_PREFIX_BYTES + 1)
  view.setUint32(0, 1 + payload.length)
  view.setUint32(4, crc32c(bytes, RECORD_PREFIX_BYTES))
  return bytes
}

/** End of the record that would begin at `offset` by its length field, or -1 when none can: checks no content yet. */
function findRecordEnd(view: DataView, offset: number): number {
  if (offset + RECORD_PREFIX_BYTES > view.byteLength) return -1
  const length = view.getUint32(offset)
  if (length < 1 || length > WAL_RECORD_BYTES_MAX) return -1
  const end = offset + RECORD_PREFIX_BYTES + length
  return end > view.byteLength ? -1 : end
}

function isIntact(bytes: Uint8Array, view: DataView, offset: number, end: number): boolean {
  return view.getUint32(offset + 4) === crc32c(bytes, offset + RECORD_PREFIX_BYTES, end)
}

/**
 * True when some record after a damaged one is intact. The work is bounded, since foreign payload bytes can look like lengths
 * everywhere; past the bound the answer is the careful one (true: quarantine).
 */
function hasIntactRecordAfter(bytes: Uint8Array, view: DataView, damagedAt: number): boolean {
  let budgetBytes = 64 * 1024 * 1024 + 4 * bytes.length
  for (let offset = damagedAt + 1; offset < bytes.length; offset++) {
    const end = findRecordEnd(view, offset)
    if (end === -1) continue
    budgetBytes -= end - offset
    if (budgetBytes < 0) return true
    if (isIntact(bytes, view, offset, end)) return true
  }
  return false
}

/** Reads the records after the header, up to the first damage. Payloads are views into `bytes`. */
export function scanWalRecords(bytes: Uint8Array): WalScan {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const records: WalRecord[] = []
  let offset = WAL_HEADER_BYTES
  while (offset < bytes.length) {
    const end = findRecordEnd(view, offset)
    if (end === -1 || !isIntact(bytes, view, offset, end)) {
      const status = hasIntactRecordAfter(bytes, view, offset) ? 'corrupt' : 'torn'
      return { records, validBytes: offset, status }
    }
    const typeAt = offset + RECORD_PREFIX_BYTES
    records.push({ type: bytes[typeAt] as number, payload: bytes.subarray(typeAt + 1, end) })
    offset = end
  }
  return { records, validBytes: offset, status: 'clean' }
}
