// Owns: payment.pay: a payer pays a merchant, from a scanned code or typed in. Not here: the till (till.ts), codes (scan.ts).
import { failure, isFailure } from '../../core/base/errors.ts'
import { KEY_PURPOSES, defineTransaction } from '../../core/execution/module.ts'
import { PaymentError } from './errors.ts'
import { PayPayload } from './pay-schema.ts'
import type { PointsPort } from './points-port.ts'
import { matchCode, qrHashOf, readScanned } from './scan.ts'
import { checkTaking, take } from './till.ts'
import { checkAmount } from './wallet.ts'

/** Builds the transaction over the chain's points; its id is the payment's. */
export function createPay(points: PointsPort) {
  return defineTransaction({
    type: 0x030f,
    name: 'payment.pay',
    about: 'Pays a merchant, in won, points or both; a scanned code is checked again on the chain.',
    payload: PayPayload,
    keyPurpose: KEY_PURPOSES.authentication,
    operations: ({ qr }) => (qr === null ? 0 : 1),

    checkStateless: ({ payload }) =>
      checkAmount(payload.total) ?? (payload.pointsPart > payload.total ? failure(PaymentError.POINTS_EXCEED) : null),

    checkStateful: (view, { payload, sender, txId, block }) => {
      const scanned = matchCode(view, payload, block)
      if (isFailure(scanned)) return scanned
      const { merchantId, total, pointsPart } = payload
      const { orderRef } = scanned
      return checkTaking(view, { payId: txId, merchantId, payer: sender, total, pointsPart, orderRef, block }, points)
    },

    apply: (context, { payload, sender, txId, block }) => {
      const { merchantId, total, pointsPart, qr } = payload
      const { kind, orderRef } = readScanned(payload)
      const qrHash = qr === null ? null : qrHashOf(qr)
      take(context, { payId: txId, merchantId, payer: sender, total, pointsPart, orderRef, block, kind, qrHash }, points)
    },
  })
}
