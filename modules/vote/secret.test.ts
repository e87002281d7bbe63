import { describe, expect, it } from 'vitest'
import * as bench from '../../test/vote-bench.ts'
import { MINUTE, POLL, castSecret, codeOf, election, openSecret, seal, stranger, trusteeAccount } from '../../test/vote-bench.ts'
import { accountOf } from '../../test/room-bench.ts'
import type { RoomBench } from '../../test/room-bench.ts'
import type { Ballot } from './ballot-schema.ts'
import { scalarBytes } from './crypto/group.ts'
import { shareFor } from './crypto/feldman.ts'
import { certify } from './certify.ts'
import { tallyFinish, tallyStart } from './finish.ts'
import { keyFinish } from './key-finish.ts'
import { getAggregate, getResult, getShares, getStatus } from './queries.ts'
import { rollClose } from './roll.ts'
import { casts, shares } from './store.ts'
import { strike } from './strike.ts'
import { trusteeAnswer, trusteeComplain } from './trustee.ts'

const poll = { pollId: POLL }
const start = (city: RoomBench): void => {
  city.advance(10 * MINUTE)
  expect(codeOf(city.run(tallyStart, { sender: stranger, payload: poll }))).toBe(null)
}
const finish = (city: RoomBench, counts: readonly number[]) =>
  city.run(tallyFinish, { sender: stranger, payload: { ...poll, counts } })
const complain = (city: RoomBench, by: number, against: number) =>
  codeOf(city.run(trusteeComplain, { sender: trusteeAccount(by), payload: { ...poll, against } }))
const answer = (city: RoomBench, against: number, by: number, share: bigint) =>
  city.run(trusteeAnswer, { sender: trusteeAccount(against), payload: { ...poll, by, share: scalarBytes(share) } })
const keygen = (): RoomBench => bench.withRoll(1, bench.SECRET)
const finishKey = (city: RoomBench) => city.run(keyFinish, { sender: stranger, payload: poll })

describe('a secret poll', () => {
  it('counts re-votes once, leaves out who voted on paper, and is opened with two trustees absent', () => {
    const city = openSecret(5)
    for (const [voter, choice] of [
      [0, 0],
      [1, 0],
      [2, 1],
      [3, 1],
    ] as const)
      expect(codeOf(castSecret(city, voter, [choice]))).toBe(null)
    expect(codeOf(castSecret(city, 1, [1], { seq: 2 }))).toBe(null)
    expect(codeOf(city.run(strike, { sender: election, payload: { ...poll, rollIndex: 3 } }))).toBe(null)
    expect(city.ask(getStatus, poll)).toEqual({ phase: 'OPEN', rollCount: 5, counted: 3 })
    expect(city.broken()).toEqual([])
    start(city)
    for (const trustee of [1, 3]) expect(codeOf(bench.giveShare(city, trustee))).toBe(null)
    expect(codeOf(finish(city, [1, 2]))).toBe('VOTE_SHARES_MISSING')
    expect(codeOf(bench.giveShare(city, 5))).toBe(null)
    for (const lie of [
      [2, 1],
      [1, 1],
      [1, 3],
    ])
      expect(codeOf(finish(city, lie))).toBe('VOTE_TALLY_MISMATCH')
    expect(codeOf(finish(city, [1, 2]))).toBe(null)
    for (const sender of [election, accountOf('city3')]) expect(codeOf(city.run(certify, { sender, payload: poll }))).toBe(null)
    const result = { counts: [1, 2], turnout: 3, isQuorate: true }
    expect(city.ask(getResult, poll)).toEqual({ result, certified: true, isBinding: false })
    expect((city.ask(getShares, poll) as { shares: unknown[] }).shares).toHaveLength(3)
    expect(city.broken()).toEqual([])
  })

  it('has invariants that see a result without enough shares, and a ballot of nobody', () => {
    const city = openSecret(2)
    expect(codeOf(castSecret(city, 0, [0]))).toBe(null)
    start(city)
    for (const trustee of [1, 2, 3]) expect(codeOf(bench.giveShare(city, trustee))).toBe(null)
    expect(codeOf(finish(city, [1, 0]))).toBe(null)
    expect(city.broken()).toEqual([])
    const place = { pollId: POLL, trustee: 3 }
    const share = shares.mustGet(city.view, place)
    shares.remove(city.view, place)
    expect(city.broken()).toEqual([expect.stringContaining('fewer trustees than the threshold')])
    shares.set(city.view, place, share)
    const ballot = casts.mustGet(city.view, { pollId: POLL, rollIndex: 0 })
    casts.remove(city.view, { pollId: POLL, rollIndex: 0 })
    casts.set(city.view, { pollId: POLL, rollIndex: 7 }, ballot)
    expect(city.broken()).toEqual([expect.stringContaining('nobody on the roll')])
  })

  it('hides how many options are chosen where that is free', () => {
    const city = openSecret(2, { options: ['a', 'b', 'c'], minSel: 1, maxSel: 2 })
    expect([castSecret(city, 0, [0, 2]), castSecret(city, 1, [2])].map(codeOf)).toEqual([null, null])
    const sizes = [seal(city, 0, [0, 2]), seal(city, 1, [2])].map((ballot) =>
      ballot.kind === 'secret' ? ballot.options.length : 0,
    )
    expect(sizes).toEqual([4, 4])
    start(city)
    for (const trustee of [2, 3, 4]) expect(codeOf(bench.giveShare(city, trustee))).toBe(null)
    expect(codeOf(finish(city, [1, 0, 2]))).toBe(null)
  })

  it('is opened where nobody voted', () => {
    const city = openSecret(1)
    start(city)
    for (const trustee of [1, 2, 3]) expect(codeOf(bench.giveShare(city, trustee))).toBe(null)
    expect(codeOf(finish(city, [0, 0]))).toBe(null)
  })
})

describe('the making of the key', () => {
  it('goes on without a trustee that never committed, and without one that answered wrongly', () => {
    const city = keygen()
    for (const trustee of [1, 2, 3, 4]) expect(codeOf(bench.commitKey(city, trustee))).toBe(null)
    expect(complain(city, 2, 4)).toBe(null)
    const { events } = answer(city, 4, 2, 7n)
    expect(events).toEqual([{ name: 'vote.trusteeAnswered', payload: { ...poll, by: 2, against: 4, isValid: false } }])
    city.advance(4 * MINUTE)
    expect(codeOf(finishKey(city))).toBe(null)
    city.advance(MINUTE)
    expect(codeOf(castSecret(city, 0, [1]))).toBe(null)
    start(city)
    expect(codeOf(bench.giveShare(city, 4))).toBe('VOTE_NOT_TRUSTEE')
    for (const trustee of [1, 2, 3])
      expect(codeOf(bench.giveShare(city, trustee, bench.trusteeSecret(trustee, [1, 2, 3])))).toBe(null)
    expect(codeOf(finish(city, [0, 1]))).toBe(null)
  })

  it('keeps a trustee that answers a complaint rightly', () => {
    const city = keygen()
    for (const trustee of [1, 2, 3]) bench.commitKey(city, trustee)
    expect(complain(city, 2, 1)).toBe(null)
    city.advance(4 * MINUTE)
    expect(codeOf(finishKey(city))).toBe('VOTE_KEYGEN_PENDING')
    expect(codeOf(answer(city, 1, 2, shareFor(bench.polynomialOf(1), 2)))).toBe(null)
    expect(finishKey(city).events.map(({ name }) => name)).toEqual(['vote.keyReady'])
  })

  it('voids the poll where too few are left, or stay silent until openAt', () => {
    const city = keygen()
    for (const trustee of [1, 2, 3]) bench.commitKey(city, trustee)
    complain(city, 2, 1)
    city.advance(5 * MINUTE)
    expect(finishKey(city).events).toEqual([{ name: 'vote.pollVoided', payload: { ...poll, reasonCode: 'VOTE_KEYGEN_FAILED' } }])
    expect(city.broken()).toEqual([])
  })

  it('VOTE_KEYGEN_PENDING, VOTE_TRUSTEE_DUP, VOTE_NOT_TRUSTEE, VOTE_POK_INVALID, VOTE_COMPLAINT_UNKNOWN', () => {
    const city = keygen()
    expect(codeOf(bench.commitKey(city, 1))).toBe(null)
    expect(codeOf(bench.commitKey(city, 1))).toBe('VOTE_TRUSTEE_DUP')
    expect(codeOf(bench.commitKey(city, 2, { commitments: [] }))).toBe('VOTE_POK_INVALID')
    expect(codeOf(bench.commitKey(city, 2, { proof: { c: scalarBytes(1n), z: scalarBytes(1n) } }))).toBe('VOTE_POK_INVALID')
    expect(codeOf(city.run(trusteeComplain, { sender: stranger, payload: { ...poll, against: 1 } }))).toBe('VOTE_NOT_TRUSTEE')
    expect([complain(city, 1, 1), complain(city, 1, 2)]).toEqual(['VOTE_COMPLAINT_UNKNOWN', 'VOTE_COMPLAINT_UNKNOWN'])
    expect(codeOf(answer(city, 1, 2, 1n))).toBe('VOTE_COMPLAINT_UNKNOWN')
    expect([complain(city, 2, 1), complain(city, 2, 1)]).toEqual([null, 'VOTE_TRUSTEE_DUP'])
    expect(codeOf(finishKey(city))).toBe('VOTE_KEYGEN_PENDING')
    city.advance(4 * MINUTE)
    expect(codeOf(bench.commitKey(city, 3))).toBe('VOTE_POLL_STATE')
    expect(codeOf(city.run(rollClose, { sender: election, payload: poll }))).toBe('VOTE_POLL_STATE')
  })
})

describe('refusals of sealed ballots and shares', () => {
  it('VOTE_BALLOT_COPY and VOTE_PROOF_INVALID: a ballot serves its voter once', () => {
    const city = openSecret(3)
    const ballot = seal(city, 0, [0])
    expect(codeOf(bench.cast(city, 0, ballot))).toBe(null)
    expect(codeOf(bench.cast(city, 1, ballot))).toBe('VOTE_BALLOT_COPY')
    expect(codeOf(bench.cast(city, 0, ballot, { seq: 2 }))).toBe('VOTE_BALLOT_COPY')
    expect(codeOf(bench.cast(city, 2, seal(city, 1, [0])))).toBe('VOTE_PROOF_INVALID')
    expect(city.broken()).toEqual([])
  })

  it('VOTE_PROOF_INVALID: any part of a ballot changed, even where its voter signs it', () => {
    const city = openSecret(1)
    const good = seal(city, 0, [0])
    if (good.kind !== 'secret') throw new Error('sealed')
    const parts = ['a', 'b', 'c0', 'c1', 'z0', 'z1'] as const
    const tampered: Ballot[] = parts.map((part) => ({
      ...good,
      options: good.options.map((option, i) => (i === 1 ? { ...option, [part]: scalarBytes(5n) } : option)),
    }))
    tampered.push({ ...good, sum: { ...good.sum, z: scalarBytes(5n) } }, { ...good, options: [...good.options].reverse() })
    for (const ballot of tampered) expect(codeOf(bench.cast(city, 0, ballot))).toBe('VOTE_PROOF_INVALID')
    expect(city.ask(getStatus, poll)).toMatchObject({ counted: 0 })
    expect(codeOf(bench.cast(city, 0, good))).toBe(null)
  })

  it('VOTE_BALLOT_INVALID: too few ciphertexts, or an open answer', () => {
    const city = openSecret(1)
    const good = seal(city, 0, [0])
    if (good.kind !== 'secret') throw new Error('sealed')
    expect(codeOf(bench.cast(city, 0, { ...good, options: good.options.slice(1) }))).toBe('VOTE_BALLOT_INVALID')
    expect(codeOf(bench.castOpen(city, 0, [0]))).toBe('VOTE_BALLOT_INVALID')
  })

  it('VOTE_SHARE_INVALID and VOTE_TRUSTEE_DUP: a share is the trustee’s own, given once', () => {
    const city = openSecret(1)
    castSecret(city, 0, [0])
    expect(codeOf(bench.giveShare(city, 1))).toBe('VOTE_POLL_STATE')
    start(city)
    expect(codeOf(bench.giveShare(city, 1, bench.trusteeSecret(2)))).toBe('VOTE_SHARE_INVALID')
    expect(codeOf(bench.giveShare(city, 1))).toBe(null)
    expect(codeOf(bench.giveShare(city, 1))).toBe('VOTE_TRUSTEE_DUP')
    expect((city.ask(getAggregate, poll) as { counted: number }).counted).toBe(1)
  })
})
