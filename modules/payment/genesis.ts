// Owns: how the payment section of the genesis document becomes state. Not here: its shape (schema.ts).
import { CodecError } from '../../core/base/errors.ts'
import type { BlockEnv } from '../../core/execution/module.ts'
import type { WriteView } from '../../core/state/view.ts'
import { isGu } from '../governance/keeper.ts'
import { checkBrn } from './brn.ts'
import { brns, merchantCount, merchantOwners, merchants } from './merchant-store.ts'
import { merchantIdOf } from './qr/merchant-id.ts'
import { OUTSTANDING_MAX } from './schema.ts'
import type { GenesisMerchant, PaymentGenesis } from './schema.ts'
import { bankList, bankOf, bankTotals, banks, wallets } from './store.ts'
import { openWallet } from './wallet.ts'

/** Writes banks and first balances, which count as minted. Throws CodecError naming the path of what is wrong. */
export function initPayment(view: WriteView, section: PaymentGenesis, block: BlockEnv): void {
  const outstanding = new Map<string, bigint>()
  section.banks.forEach(({ bankCode, account, name }, index) => {
    const path = `payment.banks[${index}]`
    if (outstanding.has(bankCode)) throw new CodecError(`${path}.bankCode: ${bankCode} stands in the list twice`)
    if (bankOf.has(view, account)) throw new CodecError(`${path}.account: is another bank already`)
    outstanding.set(bankCode, 0n)
    banks.set(view, bankCode, { account, name })
    bankOf.set(view, account, { bankCode })
  })
  section.accounts.forEach(({ account, bank, amount, exempt }, index) => {
    const path = `payment.accounts[${index}]`
    const before = outstanding.get(bank)
    if (before === undefined) throw new CodecError(`${path}.bank: ${bank} is no bank of this document`)
    if (wallets.has(view, account)) throw new CodecError(`${path}.account: stands in the list twice`)
    outstanding.set(bank, before + amount)
    wallets.set(view, account, { ...openWallet(bank), balance: amount, exempt })
  })
  for (const [bankCode, amount] of outstanding) {
    if (amount > OUTSTANDING_MAX) throw new CodecError(`payment.banks: ${bankCode} would have ${amount} won outstanding`)
    bankTotals.set(view, bankCode, { outstanding: amount, net: 0n })
  }
  bankList.set(view, null, { codes: [...outstanding.keys()].sort() })
  for (const [index, merchant] of (section.merchants ?? []).entries()) openMerchant(view, merchant, index, block)
}

// Registered, approved and without limits, as merchant.apply and merchant.approve would have left it.
function openMerchant(view: WriteView, said: GenesisMerchant, index: number, block: BlockEnv): void {
  const path = `payment.merchants[${index}]`
  const { qrKey, ...rest } = said
  const refused = checkBrn(said.brn)
  if (refused !== null) throw new CodecError(`${path}.brn: ${refused.text}`)
  if (brns.has(view, said.brn)) throw new CodecError(`${path}.brn: stands in the list twice`)
  if (!isGu(said.guCode)) throw new CodecError(`${path}.guCode: ${said.guCode} is no gu of Seoul`)
  const wallet = wallets.get(view, said.owner)
  if (wallet === null) throw new CodecError(`${path}.owner: has no account in payment.accounts`)
  const count = index + 1
  const merchantId = merchantIdOf(count)
  const owner = merchantOwners.get(view, said.owner) ?? { merchantIds: [], wasExempt: wallet.exempt }
  merchantCount.set(view, null, { count })
  merchantOwners.set(view, said.owner, { ...owner, merchantIds: [...owner.merchantIds, merchantId] })
  brns.set(view, said.brn, { merchantId })
  wallets.set(view, said.owner, { ...wallet, exempt: true })
  merchants.set(view, merchantId, {
    ...{ ...rest, settleBank: wallet.bank, state: 'ACTIVE' as const, reasonCode: null },
    qrKeys: qrKey === null ? [] : [{ pub: qrKey, addedAt: block.time, revokedAt: null }],
    appliedAt: block.time,
    changedAt: block.time,
  })
}
