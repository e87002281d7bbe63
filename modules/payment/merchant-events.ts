// Owns: what payment tells of merchants, payments to them and settlements between banks.
// Not here: accounts and banks (events.ts).
import { defineEvent } from '../../core/execution/module.ts'
import { FeeCollectedEvent, MerchantStateEvent, MerchantTierEvent, QrKeyEvent } from './merchant-schema.ts'
import { DisputedEvent, PaidEvent, RefundedEvent, ResolvedEvent, SettlementEvent } from './pay-schema.ts'

/** A merchant applied, was approved, suspended, resumed or closed. */
export const MerchantStateChanged = defineEvent({
  type: 0x0388,
  name: 'payment.merchantStateChanged',
  payload: MerchantStateEvent,
  about: 'A merchant applied, was approved, suspended, resumed or closed.',
})

/** A merchant's fee tier changed. */
export const MerchantTierChanged = defineEvent({
  type: 0x0389,
  name: 'payment.merchantTierChanged',
  payload: MerchantTierEvent,
  about: 'A merchant’s fee tier changed.',
})

/** A merchant signs its codes with another key, or with none. */
export const QrKeyRotated = defineEvent({
  type: 0x038a,
  name: 'payment.qrKeyRotated',
  payload: QrKeyEvent,
  about: 'A merchant signs its codes with another key, or with none.',
})

/** A payment operator collected fees. */
export const FeeCollected = defineEvent({
  type: 0x038b,
  name: 'payment.feeCollected',
  payload: FeeCollectedEvent,
  about: 'A payment operator collected fees from a merchant.',
})

/** A merchant was paid; `seq` is the payment's place in its journal. */
export const Paid = defineEvent({
  type: 0x038c,
  name: 'payment.paid',
  payload: PaidEvent,
  about: 'A merchant was paid; seq is the payment’s place in its journal.',
})

/** A payment, or a part of it, went back. */
export const Refunded = defineEvent({
  type: 0x038d,
  name: 'payment.refunded',
  payload: RefundedEvent,
  about: 'A payment, or a part of it, went back to the payer.',
})

/** A payer disputes a payment. */
export const Disputed = defineEvent({
  type: 0x038e,
  name: 'payment.disputed',
  payload: DisputedEvent,
  about: 'A payer disputes a payment.',
})

/** A dispute was decided. */
export const Resolved = defineEvent({
  type: 0x038f,
  name: 'payment.resolved',
  payload: ResolvedEvent,
  about: 'A dispute was decided.',
})

/** One of two banks says what they settled. */
export const SettlementProposed = defineEvent({
  type: 0x0390,
  name: 'payment.settlementProposed',
  payload: SettlementEvent,
  about: 'One of two banks says what they settled.',
})

/** Both banks said the same; their position is that much smaller. */
export const Settled = defineEvent({
  type: 0x0391,
  name: 'payment.settled',
  payload: SettlementEvent,
  about: 'Both banks said the same; their position is that much smaller.',
})

/** Events of merchants, payments and settlements. */
export const MERCHANT_EVENTS = [
  MerchantStateChanged,
  MerchantTierChanged,
  QrKeyRotated,
  FeeCollected,
  Paid,
  Refunded,
  Disputed,
  Resolved,
  SettlementProposed,
  Settled,
] as const
