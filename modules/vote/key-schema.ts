// Owns: records and payloads of a poll's key and of its opening by the trustees. Not here: ballots, polls (schema.ts).
import { list, option, struct } from '../../core/codec/compound.ts'
import { bool, code, fixedBytes, u8 } from '../../core/codec/fields.ts'
import type { Infer } from '../../core/codec/schema.ts'
import { ProofSchema } from './ballot-schema.ts'
import { OPTIONS_MAX, TRUSTEES_MAX } from './schema.ts'

/** A trustee's commitments A_{i,0..t-1} with the proof that a_{i,0} is held. */
export const DealingSchema = struct({ commitments: list(fixedBytes(32), TRUSTEES_MAX), proof: ProofSchema })
/** A trustee says that another's share does not fit; open until answered; what fits is public from then on. */
export const ComplaintSchema = struct({ answered: bool, share: option(fixedBytes(32)) })
/** V_j of a trustee by its number, which counts from 1. */
export const VerificationKeySchema = struct({ trustee: u8, key: fixedBytes(32) })
/** Y, and V_j of each trustee that is left. */
export const KeySchema = struct({ key: fixedBytes(32), trustees: list(VerificationKeySchema, TRUSTEES_MAX) })
/** D_j of one option with its proof. */
export const OptionShareSchema = struct({ d: fixedBytes(32), proof: ProofSchema })
/** A trustee's shares by option. */
export const ShareSchema = struct({ options: list(OptionShareSchema, OPTIONS_MAX) })

/** A trustee's part of the key. */
export const CommitPayload = struct({ pollId: code(32), commitments: list(fixedBytes(32), TRUSTEES_MAX), proof: ProofSchema })
/** The sender got no share that fits from trustee number `against`. */
export const ComplainPayload = struct({ pollId: code(32), against: u8 })
/** The sender shows f_i(j), the share of trustee number `by`. */
export const AnswerPayload = struct({ pollId: code(32), by: u8, share: fixedBytes(32) })
/** A trustee's shares of the opening, one for each option. */
export const SharePayload = struct({ pollId: code(32), options: list(OptionShareSchema, OPTIONS_MAX) })

export type PollKey = Infer<typeof KeySchema>
export type Dealing = Infer<typeof DealingSchema>
export type Share = Infer<typeof ShareSchema>
