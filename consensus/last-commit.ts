// Owns: the precommits gathered for the block last decided, late ones included (R19: attendance). Not here: deciding (round.ts).
import type { BlockId, Height, Round } from '../core/base/ids.ts'
import { buildCertificate } from '../core/chain/certificate.ts'
import type { Certificate } from '../core/chain/certificate.ts'
import type { ValidatorSet } from '../core/chain/validator-set.ts'
import type { Vote } from '../core/chain/vote.ts'
import { votesInside } from './vote-keeper.ts'

/** Precommits for one block and round by validator index; a quorum of them at least. */
export type LastCommit = {
  readonly height: Height
  readonly round: Round
  readonly blockId: BlockId
  readonly set: ValidatorSet
  readonly votes: (Vote | null)[]
}

/** The record of a verified commit certificate. */
export function createLastCommit(set: ValidatorSet, certificate: Certificate): LastCommit {
  const { height, round, blockId } = certificate
  const last = { height, round, blockId, set, votes: set.validators.map(() => null) }
  addToLastCommit(last, votesInside(set, certificate))
  return last
}

/** Adds what is a precommit for this very block and round; anything else is left out. */
export function addToLastCommit(last: LastCommit, votes: readonly Vote[]): void {
  for (const vote of votes) {
    const isForIt =
      vote.type === 'precommit' && vote.height === last.height && vote.round === last.round && vote.blockId === last.blockId
    const index = last.set.indexByAuthority.get(vote.validator)
    if (isForIt && index !== undefined) last.votes[index] ??= vote
  }
}

/** The certificate with every signature gathered so far. */
export function fullestCertificate(last: LastCommit): Certificate {
  return buildCertificate(
    last.set,
    last.votes.filter((vote) => vote !== null),
  )
}
