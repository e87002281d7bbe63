// Owns: signed votes and proposals of one key, honest or not, for tests of evidence. Not here: whole networks (virtual-nodes.ts).
import type { Address, BlockId } from '../../core/base/ids.ts'
import { asHash32 } from '../../core/base/ids.ts'
import { consensusSigningBytes } from '../../core/chain/vote.ts'
import type { Proposal, Vote } from '../../core/chain/vote.ts'
import type { Signer } from '../../core/crypto/ed25519-rule.ts'

/** A validator's key and whose it is. */
export type Accused = { readonly chainId: string; readonly authority: Address; readonly key: Pick<Signer, 'sign'> }

/** A block id that nobody can confuse with another one: the digit repeated. */
export function someBlock(digit: string): BlockId {
  return asHash32(digit.repeat(64))
}

/** A vote signed by the accused; a precommit for block `1…` at height 7, round 0 unless told otherwise. */
export function signedVote(by: Accused, over: Partial<Omit<Vote, 'signature' | 'validator'>> = {}): Vote {
  const content = { type: 'precommit' as const, height: 7, round: 0, blockId: someBlock('1'), validRound: -1, ...over }
  const signature = by.key.sign(consensusSigningBytes(by.chainId, content.type, content))
  return { ...content, validator: by.authority, signature }
}

/** A proposal signed by the accused; block `1…` at height 7, round 0 unless told otherwise. */
export function signedProposal(by: Accused, over: Partial<Omit<Proposal, 'signature' | 'proposer'>> = {}): Proposal {
  const content = { height: 7, round: 0, blockId: someBlock('1'), validRound: -1, ...over }
  const signature = by.key.sign(consensusSigningBytes(by.chainId, 'proposal', content))
  return { ...content, proposer: by.authority, signature }
}
