// Owns: records, payloads and events of payments to merchants, refunds, disputes and settlements between banks.
// Not here: merchants (merchant-schema.ts), rules (till.ts, refund.ts).
import { choice, list, option, struct } from '../../core/codec/compound.ts'
import { address, bytes, code, fixedBytes, hash32, text, u16, u53, u64 } from '../../core/codec/fields.ts'
import type { Infer } from '../../core/codec/schema.ts'
import { merchantNumber } from './merchant-schema.ts'
import { digits } from './schema.ts'

/** How the payer came to pay: typed in, by a sticker, by a code of one order, by a code of the payer's own. */
export const PayKindSchema = choice({ TYPED: 0, STATIC: 1, DYNAMIC: 2, CONSUMER: 3 })
/** CAPTURED, then parts or all of it back; DISPUTED until a payment operator resolves. */
export const PayStateSchema = choice({ CAPTURED: 0, PART_REFUNDED: 1, REFUNDED: 2, DISPUTED: 3 })

/** What a payer holds against a payment. */
export const DisputeSchema = struct({ reasonCode: code(32), caseCommit: hash32, openedAt: u53, stateBefore: PayStateSchema })

/**
 * A payment by the id of its transaction. `total` is won and points together; refunded, pointsBack and feeBack are sums of all
 * refunds so far, so that the rest follows without rounding drift.
 */
export const PaySchema = struct({
  merchantId: merchantNumber,
  payer: address,
  total: u64,
  pointsPart: u64,
  fee: u64,
  kind: PayKindSchema,
  orderRef: option(code(32)),
  qrHash: option(hash32),
  paidAt: u53,
  state: PayStateSchema,
  refunded: u64,
  pointsBack: u64,
  feeBack: u64,
  refunds: u16,
  dispute: option(DisputeSchema),
})

/** The payment that stands at a place: an order, a line of a merchant's journal. */
export const PayRefSchema = struct({ payId: hash32 })
/** What a merchant's reference of a refund did. */
export const RefundSchema = struct({ payId: hash32, amount: u64, krwBack: u64, pointsBack: u64, feeBack: u64, refundedAt: u53 })
/** A spent number of a consumer's code, kept until no such code can be valid any more. */
export const CpmNonceSchema = struct({ payId: hash32 })
/** One place of the queue of spent numbers. */
export const CpmQueueEntrySchema = struct({ payer: address, nonce: fixedBytes(8), expiresAt: u53 })
/** What two banks agree to have settled in a cycle; it holds once both said the same. */
export const SettlementSchema = struct({
  debtor: code(16),
  creditor: code(16),
  amount: u64,
  proposedBy: code(16),
  settledAt: option(u53),
})

/** Pays a merchant; with `qr` the scanned payload, which is read again on the chain. */
export const PayPayload = struct({
  merchantId: merchantNumber,
  total: u64,
  pointsPart: u64,
  orderRef: option(code(32)),
  qr: option(text(512)),
})
/** Takes money on the payer's own code: `authorisation` is what the till scanned, as bytes. */
export const CapturePayload = struct({
  merchantId: merchantNumber,
  authorisation: bytes(512),
  amount: u64,
  orderRef: option(code(32)),
})
/** Gives back a part of a payment under the merchant's own reference. */
export const RefundPayload = struct({ payId: hash32, amount: u64, refundRef: code(32) })
/** Opens a dispute; what happened stays off chain behind a salted commitment. */
export const DisputePayload = struct({ payId: hash32, reasonCode: code(32), caseCommit: hash32 })
/** Decides a dispute: `refund` goes back to the payer, 0 leaves the payment as it was. */
export const ResolvePayload = struct({ payId: hash32, refund: u64, reasonCode: code(32) })
/** What one bank settled with another in central-bank money. */
export const SettlePayload = struct({ cycleId: code(32), debtor: code(16), creditor: code(16), amount: u64 })

/** The receipt of a payment. */
export const PaidEvent = struct({
  payId: hash32,
  merchantId: merchantNumber,
  payer: address,
  total: u64,
  krwPart: u64,
  pointsPart: u64,
  fee: u64,
  kind: PayKindSchema,
  orderRef: option(code(32)),
  seq: u53,
})
/** Won and points that went back. */
export const RefundedEvent = struct({
  payId: hash32,
  merchantId: merchantNumber,
  payer: address,
  amount: u64,
  krwBack: u64,
  pointsBack: u64,
  feeBack: u64,
  refundRef: code(32),
})
/** A dispute that was opened. */
export const DisputedEvent = struct({ payId: hash32, merchantId: merchantNumber, reasonCode: code(32) })
/** A dispute that was decided. */
export const ResolvedEvent = struct({ payId: hash32, merchantId: merchantNumber, refund: u64, reasonCode: code(32) })
/** One bank's side of a settlement, or, with both, what a position lost. */
export const SettlementEvent = struct({ cycleId: code(32), debtor: code(16), creditor: code(16), amount: u64 })

/** Answer of payment_getReceipt: what a payer or a shop keeps. */
export const ReceiptResult = struct({
  payId: hash32,
  merchantId: merchantNumber,
  brn: digits(10),
  nameKo: text(25),
  nameAscii: text(25),
  total: u64,
  krwPart: u64,
  pointsPart: u64,
  fee: u64,
  paidAt: u53,
  state: PayStateSchema,
  refunded: u64,
  krwBack: u64,
  pointsBack: u64,
})
/** A page of a merchant's journal. */
export const JournalResult = struct({
  payments: u53,
  items: list(struct({ seq: u53, payId: hash32, payment: PaySchema }), 100),
})

export type Pay = Infer<typeof PaySchema>
export type PayKind = Infer<typeof PayKindSchema>
