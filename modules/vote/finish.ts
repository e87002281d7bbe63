// Owns: vote.tally.start and tally.finish: from closed ballots to counts. Not here: shares of the key, certifying (certify.ts).
import { failure, isFailure } from '../../core/base/errors.ts'
import type { Failure } from '../../core/base/errors.ts'
import { KEY_PURPOSES, defineTransaction } from '../../core/execution/module.ts'
import type { ReadView } from '../../core/state/view.ts'
import { resultOf } from './count.ts'
import { VoteError } from './errors.ts'
import { PollClosed, PollTallied } from './events.ts'
import { changePoll, findPollIn } from './poll.ts'
import { PollPayload, TallyFinishPayload } from './schema.ts'
import type { Poll } from './schema.ts'
import { checkOpening } from './share.ts'
import { polls, tallies } from './store.ts'

/** Anybody starts the count once the poll is closed; from here no ballot joins or leaves. */
export const tallyStart = defineTransaction({
  type: 0x0706,
  name: 'vote.tally.start',
  about: 'Freezes what is counted, once the poll is closed.',
  payload: PollPayload,
  keyPurpose: KEY_PURPOSES.authentication,
  checkStateless: () => null,
  checkStateful: (view, { payload, block }) => {
    const poll = findPollIn(view, payload.pollId, ['CLOSED'], block)
    return isFailure(poll) ? poll : null
  },
  apply: ({ view, emit }, { payload: { pollId }, block }) => {
    changePoll(view, polls.mustGet(view, pollId), { state: 'TALLYING' }, block)
    emit(PollClosed, { pollId, counted: tallies.mustGet(view, pollId).counted })
  },
})

/** Anybody says what the counts are; the chain checks. */
export const tallyFinish = defineTransaction({
  type: 0x0707,
  name: 'vote.tally.finish',
  about: 'States the counts, which the chain checks against the ballots.',
  payload: TallyFinishPayload,
  keyPurpose: KEY_PURPOSES.authentication,
  operations: ({ counts }) => 4 * counts.length,
  checkStateless: () => null,

  checkStateful: (view, { payload: { pollId, counts }, block }) => {
    const poll = findPollIn(view, pollId, ['TALLYING'], block)
    return isFailure(poll) ? poll : checkCounts(view, poll, counts)
  },

  apply: ({ view, emit }, { payload: { pollId, counts }, block }) => {
    const poll = polls.mustGet(view, pollId)
    const { counted } = tallies.mustGet(view, pollId)
    changePoll(view, poll, { state: 'TALLIED', result: resultOf(poll, counts, counted) }, block)
    emit(PollTallied, { pollId, counts, turnout: counted })
  },
})

function checkCounts(view: ReadView, poll: Poll, claimed: readonly number[]): Failure | null {
  const { manifest } = poll
  if (claimed.length !== manifest.options.length) return failure(VoteError.TALLY_MISMATCH, { options: manifest.options.length })
  if (manifest.mode !== 'OPEN') return checkOpening(view, poll, claimed)
  const { counts } = tallies.mustGet(view, manifest.pollId)
  const option = manifest.options.findIndex((_, i) => counts[i] !== claimed[i])
  return option === -1 ? null : failure(VoteError.TALLY_MISMATCH, { option })
}
