// Owns: what a transaction did: receipt and events. Not here: event payloads (modules).
import { list, struct } from '../codec/compound.ts'
import { bytes, hash32, u16 } from '../codec/fields.ts'
import { encode } from '../codec/schema.ts'
import type { Infer } from '../codec/schema.ts'
import { LIMITS } from '../base/limits.ts'
import { sha256 } from '../crypto/hash.ts'
import { merkleRoot } from '../crypto/merkle.ts'
import type { Hash32 } from '../base/ids.ts'

/** One event: its registered number (room in the high byte) and its encoded payload. */
export const EventSchema = struct({ type: u16, payload: bytes(LIMITS.eventBytesMax) })

/** `code` 0 is success; any other is the failure's number, with no events and no change but the nonce and the credits. */
export const ReceiptSchema = struct({ txId: hash32, code: u16, events: list(EventSchema, LIMITS.eventsPerTxMax) })

export type ChainEvent = Infer<typeof EventSchema>
export type Receipt = Infer<typeof ReceiptSchema>

/** Leaf under a header's receiptsRoot. */
export function receiptHash(receipt: Receipt): Hash32 {
  return sha256(encode(ReceiptSchema, receipt))
}

/** Merkle root of the receipts in the order of the transactions. */
export function receiptsRoot(receipts: readonly Receipt[]): Hash32 {
  return merkleRoot(receipts.map(receiptHash))
}
