// Owns: the door of the payment room: everything it declares. Not here: any rule.
import { defineModule } from '../../core/execution/module.ts'
import { PaymentError } from './errors.ts'
import { PAYMENT_EVENTS } from './events.ts'
import { freeze } from './freeze.ts'
import { initPayment } from './genesis.ts'
import { checkPaymentInvariants } from './invariants.ts'
import { mint } from './mint.ts'
import { getBalance, getBank, getPositions, getRedemption } from './queries.ts'
import { redeemConfirm } from './redeem-confirm.ts'
import { redeemReject } from './redeem-reject.ts'
import { redeemRequest } from './redeem-request.ts'
import { expireRedemptions } from './redemption.ts'
import { PaymentGenesisSchema } from './schema.ts'
import { transfer } from './transfer.ts'
import { unfreeze } from './unfreeze.ts'

/** Room 3: won as deposit tokens of banks. */
export const payment = defineModule({
  name: 'payment',
  number: 3,
  about: 'Won as deposit tokens of banks: mint, redeem, transfer, freeze, positions between banks.',
  transactions: [mint, redeemRequest, redeemConfirm, redeemReject, transfer, freeze, unfreeze],
  queries: [getBalance, getBank, getRedemption, getPositions],
  events: PAYMENT_EVENTS,
  errors: PaymentError,
  genesis: { schema: PaymentGenesisSchema, init: initPayment },
  beginBlock: expireRedemptions,
  checkInvariants: checkPaymentInvariants,
})
