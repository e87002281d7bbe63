// Owns: payment.merchant.approve and setTier: a payment operator lets a business take payments and says which fee it bears.
// Not here: applying (merchant-apply.ts), suspending and closing (merchant-close.ts).
import { isFailure } from '../../core/base/errors.ts'
import { KEY_PURPOSES, defineTransaction } from '../../core/execution/module.ts'
import { MerchantTierChanged } from './merchant-events.ts'
import { MerchantApprovePayload, MerchantTierPayload } from './merchant-schema.ts'
import { merchants } from './merchant-store.ts'
import { changeState, checkState, findMerchant, liftLimits, requirePsp } from './merchant.ts'

/** The operator that approves is the one that collects the fees. */
export const merchantApprove = defineTransaction({
  type: 0x0309,
  name: 'payment.merchant.approve',
  about: 'Approves a business and sets its fee tier.',
  payload: MerchantApprovePayload,
  keyPurpose: KEY_PURPOSES.authentication,

  checkStateless: () => null,

  checkStateful: (view, { payload, sender, block }) => {
    const merchant = findMerchant(view, payload.merchantId)
    if (isFailure(merchant)) return merchant
    return requirePsp(view, sender, block) ?? checkState(merchant, ['APPLIED'])
  },

  apply: (context, { payload, sender, block }) => {
    const { merchantId, tier } = payload
    liftLimits(context.view, merchants.mustGet(context.view, merchantId))
    changeState(context, { merchantId, state: 'ACTIVE', reasonCode: null, block, more: { tier, psp: sender } })
    context.emit(MerchantTierChanged, { merchantId, tier, year: null })
  },
})

/** Once a year, by the sales of the year before. */
export const merchantSetTier = defineTransaction({
  type: 0x030d,
  name: 'payment.merchant.setTier',
  about: 'Sets a merchant’s fee tier by the sales of a year.',
  payload: MerchantTierPayload,
  keyPurpose: KEY_PURPOSES.authentication,

  checkStateless: () => null,

  checkStateful: (view, { payload, sender, block }) => {
    const merchant = findMerchant(view, payload.merchantId)
    if (isFailure(merchant)) return merchant
    return requirePsp(view, sender, block) ?? checkState(merchant, ['ACTIVE', 'SUSPENDED'])
  },

  apply: ({ view, emit }, { payload, block }) => {
    const { merchantId, tier, year } = payload
    merchants.set(view, merchantId, { ...merchants.mustGet(view, merchantId), tier, changedAt: block.time })
    emit(MerchantTierChanged, { merchantId, tier, year })
  },
})
