// Polls that hide who took part: what they take, what they refuse, what they tell.
import { describe, expect, it } from 'vitest'
import { fromHex, toHex } from '../../core/base/bytes.ts'
import { scalarBytes, timesBase } from './crypto/group.ts'
import { keyImage } from './crypto/ring.ts'
import { KEY_PURPOSES } from '../../core/execution/module.ts'
import * as bench from '../../test/vote-bench.ts'
import {
  castAnon,
  castSecret,
  codeOf,
  election,
  giveShare,
  MINUTE,
  openSecret,
  POLL,
  stranger,
  voter,
} from '../../test/vote-bench.ts'
import type { RoomBench } from '../../test/room-bench.ts'
import { castAnon as definition } from './cast-anon.ts'
import { tallyFinish, tallyStart } from './finish.ts'
import { getAnonBallot, getBallot, getBundle, getResult, getStatus } from './queries.ts'
import { rollClose } from './roll.ts'
import type { Manifest } from './schema.ts'
import { polls } from './store.ts'
import { strike } from './strike.ts'

const poll = { pollId: POLL }
const imageOf = (eh: string, secret: bigint): Uint8Array => keyImage(fromHex(eh), secret).toBytes()
const ANON: Partial<Manifest> = { mode: 'SECRET_ANON' }
const open = (count = 5, change: Partial<Manifest> = {}): RoomBench => openSecret(count, { ...ANON, ...change })
const imageIn = (city: RoomBench, index: number): Uint8Array => imageOf(polls.mustGet(city.view, POLL).eh, voter(index))

describe('a poll that hides who took part', () => {
  it('goes to a result: one ballot a key image, the last of a voter counted, nothing under a voter’s number', () => {
    const city = open()
    const first = castAnon(city, 2, [0])
    const image = imageIn(city, 2)
    expect(first.events).toMatchObject([{ name: 'vote.anonBallotCast', payload: { ...poll, image, seq: 1 } }])
    expect(codeOf(castAnon(city, 4, [1]))).toBe(null)
    expect(codeOf(castAnon(city, 2, [1], { seq: 2 }))).toBe(null)
    expect(codeOf(castAnon(city, 0, [0]))).toBe(null)
    expect(city.ask(getStatus, poll)).toMatchObject({ counted: 3, rollCount: 5 })
    for (let rollIndex = 0; rollIndex < 5; rollIndex++) expect(city.ask(getBallot, { ...poll, rollIndex })).toBe(null)
    expect(city.ask(getAnonBallot, { ...poll, image: `0x${toHex(image)}` })).toMatchObject({ seq: 2 })
    expect(city.ask(getAnonBallot, { ...poll, image: `0x${toHex(imageIn(city, 1))}` })).toBe(null)
    const bundle = city.ask(getBundle, { ...poll, cursor: null }) as { anon: { seq: number }[]; rows: { cast: unknown }[] }
    expect(bundle.anon.map(({ seq }) => seq)).toEqual([2, 1, 1])
    expect(bundle.rows.every(({ cast }) => cast === null)).toBe(true)
    expect(city.broken()).toEqual([])
    city.advance(10 * MINUTE)
    city.run(tallyStart, { sender: stranger, payload: poll })
    for (const trustee of [1, 2, 4]) expect(codeOf(giveShare(city, trustee))).toBe(null)
    expect(codeOf(city.run(tallyFinish, { sender: stranger, payload: { ...poll, counts: [2, 1] } }))).toBe('VOTE_TALLY_MISMATCH')
    expect(codeOf(city.run(tallyFinish, { sender: stranger, payload: { ...poll, counts: [1, 2] } }))).toBe(null)
    expect(city.ask(getResult, poll)).toMatchObject({ result: { counts: [1, 2], turnout: 3 } })
    expect(city.broken()).toEqual([])
  })

  it('gives one voter images in two polls that have nothing in common', () => {
    expect(toHex(imageOf('11'.repeat(32), voter(0)))).not.toBe(toHex(imageOf('22'.repeat(32), voter(0))))
  })

  it('costs by its ciphertexts and by the keys of its ring', () => {
    const city = open()
    const ballot = bench.sealAnon(city, 0, [0])
    const ring = { c0: new Uint8Array(32), responses: Array.from({ length: 64 }, () => new Uint8Array(32)) }
    expect(definition.operations?.({ ...poll, image: imageIn(city, 0), seq: 1, ballot, ring })).toBe(7 + 128)
    expect(definition.keyPurpose).toBe(KEY_PURPOSES.authentication)
  })
})

describe('refusals', () => {
  it('VOTE_RING_TOO_SMALL and VOTE_ROLL_CLOSED: five keys at least, sixty-four at most', () => {
    const city = bench.bench()
    bench.create(city, { ...bench.SECRET, ...ANON }, election)
    bench.rollAdd(city, [0, 1, 2, 3])
    const close = () => codeOf(city.run(rollClose, { sender: election, payload: poll }))
    expect(close()).toBe('VOTE_RING_TOO_SMALL')
    expect(
      codeOf(
        bench.rollAdd(
          city,
          Array.from({ length: 61 }, (_, i) => 4 + i),
        ),
      ),
    ).toBe('VOTE_ROLL_CLOSED')
    expect(codeOf(bench.rollAdd(city, [4]))).toBe(null)
    expect(close()).toBe(null)
  })

  it('VOTE_NO_STRIKE: nobody can tell whose ballot to take out', () => {
    const city = open()
    castAnon(city, 0, [0])
    expect(codeOf(city.run(strike, { sender: election, payload: { ...poll, rollIndex: 0 } }))).toBe('VOTE_NO_STRIKE')
  })

  it('VOTE_ALREADY_CAST: a second ballot where none may follow, an old one brought again, a gap', () => {
    const strict = open(5, { allowRevote: false })
    expect(codeOf(castAnon(strict, 0, [0]))).toBe(null)
    expect(codeOf(castAnon(strict, 0, [1], { seq: 2 }))).toBe('VOTE_ALREADY_CAST')
    const lenient = open()
    castAnon(lenient, 0, [0])
    expect(codeOf(castAnon(lenient, 0, [0]))).toBe('VOTE_ALREADY_CAST')
    expect(codeOf(castAnon(lenient, 0, [1], { seq: 3 }))).toBe('VOTE_ALREADY_CAST')
  })

  it('VOTE_BALLOT_INVALID: a ballot under a number here, a ring elsewhere, too few ciphertexts', () => {
    const city = open()
    expect(codeOf(castSecret(city, 0, [0]))).toBe('VOTE_BALLOT_INVALID')
    expect(codeOf(castAnon(city, 0, [0], { ballot: { kind: 'open', selections: [0] } }))).toBe('VOTE_BALLOT_INVALID')
    expect(codeOf(castAnon(openSecret(5), 0, [0]))).toBe('VOTE_BALLOT_INVALID')
  })

  it('VOTE_BALLOT_COPY: the same ciphertexts under another image', () => {
    const city = open()
    const ballot = bench.sealAnon(city, 0, [0])
    expect(codeOf(castAnon(city, 0, [0], { ballot }))).toBe(null)
    expect(codeOf(castAnon(city, 1, [0], { ballot }))).toBe('VOTE_BALLOT_COPY')
  })

  it('VOTE_PROOF_INVALID: another’s ballot, an image of nobody, a ring of others, a changed response', () => {
    const city = open()
    const ballot = bench.sealAnon(city, 0, [0])
    expect(codeOf(castAnon(city, 1, [0], { ballot }))).toBe('VOTE_PROOF_INVALID')
    expect(codeOf(castAnon(city, 0, [0], { change: { image: timesBase(5n).toBytes() } }))).toBe('VOTE_PROOF_INVALID')
    expect(codeOf(castAnon(city, 0, [0], { change: { image: new Uint8Array(32) } }))).toBe('VOTE_PROOF_INVALID')
    const wrong = Array.from({ length: 5 }, (_, i) => scalarBytes(BigInt(i)))
    for (const responses of [wrong, wrong.slice(1), [...wrong, scalarBytes(1n)]])
      expect(codeOf(castAnon(city, 0, [0], { change: { ring: { c0: scalarBytes(7n), responses } } }))).toBe('VOTE_PROOF_INVALID')
    expect(codeOf(castAnon(city, 0, [0], { ballot }))).toBe(null)
    expect(city.broken()).toEqual([])
  })

  it('VOTE_NOT_OPEN: before the poll opens', () => {
    const city = bench.withRoll(5, { ...bench.SECRET, ...ANON })
    const change = { image: imageIn(city, 0) }
    const ballot = { kind: 'open', selections: [0] } as const
    expect(codeOf(castAnon(city, 0, [0], { ballot, change }))).toBe('VOTE_NOT_OPEN')
  })
})

describe('a random workload of sealed ballots', () => {
  it.each(['SECRET', 'SECRET_ANON'] as const)('of a %s poll keeps invariants 14 and 15', (mode) => {
    const city = openSecret(6, { mode })
    let seed = 11
    const pick = (n: number): number => {
      seed = (seed * 48_271) % 2_147_483_647
      return seed % n
    }
    const seqs = new Map<number, number>()
    const counted: number[] = []
    for (let step = 0; step < 25; step++) {
      const index = pick(6)
      const seq = (seqs.get(index) ?? 0) + pick(2)
      const choice = [pick(2)]
      const isStrike = pick(10) === 0
      const outcome = isStrike
        ? city.run(strike, { sender: election, payload: { ...poll, rollIndex: index } })
        : mode === 'SECRET'
          ? castSecret(city, index, choice, { seq })
          : castAnon(city, index, choice, { seq })
      if (!isStrike && codeOf(outcome) === null) {
        seqs.set(index, seq)
        counted.push(index)
      }
      expect(city.broken()).toEqual([])
    }
    expect(new Set(counted).size).toBeGreaterThan(2)
    expect(counted.length).toBeGreaterThan(new Set(counted).size)
  })
})
