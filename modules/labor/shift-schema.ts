// Owns: payloads and records of attendance (domain.md 8.3). Not here: what a record means for pay (wage/), flags (flags.ts).
import { choice, list, option, struct } from '../../core/codec/compound.ts'
import { bool, code, hash32, u8, u16, u32, u53 } from '../../core/codec/fields.ts'
import type { Infer } from '../../core/codec/schema.ts'
import { BREAKS_MAX, SpanSchema, TimesSchema } from './terms-schema.ts'

/** Records of one contract that start on one day, superseded ones included. */
export const SHIFTS_PER_DAY_MAX = 16

/** Flags of one contract and month that are kept by day. */
export const CONTRACT_FLAGS_KEPT = 128

/** What a record is about. */
export const ShiftKindSchema = choice({ WORK: 0, LEAVE_PAID: 1, LEAVE_UNPAID: 2, CLOSURE: 3 })

/** Which party. */
export const PartySideSchema = choice({ WORKER: 0, EMPLOYER: 1 })

/** Where a record stands; CONFIRMED, DEEMED and RESOLVED count for pay. */
export const ShiftStateSchema = choice({
  OPEN: 0,
  PROPOSED: 1,
  CONFIRMED: 2,
  DEEMED: 3,
  DISPUTED: 4,
  RESOLVED: 5,
  SUPERSEDED: 6,
})

/** One side's statement; null times say that there was no such shift. */
export const StatementSchema = struct({ kind: ShiftKindSchema, times: option(TimesSchema) })

/** One record; it is never deleted. A resolved one without times counts for nothing. */
export const ShiftSchema = struct({
  kind: ShiftKindSchema,
  times: option(TimesSchema),
  state: ShiftStateSchema,
  recordedBy: PartySideSchema,
  /** Commitment to what the device read at the workplace; no place is stored. */
  placeCommit: option(hash32),
  proposedAt: u53,
  decidedAt: option(u53),
  /** Whether an inspector decided. */
  byInspector: bool,
  /** The other party's own version, once it disputed. */
  counter: option(StatementSchema),
  /** One party's wish to correct a final record; the other's equal words carry it out. */
  correction: option(struct({ by: PartySideSchema, statement: StatementSchema })),
  /** The record on the same day that took this one's place. */
  supersededBy: option(u8),
})

/** Records of one contract that start on one day; a record's number is its place. */
export const DaySchema = struct({ shifts: list(ShiftSchema, SHIFTS_PER_DAY_MAX) })

/** The one open record of a contract: whose, and where. */
export const OpenShiftSchema = struct({ date: u32, seq: u8, by: PartySideSchema })

/** A proposal that silence turns into a fact. */
export const DeemItemSchema = struct({ contractId: hash32, date: u32, seq: u8, proposedAt: u53 })

/** Ends of a queue. */
export const QueueEndsSchema = struct({ head: u53, tail: u53 })

/** Clock in: the block's time is the start. */
export const ShiftOpenPayload = struct({ contractId: hash32, placeCommit: option(hash32) })

/** Clock out: the block's time is the end. */
export const ShiftClosePayload = struct({ contractId: hash32, breaks: list(SpanSchema, BREAKS_MAX) })

/** A record after the fact. */
export const ShiftProposePayload = struct({ contractId: hash32, date: u32, kind: ShiftKindSchema, times: TimesSchema })

/** Names a record. */
export const ShiftRefPayload = struct({ contractId: hash32, date: u32, seq: u8 })

/** A record and what it should say. */
export const ShiftStatePayload = struct({ contractId: hash32, date: u32, seq: u8, statement: StatementSchema })

/** A breach that the law sees in a record: how often in a month. */
export const FlagCountsSchema = struct({ flags: list(struct({ code: code(32), count: u32 }), 32) })

/** Breaches of one contract in one month, the first so many by day. */
export const ContractFlagsSchema = struct({
  flags: list(struct({ date: u32, code: code(32) }), CONTRACT_FLAGS_KEPT),
  dropped: u16,
})

/** Answer of labor_shifts. */
export const ShiftsResult = struct({ shifts: list(struct({ date: u32, seq: u8, shift: ShiftSchema }), 31 * SHIFTS_PER_DAY_MAX) })

export type Shift = Infer<typeof ShiftSchema>
export type Side = Infer<typeof PartySideSchema>
export type Statement = Infer<typeof StatementSchema>
export type ShiftKind = Infer<typeof ShiftKindSchema>
