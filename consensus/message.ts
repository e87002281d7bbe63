// Owns: the frames of the consensus channel and their bounds. Not here: sending them (node/network), verifying (verify.ts).
import { list, option, struct, union } from '../core/codec/compound.ts'
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
})

export type ConsensusMessage = Infer<typeof ConsensusMessageSchema>

/** Bytes of a frame. Asserts that it fits the channel's bound. */
export function encodeConsensusMessage(message: ConsensusMessage): Uint8Array {
  const bytes = encode(ConsensusMessageSchema, message)
  assert(bytes.length <= LIMITS.consensusFrameBytesMax, `a consensus frame of ${bytes.length} bytes exceeds the limit`)
  return bytes
}

/** Frame of bytes from a peer. Throws CodecError on anything but the canonical form within the bound. */
export function decodeConsensusMessage(bytes: Uint8Array): ConsensusMessage {
  return decode(ConsensusMessageSchema, bytes, LIMITS.consensusFrameBytesMax)
}
