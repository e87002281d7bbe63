// Owns: the door of the payment room: everything it declares. Not here: any rule.
import { defineModule } from '../../core/execution/module.ts'
import type { ApplyContext, BlockEnv } from '../../core/execution/module.ts'
import { createCapture, forgetNonces } from './capture.ts'
import { collectFee } from './collect-fee.ts'
import { dispute } from './dispute.ts'
import { PaymentError } from './errors.ts'
import { PAYMENT_EVENTS } from './events.ts'
import { freeze } from './freeze.ts'
import { initPayment } from './genesis.ts'
import { checkPaymentInvariants } from './invariants.ts'
import { merchantApply } from './merchant-apply.ts'
import { merchantApprove, merchantSetTier } from './merchant-approve.ts'
import { merchantClose, merchantResume, merchantSuspend } from './merchant-close.ts'
import { MERCHANT_EVENTS } from './merchant-events.ts'
import { checkMerchantInvariants } from './merchant-invariants.ts'
import { rotateQrKey } from './merchant-key.ts'
import { MERCHANT_QUERIES } from './merchant-queries.ts'
import { mint } from './mint.ts'
import { createPay } from './pay.ts'
import { NO_POINTS } from './points-port.ts'
import type { PointsPort } from './points-port.ts'
import { QrError } from './qr/errors.ts'
import { getBalance, getBank, getPositions, getRedemption } from './queries.ts'
import { redeemConfirm } from './redeem-confirm.ts'
import { redeemReject } from './redeem-reject.ts'
import { redeemRequest } from './redeem-request.ts'
import { expireRedemptions } from './redemption.ts'
import { createRefund } from './refund.ts'
import { createResolve } from './resolve.ts'
import { PaymentGenesisSchema } from './schema.ts'
import { settle } from './settle.ts'
import { transfer } from './transfer.ts'
import { unfreeze } from './unfreeze.ts'

/** Room 3: won as deposit tokens of banks, merchants and payments to them. The chain's points are handed in. */
export function createPayment(points: PointsPort = NO_POINTS) {
  return defineModule({
    name: 'payment',
    number: 3,
    about:
      'Won as deposit tokens of banks: mint, redeem, transfer, freeze; merchants, QR payments, refunds; positions between banks.',
    transactions: [
      ...[mint, redeemRequest, redeemConfirm, redeemReject, transfer, freeze, unfreeze],
      ...[merchantApply, merchantApprove, merchantSuspend, merchantResume, merchantClose, merchantSetTier, rotateQrKey],
      ...[createPay(points), createCapture(points), createRefund(points), dispute, createResolve(points), settle, collectFee],
    ],
    queries: [getBalance, getBank, getRedemption, getPositions, ...MERCHANT_QUERIES],
    events: [...PAYMENT_EVENTS, ...MERCHANT_EVENTS],
    errors: { ...PaymentError, ...prefixed(QrError) },
    genesis: { schema: PaymentGenesisSchema, init: initPayment },
    beginBlock,
    checkInvariants: (scan) => [...checkPaymentInvariants(scan), ...checkMerchantInvariants(scan)],
  })
}

function beginBlock(context: ApplyContext, block: BlockEnv): void {
  expireRedemptions(context, block)
  forgetNonces(context, block)
}

function prefixed<T extends object>(errors: T): { readonly [K in keyof T as `QR_${string & K}`]: T[K] } {
  return Object.fromEntries(Object.entries(errors).map(([name, error]) => [`QR_${name}`, error])) as never
}
