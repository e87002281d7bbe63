// Owns: standstills that come from the votes and proposals of others: what is broken, and the cause that must be named.
// Not here: absence, clocks, the asked node itself (cases.ts).
import { CALM } from '../network.ts'
import { keepBack, lieInProposals, returnAs, stop, voteTwice } from './levers.ts'
import type { StallCase } from './stall-case.ts'

const KEEP_VOTES = ['prevote', 'precommit'] as const

/** Votes that are kept back, doubled or late. */
export const VOTES: readonly StallCase[] = [
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
    // Both hear of the evidence against their keys and sign no more.
    state: 'stalled',
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

/** Proposals that are kept back, broken or late. */
export const PROPOSALS: readonly StallCase[] = [
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
    // Its first lie is evidence, the next block bars it from proposing: nothing is left to name.
    name: 'one proposes two blocks at once, and is barred',
    inject: (stage) => lieInProposals(stage, 2, 'double'),
    cause: 'progressing',
    names: [],
    state: 'ok',
  },
  {
    name: 'messages take four seconds',
    inject: (stage) => stage.network.setRules({ ...CALM, latencyMs: 4_000 }),
    cause: 'slowNetwork',
    names: [],
    state: 'stalled',
  },
]
