// Owns: how the payment section of the genesis document becomes state. Not here: its shape (schema.ts).
import { CodecError } from '../../core/base/errors.ts'
import type { BlockEnv } from '../../core/execution/module.ts'
import type { WriteView } from '../../core/state/view.ts'
import { OUTSTANDING_MAX } from './schema.ts'
import type { PaymentGenesis } from './schema.ts'
import { bankList, bankOf, bankTotals, banks, wallets } from './store.ts'
import { openWallet } from './wallet.ts'

/** Writes banks and first balances, which count as minted. Throws CodecError naming the path of what is wrong. */
export function initPayment(view: WriteView, section: PaymentGenesis, _block: BlockEnv): void {
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
}
