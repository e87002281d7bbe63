// Owns: what is owed for a month: gross by hours and terms, what was withheld and paid, interest, its state by the day.
// Not here: payslips (payslip.ts), who pays (pay.ts, claim-fund.ts).
import { daysOf, kstDate } from '../../core/base/civil-time.ts'
import type { CivilDate } from '../../core/base/civil-time.ts'
import type { ApplyContext, BlockEnv } from '../../core/execution/module.ts'
import type { ReadView, WriteView } from '../../core/state/view.ts'
import { readLaw } from './law-params.ts'
import { finalDayOf } from './months.ts'
import { OPEN_MONTHS_MAX } from './pay-schema.ts'
import type { Due } from './pay-schema.ts'
import { InterestAccrued, WageOverdue } from './pay-events.ts'
import { books, contracts, dues } from './store.ts'
import type { MonthKey } from './store.ts'
import { arrearsInterest } from './wage/due.ts'

/** Gross won of the month. */
export function grossOf({ computed, extra }: Due): bigint {
  return computed + extra
}

/** Gross less everything that was withheld or paid; below zero where too much was. */
export function balanceOf(due: Due): bigint {
  return grossOf(due) - due.withheld - due.paid - due.cash - due.subrogated
}

/** Won of wages that are due; PAID says that it is zero. */
export function owedOf(due: Due): bigint {
  const balance = balanceOf(due)
  return balance > 0n ? balance : 0n
}

function stateOf(due: Due, today: CivilDate): Due['state'] {
  if (owedOf(due) === 0n) return 'PAID'
  if (today > due.dueOn) return 'ARREARS'
  return due.paid + due.cash + due.subrogated > 0n ? 'PART_PAID' : 'DUE'
}

/** Writes a month's sums with the state that follows, keeps the list of open months, and tells when wages become late. */
export function writeDue({ view, emit }: ApplyContext, key: MonthKey, { due, block }: { due: Due; block: BlockEnv }): Due {
  const state = stateOf(due, kstDate(block.time))
  const wasLate = dues.get(view, key)?.state === 'ARREARS'
  const written = { ...due, state }
  dues.set(view, key, written)
  listOpen(view, key, owedOf(due) > 0n || due.interestDue > 0n)
  if (state === 'ARREARS' && !wasLate) emit(WageOverdue, { ...key, dueOn: due.dueOn })
  return written
}

function listOpen(view: WriteView, { contractId, ym }: MonthKey, isOpen: boolean): void {
  const record = books.mustGet(view, contractId)
  if (record.openMonths.includes(ym) === isOpen) return
  const others = record.openMonths.filter((month) => month !== ym)
  const openMonths = isOpen ? [...others, ym].sort((a, b) => a - b).slice(-OPEN_MONTHS_MAX) : others
  books.set(view, contractId, { ...record, openMonths })
}

/** Won of a payment, and the day it was made. */
export type Paying = { readonly amount: bigint; readonly on: CivilDate }

/** Interest on a part of the wages that is paid on a day (LSA 37). */
export function interestOn(view: ReadView, key: MonthKey, { principal, on }: { principal: bigint; on: CivilDate }): bigint {
  const { dueOn } = dues.mustGet(view, key)
  const { endOn } = contracts.mustGet(view, key.contractId)
  const leftOn = finalDayOf(view, key.contractId) === null ? null : endOn
  return arrearsInterest(readLaw(view, leftOn), { principal, dueOn, paidOn: on, leftOn })
}

/** Everything that a payment on a day may cover: wages, and interest once all of them are paid. */
export function payableOn(view: ReadView, key: MonthKey, on: CivilDate): bigint {
  const due = dues.mustGet(view, key)
  const principal = owedOf(due)
  return principal + due.interestDue + interestOn(view, key, { principal, on })
}

/** Counts a payment: wages first, with the interest that they bear, the rest pays interest. */
export function applyPayment(
  context: ApplyContext,
  key: MonthKey,
  { amount, on, how, block }: Paying & { readonly how: 'paid' | 'cash' | 'subrogated'; readonly block: BlockEnv },
): Due {
  const due = dues.mustGet(context.view, key)
  const owed = owedOf(due)
  const principal = amount < owed ? amount : owed
  const interest = interestOn(context.view, key, { principal, on })
  const toInterest = amount - principal
  if (interest > 0n) context.emit(InterestAccrued, { ...key, days: daysOf(on) - daysOf(due.dueOn) })
  const counted = {
    ...due,
    [how]: due[how] + principal,
    interestDue: due.interestDue + interest - toInterest,
    interestPaid: due.interestPaid + toInterest,
  }
  return writeDue(context, key, { due: counted, block })
}
