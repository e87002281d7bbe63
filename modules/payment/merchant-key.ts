// Owns: payment.merchant.rotateQrKey: the key that signs a merchant's codes. Not here: signatures of codes (scan.ts).
import { equalBytes } from '../../core/base/bytes.ts'
import { failure, isFailure } from '../../core/base/errors.ts'
import type { Failure } from '../../core/base/errors.ts'
import { KEY_PURPOSES, defineTransaction } from '../../core/execution/module.ts'
import { isUsableKey } from '../identity/keeper.ts'
import { PaymentError } from './errors.ts'
import { QrKeyRotated } from './merchant-events.ts'
import { QR_KEYS_MAX, RotateQrKeyPayload } from './merchant-schema.ts'
import { merchants } from './merchant-store.ts'
import { checkState, findMerchant } from './merchant.ts'

/** PAYMENT_QR_KEY_WEAK for a key that no signature should be judged by. */
export function checkQrKey(publicKey: Uint8Array): Failure | null {
  return isUsableKey(publicKey) ? null : failure(PaymentError.QR_KEY_WEAK)
}

/** Codes signed by the old key are worth nothing at once. */
export const rotateQrKey = defineTransaction({
  type: 0x030e,
  name: 'payment.merchant.rotateQrKey',
  about: 'Changes the key that signs a merchant’s codes; the one before is revoked.',
  payload: RotateQrKeyPayload,
  keyPurpose: KEY_PURPOSES.authentication,

  checkStateless: ({ payload }) => (payload.publicKey === null ? null : checkQrKey(payload.publicKey)),

  checkStateful: (view, { payload, sender }) => {
    const { merchantId, publicKey } = payload
    const merchant = findMerchant(view, merchantId)
    if (isFailure(merchant)) return merchant
    if (merchant.owner !== sender) return failure(PaymentError.NOT_MERCHANT, { merchantId })
    const refused = checkState(merchant, ['APPLIED', 'ACTIVE', 'SUSPENDED'])
    if (refused !== null || publicKey === null) return refused
    if (merchant.qrKeys.some(({ pub }) => equalBytes(pub, publicKey))) return failure(PaymentError.QR_KEY_REUSED)
    return merchant.qrKeys.length >= QR_KEYS_MAX ? failure(PaymentError.QR_KEY_LIMIT) : null
  },

  apply: ({ view, emit }, { payload, block }) => {
    const { merchantId, publicKey } = payload
    const merchant = merchants.mustGet(view, merchantId)
    const revoked = merchant.qrKeys.map((key) => (key.revokedAt === null ? { ...key, revokedAt: block.time } : key))
    const added = publicKey === null ? [] : [{ pub: publicKey, addedAt: block.time, revokedAt: null }]
    merchants.set(view, merchantId, { ...merchant, qrKeys: [...revoked, ...added] })
    emit(QrKeyRotated, { merchantId, publicKey })
  },
})
