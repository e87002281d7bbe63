// Owns: that polls, voters and complaints are found. Not here: a poll's life (vote.test.ts, secret.test.ts).
import { describe, expect, it } from 'vitest'
import { ZERO_HASH } from '../../core/base/ids.ts'
import { toHex } from '../../core/base/bytes.ts'
import * as bench from '../../test/vote-bench.ts'
import { POLL, castOpen, codeOf, create, open, trusteeAccount, voter } from '../../test/vote-bench.ts'
import { timesBase } from './crypto/group.ts'
import { shareFor } from './crypto/feldman.ts'
import { scalarBytes } from './crypto/group.ts'
import { getComplaints, getPolls, getVoter } from './lookup.ts'
import { trusteeAnswer, trusteeComplain } from './trustee.ts'

const poll = { pollId: POLL }

describe('finding', () => {
  it('lists polls in the order of their making, 100 a page', () => {
    const city = bench.bench()
    expect(city.ask(getPolls, {})).toEqual({ polls: [], next: null })
    for (let i = 0; i < 103; i++) expect(codeOf(create(city, { pollId: `poll-${i}` }))).toBe(null)
    const first = city.ask(getPolls, {}) as { polls: { pollId: string }[]; next: number }
    expect([first.polls.length, first.polls[0]?.pollId, first.next]).toEqual([100, 'poll-0', 100])
    const last = city.ask(getPolls, { cursor: 100 }) as { polls: { pollId: string }[]; next: null }
    expect(last.polls.map(({ pollId }) => pollId)).toEqual(['poll-100', 'poll-101', 'poll-102'])
    expect([last.polls[0], last.next]).toMatchObject([
      { mode: 'OPEN', kind: 'SURVEY', phase: 'DRAFT', rollCount: 0, counted: 0 },
      null,
    ])
    expect(city.ask(getPolls, { cursor: 1_000 })).toEqual({ polls: [], next: null })
  })

  it('finds a voter by the election key, and the sequence of the counted ballot', () => {
    const city = open(3, { allowRevote: true })
    castOpen(city, 1, [0])
    castOpen(city, 1, [1], { seq: 2 })
    const keyOf = (index: number): string => `0x${toHex(timesBase(voter(index)).toBytes())}`
    expect(city.ask(getVoter, { ...poll, key: keyOf(1) })).toEqual({ rollIndex: 1, struck: false, seq: 2 })
    expect(city.ask(getVoter, { ...poll, key: keyOf(2) })).toEqual({ rollIndex: 2, struck: false, seq: 0 })
    expect(city.ask(getVoter, { ...poll, key: keyOf(3) })).toBe('VOTE_NOT_ON_ROLL')
    expect(city.ask(getVoter, { pollId: 'nowhere', key: `0x${ZERO_HASH}` })).toBe('VOTE_POLL_UNKNOWN')
  })

  it('shows complaints, and the share that was shown only where it fits', () => {
    const city = bench.withRoll(1, bench.SECRET)
    for (const trustee of [1, 2, 3]) bench.commitKey(city, trustee)
    const complain = (by: number, against: number) =>
      codeOf(city.run(trusteeComplain, { sender: trusteeAccount(by), payload: { ...poll, against } }))
    const answer = (against: number, by: number, share: bigint) =>
      codeOf(city.run(trusteeAnswer, { sender: trusteeAccount(against), payload: { ...poll, by, share: scalarBytes(share) } }))
    expect([complain(4, 1), complain(4, 2), complain(5, 3)]).toEqual([null, null, null])
    const share = shareFor(bench.polynomialOf(1), 4)
    expect([answer(1, 4, share), answer(2, 4, share)]).toEqual([null, null])
    expect(city.ask(getComplaints, poll)).toEqual([
      { by: 4, against: 1, answered: true, share: `0x${toHex(scalarBytes(share))}` },
      { by: 4, against: 2, answered: true, share: null },
      { by: 5, against: 3, answered: false, share: null },
    ])
  })
})
