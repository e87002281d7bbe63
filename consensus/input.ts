// Owns: everything the consensus machine can be told. Not here: how it was received or checked.
// Signatures, membership and certificates are verified before an input is made (consensus/verify.ts); inputs are plain data, so a
// WAL record is an input and a bug report is a list of inputs.
import type { Certificate } from '../core/chain/certificate.ts'
import type { ChainParams } from '../core/chain/params.ts'
import type { ValidatorSet } from '../core/chain/validator-set.ts'
import type { Proposal, Vote, VoteType } from '../core/chain/vote.ts'
import type { Address, BlockId, Height, Round } from '../core/base/ids.ts'

/** Steps that a timer may end. */
export type TimerStep = 'propose' | 'prevote' | 'precommit'

/** What the signer journal knows of this height: the lock of W1 and what was signed already (never to be signed again). */
export type SignedBefore = {
  readonly lockedRound: Round
  readonly lockedId: BlockId | null
  readonly proposal: Proposal | null
  readonly prevote: Vote | null
  readonly precommit: Vote | null
}

/** The beginning of a height: its set, its parameters, and what our journal remembers of it. */
export type StartHeight = {
  readonly kind: 'startHeight'
  readonly height: Height
  readonly set: ValidatorSet
  readonly params: ChainParams
  /** Our authority, or null on a node that only follows. */
  readonly self: Address | null
  readonly signedBefore: SignedBefore | null
  /** The round in which the height begins: 0, but after a recovery (G11). What was said in rounds below it counts for nothing. */
  readonly firstRound?: Round
}

/** What the host tells the machine, one thing each. */
export type Input =
  | StartHeight
  /** Leave the idle step before round 0 (R18): a reason for a block exists and the commit pause is over. */
  | { readonly kind: 'wake'; readonly height: Height }
  /** `timely` is the host's PBTS verdict at receipt; it matters only for a fresh proposal (R2). */
  | { readonly kind: 'proposal'; readonly proposal: Proposal; readonly timely: boolean }
  | { readonly kind: 'vote'; readonly vote: Vote }
  /** A verified polka certificate, one unit. */
  | { readonly kind: 'polka'; readonly certificate: Certificate }
  /** A verified commit certificate of this height, one unit. */
  | { readonly kind: 'commit'; readonly certificate: Certificate }
  /** Answer to `buildBlock`; null when no block can be built, which prevotes nil at once (R16). */
  | { readonly kind: 'blockBuilt'; readonly height: Height; readonly round: Round; readonly blockId: BlockId | null }
  /** Answer to `validateBlock`; may come late. */
  | { readonly kind: 'blockValidated'; readonly height: Height; readonly blockId: BlockId; readonly valid: boolean }
  | { readonly kind: 'timeout'; readonly height: Height; readonly round: Round; readonly step: TimerStep }
  /** A message for a height above ours, not verified: kept, or handed back by `replay` if that height has begun by now. */
  | { readonly kind: 'early'; readonly message: MessageInput }

/** Inputs that come from other validators. */
export type MessageInput = Extract<Input, { readonly kind: 'proposal' | 'vote' | 'polka' | 'commit' }>

/** Type and round of a vote. */
export type VoteKey = { readonly type: VoteType; readonly round: Round }
