// Owns: what a payment does to cases and to a contract that is over. Not here: steps of inspectors (claim-steps.ts).
import { kstDate } from '../../core/base/civil-time.ts'
import type { Hash32 } from '../../core/base/ids.ts'
import type { ApplyContext, BlockEnv } from '../../core/execution/module.ts'
import type { ReadView } from '../../core/state/view.ts'
import type { Claim } from './claim-schema.ts'
import { reachFinalDay } from './life.ts'
import { finalDayOf } from './months.ts'
import { ClaimStateChanged } from './pay-events.ts'
import { books, claims, contracts, openClaims } from './store.ts'

/** Whether every month of a claim is paid, interest included. */
export function isClaimPaid(view: ReadView, { contractId, months }: Claim): boolean {
  if (contractId === null) return false
  const { openMonths } = books.mustGet(view, contractId)
  return months.every((ym) => !openMonths.includes(ym))
}

/** Writes a case and tells its state; a closed one is open no more. */
export function moveClaim({ view, emit }: ApplyContext, caseId: Hash32, claim: Claim): void {
  claims.set(view, caseId, claim)
  emit(ClaimStateChanged, { caseId, state: claim.state })
  if (claim.contractId === null || (claim.state !== 'CLOSED' && claim.state !== 'WITHDRAWN')) return
  const { cases } = openClaims.mustGet(view, claim.contractId)
  openClaims.set(view, claim.contractId, { cases: cases.filter((one) => one !== caseId) })
  const record = books.mustGet(view, claim.contractId)
  books.set(view, claim.contractId, { ...record, openClaims: record.openClaims - 1 })
}

/** After a payment: an instruction that was followed is PAID, a contract that is over may be settled. */
export function followPayment(context: ApplyContext, contractId: Hash32, block: BlockEnv): void {
  const { view } = context
  for (const caseId of openClaims.get(view, contractId)?.cases ?? []) {
    const claim = claims.mustGet(view, caseId)
    if (claim.state === 'ORDERED' && isClaimPaid(view, claim)) moveClaim(context, caseId, { ...claim, state: 'PAID' })
  }
  const final = finalDayOf(view, contractId)
  const isPast = final !== null && kstDate(block.time) > final
  if (contracts.mustGet(view, contractId).state === 'ENDED' && isPast) reachFinalDay(context, contractId, block)
}
