// Owns: records, payloads and events of merchants. Not here: payments (pay-schema.ts), rules (merchant.ts).
import { choice, list, option, struct } from '../../core/codec/compound.ts'
import { address, bool, code, fixedBytes, text, u16, u53, u64 } from '../../core/codec/fields.ts'
import type { Infer } from '../../core/codec/schema.ts'
import { TierSchema, digits, signedWon } from './schema.ts'

/** Keys that a merchant may ever have had for its codes. */
export const QR_KEYS_MAX = 16
/** Merchants of one owner. */
export const MERCHANTS_PER_OWNER_MAX = 32

/** Number of a merchant: fifteen digits, the last a check digit. */
export const merchantNumber = digits(15)

/** APPLIED until a payment operator approves; CLOSED is final. */
export const MerchantStateSchema = choice({ APPLIED: 0, ACTIVE: 1, SUSPENDED: 2, CLOSED: 3 })

/** A key that signs dynamic codes; a revoked one never lives again. */
export const QrKeySchema = struct({ pub: fixedBytes(32), addedAt: u53, revokedAt: option(u53) })

/** What the public may know of a business; no name of a person. `brn` is the business registration number. */
export const MerchantSchema = struct({
  owner: address,
  brn: digits(10),
  mcc: digits(4),
  nameAscii: text(25),
  nameKo: text(25),
  cityAscii: text(15),
  guCode: digits(5),
  settleBank: code(16),
  tier: TierSchema,
  psp: option(address),
  qrKeys: list(QrKeySchema, QR_KEYS_MAX),
  state: MerchantStateSchema,
  reasonCode: option(code(32)),
  appliedAt: u53,
  changedAt: u53,
})

/** The businesses of an owner; `wasExempt` is what the first approval found, and the last closing brings back. */
export const MerchantOwnerSchema = struct({ merchantIds: list(merchantNumber, MERCHANTS_PER_OWNER_MAX), wasExempt: bool })

/** How many merchants ever applied. */
export const MerchantCountSchema = struct({ count: u53 })

/** The merchant with a business registration number. */
export const BrnSchema = struct({ merchantId: merchantNumber })

/** A merchant's books: payments ever, and fees not collected yet (negative where more was given back than is owed). */
export const MerchantBooksSchema = struct({ payments: u53, feeOwed: signedWon })

/** A merchant's sums of one Korean day; refunds count on the day they are made. */
export const MerchantDaySchema = struct({
  payments: u53,
  krw: u64,
  points: u64,
  fee: u64,
  refunds: u53,
  krwBack: u64,
  pointsBack: u64,
  feeBack: u64,
})

/** What a business says of itself; its owner is the sender. */
export const MerchantApplyPayload = struct({
  brn: digits(10),
  mcc: digits(4),
  nameAscii: text(25),
  nameKo: text(25),
  cityAscii: text(15),
  guCode: digits(5),
  settleBank: code(16),
  qrKey: option(fixedBytes(32)),
})
/** Approval with the tier by last year's sales. */
export const MerchantApprovePayload = struct({ merchantId: merchantNumber, tier: TierSchema })
/** A change of state and why. */
export const MerchantReasonPayload = struct({ merchantId: merchantNumber, reasonCode: code(32) })
/** The tier from now on, by the sales of `year`. */
export const MerchantTierPayload = struct({ merchantId: merchantNumber, tier: TierSchema, year: u16 })
/** The key that signs codes from now on; the one before is revoked. Null leaves none. */
export const RotateQrKeyPayload = struct({ merchantId: merchantNumber, publicKey: option(fixedBytes(32)) })
/** Fees that the merchant's payment operator collects. */
export const CollectFeePayload = struct({ merchantId: merchantNumber, amount: u64 })

/** A merchant in a new state. */
export const MerchantStateEvent = struct({
  merchantId: merchantNumber,
  owner: address,
  state: MerchantStateSchema,
  reasonCode: option(code(32)),
})
/** A merchant in a new tier. */
export const MerchantTierEvent = struct({ merchantId: merchantNumber, tier: TierSchema, year: option(u16) })
/** A merchant with another key for its codes. */
export const QrKeyEvent = struct({ merchantId: merchantNumber, publicKey: option(fixedBytes(32)) })
/** Fees that went from a merchant to its operator. */
export const FeeCollectedEvent = struct({ merchantId: merchantNumber, psp: address, amount: u64 })

export type Merchant = Infer<typeof MerchantSchema>
export type MerchantDay = Infer<typeof MerchantDaySchema>
export type Tier = Infer<typeof TierSchema>
