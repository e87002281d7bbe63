// Owns: what the vote room tells. Not here: when (the transactions).
import { list, struct } from '../../core/codec/compound.ts'
import { address, bool, code, fixedBytes, hash32, u16, u32, u8 } from '../../core/codec/fields.ts'
import { defineEvent } from '../../core/execution/module.ts'
import { KindSchema, ModeSchema, OPTIONS_MAX } from './schema.ts'

/** A poll was declared. */
export const PollCreated = defineEvent({
  type: 0x0781,
  name: 'vote.pollCreated',
  payload: struct({ pollId: code(32), eh: hash32, mode: ModeSchema, kind: KindSchema, office: address }),
  about: 'A poll was declared; eh is the hash of its manifest.',
})

/** Keys joined a roll. */
export const RollAdded = defineEvent({
  type: 0x0782,
  name: 'vote.rollAdded',
  payload: struct({ pollId: code(32), batchCommit: hash32, added: u16, rollCount: u32 }),
  about: 'Election keys joined a roll.',
})

/** A roll is fixed. */
export const RollClosed = defineEvent({
  type: 0x0783,
  name: 'vote.rollClosed',
  payload: struct({ pollId: code(32), rollCount: u32, rollRoot: hash32 }),
  about: 'A roll is fixed: how many voters, and the chained hash of their keys.',
})

/** A ballot was counted. */
export const BallotCast = defineEvent({
  type: 0x0785,
  name: 'vote.ballotCast',
  payload: struct({ pollId: code(32), rollIndex: u32, seq: u16, ballotHash: hash32 }),
  about: 'A ballot was counted; it replaces the voter’s former one.',
})

/** A voter was struck. */
export const BallotStruck = defineEvent({
  type: 0x0786,
  name: 'vote.ballotStruck',
  payload: struct({ pollId: code(32), rollIndex: u32 }),
  about: 'A voter was struck; no ballot of theirs counts.',
})

/** Counting began. */
export const PollClosed = defineEvent({
  type: 0x0787,
  name: 'vote.pollClosed',
  payload: struct({ pollId: code(32), counted: u32 }),
  about: 'Counting began; what is counted is frozen.',
})

/** The counts are known. */
export const PollTallied = defineEvent({
  type: 0x0789,
  name: 'vote.pollTallied',
  payload: struct({ pollId: code(32), counts: list(u32, OPTIONS_MAX), turnout: u32 }),
  about: 'The counts are known and checked.',
})

/** Two officers certified a result. */
export const PollCertified = defineEvent({
  type: 0x078a,
  name: 'vote.pollCertified',
  payload: struct({ pollId: code(32) }),
  about: 'Two officers certified a result.',
})

/** A poll is void. */
export const PollVoided = defineEvent({
  type: 0x078b,
  name: 'vote.pollVoided',
  payload: struct({ pollId: code(32), reasonCode: code(32) }),
  about: 'A poll is void, and why.',
})

/** One of two officers approved a step. */
export const StepApproved = defineEvent({
  type: 0x078c,
  name: 'vote.stepApproved',
  payload: struct({ pollId: code(32), officer: address }),
  about: 'One officer approved certifying or voiding; a second one is needed.',
})

/** The key of a poll is made. */
export const KeyReady = defineEvent({
  type: 0x0784,
  name: 'vote.keyReady',
  payload: struct({ pollId: code(32), key: fixedBytes(32) }),
  about: 'The key that ballots are sealed for is made.',
})

/** A trustee's shares were taken. */
export const ShareAccepted = defineEvent({
  type: 0x0788,
  name: 'vote.shareAccepted',
  payload: struct({ pollId: code(32), trustee: u8 }),
  about: 'A trustee’s shares of the opening were taken.',
})

/** A trustee gave its part of the key. */
export const TrusteeCommitted = defineEvent({
  type: 0x078d,
  name: 'vote.trusteeCommitted',
  payload: struct({ pollId: code(32), trustee: u8 }),
  about: 'A trustee gave its part of the key.',
})

/** A trustee complains of another. */
export const TrusteeComplained = defineEvent({
  type: 0x078e,
  name: 'vote.trusteeComplained',
  payload: struct({ pollId: code(32), by: u8, against: u8 }),
  about: 'A trustee got no fitting share from another, which must show it.',
})

/** A complaint was answered. */
export const TrusteeAnswered = defineEvent({
  type: 0x078f,
  name: 'vote.trusteeAnswered',
  payload: struct({ pollId: code(32), by: u8, against: u8, isValid: bool }),
  about: 'A trustee showed a share; one that does not fit removes it.',
})

/** A ballot of somebody of the roll was counted. */
export const AnonBallotCast = defineEvent({
  type: 0x0790,
  name: 'vote.anonBallotCast',
  payload: struct({ pollId: code(32), image: fixedBytes(32), seq: u16, ballotHash: hash32 }),
  about: 'A ballot of somebody of the roll was counted; it replaces the former one of the same key image.',
})

/** Every event of polls. */
export const POLL_EVENTS = [
  ...[PollCreated, RollAdded, RollClosed, BallotCast, BallotStruck],
  ...[PollClosed, PollTallied, PollCertified, PollVoided, StepApproved],
  ...[KeyReady, ShareAccepted, TrusteeCommitted, TrusteeComplained, TrusteeAnswered, AnonBallotCast],
] as const
