// Owns: payment.mint: a bank issues tokens against a deposit at it. Not here: paying tokens out again (redeem-confirm.ts).
import { kstDate, yearOf } from '../../core/base/civil-time.ts'
import { failure, isFailure } from '../../core/base/errors.ts'
import type { Failure } from '../../core/base/errors.ts'
import { KEY_PURPOSES, defineTransaction } from '../../core/execution/module.ts'
import type { BlockEnv } from '../../core/execution/module.ts'
import type { ReadView } from '../../core/state/view.ts'
import { paramAt } from '../governance/keeper.ts'
import { PaymentError } from './errors.ts'
import { Minted } from './events.ts'
import { actingBank, changeOutstanding, checkBankRef, checkIssue, spendBankRef } from './ledger.ts'
import { MintPayload } from './schema.ts'
import type { Wallet } from './schema.ts'
import { bankOf, wallets } from './store.ts'
import { checkAmount, checkHolding, convert, convertedIn, openWallet } from './wallet.ts'

/** The bank follows from the sender; `bankRef` is its own reference and serves once. */
export const mint = defineTransaction({
  type: 0x0301,
  name: 'payment.mint',
  about: 'Issues tokens of the sender’s bank to an account, against a deposit.',
  payload: MintPayload,
  keyPurpose: KEY_PURPOSES.authentication,

  checkStateless: ({ payload }) => checkAmount(payload.amount),

  checkStateful: (view, { payload, sender, block }) => {
    const { to, amount, bankRef } = payload
    const bankCode = actingBank(view, sender, block)
    if (isFailure(bankCode)) return bankCode
    const wallet = wallets.get(view, to) ?? openWallet(bankCode)
    if (wallet.bank !== bankCode) return failure(PaymentError.BANK_MISMATCH, { bank: wallet.bank })
    return (
      checkBankRef(view, { bankCode, bankRef }) ??
      checkHolding(wallet, amount, paramAt(view, 'payment.holdLimit', block)) ??
      checkYear(view, { wallet, amount, block }) ??
      checkIssue(view, bankCode, amount)
    )
  },

  apply: ({ view, emit }, { payload, sender, txId, block }) => {
    const { to, amount, bankRef } = payload
    const { bankCode } = bankOf.mustGet(view, sender)
    const wallet = wallets.get(view, to) ?? openWallet(bankCode)
    wallets.set(view, to, convert(wallet, amount, yearOf(kstDate(block.time))))
    changeOutstanding(view, bankCode, amount)
    spendBankRef(view, { bankCode, bankRef, txId })
    emit(Minted, { bank: bankCode, to, amount, bankRef })
  },
})

function checkYear(
  view: ReadView,
  { wallet, amount, block }: { wallet: Wallet; amount: bigint; block: BlockEnv },
): Failure | null {
  if (wallet.exempt) return null
  const limit = paramAt(view, 'payment.convertLimit', block)
  const converted = convertedIn(wallet, yearOf(kstDate(block.time)))
  const detail = { limit: limit.toString(), converted: converted.toString() }
  return converted + amount > limit ? failure(PaymentError.CONVERT_LIMIT, detail) : null
}
