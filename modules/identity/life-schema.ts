// Owns: payloads and records of a DID's life: suspension, end, recovery, and what falls due on a Korean day.
// Not here: the DID itself (schema.ts), events' numbers (events.ts).
import { choice, list, option, struct, union } from '../../core/codec/compound.ts'
import { address, bool, code, fixedBytes, hash32, u8, u32, u53 } from '../../core/codec/fields.ts'
import type { Infer } from '../../core/codec/schema.ts'
import { GUARDIANS_MAX, KEYS_MAX, KeyTypeSchema, NewKeySchema, StatusSchema } from './schema.ts'

/** Why a DID is suspended. */
export const SuspendReasonSchema = choice({ LOST_DEVICE: 0, DEATH_PENDING: 1, FRAUD: 2, COURT: 3 })

/** Why a DID ends; an office ends one only on death or emigration. */
export const EndReasonSchema = choice({ OWNER_REQUEST: 0, DEATH: 1, EMIGRATION: 2 })

/** The owner leaves `guCode` out; an office names the gu it acts for and commits to its case. */
export const SuspendPayload = struct({
  did: address,
  reasonCode: SuspendReasonSchema,
  guCode: option(code(32)),
  caseCommit: option(hash32),
})

/** Only an office resumes; a suspended owner signs nothing. */
export const ResumePayload = struct({ did: address, guCode: option(code(32)), caseCommit: option(hash32) })

/** As of a suspension. */
export const DeactivatePayload = struct({
  did: address,
  reasonCode: EndReasonSchema,
  guCode: option(code(32)),
  caseCommit: option(hash32),
})

/** `terminationDate` is the last Korean day on which old signatures of the DID count. */
export const TerminatePayload = struct({ did: address, terminationDate: u32 })

/** Who holds a DID suspended: its owner, an office, or both; an office's hold lasts through `lastsUntil` unless renewed. */
export const SuspensionSchema = struct({
  byOwner: bool,
  authority: option(
    struct({
      by: address,
      guCode: code(32),
      reasonCode: SuspendReasonSchema,
      caseCommit: hash32,
      since: u53,
      lastsUntil: u32,
    }),
  ),
})

/** One entry of a DID's log of states; `by` is null for what block time did. */
export const StatusChangeSchema = struct({
  status: StatusSchema,
  at: u53,
  by: option(address),
  reasonCode: option(code(32)),
  caseCommit: option(hash32),
})

/** How many entries the log of states has; `terminatedOn` is the last day of a terminated DID. */
export const LifeSchema = struct({ changes: u32, terminatedOn: option(u32) })

/** A DID is in another state, or its suspension was renewed. */
export const StatusChangedEvent = struct({ did: address, versionId: u32, status: StatusSchema, reasonCode: option(code(32)) })

/** Sets who may recover the DID; a change of an existing policy waits out that policy's delay. */
export const RecoverySetPayload = struct({
  did: address,
  threshold: u8,
  guardians: list(hash32, GUARDIANS_MAX),
  delaySec: u32,
})

/** A guardian opens its commitment and lays the new keys before the others. */
export const RecoveryStartPayload = struct({ did: address, salt: fixedBytes(32), newKeys: list(NewKeySchema, KEYS_MAX) })

/** Another guardian opens its commitment. */
export const RecoveryApprovePayload = struct({ did: address, salt: fixedBytes(32) })

/** Names the DID whose recovery is cancelled or finished. */
export const RecoveryRefPayload = struct({ did: address })

const policyFields = { threshold: u8, guardians: list(hash32, GUARDIANS_MAX), delaySec: u32 }

/** A policy that is in force from `effectiveAt` on. */
export const NextPolicySchema = struct({ policy: struct(policyFields), effectiveAt: u53 })

/** A recovery under way, by the policy that was in force when it started; `approvals` are opened commitments. */
export const PendingRecoverySchema = struct({
  ...policyFields,
  startedBy: address,
  startedAt: u53,
  readyAt: u53,
  approvals: list(hash32, GUARDIANS_MAX),
  newKeys: list(struct({ kid: code(16), type: KeyTypeSchema, pub: fixedBytes(32), rel: u8 }), KEYS_MAX),
})

/** A policy is in force at `effectiveAt`. */
export const RecoveryPolicyEvent = struct({ did: address, effectiveAt: u53 })
/** A guardian asks for new keys; the owner can cancel until `readyAt` and longer. */
export const RecoveryStartedEvent = struct({ did: address, by: address, readyAt: u53 })
/** One more guardian agrees. */
export const RecoveryApprovedEvent = struct({ did: address, by: address, approvals: u8 })
/** The owner, or the end of the DID, stopped a recovery. */
export const RecoveryCancelledEvent = struct({ did: address, by: address })
/** New keys are in place. */
export const RecoveryFinishedEvent = struct({ did: address, versionId: u32 })

/** What falls due after a Korean day. */
export const AgendaItemSchema = union({
  suspension: [0, struct({ did: address })],
  consent: [1, struct({ receiptCommit: hash32 })],
})

/** Items of one day wait from `first` up to `next`, `next` excluded. */
export const AgendaDaySchema = struct({ first: u53, next: u53 })

/** The earliest day that may still hold items. */
export const AgendaCursorSchema = struct({ day: u32 })

/** Answer of identity_history: the present version and state, a page of versions and of the log of states. */
export const HistoryResult = struct({
  latest: u32,
  status: StatusSchema,
  terminatedOn: option(u32),
  changeCount: u32,
  versions: list(struct({ versionId: u32, updatedAt: u53, status: StatusSchema, keys: list(code(16), KEYS_MAX) }), 64),
  changes: list(StatusChangeSchema, 64),
})

/** Answer of identity_recovery. */
export const RecoveryResult = struct({
  policy: option(struct(policyFields)),
  next: option(NextPolicySchema),
  pending: option(PendingRecoverySchema),
})

export type Suspension = Infer<typeof SuspensionSchema>
export type StatusChange = Infer<typeof StatusChangeSchema>
export type PendingRecovery = Infer<typeof PendingRecoverySchema>
export type AgendaItem = Infer<typeof AgendaItemSchema>
