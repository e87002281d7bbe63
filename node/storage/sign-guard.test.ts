// Owns: tests of sign-guard.ts and sign-state.ts: the table of W4, the strict lock rule, and what no sequence may bring about.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { AssertionFault } from '../../core/base/assert.ts'
import { toHex, utf8ToBytes } from '../../core/base/bytes.ts'
import { decideSign, type SignRequest } from './sign-guard.ts'
import {
  addSignature,
  compareSignPoints,
  createSignState,
  type SignedRecord,
  type SignState,
  type SignStep,
} from './sign-state.ts'

const A = 'aa'.repeat(32)
const B = 'bb'.repeat(32)
const PROPOSAL = 1
const PREVOTE = 2
const PRECOMMIT = 3

function request(height: number, round: number, step: SignStep, blockIdHex: string | null, validRound = -1): SignRequest {
  const signBytes = utf8ToBytes(`${height}/${round}/${step}/${blockIdHex ?? 'nil'}/${validRound}`)
  return { height, round, step, blockIdHex, validRound, signBytes }
}

function signatureOf(asked: SignRequest): Uint8Array {
  return utf8ToBytes(`signature of ${toHex(asked.signBytes)}`).slice(0, 64)
}

function toRecord(asked: SignRequest): SignedRecord {
  const { height, round, step, blockIdHex, signBytes } = asked
  return { height, round, step, blockIdHex, signBytes, signature: signatureOf(asked) }
}

function stateAfter(...asked: SignRequest[]): SignState {
  return asked.reduce((state, one) => addSignature(state, toRecord(one)), createSignState(0))
}

describe('order by height, round and step', () => {
  const state = stateAfter(request(5, 2, PREVOTE, A))

  test('anything above the last signature is signed', () => {
    expect(decideSign(createSignState(0), request(1, 0, PROPOSAL, A))).toEqual({ kind: 'sign' })
    expect(decideSign(state, request(5, 2, PRECOMMIT, A))).toEqual({ kind: 'sign' })
    expect(decideSign(state, request(5, 3, PROPOSAL, B))).toEqual({ kind: 'sign' })
    expect(decideSign(state, request(6, 0, PROPOSAL, B))).toEqual({ kind: 'sign' })
  })

  test('a lower step, round or height is refused without being a conflict', () => {
    for (const below of [request(5, 2, PROPOSAL, A), request(5, 1, PRECOMMIT, A), request(4, 9, PRECOMMIT, null)]) {
      expect(decideSign(state, below)).toMatchObject({ kind: 'refuse', conflict: false })
    }
    expect(decideSign(state, request(5, 1, PRECOMMIT, A))).toMatchObject({
      reason: 'height 5 round 1 step 3 lies below the last signature at height 5 round 2 step 2',
    })
  })

  test('the same bytes at the same point give the stored signature', () => {
    const same = request(5, 2, PREVOTE, A)
    expect(decideSign(state, same)).toEqual({ kind: 'resend', signature: signatureOf(same) })
  })

  test('other bytes at the same point are refused as a conflict', () => {
    for (const other of [request(5, 2, PREVOTE, B), request(5, 2, PREVOTE, null), request(5, 2, PREVOTE, A, 1)]) {
      expect(decideSign(state, other)).toEqual({
        kind: 'refuse',
        conflict: true,
        reason: 'other bytes were already signed at height 5 round 2 step 2',
      })
    }
  })

  test('the latest message of an earlier step is sent again from the store, other bytes for it stay a conflict', () => {
    const later = stateAfter(request(5, 2, PROPOSAL, A), request(5, 2, PREVOTE, A), request(5, 2, PRECOMMIT, A))
    const prevote = request(5, 2, PREVOTE, A)
    expect(decideSign(later, prevote)).toEqual({ kind: 'resend', signature: signatureOf(prevote) })
    expect(decideSign(later, request(5, 2, PROPOSAL, B))).toMatchObject({ kind: 'refuse', conflict: true })
  })

  test('nothing new is signed at or below the floor, and stored bytes are still sent again', () => {
    const floored = { ...state, floorHeight: 6 }
    expect(decideSign(floored, request(6, 0, PREVOTE, A))).toMatchObject({ kind: 'refuse', conflict: false })
    expect(decideSign(floored, request(5, 2, PRECOMMIT, A))).toMatchObject({ kind: 'refuse', conflict: false })
    expect(decideSign(floored, request(5, 2, PREVOTE, A)).kind).toBe('resend')
    expect(decideSign(floored, request(7, 0, PREVOTE, A))).toEqual({ kind: 'sign' })
  })
})

describe('strict lock rule', () => {
  const locked = stateAfter(request(5, 1, PREVOTE, A), request(5, 1, PRECOMMIT, A))

  test.each([
    ['a fresh prevote of another block', request(5, 2, PREVOTE, B), 'refuse'],
    ['a fresh prevote of the locked block itself', request(5, 2, PREVOTE, A), 'refuse'],
    ['a prevote resting on a polka before the lock', request(5, 2, PREVOTE, B, 0), 'refuse'],
    ['a prevote resting on a polka of the locked round', request(5, 2, PREVOTE, A, 1), 'sign'],
    ['a prevote of another block resting on a later polka', request(5, 4, PREVOTE, B, 3), 'sign'],
    ['a nil prevote', request(5, 2, PREVOTE, null), 'sign'],
    ['a nil precommit', request(5, 2, PRECOMMIT, null), 'sign'],
    ['a proposal', request(5, 2, PROPOSAL, B), 'sign'],
    ['a non-nil precommit, which moves the lock', request(5, 2, PRECOMMIT, B), 'sign'],
    ['a fresh prevote at the next height', request(6, 0, PREVOTE, B), 'sign'],
  ])('%s', (_, asked, kind) => {
    expect(decideSign(locked, asked).kind).toBe(kind)
  })

  test('a refusal against the lock is a conflict, since the pair would prove amnesia', () => {
    expect(decideSign(locked, request(5, 2, PREVOTE, B, 0))).toEqual({
      kind: 'refuse',
      conflict: true,
      reason: 'locked in round 1, the prevote rests on valid round 0',
    })
  })

  test('the lock outlives later nil votes of the height', () => {
    const state = addSignature(
      addSignature(locked, toRecord(request(5, 2, PREVOTE, null))),
      toRecord(request(5, 2, PRECOMMIT, null)),
    )
    expect(state.lastLock).toMatchObject({ round: 1, blockIdHex: A })
    expect(state.precommit).toMatchObject({ round: 2, blockIdHex: null })
    expect(decideSign(state, request(5, 3, PREVOTE, B)).kind).toBe('refuse')
  })

  test('a lock in round 0 is a lock', () => {
    const state = stateAfter(request(5, 0, PRECOMMIT, A))
    expect(decideSign(state, request(5, 1, PREVOTE, B)).kind).toBe('refuse')
    expect(decideSign(state, request(5, 1, PREVOTE, B, 0)).kind).toBe('sign')
  })

  test('a new height clears lock and stored messages', () => {
    const state = addSignature(locked, toRecord(request(6, 0, PREVOTE, B)))
    expect(state).toMatchObject({ lastLock: null, proposal: null, precommit: null, prevote: { height: 6 }, last: { height: 6 } })
  })
})

describe('malformed requests', () => {
  test.each([
    ['height 0', request(0, 0, PREVOTE, A)],
    ['a fractional height', request(1.5, 0, PREVOTE, A)],
    ['a negative round', request(1, -1, PREVOTE, A)],
    ['a round above 32 bits', request(1, 2 ** 32, PREVOTE, A)],
    ['an unknown step', request(1, 0, 4 as SignStep, A)],
    ['a valid round that is not below the round', request(1, 1, PREVOTE, A, 1)],
    ['a valid round below -1', request(1, 1, PREVOTE, A, -2)],
    ['a nil vote with a valid round', request(1, 1, PREVOTE, null, 0)],
    ['a proposal of nothing', request(1, 1, PROPOSAL, null)],
    ['a short block id', request(1, 1, PREVOTE, 'ab')],
    ['no sign bytes', { ...request(1, 1, PREVOTE, A), signBytes: new Uint8Array(0) }],
    ['too many sign bytes', { ...request(1, 1, PREVOTE, A), signBytes: new Uint8Array(1025) }],
  ])('%s', (_, asked) => {
    expect(decideSign(createSignState(0), asked)).toMatchObject({ kind: 'refuse', conflict: false })
  })

  test('a signature that is not above the last one cannot enter the state', () => {
    const state = stateAfter(request(5, 2, PREVOTE, A))
    expect(() => addSignature(state, toRecord(request(5, 2, PREVOTE, A)))).toThrow(AssertionFault)
    expect(() => addSignature({ ...state, floorHeight: 6 }, toRecord(request(6, 0, PREVOTE, A)))).toThrow(AssertionFault)
  })
})

const anyRequest: fc.Arbitrary<SignRequest> = fc
  .record({
    height: fc.integer({ min: 1, max: 3 }),
    round: fc.integer({ min: 0, max: 3 }),
    step: fc.constantFrom<SignStep>(1, 2, 3),
    blockIdHex: fc.constantFrom(A, B, null),
    validRound: fc.integer({ min: -1, max: 2 }),
  })
  .map(({ height, round, step, blockIdHex, validRound }) => request(height, round, step, blockIdHex, validRound))

/** All signatures that leave in a run, in order. */
function signAll(asked: readonly SignRequest[]): SignRequest[] {
  let state = createSignState(0)
  const signed: SignRequest[] = []
  for (const one of asked) {
    const decision = decideSign(state, one)
    if (decision.kind === 'resend') expect(decision.signature).toEqual(signatureOf(one))
    if (decision.kind !== 'sign') continue
    signed.push(one)
    state = addSignature(state, toRecord(one))
  }
  return signed
}

describe('over random sequences of requests', () => {
  test('one point never gets two different sign bytes, and signing never goes back', () => {
    fc.assert(
      fc.property(fc.array(anyRequest, { maxLength: 60 }), (asked) => {
        const signed = signAll(asked)
        for (const [i, one] of signed.entries()) {
          const before = signed[i - 1]
          if (before !== undefined) expect(compareSignPoints(one, before)).toBeGreaterThan(0)
        }
        const points = signed.map(({ height, round, step }) => `${height}/${round}/${step}`)
        expect(new Set(points).size).toBe(points.length)
      }),
      { numRuns: 1000 },
    )
  })

  test('no pair of precommit (r1, v) and later prevote (r2, v2, vr < r1) is ever signed', () => {
    fc.assert(
      fc.property(fc.array(anyRequest, { maxLength: 60 }), (asked) => {
        const signed = signAll(asked)
        const locks = signed.filter(({ step, blockIdHex }) => step === PRECOMMIT && blockIdHex !== null)
        const prevotes = signed.filter(({ step, blockIdHex }) => step === PREVOTE && blockIdHex !== null)
        for (const lock of locks) {
          for (const prevote of prevotes) {
            const isLater = prevote.height === lock.height && prevote.round > lock.round
            expect(isLater && prevote.validRound < lock.round).toBe(false)
          }
        }
      }),
      { numRuns: 1000 },
    )
  })
})

describe('a height that a recovery begins in a later round', () => {
  const state = stateAfter(request(5, 2, PREVOTE, A), request(5, 2, PRECOMMIT, A))
  const from = (firstRound: number, asked: SignRequest): SignRequest => ({ ...asked, firstRound })

  test('signs nothing in rounds before it, not even what is stored', () => {
    expect(decideSign(state, from(100, request(5, 99, PREVOTE, B)))).toMatchObject({ kind: 'refuse', conflict: false })
    expect(decideSign(state, from(100, request(5, 2, PRECOMMIT, A)))).toMatchObject({ kind: 'refuse', conflict: false })
  })

  test('is free of a lock of the old validators, and bound by one of the new', () => {
    expect(decideSign(state, request(5, 100, PREVOTE, B))).toMatchObject({ kind: 'refuse', conflict: true })
    expect(decideSign(state, from(100, request(5, 100, PREVOTE, B)))).toEqual({ kind: 'sign' })
    const locked = stateAfter(request(5, 2, PRECOMMIT, A), request(5, 101, PRECOMMIT, B))
    expect(decideSign(locked, from(100, request(5, 103, PREVOTE, A)))).toMatchObject({ kind: 'refuse', conflict: true })
  })

  test('keeps the order of signatures', () => {
    const further = stateAfter(request(5, 120, PREVOTE, A))
    expect(decideSign(further, from(100, request(5, 110, PREVOTE, B)))).toMatchObject({ kind: 'refuse' })
  })
})
