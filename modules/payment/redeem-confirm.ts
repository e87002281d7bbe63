// Owns: payment.redeem.confirm: the bank has paid out, the locked tokens are burned. Not here: the request (redeem-request.ts).
import { KEY_PURPOSES, defineTransaction } from '../../core/execution/module.ts'
import { Redeemed } from './events.ts'
import { changeOutstanding, checkBankRef, spendBankRef } from './ledger.ts'
import { checkDecision } from './redemption.ts'
import { RedeemConfirmPayload } from './schema.ts'
import { redemptions, wallets } from './store.ts'

/** A reference, where given, serves once like that of a mint. */
export const redeemConfirm = defineTransaction({
  type: 0x0303,
  name: 'payment.redeem.confirm',
  about: 'Confirms that the bank has paid out; the locked tokens are burned.',
  payload: RedeemConfirmPayload,
  keyPurpose: KEY_PURPOSES.authentication,

  checkStateless: () => null,

  checkStateful: (view, { payload, sender, block }) => {
    const { reqId, bankRef } = payload
    const refused = checkDecision(view, { reqId, sender, block })
    if (refused !== null || bankRef === null) return refused
    return checkBankRef(view, { bankCode: redemptions.mustGet(view, reqId).bank, bankRef })
  },

  apply: ({ view, emit }, { payload, txId, block }) => {
    const { reqId, bankRef } = payload
    const redemption = redemptions.mustGet(view, reqId)
    const { account, bank, amount } = redemption
    const wallet = wallets.mustGet(view, account)
    wallets.set(view, account, { ...wallet, locked: wallet.locked - amount })
    changeOutstanding(view, bank, -amount)
    redemptions.set(view, reqId, { ...redemption, status: 'confirmed', decidedAt: block.time, bankRef })
    if (bankRef !== null) spendBankRef(view, { bankCode: bank, bankRef, txId })
    emit(Redeemed, { reqId, account, bank, amount, bankRef })
  },
})
