// Owns: bytes of one slot of the signer journal: fixed size, self-contained, checksummed.
// Not here: which slot is written when (journal.ts), what the state means (sign-state.ts).
import { assert } from '../../core/base/assert.ts'
import { equalBytes, fromHex, toHex, utf8ToBytes } from '../../core/base/bytes.ts'
import { crc32c } from './crc32c.ts'
import {
  compareSignPoints,
  SIGN_BYTES_MAX,
  SIGNATURE_BYTES_MAX,
  type SignedRecord,
  type SignState,
  type SignStep,
} from './sign-state.ts'

/** The only layout this version reads and writes. */
export const JOURNAL_FORMAT_VERSION = 1
/** Size of a slot in bytes: four records of the largest size and the frame fit, and slots start on page boundaries. */
export const JOURNAL_SLOT_BYTES = 8192
const CHAIN_TAG_BYTES = 8
const PUBLIC_KEY_BYTES = 32
const BLOCK_ID_BYTES = 32
/** magic 4, version u32, counter u64, chain tag 8, public key 32, floor u64. */
const FRAME_BYTES = 64
/** height u64, round u32, step u8, has block u8, block id 32, two lengths u16, sign bytes, signature. */
const RECORD_BYTES = 50 + SIGN_BYTES_MAX + SIGNATURE_BYTES_MAX
const CRC_AT = JOURNAL_SLOT_BYTES - 4
const MAGIC = utf8ToBytes('NJRN')

assert(FRAME_BYTES + 4 * RECORD_BYTES <= CRC_AT, 'four of the largest records fit into a slot')

/** Everything a slot holds; the highest counter is the current one. */
export type JournalSlot = {
  readonly version: number
  readonly counter: bigint
  readonly chainTag: Uint8Array
  readonly publicKeyHex: string
  readonly state: SignState
}

function writeRecord(view: DataView, bytes: Uint8Array, at: number, record: SignedRecord | null): void {
  // Step 0 marks an empty place.
  if (record === null) return
  assert(record.signBytes.length > 0 && record.signBytes.length <= SIGN_BYTES_MAX, 'sign bytes fit a journal record')
  assert(record.signature.length > 0 && record.signature.length <= SIGNATURE_BYTES_MAX, 'a signature fits a journal record')
  view.setBigUint64(at, BigInt(record.height))
  view.setUint32(at + 8, record.round)
  view.setUint8(at + 12, record.step)
  view.setUint8(at + 13, record.blockIdHex === null ? 0 : 1)
  if (record.blockIdHex !== null) {
    const blockId = fromHex(record.blockIdHex)
    assert(blockId.length === BLOCK_ID_BYTES, 'a block id has 32 bytes')
    bytes.set(blockId, at + 14)
  }
  view.setUint16(at + 46, record.signBytes.length)
  view.setUint16(at + 48, record.signature.length)
  bytes.set(record.signBytes, at + 50)
  bytes.set(record.signature, at + 50 + SIGN_BYTES_MAX)
}

function readRecord(view: DataView, bytes: Uint8Array, at: number): SignedRecord | null {
  const step = view.getUint8(at + 12)
  if (step === 0) return null
  const signBytesEnd = at + 50 + view.getUint16(at + 46)
  const signatureAt = at + 50 + SIGN_BYTES_MAX
  return {
    height: Number(view.getBigUint64(at)),
    round: view.getUint32(at + 8),
    step: step as SignStep,
    blockIdHex: view.getUint8(at + 13) === 0 ? null : toHex(bytes.subarray(at + 14, at + 14 + BLOCK_ID_BYTES)),
    signBytes: bytes.slice(at + 50, signBytesEnd),
    signature: bytes.slice(signatureAt, signatureAt + view.getUint16(at + 48)),
  }
}

/** Bytes of a slot. The record `last` is one of the three step records and is found again by its order. */
export function encodeJournalSlot(slot: Omit<JournalSlot, 'version'>): Uint8Array {
  assert(slot.chainTag.length === CHAIN_TAG_BYTES, 'a chain tag has 8 bytes')
  const publicKey = fromHex(slot.publicKeyHex)
  assert(publicKey.length === PUBLIC_KEY_BYTES, 'a public key has 32 bytes')
  const bytes = new Uint8Array(JOURNAL_SLOT_BYTES)
  const view = new DataView(bytes.buffer)
  bytes.set(MAGIC, 0)
  view.setUint32(4, JOURNAL_FORMAT_VERSION)
  view.setBigUint64(8, slot.counter)
  bytes.set(slot.chainTag, 16)
  bytes.set(publicKey, 24)
  view.setBigUint64(56, BigInt(slot.state.floorHeight))
  const { proposal, prevote, precommit, lastLock } = slot.state
  for (const [place, record] of [proposal, prevote, precommit, lastLock].entries()) {
    writeRecord(view, bytes, FRAME_BYTES + place * RECORD_BYTES, record)
  }
  view.setUint32(CRC_AT, crc32c(bytes, 0, CRC_AT))
  return bytes
}

/** The slot, or null when it is damaged or was never written. A foreign version gives its frame with an empty state. */
export function decodeJournalSlot(bytes: Uint8Array): JournalSlot | null {
  if (bytes.length !== JOURNAL_SLOT_BYTES) return null
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (!equalBytes(bytes.subarray(0, 4), MAGIC)) return null
  if (view.getUint32(CRC_AT) !== crc32c(bytes, 0, CRC_AT)) return null
  const [proposal = null, prevote = null, precommit = null, lastLock = null] = [0, 1, 2, 3].map((place) =>
    readRecord(view, bytes, FRAME_BYTES + place * RECORD_BYTES),
  )
  let last: SignedRecord | null = null
  for (const record of [proposal, prevote, precommit]) {
    if (record !== null && (last === null || compareSignPoints(record, last) > 0)) last = record
  }
  return {
    version: view.getUint32(4),
    counter: view.getBigUint64(8),
    chainTag: bytes.slice(16, 24),
    publicKeyHex: toHex(bytes.subarray(24, 56)),
    state: { floorHeight: Number(view.getBigUint64(56)), last, lastLock, proposal, prevote, precommit },
  }
}
