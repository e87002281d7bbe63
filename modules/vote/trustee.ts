// Owns: vote.trustee.commit, complain and answer: the trustees' parts of the key. Not here: the key of them (key-finish.ts).
import { fromHex } from '../../core/base/bytes.ts'
import { failure, isFailure } from '../../core/base/errors.ts'
import type { Failure } from '../../core/base/errors.ts'
import type { Address } from '../../core/base/ids.ts'
import { KEY_PURPOSES, defineTransaction } from '../../core/execution/module.ts'
import type { BlockEnv } from '../../core/execution/module.ts'
import type { ReadView } from '../../core/state/view.ts'
import { isShareOf } from './crypto/feldman.ts'
import { readPoint, readScalar } from './crypto/group.ts'
import type { Point } from './crypto/group.ts'
import { trusteeClaim } from './crypto/schnorr.ts'
import { VoteError } from './errors.ts'
import { TrusteeAnswered, TrusteeCommitted, TrusteeComplained } from './events.ts'
import { AnswerPayload, CommitPayload, ComplainPayload } from './key-schema.ts'
import type { Dealing } from './key-schema.ts'
import { changePoll, findPollIn } from './poll.ts'
import { isHeld } from './proofs.ts'
import type { Phase, Poll } from './schema.ts'
import { complaints, dealings, polls } from './store.ts'

/** A poll with the sender's number among its trustees, from 1. */
export type Seat = { readonly poll: Poll; readonly trustee: number }

/** The sender's seat in a poll that is in one of these phases; VOTE_NOT_TRUSTEE without one. */
export function findSeat(
  view: ReadView,
  { pollId, sender, phases }: { pollId: string; sender: Address; phases: readonly Phase[] },
  block: BlockEnv,
): Seat | Failure {
  const poll = findPollIn(view, pollId, phases, block)
  if (isFailure(poll)) return poll
  const trustee = poll.manifest.trustees.indexOf(sender) + 1
  return trustee === 0 || poll.removed.includes(trustee) ? failure(VoteError.NOT_TRUSTEE) : { poll, trustee }
}

/** The points of commitments; null where one is no point, or the identity. */
export function readCommitments(commitments: readonly Uint8Array[]): readonly Point[] | null {
  const points = commitments.map(readPoint)
  return points.some((point) => point === null) ? null : (points as readonly Point[])
}

/** Whether a trustee's commitments are points, as many as the threshold, and the first one's secret is held. */
export function isPartOfKey(
  { eh, trustee, threshold }: { eh: string; trustee: number; threshold: number },
  { commitments, proof }: Dealing,
): boolean {
  const [first] = commitments
  if (first === undefined || commitments.length !== threshold || readCommitments(commitments) === null) return false
  return isHeld(trusteeClaim(fromHex(eh), trustee), first, proof)
}

function late(poll: Poll, until: number, { time }: BlockEnv): Failure | null {
  return time < until ? null : failure(VoteError.POLL_STATE, { pollId: poll.manifest.pollId, until })
}

/** A trustee's part of the key. */
export const trusteeCommit = defineTransaction({
  type: 0x070a,
  name: 'vote.trustee.commit',
  about: 'A trustee gives its part of the key, until keyCloseAt.',
  payload: CommitPayload,
  keyPurpose: KEY_PURPOSES.authentication,
  operations: () => 2,
  checkStateless: () => null,

  checkStateful: (view, { payload: { pollId, commitments, proof }, sender, block }) => {
    const seat = findSeat(view, { pollId, sender, phases: ['KEYGEN'] }, block)
    if (isFailure(seat)) return seat
    const { poll, trustee } = seat
    const refused = late(poll, poll.manifest.keyCloseAt, block)
    if (refused !== null) return refused
    if (dealings.has(view, { pollId, trustee })) return failure(VoteError.TRUSTEE_DUP)
    const { threshold } = poll.manifest
    const isPart = isPartOfKey({ eh: poll.eh, trustee, threshold }, { commitments, proof })
    return isPart ? null : failure(VoteError.POK_INVALID, { commitments: commitments.length, threshold })
  },

  apply: ({ view, emit }, { payload: { pollId, commitments, proof }, sender }) => {
    const trustee = polls.mustGet(view, pollId).manifest.trustees.indexOf(sender) + 1
    dealings.set(view, { pollId, trustee }, { commitments, proof })
    emit(TrusteeCommitted, { pollId, trustee })
  },
})

/** A trustee got no share that fits. */
export const trusteeComplain = defineTransaction({
  type: 0x070b,
  name: 'vote.trustee.complain',
  about: 'A trustee got no fitting share from another, until keyCloseAt.',
  payload: ComplainPayload,
  keyPurpose: KEY_PURPOSES.authentication,
  checkStateless: () => null,

  checkStateful: (view, { payload: { pollId, against }, sender, block }) => {
    const seat = findSeat(view, { pollId, sender, phases: ['KEYGEN'] }, block)
    if (isFailure(seat)) return seat
    const { poll, trustee: by } = seat
    const refused = late(poll, poll.manifest.keyCloseAt, block)
    if (refused !== null) return refused
    if (against === by || !dealings.has(view, { pollId, trustee: against }) || poll.removed.includes(against))
      return failure(VoteError.COMPLAINT_UNKNOWN, { against })
    return complaints.has(view, { pollId, by, against }) ? failure(VoteError.TRUSTEE_DUP) : null
  },

  apply: ({ view, emit }, { payload: { pollId, against }, sender }) => {
    const by = polls.mustGet(view, pollId).manifest.trustees.indexOf(sender) + 1
    complaints.set(view, { pollId, by, against }, { answered: false, share: null })
    emit(TrusteeComplained, { pollId, by, against })
  },
})

/** The share is public from here on; one that does not fit its commitments removes who dealt it. */
export const trusteeAnswer = defineTransaction({
  type: 0x070c,
  name: 'vote.trustee.answer',
  about: 'Shows the share that a trustee complained of; one that does not fit removes the sender.',
  payload: AnswerPayload,
  keyPurpose: KEY_PURPOSES.authentication,
  operations: () => 2,
  checkStateless: () => null,

  checkStateful: (view, { payload: { pollId, by }, sender, block }) => {
    const seat = findSeat(view, { pollId, sender, phases: ['KEYGEN'] }, block)
    if (isFailure(seat)) return seat
    const complaint = complaints.get(view, { pollId, by, against: seat.trustee })
    return complaint === null || complaint.answered ? failure(VoteError.COMPLAINT_UNKNOWN, { by }) : null
  },

  apply: ({ view, emit }, { payload: { pollId, by, share }, sender, block }) => {
    const poll = polls.mustGet(view, pollId)
    const against = poll.manifest.trustees.indexOf(sender) + 1
    const commitments = readCommitments(dealings.mustGet(view, { pollId, trustee: against }).commitments)
    const value = readScalar(share)
    const isValid = commitments !== null && value !== null && isShareOf(commitments, by, value)
    complaints.set(view, { pollId, by, against }, { answered: true, share: isValid ? share : null })
    if (!isValid) changePoll(view, poll, { removed: [...poll.removed, against] }, block)
    emit(TrusteeAnswered, { pollId, by, against, isValid })
  },
})
