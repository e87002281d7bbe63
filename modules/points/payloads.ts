// Owns: payloads and events of points. Not here: records (schema.ts), when (the transactions).
import { choice, list, option, struct } from '../../core/codec/compound.ts'
import { address, bool, code, fixedBytes, hash32, u16, u32, u53, u64, u8 } from '../../core/codec/fields.ts'
import type { Infer } from '../../core/codec/schema.ts'
import { BATCH_MAX, ProgrammeStateSchema } from './schema.ts'

/** A programme that is named. */
export const ProgrammePayload = struct({ programmeId: code(32) })
/** Won for a programme's reserve. */
export const FundPayload = struct({ programmeId: code(32), amount: u64 })
/** Pauses, resumes or closes a programme. */
export const ProgrammeReasonPayload = struct({ programmeId: code(32), reasonCode: code(32) })
/** A new budget, not below what was granted. */
export const BudgetPayload = struct({ programmeId: code(32), budget: u64 })

const itemFields = {
  to: address,
  personTag: hash32,
  eventId: hash32,
  eventKind: code(32),
  eventDate: u32,
  tier: u8,
  points: u64,
  evidenceCommit: hash32,
}
/** One grant: `tier` is the row of the rule that the event earned; its measure stays with the operator. */
export const GrantItemSchema = struct(itemFields)
/** One grant of a programme. */
export const GrantPayload = struct({ programmeId: code(32), ...itemFields })
/** Several grants of a programme; each stands or falls alone. */
export const GrantBatchPayload = struct({ programmeId: code(32), grants: list(GrantItemSchema, BATCH_MAX) })
/** Points of one programme for somebody else. */
export const TransferPayload = struct({ to: address, programmeId: code(32), points: u64 })
/** Points for a tax; which one stays off chain behind a salted commitment. */
export const PayTaxPayload = struct({ taxRefCommit: hash32, points: u64 })
/** Opens a clawback of a grant. */
export const ClawbackOpenPayload = struct({
  programmeId: code(32),
  eventId: hash32,
  points: u64,
  reasonCode: code(32),
  caseCommit: hash32,
})
/** The grantee objects; why stays off chain behind a salted commitment. */
export const ClawbackObjectPayload = struct({ caseId: hash32, objectionCommit: hash32 })
/** The auditor decides: so many points are upheld, 0 rejects. */
export const ClawbackDecidePayload = struct({ caseId: hash32, points: u64, reasonCode: code(32) })
/** A clawback that is named. */
export const ClawbackPayload = struct({ caseId: hash32 })
/** Pays a merchant for a programme's points of a Korean day; `total` is what the treasury counted. */
export const SettlePayload = struct({ programmeId: code(32), merchantId: code(15), period: u32, total: u64 })
/** A reward for a survey's token, whose output the operator verified with its key. */
export const ClaimPayload = struct({
  programmeId: code(32),
  to: address,
  tokenInput: fixedBytes(32),
  tier: u8,
  points: u64,
  evidenceCommit: hash32,
})
/** Two accounts are, or are no longer, relatives by the family register. */
export const FamilyPayload = struct({ programmeId: code(32), a: address, b: address, related: bool })

/** A programme's state changed. */
export const ProgrammeChangedEvent = struct({
  programmeId: code(32),
  state: ProgrammeStateSchema,
  budget: u64,
  reasonCode: option(code(32)),
})
/** Won in a programme's reserve. */
export const FundedEvent = struct({ programmeId: code(32), from: address, amount: u64, reserve: u64 })
/** Won of a closed programme’s reserve that went back to a treasury. */
export const ReturnedEvent = struct({ programmeId: code(32), to: address, amount: u64, reserve: u64 })
/** Points that were granted; no lot when all of them went against a debt. */
export const GrantedEvent = struct({
  programmeId: code(32),
  eventId: hash32,
  to: address,
  points: u64,
  offset: u64,
  lotId: option(u53),
  expiresOn: u32,
})
/** Items of a batch from the `from`th on: error number, 0 when granted. */
export const BatchEvent = struct({
  programmeId: code(32),
  from: u16,
  items: list(struct({ eventId: hash32, code: u16, points: u64, offset: u64, lotId: option(u53) }), 64),
})
const takes = list(struct({ lotId: u53, points: u64 }), 128)
/** Points that a payment took, by lot in the order of taking; `part` counts the events of one payment from 0. */
export const SpentEvent = struct({ payId: hash32, owner: address, merchantId: code(15), points: u64, part: u8, lots: takes })
/** Points that a refund gave back, by lot; `extended` names lots that had expired meanwhile and when they expire now. */
export const RestoredEvent = struct({
  payId: hash32,
  owner: address,
  points: u64,
  part: u8,
  lots: list(struct({ lotId: u53, points: u64, extendedTo: option(u32) }), 128),
})
/** Points that changed hands: lots before and after. */
export const TransferredEvent = struct({
  from: address,
  to: address,
  programmeId: code(32),
  points: u64,
  part: u8,
  lots: list(struct({ lotId: u53, newLotId: u53, points: u64 }), 128),
})
/** Points that paid a tax; `credited` is won that the treasury got from reserves. */
export const TaxPaidEvent = struct({ owner: address, taxRefCommit: hash32, points: u64, credited: u64, part: u8, lots: takes })
/** Lots whose day has passed. */
export const ExpiredEvent = struct({
  lots: list(struct({ lotId: u53, owner: address, programmeId: code(32), points: u64 }), 48),
})
/** A clawback's step. */
export const ClawbackEvent = struct({
  caseId: hash32,
  programmeId: code(32),
  eventId: hash32,
  step: choice({ OPENED: 0, OBJECTED: 1, UPHELD: 2, REJECTED: 3, EXECUTED: 4 }),
  points: u64,
  taken: u64,
  owed: u64,
})
/** Won that a merchant was paid from one programme's reserve for a day’s points. */
export const SettledEvent = struct({ merchantId: code(15), period: u32, programmeId: code(32), points: u64, carried: u64 })
/** A merchant whose points of a day passed the alarm. */
export const AlarmEvent = struct({ merchantId: code(15), day: u32, points: u64, krw: u64 })
/** Accounts that got unusually many lots on a day. */
export const VelocityEvent = struct({ day: u32, accounts: list(struct({ account: address, lots: u16 }), 96) })
/** A relation that an operator registered. */
export const FamilyEvent = struct({ programmeId: code(32), a: address, b: address, related: bool })

export type GrantItem = Infer<typeof GrantItemSchema>
