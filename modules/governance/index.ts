// Owns: the door of the governance room: everything it declares. Not here: any rule.
import { readChainParams, readValidators } from './keeper.ts'
import { defineModule } from '../../core/execution/module.ts'
import { recordAttendance, readStanding } from './attendance.ts'
import { readValidatorsAt } from './epochs.ts'
import { applyRecovery, readRoots } from './recovery.ts'
import { ready } from './ready.ts'
import { checkSetInvariants } from './set-invariants.ts'
import { SET_EVENTS } from './set-events.ts'
import { SET_QUERIES } from './set-queries.ts'
import { activateDue, pendingChanges, projectedValidators } from './succession.ts'
import { approve } from './approve.ts'
import { GovernanceError } from './errors.ts'
import { checkEvidence, takeEvidence } from './evidence.ts'
import { getEvidence, listEvidence } from './evidence-queries.ts'
import { advanceEvidenceWindow } from './evidence-window.ts'
import { GOVERNANCE_EVENTS } from './events.ts'
import { initGovernance } from './genesis.ts'
import { checkGovernanceInvariants } from './invariants.ts'
import { propose } from './propose.ts'
import { getCouncil, getParam, getProposal, getRoles, getValidators } from './queries.ts'
import { GovernanceGenesisSchema } from './schema.ts'
import { withdraw } from './withdraw.ts'

/** Room 1: councils, roles, legal parameters, validators, consensus parameters. */
export const governance = defineModule({
  readValidators,
  readChainParams,
  readStanding,
  readValidatorsAt,
  checkEvidence,
  takeEvidence,
  readRoots,
  applyRecovery,
  readPeers: (view) => [...readValidators(view), ...projectedValidators(view)],
  hasPendingChange: (view) => pendingChanges(view).length > 0,
  name: 'governance',
  number: 1,
  about: 'Who may do what: two councils, roles with scopes, legal parameters by date, the validator set.',
  transactions: [propose, approve, withdraw, ready],
  queries: [getProposal, getRoles, getParam, getCouncil, getValidators, ...SET_QUERIES, listEvidence, getEvidence],
  events: [...GOVERNANCE_EVENTS, ...SET_EVENTS],
  errors: GovernanceError,
  beginBlock: (context, block, facts) => {
    if (facts !== null) recordAttendance(context, block, facts)
    activateDue(context, block)
    advanceEvidenceWindow(context.view, block)
  },
  genesis: { schema: GovernanceGenesisSchema, init: initGovernance },
  checkInvariants: (scan) => [...checkGovernanceInvariants(scan), ...checkSetInvariants(scan)],
})
