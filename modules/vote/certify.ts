// Owns: vote.certify and vote.void: two different officers of the poll's office, the second one decides. Not here: counting.
import { failure, isFailure } from '../../core/base/errors.ts'
import type { Failure } from '../../core/base/errors.ts'
import type { Address } from '../../core/base/ids.ts'
import { KEY_PURPOSES, defineTransaction } from '../../core/execution/module.ts'
import type { ApplyContext, BlockEnv } from '../../core/execution/module.ts'
import type { ReadView } from '../../core/state/view.ts'
import { VoteError } from './errors.ts'
import { PollCertified, PollVoided, StepApproved } from './events.ts'
import { changePoll, findPollIn, requireOffice } from './poll.ts'
import { PollPayload, VoidPayload } from './schema.ts'
import type { Phase, Poll } from './schema.ts'
import { polls } from './store.ts'

type Step = NonNullable<Poll['approval']>
const BEFORE_THE_END: readonly Phase[] = ['DRAFT', 'ROLL', 'KEYGEN', 'READY', 'OPEN', 'CLOSED', 'TALLYING', 'TALLIED']

/** The result stands. */
export const certify = defineTransaction({
  type: 0x0708,
  name: 'vote.certify',
  about: 'Certifies a result; two officers are needed.',
  payload: PollPayload,
  keyPurpose: KEY_PURPOSES.authentication,
  checkStateless: () => null,
  checkStateful: (view, { payload: { pollId }, sender, block }) => {
    const poll = findPollIn(view, pollId, ['TALLIED'], block)
    return isFailure(poll) ? poll : checkOfficer(view, poll, { officer: sender, step: 'CERTIFY', reasonCode: null }, block)
  },
  apply: (context, { payload: { pollId }, sender, block }) => {
    if (isSecond(context, pollId, { officer: sender, step: 'CERTIFY', reasonCode: null }, block)) {
      changePoll(context.view, polls.mustGet(context.view, pollId), { state: 'CERTIFIED', approval: null }, block)
      context.emit(PollCertified, { pollId })
    }
  },
})

/** The poll is over without a result, at any time before it is certified. */
export const voidPoll = defineTransaction({
  type: 0x0709,
  name: 'vote.void',
  about: 'Voids a poll that is not certified, with a reason; two officers are needed.',
  payload: VoidPayload,
  keyPurpose: KEY_PURPOSES.authentication,
  checkStateless: () => null,
  checkStateful: (view, { payload: { pollId, reasonCode }, sender, block }) => {
    const poll = findPollIn(view, pollId, BEFORE_THE_END, block)
    return isFailure(poll) ? poll : checkOfficer(view, poll, { officer: sender, step: 'VOID', reasonCode }, block)
  },
  apply: (context, { payload: { pollId, reasonCode }, sender, block }) => {
    if (isSecond(context, pollId, { officer: sender, step: 'VOID', reasonCode }, block)) {
      changePoll(context.view, polls.mustGet(context.view, pollId), { state: 'VOID', approval: null, reasonCode }, block)
      context.emit(PollVoided, { pollId, reasonCode })
    }
  },
})

const isSameStep = (a: Step | null, b: Step): boolean => a?.step === b.step && a.reasonCode === b.reasonCode

function checkOfficer(view: ReadView, poll: Poll, step: Step, block: BlockEnv): Failure | null {
  const refused = requireOffice(view, poll.manifest, step.officer, block)
  if (refused !== null) return refused
  const isAgain = isSameStep(poll.approval, step) && poll.approval?.officer === step.officer
  return isAgain ? failure(VoteError.APPROVAL_DUP) : null
}

// The first officer's approval is kept, and takes the place of one for another step. It counts only while its officer is one.
function isSecond({ view, emit }: ApplyContext, pollId: string, step: Step, block: BlockEnv): boolean {
  const poll = polls.mustGet(view, pollId)
  const first: Address | null = isSameStep(poll.approval, step) ? (poll.approval?.officer ?? null) : null
  if (first !== null && requireOffice(view, poll.manifest, first, block) === null) return true
  changePoll(view, poll, { approval: step }, block)
  emit(StepApproved, { pollId, officer: step.officer })
  return false
}
