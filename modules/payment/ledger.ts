// Owns: banks' totals and the positions between them: what minting, redeeming and payments across banks do to them.
// Not here: accounts' own records (wallet.ts).
import { assert } from '../../core/base/assert.ts'
import { failure, isFailure } from '../../core/base/errors.ts'
import type { Failure } from '../../core/base/errors.ts'
import type { Address, TxId } from '../../core/base/ids.ts'
import type { ReadView, WriteView } from '../../core/state/view.ts'
import { hasRole, paramAt, requireRole } from '../governance/keeper.ts'
import type { Moment } from '../governance/keeper.ts'
import { PaymentError } from './errors.ts'
import { OUTSTANDING_MAX } from './schema.ts'
import { bankOf, bankRefs, bankTotals, pairOf, positions } from './store.ts'

/** The bank that an account is, if it holds the BANK role for its code on the block's day. */
export function actingBank(view: ReadView, account: Address, block: Moment): string | Failure {
  const record = bankOf.get(view, account)
  if (record === null) return failure(PaymentError.BANK_UNKNOWN)
  return requireRole(view, { account, role: 'BANK', scope: record.bankCode, block }) ?? record.bankCode
}

/** Whether the account acts for the city government on the block's day. */
export function actsForCity(view: ReadView, account: Address, block: Moment): boolean {
  return hasRole(view, { account, role: 'CITY_GOV', scope: null, block })
}

/** GOVERNANCE_NOT_AUTHORIZED unless the account acts for the city government. */
export function requireCity(view: ReadView, account: Address, block: Moment): Failure | null {
  return requireRole(view, { account, role: 'CITY_GOV', scope: null, block })
}

/** PAYMENT_BANKREF_USED when the bank has used the reference. */
export function checkBankRef(view: ReadView, ref: { bankCode: string; bankRef: string }): Failure | null {
  return bankRefs.has(view, ref) ? failure(PaymentError.BANKREF_USED, { bankRef: ref.bankRef }) : null
}

/** Marks a reference as used by a transaction. */
export function spendBankRef(view: WriteView, ref: { bankCode: string; bankRef: string; txId: TxId }): void {
  bankRefs.set(view, ref, { txId: ref.txId })
}

/** PAYMENT_OUTSTANDING_LIMIT unless the bank may have this much more outstanding. */
export function checkIssue(view: ReadView, bankCode: string, amount: bigint): Failure | null {
  const { outstanding } = bankTotals.mustGet(view, bankCode)
  return outstanding + amount > OUTSTANDING_MAX ? failure(PaymentError.OUTSTANDING_LIMIT, { bank: bankCode }) : null
}

/** Counts won in (positive) or out of (negative) a bank's outstanding tokens. */
export function changeOutstanding(view: WriteView, bankCode: string, amount: bigint): void {
  const totals = bankTotals.mustGet(view, bankCode)
  bankTotals.set(view, bankCode, { ...totals, outstanding: totals.outstanding + amount })
}

/** A payment from a customer of one bank to a customer of another. */
export type BankMove = { readonly from: string; readonly to: string; readonly amount: bigint }

/** PAYMENT_BANK_CAP or PAYMENT_OUTSTANDING_LIMIT; null also for two customers of one bank. */
export function checkMove(view: ReadView, { from, to, amount }: BankMove, block: Moment): Failure | null {
  if (from === to) return null
  const cap = paramAt(view, `payment.netDebitCap.${from}`, block)
  if (bankTotals.mustGet(view, from).net + amount > cap)
    return failure(PaymentError.BANK_CAP, { bank: from, cap: cap.toString() })
  return checkIssue(view, to, amount)
}

/** Burns tokens of one bank and mints the other's; the first owes the second that much more. Nothing moves inside one bank. */
export function applyMove(view: WriteView, { from, to, amount }: BankMove): void {
  if (from === to) return
  const payer = bankTotals.mustGet(view, from)
  const payee = bankTotals.mustGet(view, to)
  assert(payer.outstanding >= amount, `bank ${from} has the tokens that its customer spends`)
  bankTotals.set(view, from, { outstanding: payer.outstanding - amount, net: payer.net + amount })
  bankTotals.set(view, to, { outstanding: payee.outstanding + amount, net: payee.net - amount })
  const pair = pairOf(from, to)
  const net = positions.get(view, pair)?.net ?? 0n
  positions.set(view, pair, { net: pair.low === from ? net + amount : net - amount })
}

/** Takes what two banks settled elsewhere off their position and their nets; no tokens move. */
export function settlePosition(view: WriteView, { from, to, amount }: BankMove): void {
  const debtor = bankTotals.mustGet(view, from)
  bankTotals.set(view, from, { ...debtor, net: debtor.net - amount })
  const creditor = bankTotals.mustGet(view, to)
  bankTotals.set(view, to, { ...creditor, net: creditor.net + amount })
  const pair = pairOf(from, to)
  const net = positions.get(view, pair)?.net ?? 0n
  positions.set(view, pair, { net: pair.low === from ? net - amount : net + amount })
}

/** What `from` owes `to` since the last settlement; negative the other way round. */
export function positionOf(view: ReadView, from: string, to: string): bigint {
  const pair = pairOf(from, to)
  const net = positions.get(view, pair)?.net ?? 0n
  return pair.low === from ? net : -net
}

/** PAYMENT_BANK_MISMATCH unless the account acting is this bank. */
export function requireBank(view: ReadView, bankCode: string, sender: Address, block: Moment): Failure | null {
  const acting = actingBank(view, sender, block)
  if (isFailure(acting)) return acting
  return acting === bankCode ? null : failure(PaymentError.BANK_MISMATCH, { bank: bankCode })
}
