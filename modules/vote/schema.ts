// Owns: records and payloads of polls. Not here: ballots and proofs (ballot-schema.ts), events (events.ts), rules.
import { choice, list, option, struct } from '../../core/codec/compound.ts'
import { address, bool, code, fixedBytes, hash32, text, u16, u32, u53, u8 } from '../../core/codec/fields.ts'
import type { Infer } from '../../core/codec/schema.ts'
import { BallotSchema, CipherSchema, ProofSchema, RingSchema } from './ballot-schema.ts'

/** Options of a poll, a blank vote included. */
export const OPTIONS_MAX = 16
/** Trustees of a poll. */
export const TRUSTEES_MAX = 9
/** Election keys of one transaction. */
export const ROLL_BATCH_MAX = 256
/** Election keys of one poll. */
export const ROLL_MAX = 10_000_000

/**
 * OPEN: answers are public under a key of this poll. SECRET: only the sum is ever opened, by t of n trustees. SECRET_ANON: as
 * SECRET, and nobody sees who of the roll took part.
 */
export const ModeSchema = choice({ OPEN: 0, SECRET: 1, SECRET_ANON: 2 })
/** What a poll is about. None binds anybody by law; STATUTORY_LIKE looks like a vote that would. */
export const KindSchema = choice({ SURVEY: 0, POLICY_POLL: 1, STATUTORY_LIKE: 2 })
/** States that are written; OPEN and CLOSED follow from READY by the block's time. */
export const StateSchema = choice({ DRAFT: 0, ROLL: 1, KEYGEN: 2, READY: 3, TALLYING: 4, TALLIED: 5, CERTIFIED: 6, VOID: 7 })
/** What a poll is in at a moment. */
export const PhaseSchema = choice({
  ...{ DRAFT: 0, ROLL: 1, KEYGEN: 2, READY: 3, TALLYING: 4, TALLIED: 5, CERTIFIED: 6, VOID: 7 },
  ...{ OPEN: 8, CLOSED: 9 },
})

/** All that a poll is; its hash is bound into every proof. Times are ms of block time. */
export const ManifestSchema = struct({
  chainId: code(32),
  pollId: code(32),
  mode: ModeSchema,
  kind: KindSchema,
  sensitive: bool,
  questionHash: hash32,
  options: list(text(64), OPTIONS_MAX),
  minSel: u8,
  maxSel: u8,
  policyId: option(code(32)),
  rollSource: code(32),
  rollCloseAt: u53,
  keyCloseAt: u53,
  openAt: u53,
  closeAt: u53,
  trustees: list(address, TRUSTEES_MAX),
  threshold: u8,
  quorumPpm: u32,
  allowRevote: bool,
  geofenceCommit: option(hash32),
  rewardProgramme: option(code(32)),
})

/** A step that needs two officers, waiting for the second. */
export const ApprovalSchema = struct({ officer: address, step: choice({ CERTIFY: 0, VOID: 1 }), reasonCode: option(code(32)) })

/** The outcome: counts by option, ballots counted, and whether that reaches the quorum. */
export const ResultSchema = struct({ counts: list(u32, OPTIONS_MAX), turnout: u32, isQuorate: bool })

/** A poll. `rollRoot` chains the keys in their order; `removed` are trustees that left in the making of the key. */
export const PollSchema = struct({
  manifest: ManifestSchema,
  eh: hash32,
  office: address,
  state: StateSchema,
  rollCount: u32,
  rollRoot: hash32,
  removed: list(u8, TRUSTEES_MAX),
  approval: option(ApprovalSchema),
  result: option(ResultSchema),
  reasonCode: option(code(32)),
  changedAt: u53,
})

/** Which poll was made as which. */
export const PollNameSchema = struct({ pollId: code(32) })
/** Polls ever made. */
export const PollCountSchema = struct({ count: u32 })

/** A voter of a poll: an election key and nothing else. */
export const VoterSchema = struct({ key: fixedBytes(32), struck: bool })
/** Where a key stands on the roll. */
export const RollIndexSchema = struct({ rollIndex: u32 })

/** The counted ballot of a voter. */
export const CastSchema = struct({ seq: u16, ballot: BallotSchema, auth: ProofSchema })

/** A counted ballot of a SECRET_ANON poll, under the key image that one voter of the roll has. */
export const AnonCastSchema = struct({ image: fixedBytes(32), seq: u16, ballot: BallotSchema, ring: RingSchema })
/** Which counted ballot a key image has, from 0. */
export const ImageSchema = struct({ number: u32 })

/** What is counted so far: ballots, and by option the votes (OPEN) or the sum of ciphertexts (SECRET). */
export const TallySchema = struct({
  counted: u32,
  counts: list(u32, OPTIONS_MAX),
  sums: list(CipherSchema, OPTIONS_MAX),
})

/** The office declares a poll. */
export const CreatePayload = struct({ manifest: ManifestSchema })
/** An election key with the proof that its secret is held. */
export const NewVoterSchema = struct({ key: fixedBytes(32), proof: ProofSchema })
/** Election keys for the roll; `batchCommit` commits to the sealed mapping that is kept off chain. */
export const RollAddPayload = struct({ pollId: code(32), batchCommit: hash32, voters: list(NewVoterSchema, ROLL_BATCH_MAX) })
/** A poll by its id. */
export const PollPayload = struct({ pollId: code(32) })
/** A ballot; anybody may carry it, the election key at `rollIndex` authorises it. */
export const CastPayload = struct({
  pollId: code(32),
  rollIndex: u32,
  seq: u16,
  ballot: BallotSchema,
  auth: ProofSchema,
})
/** A ballot that somebody of the roll signed; anybody may carry it. */
export const CastAnonPayload = struct({
  pollId: code(32),
  image: fixedBytes(32),
  seq: u16,
  ballot: BallotSchema,
  ring: RingSchema,
})
/** A voter who voted on paper, or must not be counted. */
export const StrikePayload = struct({ pollId: code(32), rollIndex: u32 })
/** The counts that the sums hold. */
export const TallyFinishPayload = struct({ pollId: code(32), counts: list(u32, OPTIONS_MAX) })
/** Why a poll is void. */
export const VoidPayload = struct({ pollId: code(32), reasonCode: code(32) })

export type Manifest = Infer<typeof ManifestSchema>
export type Poll = Infer<typeof PollSchema>
export type Phase = Infer<typeof PhaseSchema>
export type Cast = Infer<typeof CastSchema>
export type AnonCast = Infer<typeof AnonCastSchema>
export type Tally = Infer<typeof TallySchema>
export type Result = Infer<typeof ResultSchema>
