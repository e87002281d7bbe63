// Owns: what a QR payload is refused for, with stable numbers 0x0341 to 0x035f. Not here: the grammar (tlv.ts, emv.ts, house.ts).
import { defineErrors } from '../../../core/base/errors.ts'

/** Refusals of QR payloads; `id` in the detail names the data object, such as `62.05`. */
export const QrError = defineErrors('QR', {
  TLV: [0x0341, 'failed', 'The payload is no chain of two-digit ids, two-digit lengths and values.'],
  CRC_MISMATCH: [0x0342, 'failed', 'The check sum at the end does not fit the payload: it was mistyped or changed.'],
  ORDER: [0x0343, 'failed', 'Data object 00 comes first and 63 last.'],
  DUPLICATE_ID: [0x0344, 'failed', 'A data object stands twice at one level.'],
  MISSING: [0x0345, 'failed', 'A mandatory data object is missing.'],
  LENGTH: [0x0346, 'failed', 'A data object is longer or shorter than its format allows.'],
  FORMAT: [0x0347, 'failed', 'A data object holds characters or a value that its format does not allow.'],
  AMOUNT: [0x0348, 'failed', 'The amount is zero, too large, or written with what the currency does not have.'],
  CONDITIONAL: [0x0349, 'failed', 'A data object stands without the one it depends on, or the other way round.'],
  CURRENCY: [0x034a, 'failed', 'The currency is not won (410).'],
  COUNTRY: [0x034b, 'failed', 'The country is not KR.'],
  SURCHARGE: [0x034c, 'failed', 'Tips and convenience fees (55 to 57) are not part of this scheme.'],
  NOT_HOUSE: [0x034d, 'failed', 'The payload is a valid EMV code, but carries no merchant of this scheme.'],
  UNKNOWN_MERCHANT: [0x034e, 'failed', 'No merchant of the registry has this number.'],
  EXPIRED: [0x034f, 'failed', 'The code was for a time that has passed; ask for a new one.'],
  SIGNATURE: [0x0350, 'failed', 'No live key of the merchant made the signature, or its parts do not belong together.'],
  VALIDITY: [0x0352, 'failed', 'The code claims to be good for longer than payment.dynamicTtlSec.'],
  TOO_LONG: [0x0351, 'failed', 'A payload has at most 512 characters.'],
})
