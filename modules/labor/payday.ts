// Owns: what a payday does: the month's payslip, payment out of the escrow, the next payday; lateness the day after.
// Not here: sums (due.ts), the agenda (agenda.ts).
import { fromHex, u32ToBytes } from '../../core/base/bytes.ts'
import { addDays, kstDate, monthOf } from '../../core/base/civil-time.ts'
import { asHash32 } from '../../core/base/ids.ts'
import { hashFields } from '../../core/crypto/hash.ts'
import type { ApplyContext, BlockEnv } from '../../core/execution/module.ts'
import { availableWon, checkWonMove, payWage } from '../payment/keeper.ts'
import { scheduleItem } from './agenda.ts'
import { applyPayment, owedOf, writeDue } from './due.ts'
import { escrowAccount } from './escrow-account.ts'
import type { InsurancePort } from './insurance-port.ts'
import { laterMonth, paydayOf } from './months.ts'
import { WagePaid } from './pay-events.ts'
import { refreshMonth } from './payslip.ts'
import { books, contracts, dues } from './store.ts'
import type { MonthKey } from './store.ts'

type At = { readonly port: InsurancePort; readonly block: BlockEnv }

/** Wages of a month fall due today; an item that came too early is put off, one that came too late finds nothing to do. */
export function reachPayday(context: ApplyContext, key: MonthKey, at: At): void {
  const { view } = context
  const { contractId, ym } = key
  const { block } = at
  const record = books.mustGet(view, contractId)
  const { endOn } = contracts.mustGet(view, contractId)
  if (record.nextYm !== ym || (endOn !== null && ym > monthOf(endOn))) return
  const payday = paydayOf(view, contractId, ym)
  if (payday > kstDate(block.time)) {
    scheduleItem(view, { day: payday, item: { kind: 'payday', contractId, ym }, block })
    return
  }
  const nextYm = laterMonth(ym, 1)
  books.set(view, contractId, { ...record, nextYm })
  refreshMonth(context, key, at)
  const due = dues.get(view, key)
  if (due !== null && due.dueOn > payday) writeDue(context, key, { due: { ...due, dueOn: payday }, block })
  payFromEscrow(context, key, block)
  scheduleItem(view, { day: addDays(payday, 1), item: { kind: 'overdue', contractId, ym }, block })
  if (endOn === null || nextYm <= monthOf(endOn))
    scheduleItem(view, {
      day: paydayOf(view, contractId, nextYm),
      item: { kind: 'payday', contractId, ym: nextYm },
      block,
    })
}

/** Pays what is owed out of the contract's escrow, as far as it goes and banks let it. */
export function payFromEscrow(context: ApplyContext, key: MonthKey, block: BlockEnv): void {
  const { view, emit } = context
  const due = dues.get(view, key)
  if (due === null) return
  const from = escrowAccount(key.contractId)
  const held = availableWon(view, from)
  const owed = owedOf(due)
  const amount = owed < held ? owed : held
  if (amount === 0n) return
  const move = { from, to: contracts.mustGet(view, key.contractId).worker, amount, block }
  if (checkWonMove(view, move) !== null) return
  const reqId = asHash32(
    hashFields('naru/labor/escrow-pay/v1', fromHex(key.contractId), u32ToBytes(key.ym), u32ToBytes(due.payslips)),
  )
  payWage(context, { ...move, reqId })
  const { state } = applyPayment(context, key, { amount, on: kstDate(block.time), how: 'paid', block })
  emit(WagePaid, { ...key, state, fromEscrow: true })
}

/** The day after wages fell due: what is still owed is late. */
export function reachOverdue(context: ApplyContext, key: MonthKey, block: BlockEnv): void {
  const due = dues.get(context.view, key)
  if (due !== null) writeDue(context, key, { due, block })
}
