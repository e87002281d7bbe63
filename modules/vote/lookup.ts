// Owns: finding over JSON-RPC: polls in the order of their making, a voter by its key, complaints of trustees.
// Not here: a poll that is known by its id (queries.ts), the rules.
import { failure, isFailure } from '../../core/base/errors.ts'
import { list, option, struct } from '../../core/codec/compound.ts'
import { bool, code, fixedBytes, u16, u32, u53, u8 } from '../../core/codec/fields.ts'
import { defineQuery } from '../../core/execution/module.ts'
import { VoteError } from './errors.ts'
import { findPoll, phaseOf } from './poll.ts'
import { KindSchema, ModeSchema, PhaseSchema, TRUSTEES_MAX } from './schema.ts'
import { casts, complaints, pollCount, pollOrder, polls, rollIndexes, tallies, voters } from './store.ts'

/** Polls of one page. */
const POLLS_MAX = 100

/** One poll of a list. */
export const PollRowSchema = struct({
  pollId: code(32),
  mode: ModeSchema,
  kind: KindSchema,
  phase: PhaseSchema,
  rollCount: u32,
  counted: u32,
  openAt: u53,
  closeAt: u53,
})

/** All polls in pages. */
export const getPolls = defineQuery({
  name: 'vote_polls',
  about: 'Polls in the order of their making, 100 a page; next is the cursor of the page after.',
  params: struct({ cursor: option(u32) }),
  result: struct({ polls: list(PollRowSchema, POLLS_MAX), next: option(u32) }),
  run: (view, { cursor }, block) => {
    const from = cursor ?? 0
    const all = pollCount.get(view, null)?.count ?? 0
    const until = Math.min(all, from + POLLS_MAX)
    const rows = Array.from({ length: Math.max(0, until - from) }, (_, i) => {
      const { pollId } = pollOrder.mustGet(view, from + i)
      const poll = polls.mustGet(view, pollId)
      const { mode, kind, openAt, closeAt } = poll.manifest
      const { counted } = tallies.mustGet(view, pollId)
      return { pollId, mode, kind, phase: phaseOf(poll, block), rollCount: poll.rollCount, counted, openAt, closeAt }
    })
    return { polls: rows, next: until < all ? until : null }
  },
})

/** Where an election key stands. */
export const getVoter = defineQuery({
  name: 'vote_voter',
  about: 'The number of an election key on a roll, and the sequence of its counted ballot, 0 where there is none.',
  params: struct({ pollId: code(32), key: fixedBytes(32) }),
  result: struct({ rollIndex: u32, struck: bool, seq: u16 }),
  run: (view, { pollId, key }) => {
    const poll = findPoll(view, pollId)
    if (isFailure(poll)) return poll
    const found = rollIndexes.get(view, { pollId, key })
    if (found === null) return failure(VoteError.NOT_ON_ROLL)
    const { rollIndex } = found
    const { struck } = voters.mustGet(view, { pollId, rollIndex })
    return { rollIndex, struck, seq: casts.get(view, { pollId, rollIndex })?.seq ?? 0 }
  },
  keyOf: (place) => rollIndexes.keyOf(place),
})

const ComplaintRow = struct({ by: u8, against: u8, answered: bool, share: option(fixedBytes(32)) })

/** Complaints of trustees. */
export const getComplaints = defineQuery({
  name: 'vote_complaints',
  about: 'Which trustee complained of which, and the share that was shown for it where it fits.',
  params: struct({ pollId: code(32) }),
  result: list(ComplaintRow, TRUSTEES_MAX * TRUSTEES_MAX),
  run: (view, { pollId }) => {
    const poll = findPoll(view, pollId)
    if (isFailure(poll)) return poll
    const numbers = poll.manifest.trustees.map((_, i) => i + 1)
    return numbers.flatMap((against) =>
      numbers.flatMap((by) => {
        const complaint = complaints.get(view, { pollId, by, against })
        return complaint === null ? [] : [{ by, against, ...complaint }]
      }),
    )
  },
})

/** Queries that find. */
export const LOOKUP_QUERIES = [getPolls, getVoter, getComplaints] as const
