// Owns: payment.merchant.apply: a business asks to take payments. Not here: the answer (merchant-approve.ts).
import { failure } from '../../core/base/errors.ts'
import type { Failure } from '../../core/base/errors.ts'
import { KEY_PURPOSES, defineTransaction } from '../../core/execution/module.ts'
import type { ReadView } from '../../core/state/view.ts'
import type { Address } from '../../core/base/ids.ts'
import { isGu } from '../governance/keeper.ts'
import { requireActive } from '../identity/keeper.ts'
import { checkBrn } from './brn.ts'
import { PaymentError } from './errors.ts'
import { MerchantStateChanged } from './merchant-events.ts'
import { checkQrKey } from './merchant-key.ts'
import { MERCHANTS_PER_OWNER_MAX, MerchantApplyPayload } from './merchant-schema.ts'
import { brns, merchantCount, merchantOwners, merchants } from './merchant-store.ts'
import { merchantIdOf } from './qr/merchant-id.ts'
import { banks, wallets } from './store.ts'

const ASCII = /^[\x20-\x7e]+$/

/** The next free number becomes the merchant's. */
export const merchantApply = defineTransaction({
  type: 0x0308,
  name: 'payment.merchant.apply',
  about: 'A business asks to take payments; a payment operator approves.',
  payload: MerchantApplyPayload,
  keyPurpose: KEY_PURPOSES.authentication,

  checkStateless: ({ payload }) => {
    const { brn, nameAscii, cityAscii, nameKo, guCode, qrKey } = payload
    if (!ASCII.test(nameAscii) || !ASCII.test(cityAscii) || nameKo === '') return failure(PaymentError.NAME_FORMAT)
    if (!isGu(guCode)) return failure(PaymentError.GU_UNKNOWN, { guCode })
    return checkBrn(brn) ?? (qrKey === null ? null : checkQrKey(qrKey))
  },

  checkStateful: (view, { payload, sender }) => {
    const { brn, settleBank } = payload
    if (brns.has(view, brn)) return failure(PaymentError.BRN_TAKEN)
    if (!banks.has(view, settleBank)) return failure(PaymentError.BANK_UNKNOWN, { bankCode: settleBank })
    return checkHome(view, sender, settleBank) ?? checkCount(view, sender) ?? requireActive(view, sender)
  },

  apply: ({ view, emit }, { payload, sender, block }) => {
    const { qrKey, ...said } = payload
    const count = (merchantCount.get(view, null)?.count ?? 0) + 1
    merchantCount.set(view, null, { count })
    const merchantId = merchantIdOf(count)
    const owner = merchantOwners.get(view, sender) ?? { merchantIds: [], wasExempt: false }
    merchantOwners.set(view, sender, { ...owner, merchantIds: [...owner.merchantIds, merchantId] })
    brns.set(view, said.brn, { merchantId })
    const { time } = block
    merchants.set(view, merchantId, {
      ...said,
      ...{ owner: sender, tier: 'GENERAL' as const, psp: null, state: 'APPLIED' as const, reasonCode: null },
      qrKeys: qrKey === null ? [] : [{ pub: qrKey, addedAt: time, revokedAt: null }],
      appliedAt: time,
      changedAt: time,
    })
    emit(MerchantStateChanged, { merchantId, owner: sender, state: 'APPLIED', reasonCode: null })
  },
})

// A wallet has one home bank for good, so a business settles at the bank where its account is.
function checkHome(view: ReadView, owner: Address, settleBank: string): Failure | null {
  const bank = wallets.get(view, owner)?.bank ?? settleBank
  return bank === settleBank ? null : failure(PaymentError.BANK_MISMATCH, { bank })
}

function checkCount(view: ReadView, owner: Address): Failure | null {
  const count = merchantOwners.get(view, owner)?.merchantIds.length ?? 0
  return count >= MERCHANTS_PER_OWNER_MAX ? failure(PaymentError.MERCHANT_LIMIT) : null
}
