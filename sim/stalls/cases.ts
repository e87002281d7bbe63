// Owns: the injected standstills: what is broken, who is asked, and the cause and the validators that must be named.
// Not here: how things are broken (levers.ts), running the cases (stall-run.ts).
import type { Cause } from '../../rpc/node-api.ts'
import { CALM } from '../network.ts'
import {
  cutOff,
  freeze,
  keepBack,
  lieInProposals,
  machineAt,
  quarantine,
  returnAs,
  showForeignVote,
  stop,
  submitWithGap,
  turnClock,
  voteTwice,
} from './levers.ts'
import { startMachines } from './stall-stage.ts'
import type { StallStage } from './stall-stage.ts'

/** One standstill; machines count from 0, so that machine 2 is validator v3. */
export type StallCase = {
  readonly name: string
  /** Validators in the network; 4 unless told. */
  readonly n?: number
  /** Who is asked; machine 0 unless told. */
  readonly asked?: number
  /** Machines that are on before the injection; all unless told. */
  readonly on?: readonly number[]
  readonly inject: (stage: StallStage) => void | Promise<void>
  /** How long after the injection the question comes; 25 s unless told. */
  readonly askAfterMs?: number
  readonly cause: Cause
  /** Machines that must be named, no more and no fewer. */
  readonly names: readonly number[]
  /** Null where both may be: a chain that crawls stands still between two of its blocks. */
  readonly state: 'ok' | 'degraded' | 'stalled' | null
}

const KEEP_VOTES = ['prevote', 'precommit'] as const
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

const VOTES: readonly StallCase[] = [
  {
    name: 'two keep their votes back',
    inject: (stage) => [2, 3].forEach((index) => void keepBack(stage, index, KEEP_VOTES)),
    cause: 'notVoting',
    names: [2, 3],
    state: 'stalled',
  },
  {
    name: 'two keep their prevotes back',
    inject: (stage) => [1, 3].forEach((index) => void keepBack(stage, index, ['prevote'])),
    cause: 'notVoting',
    names: [1, 3],
    state: 'stalled',
  },
  {
    name: 'two were paused by their operators',
    inject: (stage) => [2, 3].forEach((index) => void stage.nodeOf(index).signing.stop('operator', 'maintenance')),
    cause: 'notVoting',
    names: [2, 3],
    state: 'stalled',
  },
  {
    name: 'one stopped, another keeps its votes back',
    inject: (stage) => {
      stop(stage, [3])
      keepBack(stage, 2, KEEP_VOTES)
    },
    cause: 'notVoting',
    names: [2],
    state: 'stalled',
  },
  {
    name: 'two sign everything twice',
    inject: (stage) => [2, 3].forEach((index) => void voteTwice(stage, index)),
    cause: 'faultyThird',
    names: [2, 3],
    state: 'degraded',
  },
  {
    name: 'two came back without their store and cannot sync',
    inject: (stage) => {
      stop(stage, [2, 3])
      for (const index of [2, 3]) returnAs(stage, index, { forget: true, refused: ['blocks', 'body'] })
    },
    cause: 'peersBehind',
    names: [2, 3],
    state: 'stalled',
  },
]

const PROPOSALS: readonly StallCase[] = [
  { name: 'a proposer stopped', inject: (stage) => stop(stage, [3]), cause: 'proposerDown', names: [3], state: 'degraded' },
  {
    name: 'two proposers of seven stopped',
    n: 7,
    inject: (stage) => stop(stage, [5, 6]),
    cause: 'proposerDown',
    names: [5, 6],
    state: 'degraded',
  },
  {
    name: 'one keeps its proposals back',
    inject: (stage) => keepBack(stage, 2, ['proposal']),
    cause: 'proposerSilent',
    names: [2],
    state: 'degraded',
  },
  {
    name: 'all others keep their proposals back',
    inject: (stage) => [1, 2, 3].forEach((index) => void keepBack(stage, index, ['proposal'])),
    cause: 'proposerSilent',
    names: [1, 2, 3],
    state: 'degraded',
  },
  {
    name: 'one proposes broken blocks',
    inject: (stage) => lieInProposals(stage, 2, 'broken'),
    cause: 'proposalInvalid',
    names: [2],
    state: 'degraded',
  },
  {
    name: 'one proposes blocks without a body',
    inject: (stage) => lieInProposals(stage, 2, 'hollow'),
    cause: 'bodyMissing',
    names: [2],
    state: 'degraded',
  },
  {
    name: 'one proposes two blocks at once',
    inject: (stage) => lieInProposals(stage, 2, 'double'),
    cause: 'splitVotes',
    names: [2],
    state: 'degraded',
  },
  {
    name: 'messages take four seconds',
    inject: (stage) => stage.network.setRules({ ...CALM, latencyMs: 4_000 }),
    cause: 'slowNetwork',
    names: [],
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
