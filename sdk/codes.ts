// Owns: the codes of payments for wallets and tills: a merchant's, a payer's own, any EMVCo merchant code.
// Not here: drawing and scanning images, the grammar (modules/payment/qr).
import { NodeError, isFailure } from '../core/base/errors.ts'
import type { Failure } from '../core/base/errors.ts'
import { createSigner } from '../core/crypto/keys.ts'
import { authorisationBytes, cpmBytes, cpmText, formatAuthorisation, parseAuthorisation } from '../modules/payment/qr/cpm.ts'
import type { SignedAuthorisation } from '../modules/payment/qr/cpm.ts'
import { parseEmv } from '../modules/payment/qr/emv.ts'
import type { EmvCode } from '../modules/payment/qr/emv.ts'
import { buildHouse, parseHouse } from '../modules/payment/qr/house.ts'
import type { HouseCode, HouseInput } from '../modules/payment/qr/house.ts'
import type { Wallet } from './wallet.ts'

/** What a merchant's code says. With an order reference (16 hex digits) it is one order's. */
export type MerchantCodeInput = Omit<HouseInput, 'signing'> & {
  /** Seed of the merchant's key for codes, and until when the code is good, in seconds since 1970. */
  readonly signing?: { readonly seed: Uint8Array; readonly expirySec: number }
}

/** The text of a merchant's code. Throws RangeError naming the data object that cannot be written. */
export function buildMerchantCode(input: MerchantCodeInput): string {
  const { signing, ...said } = input
  if (signing === undefined) return buildHouse(said)
  const signer = createSigner(signing.seed)
  return buildHouse({ ...said, signing: { expirySec: signing.expirySec, sign: (message) => signer.sign(message) } })
}

/** A scanned text as a code of this city. Whose it is says the registry alone: ask `payment_checkQr`. Throws NodeError QR_*. */
export function readMerchantCode(text: string): HouseCode {
  return orThrow(parseHouse(text))
}

/** A scanned text as an EMVCo merchant code of whatever scheme. Throws NodeError QR_*. */
export function readEmvCode(text: string): EmvCode {
  return orThrow(parseEmv(text))
}

/** The text of a payer's own code: up to `maxAmount` won, once, until `expirySec` (at most 180 s ahead). */
export function buildPayerCode(wallet: Wallet, terms: { maxAmount: bigint; expirySec: number; nonce?: Uint8Array }): string {
  const { maxAmount, expirySec, nonce = crypto.getRandomValues(new Uint8Array(8)) } = terms
  const authorisation = { payer: wallet.account, maxAmount, expirySec, nonce, keyId: wallet.keyId }
  return cpmText(formatAuthorisation({ ...authorisation, signature: wallet.sign(authorisationBytes(authorisation)) }))
}

/** A scanned payer's code: its terms, and the bytes that `capturePayment` takes. Throws NodeError QR_NOT_PAYER. */
export function readPayerCode(text: string): { readonly bytes: Uint8Array; readonly terms: SignedAuthorisation } {
  const bytes = cpmBytes(text)
  const terms = bytes === null ? null : parseAuthorisation(bytes)
  if (bytes === null || terms === null) throw new NodeError('QR_NOT_PAYER', 'the text is no payer’s code of this city')
  return { bytes, terms }
}

function orThrow<T extends object>(read: T | Failure): T {
  if (!isFailure(read)) return read
  throw new NodeError(read.code, `${read.text} ${JSON.stringify(read.detail ?? {})}`)
}
