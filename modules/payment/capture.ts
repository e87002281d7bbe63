// Owns: payment.capture: a merchant takes money on the payer's own code, a pre-signed authorisation that serves once.
// Not here: the code's bytes (qr/cpm.ts), the till (till.ts).
import { must } from '../../core/base/assert.ts'
import { failure } from '../../core/base/errors.ts'
import type { Failure } from '../../core/base/errors.ts'
import { createHasher } from '../../core/crypto/hash.ts'
import { verifySignature } from '../../core/crypto/keys.ts'
import { KEY_PURPOSES, defineTransaction } from '../../core/execution/module.ts'
import type { ApplyContext, BlockEnv } from '../../core/execution/module.ts'
import type { ReadView } from '../../core/state/view.ts'
import { paramAt } from '../governance/keeper.ts'
import { findKey } from '../identity/keeper.ts'
import { PaymentError } from './errors.ts'
import { cpmNonces, cpmQueue, cpmQueueEnds, merchants } from './merchant-store.ts'
import { CapturePayload } from './pay-schema.ts'
import type { PointsPort } from './points-port.ts'
import { parseAuthorisation } from './qr/cpm.ts'
import type { SignedAuthorisation } from './qr/cpm.ts'
import { checkTaking, take } from './till.ts'
import { checkAmount } from './wallet.ts'

/** Spent numbers that one block forgets. */
export const CPM_STEPS_MAX = 200

const EMPTY_QUEUE = { head: 0, tail: 0 }
const hashCode = createHasher('naru/cpm/v1')

/** Builds the transaction over the chain's points; a payer's own code pays won alone. */
export function createCapture(points: PointsPort) {
  return defineTransaction({
    type: 0x0310,
    name: 'payment.capture',
    about: 'Takes money on the code that the payer showed; the code serves once.',
    payload: CapturePayload,
    keyPurpose: KEY_PURPOSES.authentication,
    operations: () => 1,

    checkStateless: ({ payload }) =>
      parseAuthorisation(payload.authorisation) === null ? failure(PaymentError.AUTH_FORMAT) : checkAmount(payload.amount),

    checkStateful: (view, { payload, sender, txId, block }) => {
      const { merchantId, amount, orderRef } = payload
      if (merchants.get(view, merchantId)?.owner !== sender) return failure(PaymentError.NOT_MERCHANT, { merchantId })
      const authorisation = readAuthorisation(payload.authorisation)
      const { payer } = authorisation
      return (
        checkAuthorisation(view, { authorisation, amount, block }) ??
        checkTaking(view, { payId: txId, merchantId, payer, total: amount, pointsPart: 0n, orderRef, block }, points)
      )
    },

    apply: (context, { payload, txId, block }) => {
      const { merchantId, amount, orderRef } = payload
      const authorisation = readAuthorisation(payload.authorisation)
      const { payer, nonce, expirySec } = authorisation
      cpmNonces.set(context.view, { payer, nonce }, { payId: txId })
      const ends = cpmQueueEnds.get(context.view, null) ?? EMPTY_QUEUE
      cpmQueue.set(context.view, ends.tail, { payer, nonce, expiresAt: expirySec * 1_000 })
      cpmQueueEnds.set(context.view, null, { ...ends, tail: ends.tail + 1 })
      const qrHash = hashCode(payload.authorisation)
      const taking = { payId: txId, merchantId, payer, total: amount, pointsPart: 0n, orderRef, block }
      take(context, { ...taking, kind: 'CONSUMER', qrHash }, points)
    },
  })
}

function readAuthorisation(bytes: Uint8Array): SignedAuthorisation {
  return must(parseAuthorisation(bytes), 'the authorisation was checked')
}

function checkAuthorisation(
  view: ReadView,
  { authorisation, amount, block }: { authorisation: SignedAuthorisation; amount: bigint; block: BlockEnv },
): Failure | null {
  const { payer, nonce, keyId, maxAmount, expirySec, message, signature } = authorisation
  const expiresAt = expirySec * 1_000
  const latest = block.time + Number(paramAt(view, 'payment.cpmTtlSec', block)) * 1_000
  if (expiresAt < block.time || expiresAt > latest) return failure(PaymentError.AUTH_EXPIRED, { expiry: expirySec })
  if (cpmNonces.has(view, { payer, nonce })) return failure(PaymentError.NONCE_USED)
  if (amount > maxAmount) return failure(PaymentError.OVER_AUTH, { allows: maxAmount.toString() })
  const key = findKey(view, payer, keyId)
  const isUsable = key?.live === true && (key.purposes & KEY_PURPOSES.authentication) !== 0
  return isUsable && verifySignature({ publicKey: key.publicKey, message, signature }) ? null : failure(PaymentError.AUTH_SIG)
}

/** Forgets numbers whose codes have expired. They wait in the order they came, so one that lives long keeps those behind it. */
export function forgetNonces({ view }: ApplyContext, block: BlockEnv): void {
  const ends = cpmQueueEnds.get(view, null) ?? EMPTY_QUEUE
  const last = Math.min(ends.tail, ends.head + CPM_STEPS_MAX)
  let { head } = ends
  while (head < last) {
    const entry = cpmQueue.mustGet(view, head)
    if (entry.expiresAt >= block.time) break
    cpmNonces.remove(view, entry)
    cpmQueue.remove(view, head)
    head += 1
  }
  if (head > ends.head) cpmQueueEnds.set(view, null, { head, tail: ends.tail })
}
