// Owns: vote.strike: a voter who voted on paper leaves the count. Not here: paper votes themselves.
import { failure, isFailure } from '../../core/base/errors.ts'
import { KEY_PURPOSES, defineTransaction } from '../../core/execution/module.ts'
import { requireRole } from '../governance/keeper.ts'
import { countBallot } from './count.ts'
import { VoteError } from './errors.ts'
import { BallotStruck } from './events.ts'
import { findPollIn } from './poll.ts'
import { StrikePayload } from './schema.ts'
import { casts, tallies, voters } from './store.ts'

/** The voter's ballot leaves the count, and no other comes. */
export const strike = defineTransaction({
  type: 0x0705,
  name: 'vote.strike',
  about: 'Takes a voter who voted on paper out of the electronic count, for good.',
  payload: StrikePayload,
  keyPurpose: KEY_PURPOSES.authentication,
  checkStateless: () => null,

  checkStateful: (view, { payload: { pollId, rollIndex }, sender: account, block }) => {
    const poll = findPollIn(view, pollId, ['OPEN', 'CLOSED'], block)
    if (isFailure(poll)) return poll
    const refused = requireRole(view, { account, role: 'ELECTION_OFFICE', scope: null, block })
    if (refused !== null) return refused
    if (poll.manifest.mode === 'SECRET_ANON') return failure(VoteError.NO_STRIKE)
    const voter = voters.get(view, { pollId, rollIndex })
    if (voter === null) return failure(VoteError.NOT_ON_ROLL, { rollIndex })
    return voter.struck ? failure(VoteError.STRUCK, { rollIndex }) : null
  },

  apply: ({ view, emit }, { payload: { pollId, rollIndex } }) => {
    const voter = voters.mustGet(view, { pollId, rollIndex })
    voters.set(view, { pollId, rollIndex }, { ...voter, struck: true })
    const former = casts.get(view, { pollId, rollIndex })
    if (former !== null) {
      tallies.set(view, pollId, countBallot(tallies.mustGet(view, pollId), former.ballot, -1))
      casts.remove(view, { pollId, rollIndex })
    }
    emit(BallotStruck, { pollId, rollIndex })
  },
})
