// Owns: what every ballot must be whatever signs it: in an open poll, next in its sequence, of the poll's shape, no copy; and its
// place in the count. Not here: proofs (judge.ts), who casts (cast.ts, cast-anon.ts).
import { failure, isFailure } from '../../core/base/errors.ts'
import type { Failure } from '../../core/base/errors.ts'
import type { BlockEnv } from '../../core/execution/module.ts'
import type { ReadView, WriteView } from '../../core/state/view.ts'
import type { Ballot } from './ballot-schema.ts'
import { countBallot } from './count.ts'
import { VoteError } from './errors.ts'
import { findPoll, phaseOf } from './poll.ts'
import { ciphersOf, sealedHash } from './sealed.ts'
import type { Manifest, Poll } from './schema.ts'
import { sealed, tallies } from './store.ts'

/** The poll where it takes ballots. */
export function findOpen(view: ReadView, pollId: string, block: BlockEnv): Poll | Failure {
  const poll = findPoll(view, pollId)
  if (isFailure(poll)) return poll
  const phase = phaseOf(poll, block)
  return phase === 'OPEN' ? poll : failure(VoteError.NOT_OPEN, { phase })
}

/** Sequence, shape and copies; `former` is the counted ballot that this one would replace. */
export function checkPlace(
  view: ReadView,
  { manifest }: Poll,
  { former, seq, ballot }: { former: { readonly seq: number } | null; seq: number; ballot: Ballot },
): Failure | null {
  return checkSequence(manifest, former, seq) ?? checkShape(manifest, ballot) ?? checkCopy(view, manifest.pollId, ballot)
}

// The first ballot is number 1 and each that replaces it one more, so that no carrier can bring an old one back.
function checkSequence({ allowRevote }: Manifest, former: { readonly seq: number } | null, seq: number): Failure | null {
  const expected = (former?.seq ?? 0) + 1
  const isFree = former === null || allowRevote
  return isFree && seq === expected ? null : failure(VoteError.ALREADY_CAST, { allowRevote, expected, seq })
}

/** Whether a ballot has the mode of its poll and chooses what it may; a sealed one proves the latter. */
export function hasShape(manifest: Manifest, ballot: Ballot): boolean {
  const { mode, options, minSel, maxSel } = manifest
  if (ballot.kind === 'secret') return mode !== 'OPEN' && ballot.options.length === ciphersOf(manifest)
  const { selections } = ballot
  const isRising = selections.every((option, i) => option < options.length && (i === 0 || option > (selections[i - 1] ?? 0)))
  return mode === 'OPEN' && isRising && selections.length >= minSel && selections.length <= maxSel
}

/** The refusal of a ballot of another shape or mode. */
export function wrongBallot({ mode, options, minSel, maxSel }: Manifest, ballot: Ballot): Failure {
  return failure(VoteError.BALLOT_INVALID, { mode, ballot: ballot.kind, options: options.length, minSel, maxSel })
}

function checkShape(manifest: Manifest, ballot: Ballot): Failure | null {
  return hasShape(manifest, ballot) ? null : wrongBallot(manifest, ballot)
}

function checkCopy(view: ReadView, pollId: string, ballot: Ballot): Failure | null {
  const isCopy = ballot.kind === 'secret' && sealed.has(view, { pollId, hash: sealedHash(ballot) })
  return isCopy ? failure(VoteError.BALLOT_COPY) : null
}

/** Counts a ballot, in place of the former one where there is one. */
export function replaceBallot(
  view: WriteView,
  pollId: string,
  { former, ballot }: { former: Ballot | null; ballot: Ballot },
): void {
  const tally = tallies.mustGet(view, pollId)
  const without = former === null ? tally : countBallot(tally, former, -1)
  tallies.set(view, pollId, countBallot(without, ballot, 1))
}
