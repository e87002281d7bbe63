// Owns: what governance tells about the validator set. Not here: when (succession.ts, attendance.ts, sanctions.ts).
import { defineEvent } from '../../core/execution/module.ts'
import {
  ActivityEvent,
  BarredEvent,
  ChangeDroppedEvent,
  ParamsActiveEvent,
  ReadyEvent,
  ScheduledEvent,
  SeatAddedEvent,
  SeatMovedEvent,
  SeatRemovedEvent,
  SeatRotatedEvent,
} from './set-schema.ts'

/** A change was decided and waits for its height. */
export const ChangeScheduled = defineEvent({
  type: 0x018b,
  name: 'governance.changeScheduled',
  payload: ScheduledEvent,
  about: 'A change of the validators or of the consensus parameters was decided; activeFrom is its height.',
})

/** A validator has a seat from a height on. */
export const ValidatorAdded = defineEvent({
  type: 0x018c,
  name: 'governance.validatorAdded',
  payload: SeatAddedEvent,
  about: 'A validator signs from a height on.',
})

/** A validator has no seat from a height on. */
export const ValidatorRemoved = defineEvent({
  type: 0x018d,
  name: 'governance.validatorRemoved',
  payload: SeatRemovedEvent,
  about: 'A validator no longer signs from a height on.',
})

/** A validator signs by another key from a height on. */
export const ValidatorRotated = defineEvent({
  type: 0x018e,
  name: 'governance.validatorRotated',
  payload: SeatRotatedEvent,
  about: 'A validator signs by another consensus key from a height on.',
})

/** A validator is reached elsewhere from a height on. */
export const ValidatorMoved = defineEvent({
  type: 0x018f,
  name: 'governance.validatorMoved',
  payload: SeatMovedEvent,
  about: 'A validator has another network identity or other addresses from a height on.',
})

/** Other consensus parameters hold from a height on. */
export const ChainParamsActive = defineEvent({
  type: 0x0190,
  name: 'governance.chainParamsActive',
  payload: ParamsActiveEvent,
  about: 'Other consensus parameters hold from a height on.',
})

/** A decided change was no longer safe or possible when it fell due. */
export const ChangeDropped = defineEvent({
  type: 0x0191,
  name: 'governance.changeDropped',
  payload: ChangeDroppedEvent,
  about: 'A decided change did not become active, since when it fell due it was no longer safe or possible.',
})

/** A validator is skipped as proposer, or no longer. */
export const ValidatorActivity = defineEvent({
  type: 0x0192,
  name: 'governance.validatorActivity',
  payload: ActivityEvent,
  about: 'A validator is skipped as proposer after long absence, or proposes again.',
})

/** A validator never proposes until it is replaced or has another key. */
export const ValidatorBarred = defineEvent({
  type: 0x0193,
  name: 'governance.validatorBarred',
  payload: BarredEvent,
  about: 'A validator signed against the rules and never proposes until it is replaced or has another key.',
})

/** A candidate's node follows the chain. */
export const CandidateReady = defineEvent({
  type: 0x0194,
  name: 'governance.candidateReady',
  payload: ReadyEvent,
  about: 'A candidate showed that its node follows the chain and holds its consensus key.',
})

/** Every event about the validator set. */
export const SET_EVENTS = [
  ChangeScheduled,
  ValidatorAdded,
  ValidatorRemoved,
  ValidatorRotated,
  ValidatorMoved,
  ChainParamsActive,
  ChangeDropped,
  ValidatorActivity,
  ValidatorBarred,
  CandidateReady,
] as const
