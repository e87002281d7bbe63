// Owns: the key layout of merchants, payments and settlements. Not here: accounts and banks (store.ts).
import { sortableHex, toHex } from '../../core/base/bytes.ts'
import type { Address, TxId } from '../../core/base/ids.ts'
import { defineStore } from '../../core/state/store.ts'
import {
  BrnSchema,
  MerchantBooksSchema,
  MerchantCountSchema,
  MerchantDaySchema,
  MerchantOwnerSchema,
  MerchantSchema,
} from './merchant-schema.ts'
import { CpmNonceSchema, CpmQueueEntrySchema, PayRefSchema, PaySchema, RefundSchema, SettlementSchema } from './pay-schema.ts'
import { QueueEndsSchema } from './schema.ts'

type InMerchant = { readonly merchantId: string }

/** Merchants by number. */
export const merchants = defineStore({ prefix: 'payment/merchant', key: (id: string) => id, value: MerchantSchema })

/** How many applied, one record. */
export const merchantCount = defineStore({ prefix: 'payment', key: (_: null) => 'merchantCount', value: MerchantCountSchema })

/** Businesses of an owner. */
export const merchantOwners = defineStore({
  prefix: 'payment/merchantOwner',
  key: (owner: Address) => owner,
  value: MerchantOwnerSchema,
})

/** Merchants by business registration number; a closed one leaves it free. */
export const brns = defineStore({ prefix: 'payment/brn', key: (brn: string) => brn, value: BrnSchema })

/** Counts of a merchant. */
export const merchantBooks = defineStore({
  prefix: 'payment/merchantBooks',
  key: (id: string) => id,
  value: MerchantBooksSchema,
})

/** Sums of a merchant's Korean days. */
export const merchantDays = defineStore({
  prefix: 'payment/merchantDay',
  key: ({ merchantId, day }: InMerchant & { day: number }) => `${merchantId}/${day}`,
  value: MerchantDaySchema,
})

/** Payments by the id of their transaction. */
export const pays = defineStore({ prefix: 'payment/pay', key: (payId: TxId) => payId, value: PaySchema })

/** A merchant's journal: its payments counted from 0 without a gap, so that a stream of them can be proved complete. */
export const journal = defineStore({
  prefix: 'payment/journal',
  key: ({ merchantId, seq }: InMerchant & { seq: number }) => `${merchantId}/${sortableHex(seq)}`,
  value: PayRefSchema,
})

/** The payment of an order. */
export const orders = defineStore({
  prefix: 'payment/order',
  key: ({ merchantId, orderRef }: InMerchant & { orderRef: string }) => `${merchantId}/${orderRef}`,
  value: PayRefSchema,
})

/** Refunds by the merchant's own reference. */
export const refunds = defineStore({
  prefix: 'payment/refund',
  key: ({ merchantId, refundRef }: InMerchant & { refundRef: string }) => `${merchantId}/${refundRef}`,
  value: RefundSchema,
})

/** Spent numbers of consumers' codes. */
export const cpmNonces = defineStore({
  prefix: 'payment/cpmNonce',
  key: ({ payer, nonce }: { payer: Address; nonce: Uint8Array }) => `${payer}/${toHex(nonce)}`,
  value: CpmNonceSchema,
})

/** Spent numbers in the order of their blocks. */
export const cpmQueue = defineStore({
  prefix: 'payment/cpmQueue',
  key: (index: number) => sortableHex(index),
  value: CpmQueueEntrySchema,
})

/** Ends of that queue, one record. */
export const cpmQueueEnds = defineStore({ prefix: 'payment', key: (_: null) => 'cpmQueueEnds', value: QueueEndsSchema })

/** Settlements by cycle and pair of banks. */
export const settlements = defineStore({
  prefix: 'payment/settlement',
  key: ({ cycleId, low, high }: { cycleId: string; low: string; high: string }) => `${cycleId}/${low}/${high}`,
  value: SettlementSchema,
})
