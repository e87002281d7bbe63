// Owns: the key layout of payment. Not here: what the records mean (schema.ts).
import { compareText, sortableHex } from '../../core/base/bytes.ts'
import type { Address, TxId } from '../../core/base/ids.ts'
import { defineStore } from '../../core/state/store.ts'
import {
  BankListSchema,
  BankOfSchema,
  BankRefSchema,
  BankSchema,
  BankTotalsSchema,
  PositionSchema,
  QueueEndsSchema,
  QueueEntrySchema,
  RedemptionSchema,
  WalletSchema,
} from './schema.ts'

/** One record per account: a transfer inside a bank touches two of these and nothing else. */
export const wallets = defineStore({ prefix: 'payment/account', key: (account: Address) => account, value: WalletSchema })

/** Banks by code. */
export const banks = defineStore({ prefix: 'payment/bank', key: (bankCode: string) => bankCode, value: BankSchema })

/** Codes of all banks, one record. */
export const bankList = defineStore({ prefix: 'payment', key: (_: null) => 'bankList', value: BankListSchema })

/** Which bank an account is. */
export const bankOf = defineStore({ prefix: 'payment/bankOf', key: (account: Address) => account, value: BankOfSchema })

/** Outstanding tokens and net position of a bank; touched by minting, redeeming and transfers between banks. */
export const bankTotals = defineStore({
  prefix: 'payment/bankTotals',
  key: (bankCode: string) => bankCode,
  value: BankTotalsSchema,
})

/** A pair of different banks in the order of their codes. */
export type BankPair = { readonly low: string; readonly high: string }

/** The pair of two banks. */
export function pairOf(a: string, b: string): BankPair {
  return compareText(a, b) < 0 ? { low: a, high: b } : { low: b, high: a }
}

/** What `low` owes `high`. */
export const positions = defineStore({
  prefix: 'payment/position',
  key: ({ low, high }: BankPair) => `${low}/${high}`,
  value: PositionSchema,
})

/** References that a bank has used. */
export const bankRefs = defineStore({
  prefix: 'payment/bankRef',
  key: ({ bankCode, bankRef }: { bankCode: string; bankRef: string }) => `${bankCode}/${bankRef}`,
  value: BankRefSchema,
})

/** Redemptions by id. */
export const redemptions = defineStore({ prefix: 'payment/redemption', key: (reqId: TxId) => reqId, value: RedemptionSchema })

/** Redemptions in the order of their requests, waiting for their bank or their hour. */
export const queue = defineStore({ prefix: 'payment/queue', key: (index: number) => sortableHex(index), value: QueueEntrySchema })

/** Ends of the queue, one record. */
export const queueEnds = defineStore({ prefix: 'payment', key: (_: null) => 'queueEnds', value: QueueEndsSchema })
