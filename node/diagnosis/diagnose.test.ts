// Owns: tests of the diagnosis on observations made by hand: words, thresholds, causes that no simulation brings about, order.
// Not here: real nodes in trouble (sim/stalls).
import { describe, expect, it } from 'vitest'
import { diagnose } from './diagnose.ts'
import type { Observation, SeenValidator } from './observation.ts'
import { formatDuration, formatOffset, formatTimeOfDay, listNames, sortNames } from './words.ts'

const NOON = Date.UTC(2026, 10, 27, 12, 4, 40)

function validator(name: string, change: Partial<SeenValidator> = {}): SeenValidator {
  return {
    name,
    contact: name === 'v1' ? 'self' : 'connected',
    awayMs: null,
    silentMs: 400,
    voteMs: 900,
    height: 41,
    round: 0,
    prevote: 'block',
    precommit: 'none',
    clockOffsetMs: 0,
    answerMs: 5,
    heardBy: [],
    isEvil: false,
    ...change,
  }
}

type Change = { readonly [K in keyof Observation]?: Partial<Observation[K]> | Observation[K] }

function observation(change: Change = {}, n = 7): Observation {
  const base: Observation = {
    nowMs: NOON,
    self: { name: 'v1', hasKey: true, isValidator: true, pause: null, refused: null, isGuardOpen: true, upMs: 3_600_000 },
    head: { height: 40, sinceMs: 60_000 },
    params: { blockIntervalMs: 1_000, heartbeatMs: 30_000, precisionMs: 500, roundMs: 2_000 },
    sync: { behind: false, bestPeerHeight: 40 },
    round: {
      height: 41,
      round: 0,
      step: 'prevote',
      stepMs: 58_000,
      workMs: 59_000,
      proposer: 'v2',
      proposal: 'valid',
      isTimely: true,
      commit: 'none',
      prevoteWords: 1,
    },
    quorum: Math.floor((2 * n) / 3) + 1,
    validators: Array.from({ length: n }, (_, i) => validator(`v${i + 1}`)),
    failedRounds: [],
    invalid: [],
    mempool: { count: 3, hasReady: true },
    disk: { committingMs: null, lastCommitMs: 8, lastExecuteMs: 5 },
  }
  const merged = Object.fromEntries(
    Object.entries(base).map(([key, value]) => {
      const given = (change as Record<string, unknown>)[key]
      if (given === undefined) return [key, value]
      return [key, typeof value === 'object' && !Array.isArray(value) ? { ...value, ...(given as object) } : given]
    }),
  )
  return merged as Observation
}

function withValidators(changes: Readonly<Record<string, Partial<SeenValidator>>>, change: Change = {}): Observation {
  const base = observation(change)
  return { ...base, validators: base.validators.map((entry) => ({ ...entry, ...changes[entry.name] })) }
}

const asked = (seen: Observation) => {
  const { cause, validators, sentence, state } = diagnose(seen)
  return { cause, validators, sentence, state }
}

describe('the sentence', () => {
  it('names who is missing, since when, and what is needed', () => {
    const silent = { prevote: 'none', voteMs: 30_000 } as const
    expect(asked(withValidators({ v3: silent, v6: silent, v7: silent }))).toEqual({
      cause: 'notVoting',
      validators: ['v3', 'v6', 'v7'],
      sentence: 'v3, v6 and v7 have not voted since 12:04:10Z, although connected; 4 of 7 vote, 5 needed',
      state: 'stalled',
    })
  })

  it('tells the clock of a named validator', () => {
    const seen = withValidators({ v6: { clockOffsetMs: 9_000 }, v3: { prevote: 'none', voteMs: 30_000 } })
    const told = diagnose(seen)
    expect(told.sentence).toBe('v6’s clock is 9 s ahead; its proposals are refused beyond 500 ms, and it refuses those of others')
    expect(told.also.map(({ cause, validators }) => [cause, validators])).toEqual([['notVoting', ['v3']]])
  })

  it('carries height, round, step and how many are in reach', () => {
    const gone = { contact: 'closed', awayMs: 30_000 } as const
    expect(diagnose(withValidators({ v2: gone, v4: gone, v5: gone }))).toMatchObject({
      cause: 'unreachable',
      validators: ['v2', 'v4', 'v5'],
      sentence: 'v2, v4 and v5 are not reachable since 12:04:10Z; 4 of 7 reachable, 5 needed',
      height: 40,
      round: 0,
      step: 'prevote',
      sinceMs: NOON - 60_000,
      reachable: 4,
      quorum: 5,
      validatorCount: 7,
    })
  })
})

const failed = (proposer: string, why: Observation['failedRounds'][number]['why'], round: number) => {
  return { height: 41, round, proposer, why, missing: [], agoMs: 1_000 * round }
}

/** Causes that the simulator does not bring about, each with an observation that has it. */
const BY_HAND: readonly (readonly [cause: string, names: readonly string[], seen: Observation])[] = [
  ['invalidHere', ['v1'], observation({ round: { commit: 'invalid' } })],
  ['notValidator', [], observation({ self: { name: null, isValidator: false }, head: { sinceMs: 200 }, round: { workMs: 100 } })],
  ['waitingForOthers', ['v1'], observation({ self: { isGuardOpen: false, upMs: 8_000 } })],
  ['slowExecution', ['v1'], observation({ disk: { lastExecuteMs: 1_400 } })],
  ['bodyMissing', [], observation({ round: { commit: 'asked' } })],
  ['splitVotes', ['v2'], observation({ round: { prevoteWords: 3 } })],
  ['unknown', [], observation({ round: { step: 'propose', proposal: 'none' } })],
  [
    'slowNetwork',
    [],
    observation({ failedRounds: [failed('v2', 'late', 1), failed('v3', 'late', 2)], round: { step: 'propose', round: 3 } }),
  ],
]

describe('causes', () => {
  it.each(BY_HAND)('%s is named', (cause, names, seen) => {
    expect(diagnose(seen)).toMatchObject({ cause, validators: names })
  })

  it('of this node come before those of others, with the others beside them', () => {
    const gone = { contact: 'closed', awayMs: 30_000 } as const
    const pause = { reason: 'twin', text: 'prevote at height 41 round 2', sinceMs: NOON - 5_000 } as const
    const told = diagnose(withValidators({ v2: gone, v4: gone, v5: gone }, { self: { pause } }))
    expect([told.cause, told.also.map(({ cause }) => cause)]).toEqual(['twin', ['unreachable']])
  })

  it('that happened once by chance are none while the chain goes on', () => {
    const fresh = { head: { sinceMs: 500 }, round: { workMs: 400 } }
    expect(diagnose(observation({ ...fresh, failedRounds: [failed('v3', 'noProposal', 1)] })).cause).toBe('progressing')
    const again = [failed('v3', 'noProposal', 1), failed('v3', 'noProposal', 2)]
    expect(diagnose(observation({ ...fresh, failedRounds: again }))).toMatchObject({
      cause: 'proposerSilent',
      validators: ['v3'],
    })
  })

  it('say nothing of a standstill while an idle chain waits for its heartbeat', () => {
    const rest = { round: { step: 'newHeight', workMs: null }, mempool: { count: 0, hasReady: false } } as const
    expect(asked(observation({ ...rest, head: { sinceMs: 29_000 } }))).toMatchObject({ cause: 'idle', state: 'ok' })
    expect(asked(observation({ ...rest, head: { sinceMs: 36_000 } }))).toMatchObject({ cause: 'unknown', state: 'stalled' })
    const begun = { step: 'propose', proposal: 'none', stepMs: 750, workMs: 750 } as const
    expect(asked(observation({ round: begun, head: { sinceMs: 30_750 } }))).toMatchObject({ cause: 'progressing', state: 'ok' })
  })

  it('of clocks take the middle: one wrong clock is its own fault, two equal ones against ours are ours', () => {
    const all = (offsets: readonly number[]) =>
      withValidators(Object.fromEntries(offsets.map((ms, i) => [`v${i + 2}`, { clockOffsetMs: ms }])))
    expect(diagnose(all([0, 0, 0, 0, 0, -3_000]))).toMatchObject({ cause: 'peerClock', validators: ['v7'] })
    expect(diagnose(all([3_000, 3_000, 3_000, 3_000, 3_000, 3_000]))).toMatchObject({ cause: 'ownClock', validators: ['v1'] })
    expect(diagnose(all([240, -240, 0, 0, 0, 100])).cause).not.toMatch(/Clock/)
  })
})

describe('words', () => {
  it('list names as people do', () => {
    expect([listNames([]), listNames(['v3']), listNames(['v3', 'v6']), listNames(['v1', 'v2', 'v3'])]).toEqual([
      'nobody',
      'v3',
      'v3 and v6',
      'v1, v2 and v3',
    ])
    expect(sortNames(['v10', 'v2', 'v2', 'v1'])).toEqual(['v1', 'v2', 'v10'])
  })

  it('tell durations, times of day and offsets', () => {
    expect([850, 12_300, 250_000, 11_100_000].map(formatDuration)).toEqual(['850 ms', '12 s', '4 min 10 s', '3 h 5 min'])
    expect([formatTimeOfDay(NOON), formatTimeOfDay(-1)]).toEqual(['12:04:40Z', '23:59:59Z'])
    expect([formatOffset(8_997), formatOffset(-300)]).toEqual(['9 s ahead', '300 ms behind'])
  })
})
