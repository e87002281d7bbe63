// Owns: what labor tells of contracts and hours; no event holds a number of the terms. Not here: pay and cases (pay-events.ts).
import { option, struct } from '../../core/codec/compound.ts'
import { address, code, hash32, u8, u16, u32 } from '../../core/codec/fields.ts'
import { defineEvent } from '../../core/execution/module.ts'
import { ContractStateSchema } from './schema.ts'
import { PartySideSchema, ShiftStateSchema } from './shift-schema.ts'

/** An employer offered a contract. */
export const ContractOffered = defineEvent({
  type: 0x0581,
  name: 'labor.contractOffered',
  payload: struct({ contractId: hash32, employer: address, worker: address, needsConsent: code(3), docHash: hash32 }),
  about: 'An employer offered a contract; `needsConsent` is yes where a guardian has to consent.',
})

/** A guardian consented. */
export const GuardianConsented = defineEvent({
  type: 0x0582,
  name: 'labor.guardianConsented',
  payload: struct({ contractId: hash32, guardian: address }),
  about: 'A guardian consented to a minor’s contract.',
})

/** Both have signed. */
export const ContractActivated = defineEvent({
  type: 0x0583,
  name: 'labor.contractActivated',
  payload: struct({ contractId: hash32, employer: address, worker: address, docHash: hash32, on: u32 }),
  about: 'Both parties have signed a contract.',
})

/** One party proposed a change. */
export const AmendmentProposed = defineEvent({
  type: 0x0584,
  name: 'labor.amendmentProposed',
  payload: struct({ contractId: hash32, by: PartySideSchema, docHash: hash32, effectiveFrom: u32 }),
  about: 'One party proposed a change of the terms.',
})

/** A new version stands. */
export const ContractAmended = defineEvent({
  type: 0x0585,
  name: 'labor.contractAmended',
  payload: struct({ contractId: hash32, version: u16, docHash: hash32, effectiveFrom: u32 }),
  about: 'Both parties have signed a new version; the old ones stay as they were.',
})

/** A last day is set. */
export const NoticeGiven = defineEvent({
  type: 0x0586,
  name: 'labor.noticeGiven',
  payload: struct({ contractId: hash32, by: address, endOn: u32, givenOn: u32 }),
  about: 'A party, a guardian or an inspector set the last day of a contract.',
})

/** The last day has passed. */
export const ContractEnded = defineEvent({
  type: 0x0587,
  name: 'labor.contractEnded',
  payload: struct({ contractId: hash32, endedOn: u32, settleBy: u32 }),
  about: 'The last day of a contract has passed; everything owed is due by `settleBy` (LSA 36).',
})

/** Nobody works under it. */
export const ContractClosed = defineEvent({
  type: 0x0588,
  name: 'labor.contractClosed',
  payload: struct({ contractId: hash32, state: ContractStateSchema }),
  about: 'A contract was declined, withdrawn, voided, settled or archived, or its offer expired.',
})

/** A record was made. */
export const ShiftRecorded = defineEvent({
  type: 0x0589,
  name: 'labor.shiftRecorded',
  payload: struct({ contractId: hash32, date: u32, seq: u8, by: PartySideSchema, state: ShiftStateSchema }),
  about: 'A record of attendance was opened or proposed.',
})

/** A record counts. */
export const ShiftDecided = defineEvent({
  type: 0x058a,
  name: 'labor.shiftDecided',
  payload: struct({ contractId: hash32, date: u32, seq: u8, state: ShiftStateSchema }),
  about: 'A record of attendance was confirmed, resolved or put in another’s place.',
})

/** Silence confirmed a record. */
export const ShiftDeemed = defineEvent({
  type: 0x058b,
  name: 'labor.shiftDeemed',
  payload: struct({ contractId: hash32, date: u32, seq: u8 }),
  about: 'The employer did not answer a worker’s record in time: it counts.',
})

/** The other party says something else. */
export const ShiftDisputed = defineEvent({
  type: 0x058c,
  name: 'labor.shiftDisputed',
  payload: struct({ contractId: hash32, date: u32, seq: u8, by: PartySideSchema }),
  about: 'The other party disputes a record and states its own version.',
})

/** What the law sees. */
export const LawFlag = defineEvent({
  type: 0x058d,
  name: 'labor.lawFlag',
  payload: struct({ contractId: hash32, code: code(32), date: u32, seq: option(u8) }),
  about: 'A contract or record breaks a rule of labor law; it stands, and is told.',
})

/** Events of contracts and hours. */
export const CONTRACT_EVENTS = [
  ...[ContractOffered, GuardianConsented, ContractActivated, AmendmentProposed, ContractAmended, NoticeGiven, ContractEnded],
  ...[ContractClosed, ShiftRecorded, ShiftDecided, ShiftDeemed, ShiftDisputed, LawFlag],
]
