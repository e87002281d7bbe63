// Owns: what can be read of merchants, payments and codes over JSON-RPC. Not here: accounts and banks (queries.ts).
import { failure, isFailure } from '../../core/base/errors.ts'
import { list, option, struct } from '../../core/codec/compound.ts'
import { address, bool, code, hash32, text, u32, u53, u64 } from '../../core/codec/fields.ts'
import { defineQuery } from '../../core/execution/module.ts'
import { PaymentError } from './errors.ts'
import { findPay } from './give-back.ts'
import { findMerchant, NOTHING } from './merchant.ts'
import {
  MERCHANTS_PER_OWNER_MAX,
  MerchantBooksSchema,
  MerchantDaySchema,
  MerchantSchema,
  merchantNumber,
} from './merchant-schema.ts'
import {
  brns,
  journal,
  merchantBooks,
  merchantDays,
  merchantOwners,
  merchants,
  orders,
  pays,
  refunds,
  settlements,
} from './merchant-store.ts'
import { JournalResult, PaySchema, ReceiptResult, RefundSchema, SettlementSchema } from './pay-schema.ts'
import { checkCode } from './scan.ts'
import { digits } from './schema.ts'
import { pairOf } from './store.ts'

const PAGE_MAX = 100

/** A merchant by its number. */
export const getMerchant = defineQuery({
  name: 'payment_getMerchant',
  about: 'A merchant of the registry: names, place, tier, keys of its codes, state.',
  params: struct({ merchantId: merchantNumber }),
  result: MerchantSchema,
  run: (view, { merchantId }) => findMerchant(view, merchantId),
  keyOf: ({ merchantId }) => merchants.keyOf(merchantId),
})

/** The number of the merchant with a business registration number. */
export const findMerchantByBrn = defineQuery({
  name: 'payment_findMerchant',
  about: 'The merchant that has a business registration number and is not closed.',
  params: struct({ brn: digits(10) }),
  result: struct({ merchantId: merchantNumber, merchant: MerchantSchema }),
  run: (view, { brn }) => {
    const found = brns.get(view, brn)
    if (found === null) return failure(PaymentError.MERCHANT_UNKNOWN, { brn })
    return { merchantId: found.merchantId, merchant: merchants.mustGet(view, found.merchantId) }
  },
  keyOf: ({ brn }) => brns.keyOf(brn),
})

/** The businesses of an owner. */
export const getMerchantsOf = defineQuery({
  name: 'payment_getMerchantsOf',
  about: 'Numbers of the merchants that an account owns, closed ones too.',
  params: struct({ owner: address }),
  result: struct({ merchantIds: list(merchantNumber, MERCHANTS_PER_OWNER_MAX) }),
  run: (view, { owner }) => ({ merchantIds: merchantOwners.get(view, owner)?.merchantIds ?? [] }),
  keyOf: ({ owner }) => merchantOwners.keyOf(owner),
})

/** A payment by its id. */
export const getPayment = defineQuery({
  name: 'payment_getPayment',
  about: 'A payment to a merchant: amounts, state, refunds so far, dispute.',
  params: struct({ payId: hash32 }),
  result: PaySchema,
  run: (view, { payId }) => findPay(view, payId),
  keyOf: ({ payId }) => pays.keyOf(payId),
})

/** What a payer or a shop keeps of a payment. */
export const getReceipt = defineQuery({
  name: 'payment_getReceipt',
  about: 'The receipt of a payment with the merchant’s names; proved by the record of the payment.',
  params: struct({ payId: hash32 }),
  result: ReceiptResult,
  run: (view, { payId }) => {
    const pay = findPay(view, payId)
    if (isFailure(pay)) return pay
    const { merchantId, total, pointsPart, fee, paidAt, state, refunded, pointsBack } = pay
    const { brn, nameKo, nameAscii } = merchants.mustGet(view, merchantId)
    const krw = { krwPart: total - pointsPart, krwBack: refunded - pointsBack }
    return { payId, merchantId, brn, nameKo, nameAscii, total, pointsPart, fee, paidAt, state, refunded, pointsBack, ...krw }
  },
  keyOf: ({ payId }) => pays.keyOf(payId),
})

/** The payment of an order. */
export const getOrder = defineQuery({
  name: 'payment_getOrder',
  about: 'The payment of a merchant’s order, so that a till knows whether it was paid.',
  params: struct({ merchantId: merchantNumber, orderRef: code(32) }),
  result: struct({ payId: hash32 }),
  run: (view, order) => orders.get(view, order) ?? failure(PaymentError.PAY_UNKNOWN),
  keyOf: (order) => orders.keyOf(order),
})

/** A page of a merchant's journal, which has no gaps. */
export const listByMerchant = defineQuery({
  name: 'payment_listByMerchant',
  about: 'Payments of a merchant from a place of its journal on, at most 100; the journal counts from 0 without a gap.',
  params: struct({ merchantId: merchantNumber, from: u53, limit: option(u32) }),
  result: JournalResult,
  run: (view, { merchantId, from, limit }) => {
    const merchant = findMerchant(view, merchantId)
    if (isFailure(merchant)) return merchant
    const payments = merchantBooks.get(view, merchantId)?.payments ?? 0
    const count = Math.max(0, Math.min(limit ?? PAGE_MAX, PAGE_MAX, payments - from))
    const items = Array.from({ length: count }, (_, i) => {
      const { payId } = journal.mustGet(view, { merchantId, seq: from + i })
      return { seq: from + i, payId, payment: pays.mustGet(view, payId) }
    })
    return { payments, items }
  },
  keyOf: ({ merchantId }) => merchantBooks.keyOf(merchantId),
})

/** What a merchant took and gave back on a Korean day, and the fees it owes. */
export const getSettlement = defineQuery({
  name: 'payment_settlement',
  about: 'A merchant’s sums of one Korean day (yyyymmdd) and the fees that it owes in all.',
  params: struct({ merchantId: merchantNumber, day: u32 }),
  result: struct({ day: MerchantDaySchema, books: MerchantBooksSchema }),
  run: (view, { merchantId, day }) => ({
    day: merchantDays.get(view, { merchantId, day }) ?? NOTHING,
    books: merchantBooks.get(view, merchantId) ?? { payments: 0, feeOwed: 0n },
  }),
  keyOf: ({ merchantId, day }) => merchantDays.keyOf({ merchantId, day }),
})

/** A refund by the merchant's own reference. */
export const getRefund = defineQuery({
  name: 'payment_getRefund',
  about: 'What a merchant’s reference of a refund did.',
  params: struct({ merchantId: merchantNumber, refundRef: code(32) }),
  result: RefundSchema,
  run: (view, refund) => refunds.get(view, refund) ?? failure(PaymentError.PAY_UNKNOWN),
  keyOf: (refund) => refunds.keyOf(refund),
})

/** What two banks said of a cycle. */
export const getInterbank = defineQuery({
  name: 'payment_interbank',
  about: 'What two banks said they settled in a cycle, and whether both did.',
  params: struct({ cycleId: code(32), a: code(16), b: code(16) }),
  result: option(SettlementSchema),
  run: (view, { cycleId, a, b }) => settlements.get(view, { cycleId, ...pairOf(a, b) }),
  keyOf: ({ cycleId, a, b }) => settlements.keyOf({ cycleId, ...pairOf(a, b) }),
})

/** Reads a scanned code and checks it against the registry, before anybody pays. */
export const checkQr = defineQuery({
  name: 'payment_checkQr',
  about: 'Who a scanned merchant code pays, by the registry and not by the code; fails with QR_* or the state of the merchant.',
  params: struct({ qr: text(512) }),
  result: struct({
    merchantId: merchantNumber,
    nameKo: text(25),
    nameAscii: text(25),
    guCode: digits(5),
    state: code(16),
    isDynamic: bool,
    isSigned: bool,
    amount: option(u64),
    orderRef: option(text(25)),
    names: list(text(25), 2),
  }),
  run: (view, { qr }, block) => {
    const checked = checkCode(view, qr, block)
    if (isFailure(checked)) return checked
    const { code: read, merchant } = checked
    return {
      merchantId: read.merchantId,
      nameKo: merchant.nameKo,
      nameAscii: merchant.nameAscii,
      guCode: merchant.guCode,
      state: merchant.state,
      isDynamic: read.isDynamic,
      isSigned: read.signed !== null,
      amount: read.amount,
      orderRef: read.orderRef,
      names: read.nameKo === null ? [read.name] : [read.name, read.nameKo],
    }
  },
})

/** Queries of merchants, payments and codes. */
export const MERCHANT_QUERIES = [
  getMerchant,
  findMerchantByBrn,
  getMerchantsOf,
  getPayment,
  getReceipt,
  getOrder,
  listByMerchant,
  getSettlement,
  getRefund,
  getInterbank,
  checkQr,
] as const
