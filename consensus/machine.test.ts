// Owns: what transcripts cannot show: bounds, determinism, misuse by the host. Not here: single rules (transcript.test.ts).
import { describe, expect, test } from 'vitest'
import fc from 'fast-check'
import { asAddress, asHash32 } from '../core/base/ids.ts'
import type { Address, BlockId } from '../core/base/ids.ts'
import { CITY_PARAMS } from '../core/chain/params.ts'
import { buildValidatorSet, proposerOf } from '../core/chain/validator-set.ts'
import type { Effect } from './effect.ts'
import type { Input } from './input.ts'
import { step } from './machine.ts'
import { createConsensusState } from './state.ts'
import type { ConsensusState } from './state.ts'

const authorities = [1, 2, 3, 4].map((n) => asAddress(`0${n}`.repeat(20)))
const set = buildValidatorSet(
  authorities.map((authority, i) => ({
    authority,
    publicKey: new Uint8Array(32).fill(i),
    name: `v${i}`,
    peerId: `p${i}`,
    addresses: [],
  })),
)
const who = (i: number): Address => authorities[i] ?? asAddress('')
const blockId = (name: string): BlockId => asHash32(name.repeat(64))
const signature = new Uint8Array(64)

function startHeight(height: number, self: number): Input {
  return { kind: 'startHeight', height, set, params: CITY_PARAMS, self: who(self), signedBefore: null }
}

function voteInput(
  by: number,
  round: number,
  word: { type?: 'prevote' | 'precommit'; id?: BlockId | null; height?: number } = {},
): Input {
  const { type = 'prevote', id = null, height = 4 } = word
  return { kind: 'vote', vote: { type, height, round, blockId: id, validRound: -1, validator: who(by), signature } }
}

function run(state: ConsensusState, inputs: readonly Input[]): Effect[] {
  return inputs.flatMap((input) => step(state, input))
}

describe('the machine', () => {
  test('refuses a height that does not go up, which would forget a lock', () => {
    const state = createConsensusState()
    step(state, startHeight(4, 3))
    expect(() => step(state, startHeight(4, 3))).toThrow('height 4 does not follow height 4')
    expect(() => step(state, startHeight(3, 3))).toThrow('height 3 does not follow height 4')
  })

  test('refuses a journal of another height', () => {
    const prevote = { type: 'prevote', height: 3, round: 0, blockId: null, validRound: -1, validator: who(3), signature } as const
    const signedBefore = { lockedRound: -1, lockedId: null, proposal: null, prevote, precommit: null }
    const start: Input = { kind: 'startHeight', height: 4, set, params: CITY_PARAMS, self: who(3), signedBefore }
    expect(() => step(createConsensusState(), start)).toThrow('a journal entry of another height than 4')
  })

  test('does nothing before its first height', () => {
    const state = createConsensusState()
    const inputs: readonly Input[] = [
      { kind: 'wake', height: 0 },
      { kind: 'timeout', height: 0, round: 0, step: 'propose' },
      { kind: 'blockValidated', height: 0, blockId: blockId('a'), valid: true },
      voteInput(0, 0, { height: 0 }),
    ]
    expect(run(state, inputs)).toEqual([])
  })

  test('keeps little through a stall of three thousand rounds', () => {
    const state = createConsensusState()
    run(state, [startHeight(4, 3), { kind: 'wake', height: 4 }])
    for (let round = 0; round < 3_000; round++) {
      for (const by of [0, 1]) run(state, [voteInput(by, round), voteInput(by, round, { type: 'precommit' })])
      run(state, [voteInput(2, round, { type: 'precommit' })])
      run(state, [{ kind: 'timeout', height: 4, round, step: 'precommit' }])
    }
    expect(state.round).toBe(3_000)
    expect(state.votes.rounds.size).toBeLessThanOrEqual(3)
    expect(state.proposals.size).toBe(0)
    expect(state.validity.size).toBe(0)
    expect(state.polkas.length).toBe(0)
  })

  test('keeps little of a validator that floods it with rounds to come', () => {
    const state = createConsensusState()
    run(state, [startHeight(4, 3), { kind: 'wake', height: 4 }])
    for (let round = 1; round < 5_000; round++)
      run(state, [voteInput(0, round), voteInput(0, round, { type: 'precommit', id: blockId('b') })])
    expect(state.round).toBe(0)
    expect([...state.votes.rounds.keys()].sort((a, b) => a - b)).toEqual([0, 1, 4_998, 4_999])
  })

  test('reports sixteen offences of a validator that floods it with second words, and still those of another', () => {
    const state = createConsensusState()
    run(state, [startHeight(4, 3), { kind: 'wake', height: 4 }])
    const twoWords = (by: number, round: number): Effect[] =>
      run(state, [voteInput(by, round, { id: blockId('a') }), voteInput(by, round, { id: blockId('b') })])
    const told = Array.from({ length: 2_000 }, (_, round) => twoWords(0, round + 1)).flat()
    expect(told.filter(({ kind }) => kind === 'misbehaviour')).toHaveLength(16)
    expect(state.reported.size).toBe(16)
    expect(twoWords(1, 0).filter(({ kind }) => kind === 'misbehaviour')).toHaveLength(1)
  })

  test('gives the same effects and the same state for the same inputs, in any order of arrival that it is given twice', () => {
    const anyInput: fc.Arbitrary<Input> = fc.oneof(
      fc
        .record({
          by: fc.nat(2),
          round: fc.nat(3),
          type: fc.constantFrom('prevote' as const, 'precommit' as const),
          id: fc.constantFrom(null, blockId('a'), blockId('b')),
        })
        .map(({ by, round, type, id }) => voteInput(by, round, { type, id })),
      fc.record({ round: fc.nat(3), id: fc.constantFrom(blockId('a'), blockId('b')) }).map(({ round, id }): Input => {
        const proposer = proposerOf(set, { height: 4, round }).authority
        return {
          kind: 'proposal',
          proposal: { height: 4, round, blockId: id, validRound: -1, proposer, signature },
          timely: true,
        }
      }),
      fc
        .record({ round: fc.nat(3), at: fc.constantFrom('propose' as const, 'prevote' as const, 'precommit' as const) })
        .map(({ round, at }): Input => ({ kind: 'timeout', height: 4, round, step: at })),
      fc
        .record({ id: fc.constantFrom(blockId('a'), blockId('b')), valid: fc.boolean() })
        .map(({ id, valid }): Input => ({ kind: 'blockValidated', height: 4, blockId: id, valid })),
      fc.constant<Input>({ kind: 'wake', height: 4 }),
    )
    fc.assert(
      fc.property(fc.array(anyInput, { maxLength: 60 }), (inputs) => {
        const [first, second] = [createConsensusState(), createConsensusState()]
        const effects = run(first, [startHeight(4, 3), ...inputs])
        expect(run(second, [startHeight(4, 3), ...inputs])).toEqual(effects)
        expect(second).toEqual(first)
        const places = effects.flatMap((effect) =>
          effect.kind === 'signVote'
            ? [`${effect.vote.round} ${effect.vote.type}`]
            : effect.kind === 'signProposal'
              ? [`${effect.proposal.round}`]
              : [],
        )
        expect(new Set(places).size).toBe(places.length)
        expect(effects.filter((effect) => effect.kind === 'decide').length).toBeLessThanOrEqual(1)
      }),
      { numRuns: 300 },
    )
  })
})
