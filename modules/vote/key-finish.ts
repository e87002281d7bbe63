// Owns: vote.key.finish: the key of the parts of the trustees that are left. Not here: the parts (trustee.ts).
import { must } from '../../core/base/assert.ts'
import { failure, isFailure } from '../../core/base/errors.ts'
import { KEY_PURPOSES, defineTransaction } from '../../core/execution/module.ts'
import type { ReadView } from '../../core/state/view.ts'
import { pollKey, verificationKey } from './crypto/feldman.ts'
import { VoteError } from './errors.ts'
import { KeyReady, PollVoided } from './events.ts'
import { changePoll, findPollIn } from './poll.ts'
import { PollPayload } from './schema.ts'
import type { Poll } from './schema.ts'
import { complaints, dealings, keys, polls } from './store.ts'
import { readCommitments } from './trustee.ts'

/** Why a poll is void whose trustees could not make a key. */
export const KEYGEN_FAILED = 'VOTE_KEYGEN_FAILED'

/**
 * Anybody ends the making of the key, from keyCloseAt; complaints that wait for an answer hold it up until openAt, and then
 * remove who did not answer. With fewer than the threshold left the poll is void.
 */
export const keyFinish = defineTransaction({
  type: 0x070d,
  name: 'vote.key.finish',
  about: 'Makes the key of the parts of the trustees that are left, or voids the poll where they are too few.',
  payload: PollPayload,
  keyPurpose: KEY_PURPOSES.authentication,
  operations: () => 40,
  checkStateless: () => null,

  checkStateful: (view, { payload: { pollId }, block }) => {
    const poll = findPollIn(view, pollId, ['KEYGEN'], block)
    if (isFailure(poll)) return poll
    const { keyCloseAt, openAt } = poll.manifest
    const isPending = block.time < keyCloseAt || (block.time < openAt && accused(view, poll).length > 0)
    return isPending ? failure(VoteError.KEYGEN_PENDING, { keyCloseAt, openAt }) : null
  },

  apply: ({ view, emit }, { payload: { pollId }, block }) => {
    const poll = polls.mustGet(view, pollId)
    const open = accused(view, poll)
    const left = numbersOf(poll).filter((i) => dealings.has(view, { pollId, trustee: i }) && !open.includes(i))
    const removed = poll.manifest.trustees.map((_, i) => i + 1).filter((i) => !left.includes(i))
    const parts = left.map((trustee) =>
      must(readCommitments(dealings.mustGet(view, { pollId, trustee }).commitments), 'commitments were checked'),
    )
    const key = pollKey(parts)
    if (left.length < poll.manifest.threshold || key.is0()) {
      changePoll(view, poll, { state: 'VOID', removed, reasonCode: KEYGEN_FAILED }, block)
      emit(PollVoided, { pollId, reasonCode: KEYGEN_FAILED })
      return
    }
    const trustees = left.map((trustee) => ({ trustee, key: verificationKey(parts, trustee).toBytes() }))
    keys.set(view, pollId, { key: key.toBytes(), trustees })
    changePoll(view, poll, { state: 'READY', removed }, block)
    emit(KeyReady, { pollId, key: key.toBytes() })
  },
})

function numbersOf({ manifest, removed }: Poll): readonly number[] {
  return manifest.trustees.map((_, i) => i + 1).filter((i) => !removed.includes(i))
}

// Trustees with a complaint that waits for an answer.
function accused(view: ReadView, poll: Poll): readonly number[] {
  const { pollId, trustees } = poll.manifest
  const isOpen = (by: number, against: number): boolean => complaints.get(view, { pollId, by, against })?.answered === false
  return numbersOf(poll).filter((against) => trustees.some((_, i) => isOpen(i + 1, against)))
}
