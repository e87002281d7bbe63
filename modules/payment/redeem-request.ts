// Owns: payment.redeem.request: a holder asks its home bank to pay tokens out; they are locked until it answers.
// Not here: the answer.
import { KEY_PURPOSES, defineTransaction } from '../../core/execution/module.ts'
import { RedeemRequested } from './events.ts'
import { enqueueRedemption } from './redemption.ts'
import { RedeemRequestPayload } from './schema.ts'
import { redemptions, wallets } from './store.ts'
import { checkAmount, checkLeaving } from './wallet.ts'

/** The transaction's id is the request's id. */
export const redeemRequest = defineTransaction({
  type: 0x0302,
  name: 'payment.redeem.request',
  about: 'Asks the home bank to turn tokens into a deposit; they are locked until it answers.',
  payload: RedeemRequestPayload,
  keyPurpose: KEY_PURPOSES.authentication,

  checkStateless: ({ payload }) => checkAmount(payload.amount),

  checkStateful: (view, { payload, sender }) => checkLeaving(wallets.get(view, sender), payload.amount),

  apply: ({ view, emit }, { payload, sender, txId, block }) => {
    const { amount } = payload
    const wallet = wallets.mustGet(view, sender)
    const { bank } = wallet
    wallets.set(view, sender, { ...wallet, balance: wallet.balance - amount, locked: wallet.locked + amount })
    const requestedAt = block.time
    redemptions.set(view, txId, { account: sender, bank, amount, status: 'pending', requestedAt, decidedAt: null, bankRef: null })
    enqueueRedemption(view, txId)
    emit(RedeemRequested, { reqId: txId, account: sender, bank, amount })
  },
})
