// Owns: finding a case and who may take its next step. Not here: the steps (claim-file.ts, claim-steps.ts, claim-fund.ts).
import { failure } from '../../core/base/errors.ts'
import type { Failure } from '../../core/base/errors.ts'
import type { Address, Hash32 } from '../../core/base/ids.ts'
import type { BlockEnv } from '../../core/execution/module.ts'
import type { ReadView } from '../../core/state/view.ts'
import { hasRole } from '../governance/keeper.ts'
import type { Claim, ClaimState } from './claim-schema.ts'
import { LaborError } from './errors.ts'
import { claims } from './store.ts'

/** The case in one of these states, or LABOR_CLAIM_UNKNOWN, LABOR_CLAIM_STATE. */
export function findClaimIn(view: ReadView, caseId: Hash32, states: readonly ClaimState[]): Claim | Failure {
  const claim = claims.get(view, caseId)
  if (claim === null) return failure(LaborError.CLAIM_UNKNOWN)
  return states.includes(claim.state)
    ? claim
    : failure(LaborError.CLAIM_STATE, { state: claim.state, needs: states.join(' or ') })
}

/** LABOR_NOT_AUTHORIZED unless the account holds the role. */
export function checkRole(
  view: ReadView,
  { account, role, block }: { account: Address; role: string; block: BlockEnv },
): Failure | null {
  return hasRole(view, { account, role, scope: null, block }) ? null : failure(LaborError.NOT_AUTHORIZED, { needs: role })
}
