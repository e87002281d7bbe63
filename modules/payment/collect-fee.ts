// Owns: payment.fee.collect: a payment operator takes the fees that a merchant of its owes. Not here: how fees arise (till.ts).
import { must } from '../../core/base/assert.ts'
import { failure, isFailure } from '../../core/base/errors.ts'
import { KEY_PURPOSES, defineTransaction } from '../../core/execution/module.ts'
import { PaymentError } from './errors.ts'
import { checkWonMove, moveWon } from './keeper.ts'
import { FeeCollected } from './merchant-events.ts'
import { CollectFeePayload } from './merchant-schema.ts'
import { merchantBooks, merchants } from './merchant-store.ts'
import { findMerchant } from './merchant.ts'
import { checkAmount } from './wallet.ts'

/** The operator's account has no holding limit for fees: what it may keep is between it and its bank. */
export const collectFee = defineTransaction({
  type: 0x0315,
  name: 'payment.fee.collect',
  about: 'Takes fees that a merchant owes to its payment operator.',
  payload: CollectFeePayload,
  keyPurpose: KEY_PURPOSES.authentication,

  checkStateless: ({ payload }) => checkAmount(payload.amount),

  checkStateful: (view, { payload, sender, block }) => {
    const { merchantId, amount } = payload
    const merchant = findMerchant(view, merchantId)
    if (isFailure(merchant)) return merchant
    if (merchant.psp !== sender) return failure(PaymentError.NOT_MERCHANT, { merchantId })
    const feeOwed = merchantBooks.get(view, merchantId)?.feeOwed ?? 0n
    if (amount > feeOwed) return failure(PaymentError.FEE_EXCEEDS, { owed: feeOwed.toString() })
    return checkWonMove(view, { from: merchant.owner, to: sender, amount, block })
  },

  apply: (context, { payload, sender, block }) => {
    const { view, emit } = context
    const { merchantId, amount } = payload
    const { owner } = merchants.mustGet(view, merchantId)
    const books = must(merchantBooks.get(view, merchantId), 'a merchant that owes fees has books')
    merchantBooks.set(view, merchantId, { ...books, feeOwed: books.feeOwed - amount })
    moveWon(context, { from: owner, to: sender, amount, block })
    emit(FeeCollected, { merchantId, psp: sender, amount })
  },
})
