// A voter's phone: cast or audit, a ballot found again, a reward that leads to no ballot; and the same in a browser.
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { toHex } from '../../core/base/bytes.ts'
import { getBundle } from '../../modules/vote/queries.ts'
import { keys, polls } from '../../modules/vote/store.ts'
import { strike } from '../../modules/vote/strike.ts'
import { cast, castAnon, chancesOf, codeOf, election, openSecret, POLL, seal, sealAnon, voter } from '../../test/vote-bench.ts'
import type { RoomBench } from '../../test/room-bench.ts'
import { createTokenKeys, finishToken, requestToken, verifyToken } from '../points-token.ts'
import { readBundle } from './bundle.ts'
import { auditBallot, prepareBallot } from './prepare.ts'
import { createRewardDesk, requestReward } from './reward.ts'
import { sealOpenly } from './seal.ts'
import { receiptOf, traceBallot } from './track.ts'

const codeIn = (run: () => unknown): string => {
  try {
    run()
    return 'nothing thrown'
  } catch (error) {
    return (error as { code: string }).code
  }
}
const placeIn = (city: RoomBench, rollIndex = 0, seq = 1) => {
  const { manifest, eh } = polls.mustGet(city.view, POLL)
  return { manifest, eh, key: keys.mustGet(city.view, POLL).key, rollIndex, seq }
}
const bundleOf = (city: RoomBench) =>
  readBundle({ format: 'naru-poll-bundle/v1', network: 'devnet', pages: [city.ask(getBundle, { pollId: POLL, cursor: null })] })

describe('cast or audit', () => {
  const city = openSecret(2)

  it('opens a ballot for another device, and never casts it', () => {
    const prepared = prepareBallot(placeIn(city), [1])
    expect(auditBallot(placeIn(city), prepared.audit(), prepared.ballotHash)).toEqual([1])
    expect(codeIn(() => prepared.cast())).toBe('BALLOT_SPENT')
  })

  it('casts a ballot, and never opens it; the chain tells the hash that was shown', () => {
    const prepared = prepareBallot(placeIn(city), [0])
    const outcome = cast(city, 0, prepared.cast())
    expect(outcome.events).toMatchObject([{ payload: { ballotHash: prepared.ballotHash } }])
    expect(codeIn(() => prepared.audit())).toBe('BALLOT_SPENT')
    expect(codeIn(() => prepared.cast())).toBe('BALLOT_SPENT')
  })

  it('catches a phone that seals another choice, shows another hash, or lies about an opening', () => {
    const place = placeIn(city)
    const prepared = prepareBallot(place, [1])
    const honest = prepared.audit()
    const audit = (given: Partial<typeof honest>, hash = prepared.ballotHash) =>
      codeIn(() => auditBallot(place, { ...honest, ...given }, hash))
    expect(audit({}, toHex(new Uint8Array(32)))).toBe('AUDIT_FAILED')
    expect(audit({ ballot: sealOpenly(place, [0]).ballot })).toBe('AUDIT_FAILED')
    expect(audit({ opening: { ...honest.opening, bits: [1, 0] } })).toBe('AUDIT_FAILED')
    expect(audit({ opening: { ...honest.opening, r: [...honest.opening.r].reverse() } })).toBe('AUDIT_FAILED')
    expect(audit({ opening: { bits: [0], r: honest.opening.r } })).toBe('AUDIT_FAILED')
    expect(codeIn(() => auditBallot(placeIn(city, 1), honest, prepared.ballotHash))).toBe('AUDIT_FAILED')
    expect(audit({})).toBe('nothing thrown')
  })
})

describe('finding one’s own ballot', () => {
  it('says what became of it', () => {
    const city = openSecret(5)
    const first = seal(city, 0, [0])
    const second = seal(city, 0, [1], 2)
    const receipts = [first, second].map((ballot, i) => receiptOf({ pollId: POLL, seq: i + 1, ballot }))
    const trace = (index: number, of: number) => traceBallot(bundleOf(city), voter(index), receipts[of] as (typeof receipts)[0])
    expect(trace(0, 0)).toBe('ABSENT')
    cast(city, 0, first)
    expect([trace(0, 0), trace(0, 1), trace(1, 0), trace(9, 0)]).toEqual(['COUNTED', 'ABSENT', 'ABSENT', 'NOT_ON_ROLL'])
    cast(city, 0, second, { seq: 2 })
    expect([trace(0, 0), trace(0, 1)]).toEqual(['REPLACED', 'COUNTED'])
    const other = receiptOf({ pollId: POLL, seq: 2, ballot: first })
    expect(traceBallot(bundleOf(city), voter(0), other)).toBe('CHANGED')
    city.run(strike, { sender: election, payload: { pollId: POLL, rollIndex: 0 } })
    expect(trace(0, 1)).toBe('STRUCK')
  })

  it('does so where nobody else can', () => {
    const city = openSecret(5, { mode: 'SECRET_ANON' })
    const ballot = sealAnon(city, 3, [0])
    expect(codeOf(castAnon(city, 3, [0], { ballot }))).toBe(null)
    const receipt = receiptOf({ pollId: POLL, seq: 1, ballot })
    expect([0, 3].map((index) => traceBallot(bundleOf(city), voter(index), receipt))).toEqual(['ABSENT', 'COUNTED'])
  })
})

describe('the reward of a survey', () => {
  const tokenKeys = createTokenKeys()
  const eh = '17'.repeat(32)
  const survey = { pollId: POLL, eh }
  const voters = [0, 1].map((index) => ({ key: keyOf(index), hasCast: true }))
  function keyOf(index: number): Uint8Array {
    const city = openSecret(2)
    return (bundleOf(city).rows[index] as { key: Uint8Array }).key
  }
  const ask = (rollIndex: number, blinded: Uint8Array) =>
    requestReward({ ...survey, rollIndex, secret: voter(rollIndex) }, blinded)

  it('is answered once a voter, for who has cast and signs with the election key', () => {
    const desk = createRewardDesk({ ...survey, keys: tokenKeys })
    const { blinded } = requestToken(new Uint8Array(32).fill(1))
    const other = requestToken(new Uint8Array(32).fill(2)).blinded
    const request = ask(0, blinded)
    const [first, second] = voters as [(typeof voters)[0], (typeof voters)[0]]
    expect(codeIn(() => desk.answer({ ...request, pollId: 'other' }, first))).toBe('REWARD_POLL')
    expect(codeIn(() => desk.answer(request, null))).toBe('REWARD_NOT_ON_ROLL')
    expect(codeIn(() => desk.answer(request, second))).toBe('REWARD_PROOF')
    expect(codeIn(() => desk.answer({ ...request, blinded: other }, first))).toBe('REWARD_PROOF')
    expect(codeIn(() => desk.answer(request, { ...first, hasCast: false }))).toBe('REWARD_NOT_CAST')
    const answer = desk.answer(request, first)
    expect(desk.answer(request, first)).toBe(answer)
    expect(codeIn(() => desk.answer(ask(0, other), first))).toBe('REWARD_TAKEN')
  })

  it('leads to no ballot: every token fits every request that the operator answered', () => {
    const desk = createRewardDesk({ ...survey, keys: tokenKeys })
    const inputs = [5, 6].map((byte) => new Uint8Array(32).fill(byte))
    const tokenBy = (rollIndex: number, input: Uint8Array, at = desk) => {
      const wish = requestToken(input)
      const answer = at.answer(ask(rollIndex, wish.blinded), voters[rollIndex] as (typeof voters)[0])
      return finishToken(tokenKeys.publicKey, wish, answer)
    }
    const tokens = inputs.map((input, rollIndex) => tokenBy(rollIndex, input))
    expect(tokens.every((token) => verifyToken(tokenKeys, token))).toBe(true)
    // Had each voter asked with the other's input, the operator would have given the same two tokens: they depend on input and key.
    const swapped = createRewardDesk({ ...survey, keys: tokenKeys })
    expect(inputs.map((input, rollIndex) => tokenBy(1 - rollIndex, input, swapped))).toEqual(tokens)
    const seen = JSON.stringify([...desk.transcript(), ...swapped.transcript()])
    for (const { input, output } of tokens) for (const part of [input, output]) expect(seen).not.toContain(toHex(part))
    expect(new Set([...desk.transcript(), ...swapped.transcript()].map(({ blinded }) => blinded)).size).toBe(4)
  })
})

describe('in a browser', () => {
  async function loadAndRun() {
    const { NATIVE_PARTS } = await import('#native')
    const sdk = await import('../index.ts')
    const { manifest, eh, key } = placeIn(openSecret(1))
    const image = sdk.imageOf(eh, voter(0))
    const ballot = sdk.sealBallot({ manifest, eh, key, image, seq: 1 }, [1], chancesOf('browser'))
    const ring = { pollId: POLL, eh, keys: [sdk.createElectionKey(voter(0)).key], seq: 1, secret: voter(0) }
    const payload = sdk.authoriseAnon(ring, ballot, chancesOf('browser-ring'))
    const { ballotHash } = sdk.receiptOf({ pollId: POLL, seq: 1, ballot })
    return { part: NATIVE_PARTS.ed25519, ballotHash, image: toHex(image), c0: toHex(payload.ring.c0) }
  }
  let native: Awaited<ReturnType<typeof loadAndRun>>
  let browser: Awaited<ReturnType<typeof loadAndRun>>
  beforeAll(async () => {
    native = await loadAndRun()
    vi.resetModules()
    vi.doMock('#native', () => import('../../core/crypto/native.browser.ts'))
    browser = await loadAndRun()
  })
  afterAll(() => {
    vi.doUnmock('#native')
    vi.resetModules()
  })

  it('the same ballot, image and signature come out', () => {
    expect([native.part, browser.part]).toEqual(['sodium-native', '@noble/ed25519'])
    expect({ ...browser, part: null }).toEqual({ ...native, part: null })
  })
})
