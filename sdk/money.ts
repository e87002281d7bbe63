// Owns: payments to merchants and points as typed actions. Not here: their rules (modules), transfers of won (rooms.ts), codes
// (codes.ts), all other types (by name).
import type { Hash32 } from '../core/base/ids.ts'
import type { Infer } from '../core/codec/schema.ts'
import { createCapture } from '../modules/payment/capture.ts'
import { dispute as disputeDefinition } from '../modules/payment/dispute.ts'
import { createPay } from '../modules/payment/pay.ts'
import type { CapturePayload, DisputePayload, PayPayload, RefundPayload } from '../modules/payment/pay-schema.ts'
import { NO_POINTS } from '../modules/payment/points-port.ts'
import { createRefund } from '../modules/payment/refund.ts'
import { grantBatch as grantBatchDefinition } from '../modules/points/grant-batch.ts'
import { grant as grantDefinition } from '../modules/points/grant.ts'
import { payTax as payTaxDefinition } from '../modules/points/pay-tax.ts'
import type {
  GrantBatchPayload,
  GrantItem,
  GrantPayload,
  PayTaxPayload,
  SettlePayload,
  TransferPayload,
} from '../modules/points/payloads.ts'
import { settle as settleDefinition } from '../modules/points/settle.ts'
import { transfer as transferDefinition } from '../modules/points/transfer.ts'
import { parseAccount } from './chain.ts'
import type { ChainRef } from './chain.ts'
import type { TypedAction } from './rooms.ts'

// Type, payload and what is refused on any state are the same with and without points.
const [payDefinition, captureDefinition, refundDefinition] = [
  createPay(NO_POINTS),
  createCapture(NO_POINTS),
  createRefund(NO_POINTS),
]

/** What a payer pays: `total` is won and points together, `qr` the text that was scanned. */
export type MerchantOrder = {
  readonly merchantId: string
  readonly total: bigint
  readonly points?: bigint
  readonly orderRef?: string | null
  readonly qr?: string | null
}

/** `payment.pay`: pays a merchant; its transaction's id is the payment's. */
export function payMerchant(order: MerchantOrder): TypedAction<Infer<typeof PayPayload>> {
  const { merchantId, total, points = 0n, orderRef = null, qr = null } = order
  return { type: payDefinition, payload: { merchantId, total, pointsPart: points, orderRef, qr } }
}

/** `payment.capture`: a merchant takes won on the code that the payer showed, as bytes (`readPayerCode`). */
export function capturePayment(taking: {
  merchantId: string
  authorisation: Uint8Array
  amount: bigint
  orderRef?: string | null
}): TypedAction<Infer<typeof CapturePayload>> {
  const { merchantId, authorisation, amount, orderRef = null } = taking
  return { type: captureDefinition, payload: { merchantId, authorisation, amount, orderRef } }
}

/** `payment.refund`: a merchant gives a part or all of a payment back, under a reference of its own that serves once. */
export function refundPayment(back: Infer<typeof RefundPayload>): TypedAction<Infer<typeof RefundPayload>> {
  return { type: refundDefinition, payload: back }
}

/** `payment.dispute`: a payer holds something against a payment; `caseCommit` is a salted commitment. */
export function disputePayment(dispute: Infer<typeof DisputePayload>): TypedAction<Infer<typeof DisputePayload>> {
  return { type: disputeDefinition, payload: dispute }
}

/** A grant with its receiver as text (bech32m, DID or 40 hex digits). */
export type GrantWish = Omit<GrantItem, 'to'> & { readonly to: string }

/** `points.grant`: an operator grants points for one event of its source system. Throws NodeError BAD_ACCOUNT. */
export function grantPoints(
  chain: ChainRef,
  wish: GrantWish & { readonly programmeId: string },
): TypedAction<Infer<typeof GrantPayload>> {
  return { type: grantDefinition, payload: { ...wish, to: parseAccount(chain, wish.to) } }
}

/** `points.grantBatch`: up to 256 grants of one programme; each stands or falls alone. Throws NodeError BAD_ACCOUNT. */
export function grantPointsBatch(
  chain: ChainRef,
  batch: { programmeId: string; grants: readonly GrantWish[] },
): TypedAction<Infer<typeof GrantBatchPayload>> {
  const grants = batch.grants.map((wish) => ({ ...wish, to: parseAccount(chain, wish.to) }))
  return { type: grantBatchDefinition, payload: { programmeId: batch.programmeId, grants } }
}

/** `points.transfer`: points of one programme for somebody else; they keep their last day. Throws NodeError BAD_ACCOUNT. */
export function transferPoints(
  chain: ChainRef,
  wish: { to: string; programmeId: string; points: bigint },
): TypedAction<Infer<typeof TransferPayload>> {
  return { type: transferDefinition, payload: { ...wish, to: parseAccount(chain, wish.to) } }
}

/** `points.payTax`: points pay a tax of the city; which one stays behind a salted commitment. */
export function payTaxWithPoints(tax: { taxRefCommit: Hash32; points: bigint }): TypedAction<Infer<typeof PayTaxPayload>> {
  return { type: payTaxDefinition, payload: tax }
}

/** `points.settle`: the treasury pays a merchant for a programme's points of a Korean day; `total` is what the books say. */
export function settlePoints(settlement: Infer<typeof SettlePayload>): TypedAction<Infer<typeof SettlePayload>> {
  return { type: settleDefinition, payload: settlement }
}
