// Owns: what governance tells when something was decided. Not here: when (voting.ts, actions.ts).
import { code, u32 } from '../../core/codec/fields.ts'
import { struct } from '../../core/codec/compound.ts'
import { defineEvent } from '../../core/execution/module.ts'
import { EvidenceRecorded } from './evidence-events.ts'
import { Recovered } from './recovery-events.ts'
import {
  AccountClassSetSchema,
  ApprovedEvent,
  CouncilSchema,
  DecidedEvent,
  MandatedEvent,
  ParamValueSchema,
  ProposedEvent,
  RoleGrantSchema,
  RoleRevokeSchema,
} from './schema.ts'

/** A proposal lies before a council. */
export const Proposed = defineEvent({
  type: 0x0181,
  name: 'governance.proposed',
  payload: ProposedEvent,
  about: 'A proposal lies before a council.',
})

/** A member approved; `approvals` counts those of present members. */
export const Approved = defineEvent({
  type: 0x0182,
  name: 'governance.approved',
  payload: ApprovedEvent,
  about: 'A member approved; approvals counts those of present members.',
})

/** A proposal reached its quorum and was carried out. */
export const Executed = defineEvent({
  type: 0x0183,
  name: 'governance.executed',
  payload: DecidedEvent,
  about: 'A proposal reached its quorum and was carried out.',
})

/** The proposer took a proposal back. */
export const Withdrawn = defineEvent({
  type: 0x0184,
  name: 'governance.withdrawn',
  payload: DecidedEvent,
  about: 'The proposer took a proposal back.',
})

/** An account was granted a role. */
export const RoleGranted = defineEvent({
  type: 0x0185,
  name: 'governance.roleGranted',
  payload: RoleGrantSchema,
  about: 'An account was granted a role.',
})

/** An account lost a role. */
export const RoleRevoked = defineEvent({
  type: 0x0186,
  name: 'governance.roleRevoked',
  payload: RoleRevokeSchema,
  about: 'An account lost a role.',
})

/** A legal parameter takes a new value from a day on. */
export const ParamWasSet = defineEvent({
  type: 0x0187,
  name: 'governance.paramSet',
  payload: struct({ key: code(64), effectiveFrom: u32, value: ParamValueSchema }),
  about: 'A legal parameter takes a new value from a day on.',
})

/** An account was put into a credit class. */
export const AccountClassSet = defineEvent({
  type: 0x0188,
  name: 'governance.accountClassSet',
  payload: AccountClassSetSchema,
  about: 'An account was put into a credit class.',
})

/** The city council changed. */
export const CouncilSet = defineEvent({
  type: 0x0189,
  name: 'governance.councilSet',
  payload: CouncilSchema,
  about: 'The city council changed.',
})

/** An account may send one transaction that needs the city's decision. */
export const Mandated = defineEvent({
  type: 0x018a,
  name: 'governance.mandated',
  payload: MandatedEvent,
  about: 'An account may send one transaction that needs the decision of the city council.',
})

/** Every event of the room. */
export const GOVERNANCE_EVENTS = [
  Proposed,
  Approved,
  Executed,
  Withdrawn,
  RoleGranted,
  RoleRevoked,
  ParamWasSet,
  AccountClassSet,
  CouncilSet,
  Mandated,
  EvidenceRecorded,
  Recovered,
] as const
