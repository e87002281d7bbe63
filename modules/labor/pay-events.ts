// Owns: what labor tells of pay, cases and histories; amounts stand in restricted state alone. Not here: contracts (events.ts).
import { struct } from '../../core/codec/compound.ts'
import { address, bool, hash32, u16, u32 } from '../../core/codec/fields.ts'
import { defineEvent } from '../../core/execution/module.ts'
import { ClaimStateSchema } from './claim-schema.ts'
import { DueStateSchema } from './pay-schema.ts'
import { PartySideSchema } from './shift-schema.ts'

/** A payslip. */
export const PayslipIssued = defineEvent({
  type: 0x0590,
  name: 'labor.payslipIssued',
  payload: struct({ contractId: hash32, ym: u32, seq: u16, isAutomatic: bool }),
  about: 'A payslip of a month was made; the last one of a month counts.',
})

/** The worker's answer. */
export const PayslipAnswered = defineEvent({
  type: 0x0591,
  name: 'labor.payslipAnswered',
  payload: struct({ contractId: hash32, ym: u32, seq: u16, accepted: bool }),
  about: 'The worker accepted a payslip, which waives nothing, or objected to it.',
})

/** Wages were paid. */
export const WagePaid = defineEvent({
  type: 0x0592,
  name: 'labor.wagePaid',
  payload: struct({ contractId: hash32, ym: u32, state: DueStateSchema, fromEscrow: bool }),
  about: 'Wages of a month were paid in deposit tokens; PAID says that nothing is due any more.',
})

/** One party's word of cash. */
export const CashAttested = defineEvent({
  type: 0x0593,
  name: 'labor.cashAttested',
  payload: struct({ contractId: hash32, ym: u32, by: PartySideSchema, agreed: bool }),
  about: 'A party said that wages were paid outside the chain; it counts once both said the same.',
})

/** Wages are late. */
export const WageOverdue = defineEvent({
  type: 0x0594,
  name: 'labor.wageOverdue',
  payload: struct({ contractId: hash32, ym: u32, dueOn: u32 }),
  about: 'Wages of a month were not paid on the day they were due; interest runs (LSA 37).',
})

/** Interest was added. */
export const InterestAccrued = defineEvent({
  type: 0x0595,
  name: 'labor.interestAccrued',
  payload: struct({ contractId: hash32, ym: u32, days: u32 }),
  about: 'Late wages were paid: interest for so many days is owed with them.',
})

/** The statute's rate stood in for the contract's. */
export const StatutoryFloorApplied = defineEvent({
  type: 0x0596,
  name: 'labor.statutoryFloorApplied',
  payload: struct({ contractId: hash32, ym: u32 }),
  about: 'Some hours of a month were computed at the minimum wage instead of the agreed one.',
})

/** A case moved. */
export const ClaimStateChanged = defineEvent({
  type: 0x0597,
  name: 'labor.claimStateChanged',
  payload: struct({ caseId: hash32, state: ClaimStateSchema }),
  about: 'A case moved; neither worker nor workplace is named (LSA 104).',
})

/** A work history was issued. */
export const HistoryIssued = defineEvent({
  type: 0x0598,
  name: 'labor.historyIssued',
  payload: struct({ requestId: hash32, by: address }),
  about: 'The labor centre issued a work history that a worker asked for.',
})

/** Events of pay, cases and histories. */
export const PAY_EVENTS = [
  ...[PayslipIssued, PayslipAnswered, WagePaid, CashAttested, WageOverdue, InterestAccrued, StatutoryFloorApplied],
  ...[ClaimStateChanged, HistoryIssued],
]
