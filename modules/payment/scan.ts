// Owns: a scanned merchant code against the registry and the payment that it goes with. Not here: its grammar (qr/house.ts).
import { assert } from '../../core/base/assert.ts'
import { failure, isFailure } from '../../core/base/errors.ts'
import type { Failure } from '../../core/base/errors.ts'
import { utf8ToBytes } from '../../core/base/bytes.ts'
import type { Hash32 } from '../../core/base/ids.ts'
import { createHasher } from '../../core/crypto/hash.ts'
import { verifySignature } from '../../core/crypto/keys.ts'
import type { BlockEnv } from '../../core/execution/module.ts'
import type { ReadView } from '../../core/state/view.ts'
import { paramAt } from '../governance/keeper.ts'
import { PaymentError } from './errors.ts'
import type { Merchant } from './merchant-schema.ts'
import { merchants } from './merchant-store.ts'
import type { PayKind } from './pay-schema.ts'
import { QrError } from './qr/errors.ts'
import { parseHouse } from './qr/house.ts'
import type { HouseCode } from './qr/house.ts'

/** A code that stands: what it says and whose it is. */
export type CheckedCode = { readonly code: HouseCode; readonly merchant: Merchant }

/** How far a merchant's clock may run ahead of the block's time. */
const CLOCK_SLACK_MS = 60_000

const hashText = createHasher('naru/qr/v1')

/** The hash by which a payment remembers its code. */
export function qrHashOf(payload: string): Hash32 {
  return hashText(utf8ToBytes(payload))
}

/** Reads a code and checks registry, time and signature; a wallet shows the merchant it gives before anybody pays. */
export function checkCode(view: ReadView, payload: string, block: BlockEnv): CheckedCode | Failure {
  const code = parseHouse(payload)
  if (isFailure(code)) return code
  const merchant = merchants.get(view, code.merchantId)
  if (merchant === null) return failure(QrError.UNKNOWN_MERCHANT, { merchantId: code.merchantId })
  const refused = checkSigned(view, code, merchant, block)
  return refused ?? { code, merchant }
}

// A merchant that signs its codes signs all of them: one without a signature is somebody else's sticker or screen.
function checkSigned(view: ReadView, code: HouseCode, merchant: Merchant, block: BlockEnv): Failure | null {
  const live = merchant.qrKeys.filter(({ revokedAt }) => revokedAt === null)
  const { signed } = code
  if (signed === null) return code.isDynamic && live.length > 0 ? failure(QrError.SIGNATURE, { why: 'unsigned' }) : null
  const expiresAt = signed.expirySec * 1_000
  if (expiresAt < block.time) return failure(QrError.EXPIRED, { expiry: signed.expirySec })
  const latest = block.time + Number(paramAt(view, 'payment.dynamicTtlSec', block)) * 1_000 + CLOCK_SLACK_MS
  if (code.isDynamic && expiresAt > latest) return failure(QrError.VALIDITY, { expiry: signed.expirySec })
  const { message, signature } = signed
  return live.some(({ pub }) => verifySignature({ publicKey: pub, message, signature })) ? null : failure(QrError.SIGNATURE)
}

/** What a payment takes from the code that was scanned for it: how, and for which order. */
export type ScannedPayment = { readonly kind: PayKind; readonly orderRef: string | null }

/** How a payment came to be and for which order, of a code that was checked before: its signature is not verified again. */
export function readScanned({ orderRef, qr }: { orderRef: string | null; qr: string | null }): ScannedPayment {
  if (qr === null) return { kind: 'TYPED', orderRef }
  const code = parseHouse(qr)
  assert(!isFailure(code), 'the code was checked')
  return scannedBy(code, orderRef)
}

function scannedBy(code: HouseCode, orderRef: string | null): ScannedPayment {
  return { kind: code.isDynamic ? 'DYNAMIC' : 'STATIC', orderRef: orderRef ?? code.orderRef }
}

/** Checks that the code asks for this payment; without a code it was typed in. */
export function matchCode(
  view: ReadView,
  payment: { merchantId: string; total: bigint; orderRef: string | null; qr: string | null },
  block: BlockEnv,
): ScannedPayment | Failure {
  const { merchantId, total, orderRef, qr } = payment
  if (qr === null) return { kind: 'TYPED', orderRef }
  const checked = checkCode(view, qr, block)
  if (isFailure(checked)) return checked
  const { code } = checked
  if (code.merchantId !== merchantId) return failure(PaymentError.QR_MISMATCH, { field: 'merchantId', asks: code.merchantId })
  if (code.amount !== null && code.amount !== total)
    return failure(PaymentError.AMOUNT_MISMATCH, { asks: code.amount.toString(), got: total.toString() })
  if (code.orderRef !== null && orderRef !== null && orderRef !== code.orderRef)
    return failure(PaymentError.QR_MISMATCH, { field: 'orderRef', asks: code.orderRef })
  return scannedBy(code, orderRef)
}
