// Owns: the four enrolments of a contract: reading, changing, who is in charge of which.
// Not here: facts of contracts (facts.ts), due days (due.ts).
import { failure } from '../../core/base/errors.ts'
import type { Failure } from '../../core/base/errors.ts'
import type { Address, Hash32 } from '../../core/base/ids.ts'
import type { ApplyContext, BlockEnv } from '../../core/execution/module.ts'
import type { ReadView } from '../../core/state/view.ts'
import { hasRole, requireRole } from '../governance/keeper.ts'
import { InsuranceError } from './errors.ts'
import { EnrolmentChanged } from './events.ts'
import type { Insurance } from './premium/duty.ts'
import type { PremiumCode } from './premium/premium.ts'
import type { Cover, Enrolment } from './schema.ts'
import { covers } from './store.ts'

/** Fields of a cover by insurance. */
export const FIELD = { PENSION: 'pension', HEALTH: 'health', EMPLOYMENT: 'employment', ACCIDENT: 'accident' } as const

/** Which agency is in charge. */
export const AGENCY = { PENSION: 'INS_NPS', HEALTH: 'INS_NHIS', EMPLOYMENT: 'INS_COMWEL', ACCIDENT: 'INS_COMWEL' } as const

/** Which insurance a premium line belongs to. */
export const INSURANCE_OF: { readonly [C in PremiumCode]: Insurance } = {
  PENSION: 'PENSION',
  HEALTH: 'HEALTH',
  CARE: 'HEALTH',
  EMPLOYMENT: 'EMPLOYMENT',
  STABILISATION: 'EMPLOYMENT',
  ACCIDENT: 'ACCIDENT',
  WAGE_CLAIM_LEVY: 'ACCIDENT',
}

/** One insurance of a contract. */
export type EnrolmentKey = { readonly contractId: Hash32; readonly insurance: Insurance }

/** The cover, or INSURANCE_CONTRACT_UNKNOWN. */
export function findCover(view: ReadView, contractId: Hash32): Cover | Failure {
  return covers.get(view, contractId) ?? failure(InsuranceError.CONTRACT_UNKNOWN, { contractId: `0x${contractId}` })
}

/** INSURANCE_STATE unless the insurance is in one of these states. */
export function checkState(cover: Cover, insurance: Insurance, allowed: readonly Enrolment['state'][]): Failure | null {
  const { state } = cover[FIELD[insurance]]
  return allowed.includes(state) ? null : failure(InsuranceError.STATE, { insurance, state, needs: allowed.join(' or ') })
}

/** GOVERNANCE_NOT_AUTHORIZED unless the account is the agency of the insurance. */
export function requireAgency(
  view: ReadView,
  question: { account: Address; insurance: Insurance; block: BlockEnv },
): Failure | null {
  const { account, insurance, block } = question
  return requireRole(view, { account, role: AGENCY[insurance], scope: null, block })
}

/** The insurances whose agency the account is. */
export function agencyOf(view: ReadView, account: Address, block: BlockEnv): readonly Insurance[] {
  const names = ['PENSION', 'HEALTH', 'EMPLOYMENT', 'ACCIDENT'] as const
  return names.filter((insurance) => hasRole(view, { account, role: AGENCY[insurance], scope: null, block }))
}

/** Writes an enrolment and tells where its state is another one. */
export function changeEnrolment(
  { view, emit }: ApplyContext,
  { contractId, insurance }: EnrolmentKey,
  change: Partial<Enrolment> & { readonly changedAt: number },
): void {
  const cover = covers.mustGet(view, contractId)
  const field = FIELD[insurance]
  const before = cover[field]
  const after = { ...before, ...change }
  covers.set(view, contractId, { ...cover, [field]: after })
  if (before.state !== after.state) emit(EnrolmentChanged, { contractId, insurance, from: before.state, to: after.state })
}
