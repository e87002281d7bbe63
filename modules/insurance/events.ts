// Owns: what insurance tells. Not here: when (the transactions, due.ts, port.ts).
import { defineEvent } from '../../core/execution/module.ts'
import { DecidedEvent, EnrolmentChangedEvent, NoticedEvent, OverdueEvent, PostedEvent, WorkplaceEvent } from './schema.ts'

/** An insurance of a contract is in another state. */
export const EnrolmentChanged = defineEvent({
  type: 0x0681,
  name: 'insurance.enrolmentChanged',
  payload: EnrolmentChangedEvent,
  about: 'An insurance of a contract is in another state.',
})

/** Joining or leaving was not reported in time: INSURANCE_OVERDUE. */
export const InsuranceOverdue = defineEvent({
  type: 0x0682,
  name: 'insurance.overdue',
  payload: OverdueEvent,
  about: 'Joining or leaving was not reported in time.',
})

/** A month’s premium was computed. */
export const PremiumPosted = defineEvent({
  type: 0x0683,
  name: 'insurance.premiumPosted',
  payload: PostedEvent,
  about: 'A month’s premium was computed.',
})

/** An agency’s notice replaced lines of a month’s premium. */
export const PremiumNoticed = defineEvent({
  type: 0x0684,
  name: 'insurance.premiumNoticed',
  payload: NoticedEvent,
  about: 'An agency’s notice replaced lines of a month’s premium.',
})

/** An agency decided whether an insurance is mandatory. */
export const InsuranceDecided = defineEvent({
  type: 0x0685,
  name: 'insurance.decided',
  payload: DecidedEvent,
  about: 'An agency confirmed, sent back, or decided by its own word.',
})

/** A workplace was classed by industry and size. */
export const WorkplaceClassed = defineEvent({
  type: 0x0686,
  name: 'insurance.workplaceClassed',
  payload: WorkplaceEvent,
  about: 'A workplace was classed by industry and size.',
})

/** Every event of the room. */
export const INSURANCE_EVENTS = [
  EnrolmentChanged,
  InsuranceOverdue,
  PremiumPosted,
  PremiumNoticed,
  InsuranceDecided,
  WorkplaceClassed,
] as const
