// Owns: proposals and votes as signed messages (consensus.md 1.3). Not here: certificates made of them (certificate.ts).
import { choice, option, struct } from '../codec/compound.ts'
import { address, code, fixedBytes, hash32, roundOrNone, u32, u53 } from '../codec/fields.ts'
import { decodeTrusted, encode } from '../codec/schema.ts'
import type { Infer } from '../codec/schema.ts'
import { LIMITS } from '../base/limits.ts'
import type { Address, BlockId, Height, Round } from '../base/ids.ts'
import { SIGN_TAGS, signingBytes } from './signing.ts'

/** The two votes of a round and their numbers on the wire. */
export const VOTE_TYPES = { prevote: 1, precommit: 2 } as const
export type VoteType = keyof typeof VOTE_TYPES

/** A proposer's signed word for a block; `validRound` is -1 for a fresh one, else the round of the polka it rests on. */
export const ProposalSchema = struct({
  height: u53,
  round: u32,
  blockId: hash32,
  validRound: roundOrNone,
  proposer: address,
  signature: fixedBytes(64),
})

/** A signed vote; `blockId` null is nil. A prevote names the proposal's `validRound`; it is -1 on nil and on every precommit. */
export const VoteSchema = struct({
  type: choice(VOTE_TYPES),
  height: u53,
  round: u32,
  blockId: option(hash32),
  validRound: roundOrNone,
  validator: address,
  signature: fixedBytes(64),
})

export type Proposal = Infer<typeof ProposalSchema>
export type Vote = Infer<typeof VoteSchema>

/** What is signed in a proposal or vote. */
export type VoteContent = {
  readonly height: Height
  readonly round: Round
  readonly blockId: BlockId | null
  readonly validRound: Round
}

/** A proposal before it is signed. */
export type UnsignedProposal = Omit<Proposal, 'signature'>
/** A vote before it is signed. */
export type UnsignedVote = Omit<Vote, 'signature'>

const SignedContentSchema = struct({
  chainId: code(LIMITS.chainIdCharsMax),
  height: u53,
  round: u32,
  blockId: option(hash32),
  validRound: roundOrNone,
})

/** Bytes that a validator signs; the chain id is inside, so that no other chain can use them. */
export function consensusSigningBytes(chainId: string, kind: 'proposal' | VoteType, content: VoteContent): Uint8Array {
  const { height, round, blockId, validRound } = content
  return signingBytes(SIGN_TAGS[kind], encode(SignedContentSchema, { chainId, height, round, blockId, validRound }))
}

/** The content of sign bytes that this node made earlier, as its journal keeps them. */
export function readSignedContent(signBytes: Uint8Array): VoteContent {
  const tagLength = ((signBytes[0] as number) << 8) | (signBytes[1] as number)
  return decodeTrusted(SignedContentSchema, signBytes.subarray(2 + tagLength))
}

/** Signing step order within a round (W4): proposal, prevote, precommit. */
export const SIGN_STEPS = { proposal: 1, prevote: 2, precommit: 3 } as const

/** Who signed a message. */
export function signerOf(message: Proposal | Vote): Address {
  return 'proposer' in message ? message.proposer : message.validator
}
