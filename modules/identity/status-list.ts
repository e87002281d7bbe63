// Owns: the bits of a status list: where an entry lies, reading the whole, writing changes page by page.
// Not here: who may (status-set.ts), the compressed form that credentials use (off chain: compressors differ).
import { sha256 } from '../../core/crypto/hash.ts'
import type { Hash32 } from '../../core/base/ids.ts'
import type { ReadView, WriteView } from '../../core/state/view.ts'
import { PAGE_BYTES, STATUS_BITS } from './trust-schema.ts'
import type { StatusChangeList } from './trust-schema.ts'
import { statusPages } from './store.ts'
import type { StatusListKey } from './store.ts'

const PAGES = STATUS_BITS / 8 / PAGE_BYTES
const PAGE_BITS = PAGE_BYTES * 8
const ZERO_PAGE: Uint8Array = new Uint8Array(PAGE_BYTES)

/** Digest of a list without any bit set. */
export const EMPTY_DIGEST: Hash32 = sha256(new Uint8Array(STATUS_BITS / 8))

/** The 16,384 bytes of a list; entry 0 is the most significant bit of byte 0 (W3C Bitstring Status List 1.0). */
export function readBits(view: ReadView, key: StatusListKey): Uint8Array {
  const bits = new Uint8Array(STATUS_BITS / 8)
  for (let page = 0; page < PAGES; page++) {
    const record = statusPages.get(view, { ...key, page })
    if (record !== null) bits.set(record.bits, page * PAGE_BYTES)
  }
  return bits
}

/** Whether the entry's bit is set. */
export function isBitSet(view: ReadView, key: StatusListKey, index: number): boolean {
  const { bits } = statusPages.get(view, { ...key, page: Math.floor(index / PAGE_BITS) }) ?? { bits: ZERO_PAGE }
  return ((bits[byteOf(index)] as number) & maskOf(index)) !== 0
}

/** Writes the changes, each page once, and gives the digest of the whole list. */
export function writeBits(view: WriteView, key: StatusListKey, changes: StatusChangeList): Hash32 {
  const changed = new Map<number, Uint8Array>()
  for (const { index, bit } of changes) {
    const page = Math.floor(index / PAGE_BITS)
    const bits = changed.get(page) ?? new Uint8Array(statusPages.get(view, { ...key, page })?.bits ?? ZERO_PAGE)
    const at = byteOf(index)
    bits[at] = bit ? (bits[at] as number) | maskOf(index) : (bits[at] as number) & ~maskOf(index)
    changed.set(page, bits)
  }
  for (const [page, bits] of changed) statusPages.set(view, { ...key, page }, { bits })
  return sha256(readBits(view, key))
}

function byteOf(index: number): number {
  return Math.floor((index % PAGE_BITS) / 8)
}

function maskOf(index: number): number {
  return 0x80 >> (index % 8)
}
