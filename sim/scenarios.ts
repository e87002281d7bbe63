// Owns: named plans, at least one for each fault of the catalogue; the seed varies them. Not here: the random mix (mix.ts).
import { must } from '../core/base/assert.ts'
import { CALM } from './network.ts'
import { buildMix, storm } from './mix.ts'
import { faultyMax } from './plan.ts'
import type { Fault, Plan } from './plan.ts'
import { createRandom } from './prng.ts'
import { EVERY_BOUNDARY_MS, crashAll, everyBoundary, lostFiles, times, weakDisk } from './scenarios-disk.ts'
import type { Draft } from './scenarios-disk.ts'

/** What every scenario is told. */
export type ScenarioInput = { readonly seed: number; readonly heights: number; readonly crypto: Plan['crypto'] }

type Story = (draft: Draft) => {
  readonly liars?: readonly string[]
  /** Liars, at most a third unless told. */
  readonly liarCount?: number
  readonly twins?: readonly number[]
  readonly faults?: readonly Fault[]
  readonly txEveryMs?: number
  readonly faultMs?: number
  readonly spares?: number
}

const all = (n: number): number[] => Array.from({ length: n }, (_, i) => i)

function cutInto(draft: Draft, sizes: readonly number[]): Fault[] {
  const { random, n, faultMs } = draft
  const order = random.shuffle(all(n))
  const groups = sizes.map((size) => order.splice(0, size))
  return [{ kind: 'partition', atMs: 500 + random.below(1_000), forMs: faultMs, groups }]
}

const SET_CHANGES_MS = 13_000

/** Seats come, go and change their keys while machines crash; a network of four may not become one of three. */
function setChanges(draft: Draft): Fault[] {
  const { random, n } = draft
  const [leaving = 0, rotating = 1, other = 2] = random.shuffle(all(n))
  const changes = [
    { change: 'remove', machine: leaving },
    { change: 'add', machine: n },
    { change: 'rotate', machine: rotating },
    { change: 'remove', machine: other },
    { change: 'add', machine: n + 1 },
  ] as const
  const planned = changes.map((entry, i) => ({ kind: 'setChange', atMs: 900 + i * 2_200 + random.below(400), ...entry }) as const)
  const crashes = times({ ...draft, faultMs: SET_CHANGES_MS }, 2_500).map((atMs) => ({
    kind: 'crash' as const,
    atMs,
    machine: random.below(n + 2),
    mode: random.pick(['keep', 'lose'] as const),
    silent: random.chance(300_000),
    boundaries: random.below(40),
    downMs: random.below(500),
  }))
  return [...planned, ...crashes].sort((a, b) => a.atMs - b.atMs)
}

function swizzle({ random, n, faultMs }: Draft): Fault[] {
  return random.shuffle(all(n)).flatMap((machine, i) => {
    const atMs = 400 + i * 250
    return [{ kind: 'partition', atMs, forMs: faultMs - atMs - random.below(1_500), groups: [[machine], []] } satisfies Fault]
  })
}

function hiddenLock(draft: Draft): Fault[] {
  const { random, n } = draft
  return times(draft, 3_000).flatMap((atMs) => {
    const [lucky = 0, deaf = 0] = random.shuffle(all(n))
    const others = all(n).filter((machine) => machine !== lucky)
    // One hears no proposal and prevotes nil; one hears every prevote, the others none of the lucky one's and of one more.
    return [
      ...all(n).map((machine) => ({ kind: 'mute', atMs, forMs: 2_600, machine, what: 'proposal', to: [deaf] }) satisfies Fault),
      { kind: 'mute', atMs: atMs + 1, forMs: 2_600, machine: lucky, what: 'prevote', to: others } satisfies Fault,
      {
        kind: 'partition',
        atMs: atMs + 1_300 + random.below(700),
        forMs: 600 + random.below(1_500),
        groups: [[lucky], []],
      } satisfies Fault,
    ]
  })
}

function badClocks(draft: Draft): Fault[] {
  const { random, n, f } = draft
  return times(draft, 1_200).map((atMs) => {
    const machine = random.below(n)
    const forMs = 300 + random.below(3_000)
    if (machine < f && random.chance(300_000)) return { kind: 'frozenClock', atMs, forMs, machine }
    return {
      kind: 'clock',
      atMs,
      forMs,
      machine,
      skewMs: machine < f ? random.between(-60_000, 60_000) : random.between(-200, 200),
    }
  })
}

function badLinks(draft: Draft): Fault[] {
  const { random } = draft
  return times(draft, 1_000).map((atMs) => ({
    kind: 'links',
    atMs,
    forMs: 900,
    rules: {
      latencyMs: CALM.latencyMs + random.below(random.chance(300_000) ? 1_500 : 60),
      jitterMs: random.below(400),
      lossPpm: random.below(500_000),
      copyPpm: random.below(300_000),
      disorderPpm: random.below(600_000),
      rotPpm: random.chance(300_000) ? random.below(100_000) : 0,
    },
  }))
}

// The honest do not hear each other; the liars hear all.
function honestApart({ random, n, f, faultMs }: Draft): Fault[] {
  const honest = all(n).slice(f + 1)
  const some = random.shuffle(honest).slice(0, Math.floor(honest.length / 2))
  return some.flatMap((from) =>
    honest
      .filter((to) => !some.includes(to))
      .flatMap((to) => [
        { kind: 'oneWay', atMs: 200, forMs: faultMs, from, to } satisfies Fault,
        { kind: 'oneWay', atMs: 200, forMs: faultMs, from: to, to: from } satisfies Fault,
      ]),
  )
}

function lateDecisions(draft: Draft): Fault[] {
  const { random, n } = draft
  return times(draft, 700).flatMap((atMs) =>
    all(n).map((machine) => {
      const to = random.shuffle(all(n)).slice(0, n - 1)
      return { kind: 'mute', atMs, forMs: 1_000 + random.below(1_500), machine, what: 'precommit', to } satisfies Fault
    }),
  )
}

const blackout = ({ random, faultMs }: Draft): Fault[] => [
  {
    kind: 'restartAll',
    atMs: Math.floor(faultMs / 3),
    mode: random.pick(['keep', 'lose'] as const),
    downMs: 500,
    spreadMs: 4_000,
  },
  { kind: 'restartAll', atMs: faultMs - 200, mode: 'keep', downMs: 100, spreadMs: 100 },
]

const STORIES: Readonly<Record<string, Story>> = {
  calm: () => ({}),
  'set-changes': (draft) => ({ faults: setChanges(draft), spares: 2, faultMs: SET_CHANGES_MS }),
  'equivocating-proposer': () => ({ liars: ['doublePropose'] }),
  'double-votes': () => ({ liars: ['doublePropose', 'doubleVote'] }),
  withheld: () => ({ liars: ['withholdProposals', 'withholdVotes', 'late'] }),
  amnesia: (draft) => ({ liars: ['amnesia'], faults: badLinks(draft) }),
  'hidden-lock': (draft) => ({ faults: hiddenLock(draft) }),
  'partition-half': (draft) => ({ faults: cutInto(draft, [Math.floor(draft.n / 2), draft.n]) }),
  'partition-one': (draft) => ({ faults: cutInto(draft, [1, draft.n]) }),
  swizzle: (draft) => ({ faults: swizzle(draft) }),
  'bad-links': (draft) => ({ faults: badLinks(draft) }),
  crashes: (draft) => ({ faults: crashAll(draft) }),
  'every-boundary': (draft) => ({
    faults: everyBoundary(draft),
    faultMs: EVERY_BOUNDARY_MS,
  }),
  'weak-disk': (draft) => ({ faults: weakDisk(draft) }),
  'lost-files': (draft) => ({ faults: lostFiles(draft) }),
  'old-backup': (draft) => ({
    faults: times(draft, 2_500).map((atMs) => ({
      kind: 'oldMachine',
      atMs: atMs + 3_000,
      machine: 0,
      downMs: 4_500 + draft.random.below(2_000),
    })),
  }),
  'bad-clocks': (draft) => ({ liars: draft.random.chance(500_000) ? ['wrongTime'] : [], faults: badClocks(draft) }),
  blackout: (draft) => ({ faults: blackout(draft) }),
  accusations: (draft) => ({ liars: ['accuse', 'doubleVote'], faults: crashAll(draft, 2_000) }),
  flood: (draft) => ({ liars: ['flood'], faults: cutInto(draft, [Math.floor(draft.n / 2), draft.n]) }),
  'lying-sync': (draft) => ({
    liars: ['lyingHeight', 'badAnswers'],
    faults: [...crashAll(draft), ...cutInto(draft, [1, draft.n])],
  }),
  poison: () => ({ liars: ['badBlock', 'hollowBlock'] }),
  idle: ({ faultMs }) => ({ txEveryMs: 1_500, faults: [{ kind: 'idle', atMs: 500, forMs: faultMs - 1_000 }] }),
  storm: (draft) => ({
    faults: storm(draft, 400),
    liars: draft.random.pick([[], [], ['withholdProposals'], ['doubleVote'], ['amnesia']]),
  }),
  'heavy-loss': ({ random, faultMs }) => ({
    txEveryMs: 0,
    faults: Array.from({ length: Math.floor(faultMs / 1_500) }, (_, i) => {
      const rules = {
        ...CALM,
        latencyMs: random.below(200),
        jitterMs: random.below(600),
        lossPpm: 500_000 + random.below(450_000),
      }
      return { kind: 'links', atMs: 300 + i * 1_500, forMs: 1_499, rules } satisfies Fault
    }),
  }),
  'late-decisions': (draft) => ({ faults: lateDecisions(draft) }),
  'too-many-liars': (draft) => ({
    liars: ['doublePropose', draft.random.pick(['doubleVote', 'amnesia'])],
    liarCount: draft.f + 1,
    faults: honestApart(draft),
  }),
  twins: (draft) => ({ twins: [draft.random.below(draft.n)], faults: cutInto(draft, [2, draft.n]) }),
  'lying-disk': (draft) => ({
    faults: times(draft, 1_500).map((atMs) => ({
      kind: 'lyingDisk',
      atMs,
      forMs: 900,
      machine: 0,
      downMs: draft.random.below(500),
    })),
  }),
  'broken-certificates': (draft) => ({ liars: ['badCertificates'], faults: badLinks(draft) }),
}

/** How many validators, where it matters. */
const SIZES: Readonly<Record<string, readonly number[]>> = { 'every-boundary': [1, 4], 'set-changes': [4, 5, 7] }

const NAMES: readonly string[] = Object.keys(STORIES)

/** Names of all scenarios; `mix` is the random one, `rota` takes the mix for even seeds and the others in turn for odd ones. */
export const SCENARIOS: readonly string[] = ['mix', 'rota', ...NAMES]

function onRota(seed: number): string {
  return seed % 2 === 0 ? 'mix' : must(NAMES[((seed - 1) / 2) % NAMES.length], 'a scenario')
}

/** The plan of a scenario and a seed, or null without such a scenario. */
export function buildPlan(name: string, { seed, heights, crypto }: ScenarioInput): Plan | null {
  const scenario = name === 'rota' ? onRota(seed) : name
  if (scenario === 'mix') return buildMix(seed, heights, crypto)
  const story = STORIES[scenario]
  if (story === undefined) return null
  const random = createRandom(seed, 'plan')
  const n = random.pick(SIZES[scenario] ?? [4, 4, 4, 7])
  const f = faultyMax(n)
  const draft = { random, n, f, faultMs: 6_000 + random.below(Math.min(6_000, 300 * heights)) }
  const {
    liars = [],
    liarCount = f,
    twins = [],
    faults = [],
    txEveryMs = 100,
    faultMs = draft.faultMs,
    spares = 0,
  } = story(draft)
  const byzantine = liars.length === 0 ? [] : all(liarCount).map((machine) => ({ machine, ways: [...liars] }))
  return { scenario, seed, n, crypto, heights, faultMs, txEveryMs, byzantine, twins: [...twins], spares, faults: [...faults] }
}
