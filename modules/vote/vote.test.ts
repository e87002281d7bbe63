import { describe, expect, it } from 'vitest'
import { ZERO_HASH } from '../../core/base/ids.ts'
import {
  bench,
  cast,
  castOpen,
  codeOf,
  create,
  election,
  MINUTE,
  open,
  POLL,
  rollAdd,
  stranger,
  surveyor,
  voter,
} from '../../test/vote-bench.ts'
import { accountOf } from '../../test/room-bench.ts'
import { certify, voidPoll } from './certify.ts'
import { tallyFinish, tallyStart } from './finish.ts'
import { getAggregate, getBallot, getBundle, getPoll, getResult, getRoll, getStatus } from './queries.ts'
import { rollClose } from './roll.ts'
import { strike } from './strike.ts'

const poll = { pollId: POLL }

describe('an open survey', () => {
  it('goes from manifest to a certified result that anyone reads', () => {
    const city = open(3)
    expect(codeOf(castOpen(city, 0, [1]))).toBe(null)
    expect(codeOf(castOpen(city, 1, [1]))).toBe(null)
    expect(codeOf(castOpen(city, 2, [0]))).toBe(null)
    expect(city.ask(getStatus, poll)).toEqual({ phase: 'OPEN', rollCount: 3, counted: 3 })
    expect(city.ask(getAggregate, poll)).toEqual({ counted: 3, counts: [1, 2, 0], sums: [] })
    city.advance(10 * MINUTE)
    expect(city.ask(getStatus, poll)).toMatchObject({ phase: 'CLOSED' })
    expect(codeOf(city.run(tallyStart, { sender: stranger, payload: poll }))).toBe(null)
    const finished = city.run(tallyFinish, { sender: stranger, payload: { ...poll, counts: [1, 2, 0] } })
    expect(finished.events).toEqual([{ name: 'vote.pollTallied', payload: { ...poll, counts: [1, 2, 0], turnout: 3 } }])
    const [first, second] = [surveyor, election].map((sender) => city.run(certify, { sender, payload: poll }))
    expect(first?.events.map(({ name }) => name)).toEqual(['vote.stepApproved'])
    expect(second?.events.map(({ name }) => name)).toEqual(['vote.pollCertified'])
    const result = { counts: [1, 2, 0], turnout: 3, isQuorate: true }
    expect(city.ask(getResult, poll)).toEqual({ result, certified: true, isBinding: false })
    expect(city.ask(getPoll, poll)).toMatchObject({ phase: 'CERTIFIED', isBinding: false, poll: { rollCount: 3 } })
    expect(city.broken()).toEqual([])
  })

  it('counts the last ballot of a voter alone, and shows it by the voter’s number', () => {
    const city = open(2, { allowRevote: true })
    expect(codeOf(castOpen(city, 0, [0]))).toBe(null)
    expect(codeOf(castOpen(city, 0, [2], { seq: 2 }))).toBe(null)
    expect(city.ask(getAggregate, poll)).toEqual({ counted: 1, counts: [0, 0, 1], sums: [] })
    expect(city.ask(getBallot, { ...poll, rollIndex: 0 })).toMatchObject({ seq: 2, ballot: { kind: 'open', selections: [2] } })
    expect(city.ask(getBallot, { ...poll, rollIndex: 1 })).toBe(null)
    expect(city.ask(getBallot, { ...poll, rollIndex: 2 })).toBe('VOTE_NOT_ON_ROLL')
    expect(city.broken()).toEqual([])
  })

  it('takes a struck voter’s ballot out and no other in', () => {
    const city = open(2, { allowRevote: true })
    castOpen(city, 0, [0])
    castOpen(city, 1, [1])
    expect(codeOf(city.run(strike, { sender: election, payload: { ...poll, rollIndex: 0 } }))).toBe(null)
    expect(city.ask(getAggregate, poll)).toEqual({ counted: 1, counts: [0, 1, 0], sums: [] })
    expect(codeOf(castOpen(city, 0, [0]))).toBe('VOTE_STRUCK')
    expect(codeOf(city.run(strike, { sender: election, payload: { ...poll, rollIndex: 0 } }))).toBe('VOTE_STRUCK')
    expect(city.broken()).toEqual([])
  })

  it('gives roll and ballots in pages of 100', () => {
    const city = open(130, { allowRevote: false })
    castOpen(city, 101, [0])
    expect(city.ask(getRoll, poll)).toMatchObject({ next: 100 })
    const last = city.ask(getBundle, { ...poll, cursor: 100 }) as { rows: { rollIndex: number; cast: unknown }[]; next: null }
    expect([last.rows.length, last.rows[0]?.rollIndex, last.next]).toEqual([30, 100, null])
    expect(last.rows.filter((row) => row.cast !== null).map(({ rollIndex }) => rollIndex)).toEqual([101])
    expect(city.ask(getRoll, { ...poll, cursor: 1_000 })).toEqual({ voters: [], next: null })
  })

  it('reaches its quorum exactly', () => {
    for (const [quorumPpm, isQuorate] of [
      [333_333, true],
      [333_334, false],
    ] as const) {
      const city = open(3, { quorumPpm })
      castOpen(city, 0, [0])
      city.advance(10 * MINUTE)
      city.run(tallyStart, { sender: stranger, payload: poll })
      city.run(tallyFinish, { sender: stranger, payload: { ...poll, counts: [1, 0, 0] } })
      expect(city.ask(getResult, poll)).toMatchObject({ result: { isQuorate } })
    }
  })
})

describe('refusals of the office’s steps', () => {
  it.each([
    ['chainId', { chainId: 'another' }],
    ['options', { options: ['yes'] }],
    ['options twice', { options: ['yes', 'yes'] }],
    ['minSel', { minSel: 0 }],
    ['maxSel', { maxSel: 4 }],
    ['quorum', { quorumPpm: 1_000_001 }],
    ['times', { closeAt: 0 }],
    ['trustees of an OPEN poll', { trustees: [accountOf('v1')], threshold: 1 }],
    ['threshold', { mode: 'SECRET', trustees: [accountOf('v1')], threshold: 2 }],
    ['a trustee twice', { mode: 'SECRET', trustees: [accountOf('v1'), accountOf('v1')], threshold: 1 }],
    ['no trustee', { mode: 'SECRET', trustees: [stranger], threshold: 1 }],
  ] as const)('VOTE_MANIFEST_INVALID: %s', (_, change) => {
    expect(codeOf(create(bench(), change))).toBe('VOTE_MANIFEST_INVALID')
  })

  it('VOTE_MODE_FORBIDDEN: no public answers to a sensitive or statutory-like question', () => {
    expect(codeOf(create(bench(), { sensitive: true }))).toBe('VOTE_MODE_FORBIDDEN')
    expect(codeOf(create(bench(), { kind: 'STATUTORY_LIKE' }))).toBe('VOTE_MODE_FORBIDDEN')
  })

  it('VOTE_REWARD_FORBIDDEN: nothing for a statutory-like vote', () => {
    const change = { mode: 'SECRET', kind: 'STATUTORY_LIKE', rewardProgramme: 'P1' } as const
    expect(codeOf(create(bench(), change))).toBe('VOTE_REWARD_FORBIDDEN')
  })

  it('VOTE_POLL_EXISTS, VOTE_POLL_UNKNOWN, VOTE_POLL_STATE', () => {
    const city = bench()
    expect(codeOf(city.run(rollClose, { sender: surveyor, payload: poll }))).toBe('VOTE_POLL_UNKNOWN')
    expect(city.ask(getAggregate, poll)).toBe('VOTE_POLL_UNKNOWN')
    expect(codeOf(create(city))).toBe(null)
    expect(codeOf(create(city))).toBe('VOTE_POLL_EXISTS')
    expect(codeOf(city.run(tallyStart, { sender: surveyor, payload: poll }))).toBe('VOTE_POLL_STATE')
  })

  it('asks for the office: surveys by either, a policy poll by the election office, strikes by it alone', () => {
    const city = bench()
    expect(codeOf(create(city, {}, stranger))).toBe('GOVERNANCE_NOT_AUTHORIZED')
    expect(codeOf(create(city, { kind: 'POLICY_POLL' }, surveyor))).toBe('GOVERNANCE_NOT_AUTHORIZED')
    expect(codeOf(create(city, { kind: 'POLICY_POLL' }, election))).toBe(null)
    expect(codeOf(rollAdd(city, [0], { sender: stranger }))).toBe('GOVERNANCE_NOT_AUTHORIZED')
    expect(codeOf(rollAdd(city, [0], { sender: surveyor }))).toBe('GOVERNANCE_NOT_AUTHORIZED')
    const running = open(1)
    expect(codeOf(running.run(strike, { sender: surveyor, payload: { ...poll, rollIndex: 0 } }))).toBe(
      'GOVERNANCE_NOT_AUTHORIZED',
    )
  })

  it('VOTE_ROLL_DUPLICATE, VOTE_ROLL_EMPTY, VOTE_ROLL_CLOSED, VOTE_POK_INVALID', () => {
    const city = bench()
    create(city)
    expect(codeOf(city.run(rollClose, { sender: surveyor, payload: poll }))).toBe('VOTE_ROLL_EMPTY')
    expect(codeOf(rollAdd(city, []))).toBe('VOTE_ROLL_EMPTY')
    expect(codeOf(rollAdd(city, [0, 0]))).toBe('VOTE_ROLL_DUPLICATE')
    expect(codeOf(rollAdd(city, [0, 1]))).toBe(null)
    expect(codeOf(rollAdd(city, [2, 1]))).toBe('VOTE_ROLL_DUPLICATE')
    expect(codeOf(rollAdd(city, [2], { eh: ZERO_HASH }))).toBe('VOTE_POK_INVALID')
    expect(codeOf(rollAdd(city, [2], { key: new Uint8Array(32) }))).toBe('VOTE_POK_INVALID')
    city.advance(2 * MINUTE)
    expect(codeOf(rollAdd(city, [2]))).toBe('VOTE_ROLL_CLOSED')
    expect(codeOf(city.run(rollClose, { sender: surveyor, payload: poll }))).toBe(null)
    expect(codeOf(rollAdd(city, [2]))).toBe('VOTE_ROLL_CLOSED')
    expect(codeOf(city.run(rollClose, { sender: surveyor, payload: poll }))).toBe('VOTE_POLL_STATE')
  })

  it('VOTE_TALLY_MISMATCH: the chain counts itself', () => {
    const city = open(2)
    castOpen(city, 0, [0])
    city.advance(10 * MINUTE)
    city.run(tallyStart, { sender: stranger, payload: poll })
    const finish = (counts: readonly number[]) =>
      codeOf(city.run(tallyFinish, { sender: stranger, payload: { ...poll, counts } }))
    expect(finish([0, 1, 0])).toBe('VOTE_TALLY_MISMATCH')
    expect(finish([1, 0])).toBe('VOTE_TALLY_MISMATCH')
    expect(finish([1, 0, 0, 0])).toBe('VOTE_TALLY_MISMATCH')
    expect(finish([1, 0, 0])).toBe(null)
  })

  it('VOTE_APPROVAL_DUP: one officer is never two, and another step starts anew', () => {
    const city = open(1)
    const voidBy = (sender: typeof election, reasonCode: string) =>
      city.run(voidPoll, { sender, payload: { ...poll, reasonCode } })
    expect(codeOf(voidBy(election, 'FIRE'))).toBe(null)
    expect(codeOf(voidBy(election, 'FIRE'))).toBe('VOTE_APPROVAL_DUP')
    expect(voidBy(surveyor, 'FLOOD').events.map(({ name }) => name)).toEqual(['vote.stepApproved'])
    expect(voidBy(election, 'FLOOD').events).toEqual([{ name: 'vote.pollVoided', payload: { ...poll, reasonCode: 'FLOOD' } }])
    expect(codeOf(castOpen(city, 0, [0]))).toBe('VOTE_NOT_OPEN')
    expect(codeOf(voidBy(election, 'FIRE'))).toBe('VOTE_POLL_STATE')
    expect(city.broken()).toEqual([])
  })
})

describe('refusals of ballots', () => {
  it('VOTE_NOT_OPEN: a millisecond before and at the end', () => {
    const city = open(1, {}, 5 * MINUTE - 1)
    expect(codeOf(castOpen(city, 0, [0]))).toBe('VOTE_NOT_OPEN')
    city.advance(1)
    expect(codeOf(castOpen(city, 0, [0]))).toBe(null)
    city.advance(5 * MINUTE)
    expect(codeOf(castOpen(city, 0, [0], { seq: 2 }))).toBe('VOTE_NOT_OPEN')
  })

  it('VOTE_NOT_ON_ROLL: a number that nobody has', () => {
    expect(codeOf(castOpen(open(1), 1, [0]))).toBe('VOTE_NOT_ON_ROLL')
  })

  it('VOTE_ALREADY_CAST: a second ballot, an old one brought again, a gap', () => {
    const strict = open(1)
    castOpen(strict, 0, [0])
    expect(codeOf(castOpen(strict, 0, [1], { seq: 2 }))).toBe('VOTE_ALREADY_CAST')
    const lenient = open(1, { allowRevote: true })
    castOpen(lenient, 0, [0])
    expect(codeOf(castOpen(lenient, 0, [0]))).toBe('VOTE_ALREADY_CAST')
    expect(codeOf(castOpen(lenient, 0, [1], { seq: 3 }))).toBe('VOTE_ALREADY_CAST')
  })

  it('VOTE_BALLOT_INVALID: unknown, repeated, too many, too few options, another mode', () => {
    const city = open(1, { maxSel: 2 })
    for (const selections of [[3], [1, 1], [1, 0], [0, 1, 2], []])
      expect(codeOf(castOpen(city, 0, selections))).toBe('VOTE_BALLOT_INVALID')
    const proof = { c: new Uint8Array(32), z: new Uint8Array(32) }
    expect(codeOf(cast(city, 0, { kind: 'secret', options: [], sum: proof }))).toBe('VOTE_BALLOT_INVALID')
    expect(codeOf(castOpen(city, 0, [0, 2]))).toBe(null)
  })

  it('VOTE_PROOF_INVALID: another voter’s key, place or choice', () => {
    const city = open(2)
    expect(codeOf(castOpen(city, 0, [0], { secret: voter(1) }))).toBe('VOTE_PROOF_INVALID')
    expect(codeOf(castOpen(city, 0, [0], { signedFor: 1 }))).toBe('VOTE_PROOF_INVALID')
    expect(codeOf(castOpen(city, 0, [0], { eh: ZERO_HASH }))).toBe('VOTE_PROOF_INVALID')
    expect(codeOf(castOpen(city, 0, [0]))).toBe(null)
  })
})

describe('a random workload', () => {
  it('keeps the count and never moves a poll back', () => {
    const city = open(6, { allowRevote: true })
    let seed = 7
    const pick = (n: number): number => {
      seed = (seed * 48_271) % 2_147_483_647
      return seed % n
    }
    const seqs = new Map<number, number>()
    let counted = 0
    for (let step = 0; step < 60; step++) {
      const rollIndex = pick(7)
      const seq = (seqs.get(rollIndex) ?? 0) + pick(2)
      if (pick(12) === 0) city.run(strike, { sender: election, payload: { ...poll, rollIndex } })
      else if (codeOf(castOpen(city, rollIndex, [pick(3)], { seq })) === null) {
        seqs.set(rollIndex, seq)
        counted += 1
      }
      expect(city.broken()).toEqual([])
    }
    expect(counted).toBeGreaterThan(5)
  })
})
