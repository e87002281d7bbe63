// Owns: records, events and answers about evidence: one declaration each. Not here: rules (evidence.ts), the pair (core/chain).
import { choice, list, option, struct } from '../../core/codec/compound.ts'
import { address, fixedBytes, hash32, u16, u32, u53 } from '../../core/codec/fields.ts'
import type { Infer } from '../../core/codec/schema.ts'
import { LIMITS } from '../../core/base/limits.ts'
import { EvidenceSchema, OFFENCES } from '../../core/chain/evidence.ts'

/** Records in one answer of governance_listEvidence. */
export const EVIDENCE_PAGE_MAX = 100

/**
 * What a block's evidence led to: only the record; the seat leaves the active set; or, where the set would become too small, the
 * seat stays in the count and is never proposer.
 */
export const ConsequenceSchema = choice({ recorded: 0, suspended: 1, barred: 2 })

/** A recorded offence; `number` counts from 0 in the order of recording. */
export const EvidenceRecordSchema = struct({
  number: u53,
  evidence: EvidenceSchema,
  publicKey: fixedBytes(32),
  recordedAt: u53,
  recordedTime: u53,
  consequence: ConsequenceSchema,
})

/** Offences recorded of one consensus key. */
export const CulpritSchema = struct({ offences: u16 })

/**
 * How far back evidence is taken. `marks` are blocks with their times, oldest first, some 1,024 blocks and a quarter of an hour
 * apart at least; evidence of heights up to `horizon` is expired. `total` counts the records.
 */
export const EvidenceWindowSchema = struct({
  total: u53,
  horizon: u53,
  marks: list(struct({ height: u53, time: u53 }), 512),
})

/** An offence was recorded. */
export const EvidenceEvent = struct({
  evidenceId: hash32,
  validator: address,
  offence: choice(OFFENCES),
  height: u53,
  round: u32,
  consequence: ConsequenceSchema,
})

/** A record with its id, as answers give it. */
export const EvidenceViewSchema = struct({
  evidenceId: hash32,
  validator: address,
  offence: choice(OFFENCES),
  height: u53,
  round: u32,
  record: EvidenceRecordSchema,
})

/** Answer of governance_listEvidence: `total` records in all; `next` is the number to go on from, null at the end. */
export const EvidencePage = struct({
  total: u53,
  records: list(EvidenceViewSchema, EVIDENCE_PAGE_MAX),
  next: option(u53),
})

export type Consequence = Infer<typeof ConsequenceSchema>
export type EvidenceRecord = Infer<typeof EvidenceRecordSchema>
export type EvidenceWindow = Infer<typeof EvidenceWindowSchema>

/** Distance of two marks at least, in blocks and in ms. */
export const MARK_BLOCKS = 1_024
/** See MARK_BLOCKS. */
export const MARK_MS = 900_000

/** How many marks one key's evidence window can hold: bounded by the longer of its two ages. */
export const MARKS_NEEDED = Math.ceil(Math.max(LIMITS.evidenceBlocksMax / MARK_BLOCKS, LIMITS.evidenceMsMax / MARK_MS))
