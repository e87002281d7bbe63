// Owns: that every answer of the model check is the one that must come, within quick bounds. Not here: that the model is our
// machine (conformance.test.ts), the full bounds (`node sim/model/main.ts`).
import { describe, expect, it } from 'vitest'
import { explore } from './explore.ts'
import { listQuestions, QUICK } from './properties.ts'
import { freshMemory, isAmnesia, MUTANTS, PLAIN, STRICT } from './rules.ts'

describe('the model check', () => {
  for (const { property, question, ask } of listQuestions(QUICK)) {
    it(`${property}: ${question}`, () => {
      const answer = ask()
      expect(answer.trace.length > 0 || answer.passed).toBe(true)
      expect({ verdict: answer.verdict, passed: answer.passed }).toEqual({ verdict: answer.verdict, passed: true })
    })
  }

  it('finds the shortest framing under the rule of the paper: lock, honest relock, prevote of the locked value', () => {
    const { violation } = explore({ rule: PLAIN, honest: 3, quiet: 0, loud: 1, rounds: 4, values: 2 }, ['framed'])
    expect(violation?.trace).toEqual([
      'round 0: prevotes nil, a(vr -1), a(vr -1); precommits nil, nil, a',
      'round 1: prevotes b(vr -1), b(vr -1), nil; precommits nil, nil, b',
      'round 2: honest 2 prevotes b(vr -1)',
    ])
  })

  it('reaches as many states in rounds 0 to 3 as it always did', () => {
    const sizes = (honest: number, quiet: number, loud: number) =>
      explore({ rule: STRICT, honest, quiet, loud, rounds: 4, values: 2 }, []).places.map((places) => places.length)
    expect(sizes(3, 0, 1)).toEqual([1, 5, 30, 168, 880])
    expect(sizes(2, 0, 2)).toEqual([1, 8, 71, 597, 4_620])
    expect(sizes(2, 1, 1)).toEqual([1, 11, 136, 1_217, 8_816])
  })

  it('knows seven ways of breaking the rule by name', () => {
    expect(new Set(MUTANTS.map(({ name }) => name)).size).toBe(7)
  })
})

describe('an amnesia pair', () => {
  it('is a precommit and a later prevote for another value whose valid round is below it', () => {
    const memory = { ...freshMemory(2), precommitted: [1, -1] }
    expect(isAmnesia(memory, { value: 1, validRound: 0 })).toBe(true)
    expect(isAmnesia(memory, { value: 1, validRound: -1 })).toBe(true)
    expect(isAmnesia(memory, { value: 1, validRound: 1 })).toBe(false)
    expect(isAmnesia(memory, { value: 0, validRound: -1 })).toBe(false)
    expect(isAmnesia(freshMemory(2), { value: 0, validRound: -1 })).toBe(false)
  })
})
