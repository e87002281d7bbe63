// Owns: payment.transfer: won from one account to another, inside a bank or across two.
// Not here: positions (ledger.ts), records (wallet.ts).
import { kstDate } from '../../core/base/civil-time.ts'
import { failure } from '../../core/base/errors.ts'
import { KEY_PURPOSES, defineTransaction } from '../../core/execution/module.ts'
import { paramAt } from '../governance/keeper.ts'
import { PaymentError } from './errors.ts'
import { Transferred } from './events.ts'
import { applyMove, checkMove } from './ledger.ts'
import { checkDay } from './limits.ts'
import { TransferPayload } from './schema.ts'
import { wallets } from './store.ts'
import { checkAmount, checkHolding, checkLeaving, credit, openWallet, spend } from './wallet.ts'

/** Inside one bank it reads and writes two records; a receiver without a record gets the sender's bank as home. */
export const transfer = defineTransaction({
  type: 0x0305,
  name: 'payment.transfer',
  about: 'Moves won to another account; between banks it also moves the position between them.',
  payload: TransferPayload,
  keyPurpose: KEY_PURPOSES.authentication,

  checkStateless: ({ payload, sender }) =>
    payload.to === sender ? failure(PaymentError.SELF_TRANSFER) : checkAmount(payload.amount),

  checkStateful: (view, { payload, sender, block }) => {
    const { to, amount } = payload
    const payer = wallets.get(view, sender)
    const refused = checkLeaving(payer, amount)
    if (payer === null || refused !== null) return refused
    const payee = wallets.get(view, to) ?? openWallet(payer.bank)
    return (
      checkDay(view, { wallet: payer, amount, block }) ??
      checkHolding(payee, amount, paramAt(view, 'payment.holdLimit', block)) ??
      checkMove(view, { from: payer.bank, to: payee.bank, amount }, block)
    )
  },

  apply: ({ view, emit }, { payload, sender, block }) => {
    const { to, amount, memoCommit } = payload
    const payer = wallets.mustGet(view, sender)
    const payee = wallets.get(view, to) ?? openWallet(payer.bank)
    wallets.set(view, sender, spend(payer, amount, kstDate(block.time)))
    wallets.set(view, to, credit(payee, amount))
    applyMove(view, { from: payer.bank, to: payee.bank, amount })
    emit(Transferred, { from: sender, to, amount, fromBank: payer.bank, toBank: payee.bank, memoCommit })
  },
})
