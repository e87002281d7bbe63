// Owns: what governance refuses, with stable numbers 0x01xx. Not here: when (actions.ts and the transactions).
import { defineErrors } from '../../core/base/errors.ts'

/** Refusals of the governance room. */
export const GovernanceError = defineErrors('GOVERNANCE', {
  NOT_AUTHORIZED: [0x0101, 'failed', 'The account holds no role or council seat that allows this; ask the city for the role.'],
  ROLE_EXISTS: [0x0102, 'failed', 'The account already holds this role with this scope for some of these days; revoke it first.'],
  ROLE_UNKNOWN: [0x0103, 'failed', 'There is no such role, or the account does not hold it with this scope.'],
  ROLE_PERIOD_INVALID: [0x0104, 'malformed', 'validFrom and validUntil are Korean days (yyyymmdd) in this order.'],
  ROLES_FULL: [0x0105, 'failed', 'The account holds as many roles as a record takes; revoke one first.'],
  SCOPE_INVALID: [0x0106, 'failed', 'The scope does not fit the role: a gu code of Seoul, a bank code, or none.'],
  PROPOSAL_UNKNOWN: [0x0107, 'failed', 'No proposal has this id.'],
  PROPOSAL_EXPIRED: [0x0108, 'failed', 'The proposal was not decided in time; propose it anew.'],
  PROPOSAL_DECIDED: [0x0109, 'failed', 'The proposal is already executed or withdrawn.'],
  ALREADY_APPROVED: [0x010a, 'failed', 'This member has approved the proposal before; one approval counts.'],
  PARAM_UNKNOWN: [0x010b, 'failed', 'No rule of this chain reads a parameter of this key.'],
  PARAM_OUT_OF_BOUNDS: [0x010c, 'failed', 'The value lies outside the bounds of this parameter.'],
  PARAM_RETROACTIVE: [0x010d, 'failed', 'A value takes effect on a later Korean day than today; the past keeps its parameters.'],
  PARAM_DATE_INVALID: [0x010e, 'malformed', 'effectiveFrom is a day yyyymmdd or a month yyyymm between 2000 and 2099.'],
  PARAM_FULL: [0x010f, 'failed', 'The parameter has taken as many values as its record holds.'],
  COUNCIL_INVALID: [0x0110, 'malformed', 'A council has distinct members and a threshold from 1 to their number.'],
  CLASS_UNKNOWN: [0x0111, 'failed', 'The chain parameters have no credit class of this number.'],
  MANDATE_MISSING: [
    0x0112,
    'failed',
    'The city council has not decided exactly this for this sender, or too long ago; propose a mandate.',
  ],
})
