// Owns: payment.merchant.suspend, resume and close. Not here: approving (merchant-approve.ts).
import { failure, isFailure } from '../../core/base/errors.ts'
import type { Failure } from '../../core/base/errors.ts'
import type { Address } from '../../core/base/ids.ts'
import { KEY_PURPOSES, defineTransaction } from '../../core/execution/module.ts'
import type { BlockEnv } from '../../core/execution/module.ts'
import type { ReadView } from '../../core/state/view.ts'
import { PaymentError } from './errors.ts'
import { MerchantReasonPayload } from './merchant-schema.ts'
import type { Merchant } from './merchant-schema.ts'
import { brns, merchants } from './merchant-store.ts'
import { actsAsPsp, changeState, checkState, findMerchant, requireOverseer, restoreLimits } from './merchant.ts'

/** No payment comes in any more; refunds still go out. */
export const merchantSuspend = defineTransaction({
  type: 0x030a,
  name: 'payment.merchant.suspend',
  about: 'Stops payments to a merchant, by a payment operator or the city.',
  payload: MerchantReasonPayload,
  keyPurpose: KEY_PURPOSES.authentication,
  blockLane: 'urgent',
  checkStateless: () => null,
  checkStateful: (view, { payload, sender, block }) => checkOversight(view, payload.merchantId, ['ACTIVE'], { sender, block }),
  apply: (context, { payload, block }) => changeState(context, { ...payload, state: 'SUSPENDED', block }),
})

/** Payments come in again. */
export const merchantResume = defineTransaction({
  type: 0x030b,
  name: 'payment.merchant.resume',
  about: 'Lets a suspended merchant take payments again.',
  payload: MerchantReasonPayload,
  keyPurpose: KEY_PURPOSES.authentication,
  checkStateless: () => null,
  checkStateful: (view, { payload, sender, block }) => checkOversight(view, payload.merchantId, ['SUSPENDED'], { sender, block }),
  apply: (context, { payload, block }) => changeState(context, { ...payload, state: 'ACTIVE', block }),
})

/** Final: every code of the merchant is worth nothing at once, and its registration number is free again. */
export const merchantClose = defineTransaction({
  type: 0x030c,
  name: 'payment.merchant.close',
  about: 'Closes a merchant for good, by its owner or a payment operator.',
  payload: MerchantReasonPayload,
  keyPurpose: KEY_PURPOSES.authentication,
  blockLane: 'urgent',
  checkStateless: () => null,

  checkStateful: (view, { payload, sender, block }) => {
    const { merchantId } = payload
    const merchant = findMerchant(view, merchantId)
    if (isFailure(merchant)) return merchant
    const mayClose = merchant.owner === sender || actsAsPsp(view, sender, block)
    if (!mayClose) return failure(PaymentError.NOT_MERCHANT, { merchantId })
    return checkState(merchant, ['APPLIED', 'ACTIVE', 'SUSPENDED'])
  },

  apply: (context, { payload, block }) => {
    const { brn, owner, state } = merchants.mustGet(context.view, payload.merchantId)
    brns.remove(context.view, brn)
    changeState(context, { ...payload, state: 'CLOSED', block })
    if (state !== 'APPLIED') restoreLimits(context.view, owner)
  },
})

function checkOversight(
  view: ReadView,
  merchantId: string,
  allowed: readonly Merchant['state'][],
  { sender, block }: { sender: Address; block: BlockEnv },
): Failure | null {
  const merchant = findMerchant(view, merchantId)
  if (isFailure(merchant)) return merchant
  return requireOverseer(view, sender, block) ?? checkState(merchant, allowed)
}
