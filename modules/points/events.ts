// Owns: what points tells. Not here: when (the transactions, expiry.ts, port.ts).
import { defineEvent } from '../../core/execution/module.ts'
import {
  AlarmEvent,
  BatchEvent,
  ClawbackEvent,
  ExpiredEvent,
  FamilyEvent,
  FundedEvent,
  GrantedEvent,
  ProgrammeChangedEvent,
  RestoredEvent,
  ReturnedEvent,
  SettledEvent,
  SpentEvent,
  TaxPaidEvent,
  TransferredEvent,
  VelocityEvent,
} from './payloads.ts'

/** A programme began, was paused, resumed or closed, or has a new budget. */
export const ProgrammeChanged = defineEvent({
  type: 0x0481,
  name: 'points.programmeChanged',
  payload: ProgrammeChangedEvent,
  about: 'A programme began, was paused, resumed or closed, or has a new budget.',
})

/** A treasury put won into a programme’s reserve. */
export const ProgrammeFunded = defineEvent({
  type: 0x0482,
  name: 'points.programmeFunded',
  payload: FundedEvent,
  about: 'A treasury put won into a programme’s reserve.',
})

/** A person earned points. */
export const PointsGranted = defineEvent({
  type: 0x0483,
  name: 'points.granted',
  payload: GrantedEvent,
  about: 'A person earned points.',
})

/** What became of the items of a batch of grants. */
export const GrantsBatched = defineEvent({
  type: 0x0484,
  name: 'points.batch',
  payload: BatchEvent,
  about: 'What became of the items of a batch of grants.',
})

/** A payment took points from lots. */
export const PointsSpent = defineEvent({
  type: 0x0485,
  name: 'points.spent',
  payload: SpentEvent,
  about: 'A payment took points from lots.',
})

/** A refund gave points back to the lots they came from. */
export const PointsRestored = defineEvent({
  type: 0x0486,
  name: 'points.restored',
  payload: RestoredEvent,
  about: 'A refund gave points back to the lots they came from.',
})

/** Points went from one account to another, with their expiry. */
export const PointsTransferred = defineEvent({
  type: 0x0487,
  name: 'points.transferred',
  payload: TransferredEvent,
  about: 'Points went from one account to another, with their expiry.',
})

/** Points paid a tax and are gone. */
export const TaxPaid = defineEvent({
  type: 0x0488,
  name: 'points.taxPaid',
  payload: TaxPaidEvent,
  about: 'Points paid a tax and are gone.',
})

/** Lots expired. */
export const PointsExpired = defineEvent({
  type: 0x0489,
  name: 'points.expired',
  payload: ExpiredEvent,
  about: 'Lots expired.',
})

/** A clawback was opened, objected to, decided or executed. */
export const ClawbackMoved = defineEvent({
  type: 0x048a,
  name: 'points.clawback',
  payload: ClawbackEvent,
  about: 'A clawback was opened, objected to, decided or executed.',
})

/** A merchant was paid from a reserve for points that it took. */
export const MerchantSettled = defineEvent({
  type: 0x048b,
  name: 'points.merchantSettled',
  payload: SettledEvent,
  about: 'A merchant was paid from a reserve for points that it took.',
})

/** A merchant takes unusually many points: somebody should look. */
export const MerchantAlarm = defineEvent({
  type: 0x048c,
  name: 'points.merchantAlarm',
  payload: AlarmEvent,
  about: 'A merchant takes unusually many points: somebody should look.',
})

/** An operator registered that two accounts are relatives, or are no longer. */
export const FamilyChanged = defineEvent({
  type: 0x048d,
  name: 'points.familyChanged',
  payload: FamilyEvent,
  about: 'An operator registered that two accounts are relatives, or are no longer.',
})

/** A merchant takes little but points: somebody should look whether anything is sold there. */
export const ShareAlarm = defineEvent({
  type: 0x048e,
  name: 'points.shareAlarm',
  payload: AlarmEvent,
  about: 'A merchant takes little but points: somebody should look whether anything is sold there.',
})

/** Accounts get more lots on a day than people do: points of many may be gathered there. */
export const VelocityAlarm = defineEvent({
  type: 0x048f,
  name: 'points.velocityAlarm',
  payload: VelocityEvent,
  about: 'Accounts get more lots on a day than people do: points of many may be gathered there.',
})

/** A closed programme’s reserve, or a part that nothing needs any more, went back to its treasury. */
export const ReserveReturned = defineEvent({
  type: 0x0490,
  name: 'points.reserveReturned',
  payload: ReturnedEvent,
  about: 'A closed programme’s reserve, or a part that nothing needs any more, went back to its treasury.',
})

/** Every event of the room. */
export const POINTS_EVENTS = [
  ProgrammeChanged,
  ProgrammeFunded,
  PointsGranted,
  GrantsBatched,
  PointsSpent,
  PointsRestored,
  PointsTransferred,
  TaxPaid,
  PointsExpired,
  ClawbackMoved,
  MerchantSettled,
  MerchantAlarm,
  FamilyChanged,
  ShareAlarm,
  VelocityAlarm,
  ReserveReturned,
] as const
