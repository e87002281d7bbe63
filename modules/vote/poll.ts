// Owns: polls as the transactions see them: found, in which phase, by which officers. Not here: any transition.
import { failure, isFailure } from '../../core/base/errors.ts'
import type { Failure } from '../../core/base/errors.ts'
import type { Address } from '../../core/base/ids.ts'
import type { BlockEnv } from '../../core/execution/module.ts'
import type { ReadView, WriteView } from '../../core/state/view.ts'
import { hasRole, requireRole } from '../governance/keeper.ts'
import { VoteError } from './errors.ts'
import type { Phase, Poll } from './schema.ts'
import { polls } from './store.ts'

/** The poll of an id. */
export function findPoll(view: ReadView, pollId: string): Poll | Failure {
  return polls.get(view, pollId) ?? failure(VoteError.POLL_UNKNOWN, { pollId })
}

/** What a poll is in at a block's time: a ready one is open from openAt and closed from closeAt. */
export function phaseOf({ state, manifest }: Poll, { time }: Pick<BlockEnv, 'time'>): Phase {
  if (state !== 'READY' || time < manifest.openAt) return state
  return time < manifest.closeAt ? 'OPEN' : 'CLOSED'
}

/** The poll where it is in one of these phases. */
export function findPollIn(view: ReadView, pollId: string, phases: readonly Phase[], block: BlockEnv): Poll | Failure {
  const poll = findPoll(view, pollId)
  if (isFailure(poll)) return poll
  const phase = phaseOf(poll, block)
  return phases.includes(phase) ? poll : failure(VoteError.POLL_STATE, { phase, needs: phases.join(', ') })
}

/** The office of a poll: surveys by either office, everything else by the election office. */
export function requireOffice(view: ReadView, poll: Poll['manifest'], account: Address, block: BlockEnv): Failure | null {
  const isSurveyOfficer = hasRole(view, { account, role: 'SURVEY_OFFICE', scope: null, block })
  if (poll.kind === 'SURVEY' && isSurveyOfficer) return null
  return requireRole(view, { account, role: 'ELECTION_OFFICE', scope: null, block })
}

/** Writes a change of a poll. */
export function changePoll(view: WriteView, poll: Poll, change: Partial<Poll>, { time }: BlockEnv): void {
  polls.set(view, poll.manifest.pollId, { ...poll, ...change, changedAt: time })
}
