// Owns: what days do to a contract: offers expire, contracts end, are settled, are archived.
// Not here: pay (due.ts), the agenda itself.
import { addDays, kstDate, monthOf } from '../../core/base/civil-time.ts'
import type { CivilDate } from '../../core/base/civil-time.ts'
import type { Hash32 } from '../../core/base/ids.ts'
import type { ApplyContext, BlockEnv } from '../../core/execution/module.ts'
import type { ReadView, WriteView } from '../../core/state/view.ts'
import { paramAt, paramOn } from '../governance/keeper.ts'
import { scheduleItem } from './agenda.ts'
import { dropOffer } from './answer.ts'
import { closeContract, countActive, isInForce, withFlag, withoutFlag } from './contract.ts'
import { releaseEscrow } from './escrow-account.ts'
import { ContractEnded } from './events.ts'
import type { InsurancePort } from './insurance-port.ts'
import { finalDayOf, paydayOf } from './months.ts'
import { raiseFlag } from './shift-flags.ts'
import { books, contracts, drafts } from './store.ts'

/** Puts the day after a contract's last one on the agenda, where there is a last one. */
export function scheduleEnd(view: WriteView, contractId: Hash32, block: BlockEnv): void {
  const { endOn } = contracts.mustGet(view, contractId)
  if (endOn !== null) scheduleItem(view, { day: addDays(endOn, 1), item: { kind: 'end', contractId }, block })
}

/** An offer, or a proposed change, that nobody signed in time. */
export function expireDraft(context: ApplyContext, contractId: Hash32, block: BlockEnv): void {
  const { view } = context
  const draft = drafts.get(view, contractId)
  if (draft === null || block.time <= draft.expiresAt) return
  if (contracts.mustGet(view, contractId).state === 'OFFERED') dropOffer(context, contractId, 'EXPIRED')
  else drafts.remove(view, contractId)
}

/** Ends a contract whose last day has passed; what is still to be paid becomes due within the days of the law. */
export function endContract(context: ApplyContext, contractId: Hash32, at: { block: BlockEnv; port: InsurancePort }): void {
  const { view, emit } = context
  const { block, port } = at
  const contract = contracts.mustGet(view, contractId)
  const { endOn } = contract
  if (!isInForce(contract) || endOn === null || endOn >= kstDate(block.time)) return
  countActive(view, contract, { change: -1, block })
  contracts.set(view, contractId, { ...contract, state: 'ENDED' })
  drafts.remove(view, contractId)
  scheduleFinal(context, contractId, block)
  emit(ContractEnded, { contractId, endedOn: endOn, settleBy: finalDayOf(view, contractId) ?? endOn })
  port.onEnded(context, { contractId, on: endOn, block })
}

/** Brings forward every payday that the end makes earlier, and puts the settlement on the agenda. */
export function scheduleFinal({ view }: ApplyContext, contractId: Hash32, block: BlockEnv): void {
  const final = finalDayOf(view, contractId)
  const open = books.get(view, contractId)
  if (final === null || open === null) return
  // The next month's own item stays: it finds nothing to do where this one was earlier.
  const ym = open.nextYm
  scheduleItem(view, { day: paydayOf(view, contractId, ym), item: { kind: 'payday', contractId, ym }, block })
  for (const day of [addDays(final, 1), quietDayOf(view, contractId)])
    scheduleItem(view, { day, item: { kind: 'settle', contractId }, block })
}

// From here on no hours can be recorded any more.
function quietDayOf(view: ReadView, contractId: Hash32): CivilDate {
  const { endOn, startOn } = contracts.mustGet(view, contractId)
  const last = endOn ?? startOn
  return addDays(last, Number(paramOn(view, 'labor.shiftBackDays', last)) + 1)
}

/** Why a contract cannot be settled yet, in a word; null when nothing is open. */
export function unsettledOf(view: ReadView, contractId: Hash32): string | null {
  const open = books.mustGet(view, contractId)
  const { endOn } = contracts.mustGet(view, contractId)
  if (endOn !== null && open.nextYm <= monthOf(endOn)) return `wages of ${open.nextYm}`
  const [ym] = open.openMonths
  if (ym !== undefined) return `wages of ${ym}`
  if (open.openShifts > 0) return `${open.openShifts} records of hours`
  return open.openClaims > 0 ? `${open.openClaims} cases` : null
}

/** Settles a contract that is over and owes nothing; what was set aside goes back. */
export function settleContract(context: ApplyContext, contractId: Hash32, block: BlockEnv): void {
  const { view } = context
  const today = kstDate(block.time)
  const contract = withoutFlag(contracts.mustGet(view, contractId), 'ARREARS')
  closeContract(context, contractId, { ...contract, state: 'SETTLED', settledOn: today })
  releaseEscrow(context, contractId, block)
  const years = Number(paramAt(view, 'labor.keepYears', block))
  scheduleItem(view, { day: addDays(today + years * 10_000, 1), item: { kind: 'archive', contractId }, block })
}

/** The day after everything had to be paid: marks what is in arrears, or settles once no hours can come any more. */
export function reachFinalDay(context: ApplyContext, contractId: Hash32, block: BlockEnv): void {
  const { view } = context
  const contract = contracts.mustGet(view, contractId)
  if (contract.state !== 'ENDED') return
  const today = kstDate(block.time)
  if (books.mustGet(view, contractId).openMonths.length > 0) {
    contracts.set(view, contractId, withFlag(contract, 'ARREARS'))
    raiseFlag(context, { contractId, code: 'ARREARS', date: today, seq: null })
    return
  }
  const isQuiet = today >= quietDayOf(view, contractId)
  if (isQuiet && unsettledOf(view, contractId) === null) settleContract(context, contractId, block)
}

/** Three years after settlement: papers and salts off the chain are to be destroyed (LSA 42). */
export function archiveContract(context: ApplyContext, contractId: Hash32): void {
  const contract = contracts.mustGet(context.view, contractId)
  if (contract.state === 'SETTLED') closeContract(context, contractId, { ...contract, state: 'ARCHIVED' })
}
