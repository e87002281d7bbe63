// Owns: payment.unfreeze: a freeze is lifted. Not here: setting one (freeze.ts).
import { failure } from '../../core/base/errors.ts'
import { KEY_PURPOSES, defineTransaction } from '../../core/execution/module.ts'
import { PaymentError } from './errors.ts'
import { Unfrozen } from './events.ts'
import { checkMayFreeze } from './freeze.ts'
import { UnfreezePayload } from './schema.ts'
import { wallets } from './store.ts'

/** The city lifts any freeze, the account's bank any but the city's. */
export const unfreeze = defineTransaction({
  type: 0x0307,
  name: 'payment.unfreeze',
  about: 'Lifts the freeze of an account, by its bank or by the city.',
  payload: UnfreezePayload,
  keyPurpose: KEY_PURPOSES.authentication,

  checkStateless: () => null,

  checkStateful: (view, { payload, sender, block }) => {
    const refused = checkMayFreeze(view, { account: payload.account, sender, block })
    if (refused !== null) return refused
    return wallets.mustGet(view, payload.account).freeze === null ? failure(PaymentError.NOT_FROZEN) : null
  },

  apply: ({ view, emit }, { payload }) => {
    const { account, reasonCode } = payload
    wallets.set(view, account, { ...wallets.mustGet(view, account), freeze: null })
    emit(Unfrozen, { account, reasonCode })
  },
})
