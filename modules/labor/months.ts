// Owns: months of pay: which day pays them, how far they are. Not here: holidays (wage/law.ts), sums (due.ts).
import { addDays, daysOf, dateOfDays, monthOf } from '../../core/base/civil-time.ts'
import type { CivilDate, CivilMonth } from '../../core/base/civil-time.ts'
import type { ReadView } from '../../core/state/view.ts'
import { paramOn } from '../governance/keeper.ts'
import { versionOn } from './contract.ts'
import { readLaw } from './law-params.ts'
import { contracts } from './store.ts'
import type { ContractId } from './store.ts'
import { paydayOf as lawfulPayday } from './wage/due.ts'

/** The month so many months later. */
export function laterMonth(ym: CivilMonth, count: number): CivilMonth {
  const at = Math.floor(ym / 100) * 12 + (ym % 100) - 1 + count
  return Math.floor(at / 12) * 100 + (at % 12) + 1
}

/** First day of a month. */
export function firstDay(ym: CivilMonth): CivilDate {
  return ym * 100 + 1
}

/** Last day of a month. */
export function lastDay(ym: CivilMonth): CivilDate {
  return dateOfDays(daysOf(firstDay(laterMonth(ym, 1))) - 1)
}

/** The day of a month, its last one where it has fewer. */
export function dayIn(ym: CivilMonth, day: number): CivilDate {
  return Math.min(ym * 100 + day, lastDay(ym))
}

/** The same day so many months later, clipped to the month's end. */
export function addMonthsTo(date: CivilDate, count: number): CivilDate {
  return dayIn(laterMonth(monthOf(date), count), date % 100)
}

/** The day on which wages of a month are due by the terms: a holiday's are due the day before (ministry's standard form). */
export function agreedPayday(view: ReadView, contractId: ContractId, ym: CivilMonth): CivilDate {
  const { terms } = versionOn(view, contractId, lastDay(ym))
  return lawfulPayday(readLaw(view), ym, terms)
}

/** The day on which wages of a month are due: the payday, once the contract is over at the latest so many days after (LSA 36). */
export function paydayOf(view: ReadView, contractId: ContractId, ym: CivilMonth): CivilDate {
  const agreed = agreedPayday(view, contractId, ym)
  const final = finalDayOf(view, contractId)
  return final === null ? agreed : Math.min(agreed, final)
}

/** The day by which everything is paid; null while people work under the contract. */
export function finalDayOf(view: ReadView, contractId: ContractId): CivilDate | null {
  const { state, endOn } = contracts.mustGet(view, contractId)
  const isOver = state === 'ENDED' || state === 'SETTLED' || state === 'ARCHIVED' || state === 'VOID'
  return isOver && endOn !== null ? addDays(endOn, Number(paramOn(view, 'labor.finalPayDays', endOn))) : null
}
