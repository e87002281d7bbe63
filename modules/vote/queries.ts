// Owns: what can be read of polls over JSON-RPC. Not here: the rules, the verifier (sdk/vote).
import { failure, isFailure } from '../../core/base/errors.ts'
import { list, option, struct } from '../../core/codec/compound.ts'
import { bool, code, fixedBytes, u32, u8 } from '../../core/codec/fields.ts'
import { defineQuery } from '../../core/execution/module.ts'
import type { ReadView } from '../../core/state/view.ts'
import { VoteError } from './errors.ts'
import { DealingSchema, KeySchema, ShareSchema } from './key-schema.ts'
import { findPoll, phaseOf } from './poll.ts'
import { RING_MAX } from './ballot-schema.ts'
import { findAnon } from './cast-anon.ts'
import { AnonCastSchema, CastSchema, PhaseSchema, PollSchema, ResultSchema, TRUSTEES_MAX, TallySchema } from './schema.ts'
import { givenShares } from './share.ts'
import type { Poll } from './schema.ts'
import { anonCasts, casts, dealings, keys, polls, tallies, voters } from './store.ts'

/** Voters of one page of a roll or bundle. */
export const PAGE_MAX = 100

const pollParams = struct({ pollId: code(32) })
const voterParams = struct({ pollId: code(32), rollIndex: u32 })
const pageParams = struct({ pollId: code(32), cursor: option(u32) })

/** A poll. */
export const getPoll = defineQuery({
  name: 'vote_poll',
  about: 'A poll: manifest, its hash, roll, state, result. No poll of this chain binds anybody by law.',
  params: pollParams,
  result: struct({ poll: PollSchema, phase: PhaseSchema, isBinding: bool }),
  run: (view, { pollId }, block) => {
    const poll = findPoll(view, pollId)
    return isFailure(poll) ? poll : { poll, phase: phaseOf(poll, block), isBinding: false }
  },
  keyOf: ({ pollId }) => polls.keyOf(pollId),
})

/** Where a poll stands. */
export const getStatus = defineQuery({
  name: 'vote_status',
  about: 'Phase of a poll at the block’s time, voters on the roll, ballots counted.',
  params: pollParams,
  result: struct({ phase: PhaseSchema, rollCount: u32, counted: u32 }),
  run: (view, { pollId }, block) => {
    const poll = findPoll(view, pollId)
    if (isFailure(poll)) return poll
    return { phase: phaseOf(poll, block), rollCount: poll.rollCount, counted: tallies.mustGet(view, pollId).counted }
  },
})

const VoterRow = struct({ rollIndex: u32, key: fixedBytes(32), struck: bool })

function pageOf(view: ReadView, pollId: string, cursor: number | null) {
  const poll = findPoll(view, pollId)
  if (isFailure(poll)) return poll
  const from = cursor ?? 0
  const until = Math.min(poll.rollCount, from + PAGE_MAX)
  const indexes = Array.from({ length: Math.max(0, until - from) }, (_, i) => from + i)
  const rows = indexes.map((rollIndex) => ({ rollIndex, ...voters.mustGet(view, { pollId, rollIndex }) }))
  return { poll, rows, next: until < poll.rollCount ? until : null }
}

/** The roll in pages. */
export const getRoll = defineQuery({
  name: 'vote_roll',
  about: 'Election keys of a roll in their order, 100 a page; next is the cursor of the page after.',
  params: pageParams,
  result: struct({ voters: list(VoterRow, PAGE_MAX), next: option(u32) }),
  run: (view, { pollId, cursor }) => {
    const page = pageOf(view, pollId, cursor)
    return isFailure(page) ? page : { voters: page.rows, next: page.next }
  },
})

/** A voter's counted ballot. */
export const getBallot = defineQuery({
  name: 'vote_ballot',
  about: 'The counted ballot of a voter’s number; null where there is none.',
  params: voterParams,
  result: option(CastSchema),
  run: (view, place) => (voters.has(view, place) ? casts.get(view, place) : failure(VoteError.NOT_ON_ROLL)),
  keyOf: (place) => casts.keyOf(place),
})

/** The counted ballot of a key image. */
export const getAnonBallot = defineQuery({
  name: 'vote_anonBallot',
  about: 'The counted ballot of a key image in a SECRET_ANON poll; null where there is none.',
  params: struct({ pollId: code(32), image: fixedBytes(32) }),
  result: option(AnonCastSchema),
  run: (view, { pollId, image }) => {
    const poll = findPoll(view, pollId)
    return isFailure(poll) ? poll : findAnon(view, pollId, image)
  },
})

/** The running count. */
export const getAggregate = defineQuery({
  name: 'vote_aggregate',
  about: 'What is counted so far: votes by option (OPEN) or sums of ciphertexts (SECRET).',
  params: pollParams,
  result: TallySchema,
  run: (view, { pollId }) => tallies.get(view, pollId) ?? failure(VoteError.POLL_UNKNOWN, { pollId }),
  keyOf: ({ pollId }) => tallies.keyOf(pollId),
})

/** The outcome. */
export const getResult = defineQuery({
  name: 'vote_result',
  about: 'Counts, turnout and quorum of a tallied poll, and whether it is certified; null before.',
  params: pollParams,
  result: struct({ result: option(ResultSchema), certified: bool, isBinding: bool }),
  run: (view, { pollId }) => {
    const poll = findPoll(view, pollId)
    if (isFailure(poll)) return poll
    const result = poll.state === 'VOID' ? null : poll.result
    return { result, certified: poll.state === 'CERTIFIED', isBinding: false }
  },
  keyOf: ({ pollId }) => polls.keyOf(pollId),
})

const TrusteeParts = {
  key: option(KeySchema),
  dealings: list(struct({ trustee: u8, dealing: DealingSchema }), TRUSTEES_MAX),
  shares: list(struct({ trustee: u8, share: ShareSchema }), TRUSTEES_MAX),
}

function trusteeParts(view: ReadView, poll: Poll) {
  const { pollId, trustees } = poll.manifest
  const dealt = trustees.flatMap((_, i) => {
    const dealing = dealings.get(view, { pollId, trustee: i + 1 })
    return dealing === null ? [] : [{ trustee: i + 1, dealing }]
  })
  return { key: keys.get(view, pollId), dealings: dealt, shares: givenShares(view, poll) }
}

/** What the trustees have given. */
export const getShares = defineQuery({
  name: 'vote_shares',
  about: 'The key of a SECRET poll, the trustees’ parts of it, and their shares of the opening.',
  params: pollParams,
  result: struct(TrusteeParts),
  run: (view, { pollId }) => {
    const poll = findPoll(view, pollId)
    return isFailure(poll) ? poll : trusteeParts(view, poll)
  },
})

/** One voter with the counted ballot, as a bundle has it. */
const BundleRowSchema = struct({ rollIndex: u32, key: fixedBytes(32), struck: bool, cast: option(CastSchema) })

/** One page of a bundle. */
export const BundleSchema = struct({
  poll: PollSchema,
  tally: TallySchema,
  ...TrusteeParts,
  rows: list(BundleRowSchema, PAGE_MAX),
  /** Counted ballots of a SECRET_ANON poll, all on the one page that its roll takes. */
  anon: list(AnonCastSchema, RING_MAX),
  next: option(u32),
})

/** Everything an outside verifier needs, in pages. */
export const getBundle = defineQuery({
  name: 'vote_verifyBundle',
  about: 'Poll, tally, roll and counted ballots, 100 voters a page: all that recounting a poll needs.',
  params: pageParams,
  result: BundleSchema,
  run: (view, { pollId, cursor }) => {
    const page = pageOf(view, pollId, cursor)
    if (isFailure(page)) return page
    const rows = page.rows.map((row) => ({ ...row, cast: casts.get(view, { pollId, rollIndex: row.rollIndex }) }))
    const { poll, next } = page
    const anon = anonOf(view, poll)
    return { poll, tally: tallies.mustGet(view, pollId), ...trusteeParts(view, poll), rows, anon, next }
  },
})

function anonOf(view: ReadView, { manifest: { pollId, mode } }: Poll) {
  const count = mode === 'SECRET_ANON' ? tallies.mustGet(view, pollId).counted : 0
  return Array.from({ length: count }, (_, number) => anonCasts.mustGet(view, { pollId, number }))
}

/** Queries of polls. */
export const POLL_QUERIES = [
  ...[getPoll, getStatus, getRoll, getBallot, getAnonBallot],
  ...[getAggregate, getResult, getShares, getBundle],
] as const
