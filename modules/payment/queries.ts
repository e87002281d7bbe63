// Owns: what can be read of payment over JSON-RPC. Not here: the rules (wallet.ts, ledger.ts).
import { kstDate } from '../../core/base/civil-time.ts'
import { failure } from '../../core/base/errors.ts'
import { struct } from '../../core/codec/compound.ts'
import { address, code, hash32 } from '../../core/codec/fields.ts'
import { defineQuery } from '../../core/execution/module.ts'
import { paramAt } from '../governance/keeper.ts'
import { PaymentError } from './errors.ts'
import { positionOf } from './ledger.ts'
import { BalanceResult, BankResult, PositionsResult, RedemptionSchema } from './schema.ts'
import { bankList, bankTotals, banks, redemptions, wallets } from './store.ts'
import { availableOf, spentOn } from './wallet.ts'

const NO_WALLET = { bank: null, balance: 0n, locked: 0n, available: 0n, exempt: false, spentToday: 0n, freeze: null }

/** An account's money; zeros for one that never held any. */
export const getBalance = defineQuery({
  name: 'payment_getBalance',
  about: 'An account’s home bank, balance, locked and available won, and its freeze.',
  params: struct({ account: address }),
  result: BalanceResult,
  run: (view, { account }, block) => {
    const wallet = wallets.get(view, account)
    if (wallet === null) return NO_WALLET
    const { bank, balance, locked, exempt, freeze } = wallet
    return {
      bank,
      balance,
      locked,
      available: availableOf(wallet),
      exempt,
      spentToday: spentOn(wallet, kstDate(block.time)),
      freeze,
    }
  },
  keyOf: ({ account }) => wallets.keyOf(account),
})

/** A bank with its outstanding tokens and its net position. */
export const getBank = defineQuery({
  name: 'payment_getBank',
  about: 'A bank: account, outstanding tokens, what it owes the other banks and how much it may.',
  params: struct({ bankCode: code(16) }),
  result: BankResult,
  run: (view, { bankCode }, block) => {
    const bank = banks.get(view, bankCode)
    if (bank === null) return failure(PaymentError.BANK_UNKNOWN, { bankCode })
    const netDebitCap = paramAt(view, `payment.netDebitCap.${bankCode}`, block)
    return { bankCode, ...bank, ...bankTotals.mustGet(view, bankCode), netDebitCap }
  },
  keyOf: ({ bankCode }) => bankTotals.keyOf(bankCode),
})

/** A redemption by its id. */
export const getRedemption = defineQuery({
  name: 'payment_getRedemption',
  about: 'A redemption: whose, how much, at which bank, what became of it.',
  params: struct({ reqId: hash32 }),
  result: RedemptionSchema,
  run: (view, { reqId }) => redemptions.get(view, reqId) ?? failure(PaymentError.REQ_UNKNOWN),
  keyOf: ({ reqId }) => redemptions.keyOf(reqId),
})

/** What each bank owes each other since the last settlement. */
export const getPositions = defineQuery({
  name: 'payment_getPositions',
  about: 'What banks owe each other since the last settlement; from owes to.',
  params: struct({}),
  result: PositionsResult,
  run: (view) => {
    const codes = bankList.get(view, null)?.codes ?? []
    const pairs = codes.flatMap((from) =>
      codes.map((to) => ({ from, to, amount: from === to ? 0n : positionOf(view, from, to) })),
    )
    return { positions: pairs.filter((pair) => pair.amount > 0n) }
  },
})
