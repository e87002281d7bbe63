// Owns: payment.freeze: an account, or a part of its balance, may not leave.
// Not here: lifting it (unfreeze.ts), what it stops (wallet.ts).
import { failure } from '../../core/base/errors.ts'
import type { Failure } from '../../core/base/errors.ts'
import type { Address } from '../../core/base/ids.ts'
import { KEY_PURPOSES, defineTransaction } from '../../core/execution/module.ts'
import type { BlockEnv } from '../../core/execution/module.ts'
import type { ReadView } from '../../core/state/view.ts'
import { PaymentError } from './errors.ts'
import { Frozen } from './events.ts'
import { actsForCity, requireBank, requireCity } from './ledger.ts'
import { FreezePayload } from './schema.ts'
import type { Freeze } from './schema.ts'
import { wallets } from './store.ts'

/** Money still comes in. A later freeze replaces an earlier one, but a bank never replaces the city's. */
export const freeze = defineTransaction({
  type: 0x0306,
  name: 'payment.freeze',
  about: 'Freezes an account or a part of its balance, by its bank or by the city.',
  payload: FreezePayload,
  keyPurpose: KEY_PURPOSES.authentication,
  blockLane: 'urgent',

  checkStateless: ({ payload }) => (payload.amount === 0n ? failure(PaymentError.AMOUNT_ZERO) : null),

  checkStateful: (view, { payload, sender, block }) => checkMayFreeze(view, { account: payload.account, sender, block }),

  apply: ({ view, emit }, { payload, sender, block }) => {
    const { account, amount, reasonCode } = payload
    const by: Freeze['by'] = actsForCity(view, sender, block) ? 'city' : 'bank'
    const wallet = wallets.mustGet(view, account)
    wallets.set(view, account, { ...wallet, freeze: { amount, by, reasonCode, since: block.time } })
    emit(Frozen, { account, amount, by, reasonCode })
  },
})

/** The city may change any freeze; the account's bank any but the city's. */
export function checkMayFreeze(view: ReadView, act: { account: Address; sender: Address; block: BlockEnv }): Failure | null {
  const wallet = wallets.get(view, act.account)
  if (wallet === null) return failure(PaymentError.ACCOUNT_UNKNOWN)
  if (actsForCity(view, act.sender, act.block)) return null
  const stranger = requireBank(view, wallet.bank, act.sender, act.block)
  if (stranger !== null) return stranger
  return wallet.freeze?.by === 'city' ? requireCity(view, act.sender, act.block) : null
}
