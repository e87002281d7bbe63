// Owns: vote.cast: a voter's ballot, authorised by the election key, carried by anybody. Not here: counting (count.ts).
import { failure, isFailure } from '../../core/base/errors.ts'
import type { Failure } from '../../core/base/errors.ts'
import { encode } from '../../core/codec/schema.ts'
import { sha256 } from '../../core/crypto/hash.ts'
import { KEY_PURPOSES, defineTransaction } from '../../core/execution/module.ts'
import type { ReadView } from '../../core/state/view.ts'
import { BallotSchema } from './ballot-schema.ts'
import type { Ballot } from './ballot-schema.ts'
import { countBallot } from './count.ts'
import { VoteError } from './errors.ts'
import { BallotCast } from './events.ts'
import { findPoll, phaseOf } from './poll.ts'
import { isAuthorised } from './proofs.ts'
import { badProof, ciphersOf, sealedHash } from './sealed.ts'
import { CastPayload } from './schema.ts'
import type { Manifest, Poll } from './schema.ts'
import { casts, keys, sealed, tallies, voters } from './store.ts'

/** Verification units of a ballot: about 7 for two sealed options. */
export function unitsOf(ballot: Ballot): number {
  return ballot.kind === 'open' ? 2 : 3 * ballot.options.length + 1
}

/** Counts a ballot in place of the voter's former one. */
export const cast = defineTransaction({
  type: 0x0704,
  name: 'vote.cast',
  about: 'Casts a ballot under an election key of the roll; anybody may carry it.',
  payload: CastPayload,
  keyPurpose: KEY_PURPOSES.authentication,
  operations: ({ ballot }) => unitsOf(ballot),
  checkStateless: () => null,

  checkStateful: (view, { payload, block }) => {
    const { pollId, rollIndex, seq, ballot, auth } = payload
    const poll = findPoll(view, pollId)
    if (isFailure(poll)) return poll
    const phase = phaseOf(poll, block)
    if (phase !== 'OPEN') return failure(VoteError.NOT_OPEN, { phase })
    const voter = voters.get(view, { pollId, rollIndex })
    if (voter === null) return failure(VoteError.NOT_ON_ROLL, { rollIndex })
    if (voter.struck) return failure(VoteError.STRUCK, { rollIndex })
    const { manifest, eh } = poll
    const refused =
      checkSequence(view, manifest, { rollIndex, seq }) ?? checkShape(manifest, ballot) ?? checkCopy(view, pollId, ballot)
    if (refused !== null) return refused
    if (!isAuthorised({ eh, rollIndex, seq }, ballot, { key: voter.key, auth }))
      return failure(VoteError.PROOF_INVALID, { proof: 'auth' })
    return ballot.kind === 'open' ? null : checkSealed(view, poll, { rollIndex, seq }, ballot)
  },

  apply: ({ view, emit }, { payload }) => {
    const { pollId, rollIndex, seq, ballot, auth } = payload
    const former = casts.get(view, { pollId, rollIndex })
    const tally = tallies.mustGet(view, pollId)
    const without = former === null ? tally : countBallot(tally, former.ballot, -1)
    tallies.set(view, pollId, countBallot(without, ballot, 1))
    casts.set(view, { pollId, rollIndex }, { seq, ballot, auth })
    if (ballot.kind === 'secret') sealed.set(view, { pollId, hash: sealedHash(ballot) }, { rollIndex })
    emit(BallotCast, { pollId, rollIndex, seq, ballotHash: sha256(encode(BallotSchema, ballot)) })
  },
})

// The first ballot is number 1 and each that replaces it one more, so that no carrier can bring an old one back.
function checkSequence(
  view: ReadView,
  { pollId, allowRevote }: Manifest,
  { rollIndex, seq }: { rollIndex: number; seq: number },
): Failure | null {
  const former = casts.get(view, { pollId, rollIndex })
  const expected = (former?.seq ?? 0) + 1
  const isFree = former === null || allowRevote
  return isFree && seq === expected ? null : failure(VoteError.ALREADY_CAST, { allowRevote, expected, seq })
}

/** Whether a ballot has the mode of its poll and chooses what it may; a sealed one proves the latter. */
export function hasShape(manifest: Manifest, ballot: Ballot): boolean {
  const { mode, options, minSel, maxSel } = manifest
  if (ballot.kind === 'secret') return mode === 'SECRET' && ballot.options.length === ciphersOf(manifest)
  const { selections } = ballot
  const isRising = selections.every((option, i) => option < options.length && (i === 0 || option > (selections[i - 1] ?? 0)))
  return mode === 'OPEN' && isRising && selections.length >= minSel && selections.length <= maxSel
}

function checkShape(manifest: Manifest, ballot: Ballot): Failure | null {
  if (hasShape(manifest, ballot)) return null
  const { mode, options, minSel, maxSel } = manifest
  return failure(VoteError.BALLOT_INVALID, { mode, ballot: ballot.kind, options: options.length, minSel, maxSel })
}

function checkCopy(view: ReadView, pollId: string, ballot: Ballot): Failure | null {
  const isCopy = ballot.kind === 'secret' && sealed.has(view, { pollId, hash: sealedHash(ballot) })
  return isCopy ? failure(VoteError.BALLOT_COPY) : null
}

function checkSealed(
  view: ReadView,
  { manifest, eh }: Poll,
  place: { rollIndex: number; seq: number },
  ballot: Extract<Ballot, { kind: 'secret' }>,
): Failure | null {
  const { key } = keys.mustGet(view, manifest.pollId)
  const proof = badProof(manifest, { eh, ...place, key }, ballot)
  return proof === null ? null : failure(VoteError.PROOF_INVALID, { proof })
}
