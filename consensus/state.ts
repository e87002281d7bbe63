// Owns: what the consensus machine knows: one height in full, the last commit, early messages. Not here: how it changes
// (machine.ts, round.ts). Only the machine writes it; everyone else reads through summary.ts, catch-up.ts and progress.ts.
import { assert } from '../core/base/assert.ts'
import { ZERO_HASH } from '../core/base/ids.ts'
import type { Address, BlockId, Height, Round } from '../core/base/ids.ts'
import type { Certificate } from '../core/chain/certificate.ts'
import { CITY_PARAMS } from '../core/chain/params.ts'
import type { ChainParams } from '../core/chain/params.ts'
import type { ValidatorSet } from '../core/chain/validator-set.ts'
import { SIGN_STEPS } from '../core/chain/vote.ts'
import type { Proposal, Vote } from '../core/chain/vote.ts'
import { createFutureInputs } from './future-inputs.ts'
import type { FutureInputs } from './future-inputs.ts'
import type { SignedBefore, StartHeight } from './input.ts'
import type { LastCommit } from './last-commit.ts'
import { createProposalKeeper } from './proposal-keeper.ts'
import type { ProposalKeeper } from './proposal-keeper.ts'
import { createVoteKeeper } from './vote-keeper.ts'
import type { VoteKeeper } from './vote-keeper.ts'

/** Steps of a height in order; `newHeight` is the idle step before round 0 (R18), `decided` the end. */
export const STEPS = { newHeight: 1, propose: 2, prevote: 3, precommit: 4, decided: 5 } as const
export type Step = keyof typeof STEPS

/** What we know of a block's validity: asked the host, or its answer. */
export type Validity = 'asked' | 'valid' | 'invalid'

/** The machine's whole memory; plain data. `-1` stands for "no round" everywhere, `null` for "no block". */
export type ConsensusState = {
  height: Height
  set: ValidatorSet
  params: ChainParams
  /** Our place in the set, -1 when we only follow. */
  selfIndex: number
  /** The round in which the height began; rounds below it are void. */
  firstRound: Round
  round: Round
  step: Step
  lockedRound: Round
  lockedId: BlockId | null
  validRound: Round
  validId: BlockId | null
  /** The proof of validRound, sent along with a re-proposal. */
  validPolka: Certificate | null
  votes: VoteKeeper
  proposals: ProposalKeeper
  /** Every polka seen, as one unit each: complete from single votes or received as a certificate. */
  polkas: Certificate[]
  validity: Map<BlockId, Validity>
  fetched: Set<BlockId>
  /** A quorum of precommits exists; nothing is voted any more, the block's validity is awaited (R8). */
  pendingCommit: Certificate | null
  /** The highest (round, step) ever asked to be signed at this height; nothing at or below it is asked again (W4). */
  signedUpTo: { readonly round: Round; readonly step: number }
  /** Our last signed messages, for rebroadcast (R12). */
  own: { proposal: Proposal | null; prevote: Vote | null; precommit: Vote | null }
  /** Round for which a block was asked for and not yet answered, -1 for none. */
  buildingRound: Round
  /** Validators of whom any vote of this height was received, by index (R18). */
  heard: boolean[]
  /** Misbehaviour reported already, so that each is reported once. */
  reported: Set<string>
  lastCommit: LastCommit | null
  future: FutureInputs
}

const NO_SET: ValidatorSet = {
  validators: [],
  hash: ZERO_HASH,
  quorum: 1,
  skip: 1,
  indexByAuthority: new Map<Address, number>(),
  eligible: [],
  fallback: [],
}

/** The state of a node that has started no height yet: as if genesis had just been decided. */
export function createConsensusState(): ConsensusState {
  return {
    ...createHeightPart(0, NO_SET, 0),
    params: CITY_PARAMS,
    selfIndex: -1,
    step: 'decided',
    lastCommit: null,
    future: createFutureInputs(),
  }
}

/** Forgets the old height and takes up the new one, with the lock and the signed messages that the journal remembers (W1). */
export function beginHeight(state: ConsensusState, start: StartHeight): void {
  const { height, set, params, self, signedBefore } = start
  assert(height > state.height, `height ${height} does not follow height ${state.height}`)
  Object.assign(state, createHeightPart(height, set, start.firstRound ?? 0))
  state.params = params
  state.selfIndex = self === null ? -1 : (set.indexByAuthority.get(self) ?? -1)
  if (signedBefore === null || state.selfIndex === -1) return
  state.lockedRound = signedBefore.lockedRound
  state.lockedId = signedBefore.lockedId
  const { proposal, prevote, precommit } = signedBefore
  for (const message of [proposal, prevote, precommit]) {
    assert(message === null || message.height === height, `a journal entry of another height than ${height}`)
  }
  state.own = { proposal, prevote, precommit }
  state.signedUpTo = signedUpToOf(signedBefore)
}

function signedUpToOf({ lockedRound, proposal, prevote, precommit }: SignedBefore): ConsensusState['signedUpTo'] {
  const signed = [
    { round: lockedRound, step: SIGN_STEPS.precommit },
    { round: proposal === null ? -1 : proposal.round, step: SIGN_STEPS.proposal },
    { round: prevote === null ? -1 : prevote.round, step: SIGN_STEPS.prevote },
    { round: precommit === null ? -1 : precommit.round, step: SIGN_STEPS.precommit },
  ].filter((entry) => entry.round >= 0)
  return signed.reduce<ConsensusState['signedUpTo']>((top, entry) => (isAfter(entry, top) ? entry : top), { round: -1, step: 0 })
}

/** True when `a` comes after `b` in the order of signing: by round, then step. */
export function isAfter(a: ConsensusState['signedUpTo'], b: ConsensusState['signedUpTo']): boolean {
  return a.round > b.round || (a.round === b.round && a.step > b.step)
}

type HeightPart = Omit<ConsensusState, 'params' | 'selfIndex' | 'lastCommit' | 'future'>

function createHeightPart(height: Height, set: ValidatorSet, firstRound: Round): HeightPart {
  return {
    height,
    set,
    firstRound,
    round: firstRound,
    step: 'newHeight',
    lockedRound: -1,
    lockedId: null,
    validRound: -1,
    validId: null,
    validPolka: null,
    votes: createVoteKeeper(set.validators.length),
    proposals: createProposalKeeper(),
    polkas: [],
    validity: new Map(),
    fetched: new Set(),
    pendingCommit: null,
    signedUpTo: { round: -1, step: 0 },
    own: { proposal: null, prevote: null, precommit: null },
    buildingRound: -1,
    heard: set.validators.map(() => false),
    reported: new Set(),
  }
}
