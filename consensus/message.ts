// Owns: the frames of the consensus channel and their bounds. Not here: sending them (node/network), verifying (verify.ts).
import { list, option, struct, union } from '../core/codec/compound.ts'
import { bytes } from '../core/codec/fields.ts'
import { decode, encode } from '../core/codec/schema.ts'
import type { Infer } from '../core/codec/schema.ts'
import { assert } from '../core/base/assert.ts'
import { LIMITS } from '../core/base/limits.ts'
import { CompactBlockSchema } from '../core/chain/block.ts'
import { CertificateSchema } from '../core/chain/certificate.ts'
import { ProposalSchema, VoteSchema } from '../core/chain/vote.ts'

/** Votes in one frame: both types of two rounds of a set of sixty-four; larger answers take several frames. */
export const VOTES_PER_FRAME_MAX = 256

/**
 * One frame. A proposal travels with the polka it rests on (vr >= 0) and, from its proposer, with the compact block.
 * The receiver enqueues the polka before the proposal.
 */
export const ConsensusMessageSchema = union({
  proposal: [1, struct({ proposal: ProposalSchema, polka: option(CertificateSchema), block: option(CompactBlockSchema) })],
  vote: [2, struct({ vote: VoteSchema })],
  votes: [3, struct({ votes: list(VoteSchema, VOTES_PER_FRAME_MAX) })],
  polka: [4, struct({ certificate: CertificateSchema })],
  commit: [5, struct({ certificate: CertificateSchema })],
  /** Encoded evidence (core/chain/evidence.ts), of whatever height. */
  evidence: [6, struct({ bytes: bytes(LIMITS.evidenceBytesMax) })],
})

export type ConsensusMessage = Infer<typeof ConsensusMessageSchema>
/** Messages that belong to one height; evidence may be of any. */
export type HeightMessage = Exclude<ConsensusMessage, { kind: 'evidence' }>

/** Bytes of a frame. Asserts that it fits the channel's bound. */
export function encodeConsensusMessage(message: ConsensusMessage): Uint8Array {
  const frame = encode(ConsensusMessageSchema, message)
  assert(frame.length <= LIMITS.consensusFrameBytesMax, `a consensus frame of ${frame.length} bytes exceeds the limit`)
  return frame
}

/** Frame of bytes from a peer. Throws CodecError on anything but the canonical form within the bound. */
export function decodeConsensusMessage(frame: Uint8Array): ConsensusMessage {
  return decode(ConsensusMessageSchema, frame, LIMITS.consensusFrameBytesMax)
}
