// Owns: the injected standstills: what is broken, who is asked, and the cause and the validators that must be named.
// Not here: how things are broken (levers.ts), running the cases (stall-run.ts).
import { PROPOSALS, VOTES } from './cases-of-peers.ts'
import { cutOff, freeze, machineAt, quarantine, returnAs, showForeignVote, stop, submitWithGap, turnClock } from './levers.ts'
import type { StallCase } from './stall-case.ts'
import { startMachines } from './stall-stage.ts'
import type { StallStage } from './stall-stage.ts'

const AHEAD_MS = 9_000

const QUIET: readonly StallCase[] = [
  {
    name: 'no transaction comes',
    inject: (stage) => {
      stage.load = false
    },
    askAfterMs: 21_500,
    cause: 'idle',
    names: [],
    state: 'ok',
  },
  {
    name: 'only a transaction with a nonce gap waits',
    inject: async (stage) => {
      stage.load = false
      await stage.run(5_000)
      submitWithGap(stage, 0)
    },
    askAfterMs: 2_500,
    cause: 'nothingReady',
    names: [],
    state: 'ok',
  },
  { name: 'nothing is broken', inject: () => undefined, cause: 'progressing', names: [], state: 'ok' },
]

const AWAY: readonly StallCase[] = [
  { name: 'two of four stopped', inject: (stage) => stop(stage, [2, 3]), cause: 'unreachable', names: [2, 3], state: 'stalled' },
  {
    name: 'all others stopped',
    inject: (stage) => stop(stage, [1, 2, 3]),
    cause: 'unreachable',
    names: [1, 2, 3],
    state: 'stalled',
  },
  {
    name: 'three of seven stopped',
    n: 7,
    inject: (stage) => stop(stage, [4, 5, 6]),
    cause: 'unreachable',
    names: [4, 5, 6],
    state: 'stalled',
  },
  {
    name: 'two of four never came',
    on: [0, 1],
    inject: () => undefined,
    cause: 'unreachable',
    names: [2, 3],
    state: 'stalled',
  },
  {
    name: 'one alone at the first start',
    on: [0],
    inject: () => undefined,
    cause: 'unreachable',
    names: [1, 2, 3],
    state: 'stalled',
  },
  {
    name: 'two lost power together',
    inject: (stage) => stop(stage, [2, 3], true),
    cause: 'partitioned',
    names: [2, 3],
    state: 'stalled',
  },
  { name: 'network cut 2/2', inject: (stage) => cutOff(stage, [2, 3]), cause: 'partitioned', names: [2, 3], state: 'stalled' },
  {
    name: 'network cut 2/2, seen from the other side',
    asked: 2,
    inject: (stage) => cutOff(stage, [2, 3]),
    cause: 'partitioned',
    names: [0, 1],
    state: 'stalled',
  },
  {
    name: 'network cut 4/3',
    n: 7,
    inject: (stage) => cutOff(stage, [4, 5, 6]),
    cause: 'partitioned',
    names: [4, 5, 6],
    state: 'stalled',
  },
  { name: 'the asked one is cut off', inject: (stage) => cutOff(stage, [0]), cause: 'isolated', names: [0], state: 'stalled' },
  { name: 'two processes hang', inject: (stage) => freeze(stage, [2, 3]), cause: 'silent', names: [2, 3], state: 'stalled' },
  {
    name: 'three of seven hang',
    n: 7,
    inject: (stage) => freeze(stage, [1, 2, 3]),
    cause: 'silent',
    names: [1, 2, 3],
    state: 'stalled',
  },
]

const CLOCKS: readonly StallCase[] = [
  {
    name: 'one clock 9 s ahead',
    inject: (stage) => turnClock(stage, 2, AHEAD_MS),
    cause: 'peerClock',
    names: [2],
    state: 'degraded',
  },
  { name: 'one clock stopped', inject: (stage) => turnClock(stage, 3, null), cause: 'peerClock', names: [3], state: 'degraded' },
  {
    name: 'two clocks 9 s off, one each way',
    inject: (stage) => {
      turnClock(stage, 2, AHEAD_MS)
      turnClock(stage, 3, 0 - AHEAD_MS)
    },
    cause: 'peerClock',
    names: [2, 3],
    state: 'stalled',
  },
  {
    name: 'own clock 9 s ahead',
    inject: (stage) => turnClock(stage, 0, AHEAD_MS),
    cause: 'ownClock',
    names: [0],
    state: 'degraded',
  },
  {
    name: 'own clock 9 s behind',
    inject: (stage) => turnClock(stage, 0, 0 - AHEAD_MS),
    cause: 'ownClock',
    names: [0],
    state: 'degraded',
  },
]

const OWN: readonly StallCase[] = [
  {
    name: 'own signing paused by the operator',
    inject: (stage) => stage.nodeOf(0).signing.stop('operator', 'maintenance'),
    cause: 'signingPaused',
    names: [0],
    state: 'degraded',
  },
  {
    name: 'own key seen at work elsewhere',
    inject: (stage) => showForeignVote(stage, 0, 1),
    cause: 'twin',
    names: [0],
    state: 'degraded',
  },
  {
    name: 'own sign state in quarantine',
    inject: (stage) => quarantine(stage, 0, 1_000),
    cause: 'signingRefused',
    names: [0],
    state: 'degraded',
  },
  {
    name: 'own disk takes seconds for a block',
    inject: (stage) => {
      machineAt(stage, 0).ailments.batchMs = 12_000
    },
    cause: 'slowDisk',
    names: [0],
    state: null,
  },
  {
    name: 'catching up over a slow line',
    inject: async (stage) => {
      stop(stage, [0])
      await stage.run(20_000)
      returnAs(stage, 0, { slowMs: 12_000 })
    },
    askAfterMs: 9_000,
    cause: 'syncing',
    names: [0],
    state: 'stalled',
  },
  {
    name: 'behind, and nobody gives out blocks',
    inject: async (stage) => {
      stop(stage, [0])
      await stage.run(10_000)
      returnAs(stage, 0, { refused: ['blocks', 'body'] })
    },
    askAfterMs: 40_000,
    cause: 'syncStuck',
    names: [0],
    state: 'stalled',
  },
]

/** Every standstill. */
export const STALL_CASES: readonly StallCase[] = [...QUIET, ...AWAY, ...VOTES, ...PROPOSALS, ...CLOCKS, ...OWN]

/** Switches a case's machines on. */
export function startCase(stage: StallStage, { on }: StallCase): void {
  startMachines(stage, on)
}
