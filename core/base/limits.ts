// Owns: every bound of the protocol, and the relations between them, asserted on import.
// Not here: bounds that a chain may change by governance (core/chain/params.ts).
import { assert } from './assert.ts'

/** Every bound that all nodes share: sizes in bytes, distances in blocks, the rest are counts. */
export const LIMITS = {
  /** Whole transaction, envelope and signatures included (domain.md 13.1). */
  txBytesMax: 65_536,
  /** Payload inside the envelope. */
  payloadBytesMax: 60_000,
  /** Verification units of one transaction beyond its signatures: a full batch of a roll. A block takes at least so many. */
  txUnitsMax: 512,
  /** Verification units of one block beyond signatures, absolute ceiling. */
  blockUnitsMax: 1_048_576,
  /** Signatures on one transaction: sender, sponsor, co-signers. */
  txSignaturesMax: 4,
  /** Block body, absolute ceiling; the chain's parameter is lower or equal. */
  blockBytesMax: 4_194_304,
  /** Transactions in one block, absolute ceiling. */
  blockTxsMax: 20_000,
  /** Evidence records in one block: a lane of its own beside the transactions, so that no flood of these keeps one out. */
  blockEvidenceMax: 16,
  /** One evidence record: two signed messages. */
  evidenceBytesMax: 1_024,
  /** Evidence records of one key that the chain takes: a culprit's own flood ends here. */
  evidencePerKeyMax: 16,
  /** Events of all evidence in one block. */
  evidenceEventsMax: 64,
  /** Evidence may be brought in for 100,000 blocks and for 48 hours, whichever ends later (consensus.md 4, G8). */
  evidenceBlocksMax: 100_000,
  evidenceMsMax: 172_800_000,
  /** How far ahead of the head `validUntil` may lie (decisions 3). */
  validUntilAheadMax: 600,
  /** Nesting of MessagePack arrays (decisions 4). */
  codecDepthMax: 16,
  validatorsMax: 100,
  chainIdCharsMax: 32,
  /** One consensus frame: proposal, vote or certificate. */
  consensusFrameBytesMax: 1_048_576,
  /** Events of one transaction. */
  eventsPerTxMax: 64,
  eventBytesMax: 4_096,
  /** Events of what falls due by time in one block, all rooms together. */
  dueEventsMax: 4_096,
  /** Transactions in one gossip message (decisions 10). */
  gossipBatchTxsMax: 64,
  gossipMessageBytesMax: 1_048_576,
  /** Blocks and bytes of one sync answer (consensus.md 5.2). */
  syncBlocksMax: 64,
  syncResponseBytesMax: 8_388_608,
  /** Future heights and rounds that consensus buffers (R14). */
  futureHeightsMax: 10,
  futureMessagesPerHeightMax: 500,
  futureRoundsMax: 2,
  /** Undo records kept for rollback and proofs near the head (decisions 8). */
  undoBlocksKept: 256,
} as const

assert(LIMITS.payloadBytesMax < LIMITS.txBytesMax, 'a payload fits into a transaction')
assert(LIMITS.txBytesMax * 16 <= LIMITS.blockBytesMax, 'a block holds at least sixteen of the largest transactions')
assert(LIMITS.blockBytesMax < LIMITS.syncResponseBytesMax, 'one block fits into a sync answer')
assert(LIMITS.blockEvidenceMax * 4 <= LIMITS.evidenceEventsMax, 'the events of a block full of evidence fit')
assert(LIMITS.txBytesMax * 8 <= LIMITS.gossipMessageBytesMax, 'a gossip message holds several of the largest transactions')
assert(LIMITS.blockTxsMax * 32 <= LIMITS.consensusFrameBytesMax, 'a compact proposal of the largest block fits into a frame')
