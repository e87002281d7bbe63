// Owns: payment.interbank.settle: two banks say what they settled in central-bank money; the position shrinks once both did.
// Not here: how positions grow (ledger.ts).
import { failure, isFailure } from '../../core/base/errors.ts'
import { KEY_PURPOSES, defineTransaction } from '../../core/execution/module.ts'
import { PaymentError } from './errors.ts'
import { actingBank, positionOf, settlePosition } from './ledger.ts'
import { SettlementProposed, Settled } from './merchant-events.ts'
import { settlements } from './merchant-store.ts'
import { SettlePayload } from './pay-schema.ts'
import { bankOf, pairOf } from './store.ts'
import { checkAmount } from './wallet.ts'

/** The first of the two proposes, the second agrees by the same words. */
export const settle = defineTransaction({
  type: 0x0314,
  name: 'payment.interbank.settle',
  about: 'One bank’s word on what it settled with another; it counts once both said the same.',
  payload: SettlePayload,
  keyPurpose: KEY_PURPOSES.authentication,

  checkStateless: ({ payload }) =>
    payload.debtor === payload.creditor
      ? failure(PaymentError.SETTLE_MISMATCH, { why: 'one bank' })
      : checkAmount(payload.amount),

  checkStateful: (view, { payload, sender, block }) => {
    const { cycleId, debtor, creditor, amount } = payload
    const acting = actingBank(view, sender, block)
    if (isFailure(acting)) return acting
    if (acting !== debtor && acting !== creditor) return failure(PaymentError.BANK_MISMATCH, { bank: acting })
    const owed = positionOf(view, debtor, creditor)
    if (amount > owed) return failure(PaymentError.SETTLE_EXCEEDS, { owed: owed.toString() })
    const said = settlements.get(view, { cycleId, ...pairOf(debtor, creditor) })
    if (said === null || (said.settledAt === null && said.proposedBy === acting)) return null
    if (said.settledAt !== null) return failure(PaymentError.SETTLE_DONE, { cycleId })
    const isSame = said.debtor === debtor && said.amount === amount
    return isSame ? null : failure(PaymentError.SETTLE_MISMATCH, { said: said.amount.toString(), debtor: said.debtor })
  },

  apply: ({ view, emit }, { payload, sender, block }) => {
    const { cycleId, debtor, creditor, amount } = payload
    const { bankCode } = bankOf.mustGet(view, sender)
    const key = { cycleId, ...pairOf(debtor, creditor) }
    const said = settlements.get(view, key)
    if (said === null || said.proposedBy === bankCode) {
      settlements.set(view, key, { debtor, creditor, amount, proposedBy: bankCode, settledAt: null })
      emit(SettlementProposed, { cycleId, debtor, creditor, amount })
      return
    }
    settlements.set(view, key, { ...said, settledAt: block.time })
    settlePosition(view, { from: debtor, to: creditor, amount })
    emit(Settled, { cycleId, debtor, creditor, amount })
  },
})
