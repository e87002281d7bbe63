// Owns: random plans: which faults strike whom and when, within a budget that leaves the network able to recover.
// Not here: named scenarios (scenarios.ts), what a fault does (faults.ts).
import { WAYS } from './byzantine.ts'
import { CALM } from './network.ts'
import { faultyMax } from './plan.ts'
import type { Fault, Plan } from './plan.ts'
import { createRandom } from './prng.ts'
import type { Random } from './prng.ts'

type Draft = {
  readonly random: Random
  readonly n: number
  readonly faultMs: number
  /** Machines whose disk or clock may be beyond help; at most a third, liars counted. */
  readonly weak: readonly number[]
}

type Maker = (draft: Draft, atMs: number) => Fault | readonly Fault[] | null

const crashMode = (random: Random, isWeak: boolean): 'keep' | 'lose' | { cutBytes: number } => {
  if (isWeak && random.chance(300_000)) return { cutBytes: random.below(9_000) }
  return random.chance(500_000) ? 'keep' : 'lose'
}

const anyMachine = ({ random, n }: Draft): number => random.below(n)
const weakMachine = ({ random, weak }: Draft): number | null => (weak.length === 0 ? null : random.pick(weak))
const length = ({ random, faultMs }: Draft): number => 200 + random.below(Math.max(1, Math.floor(faultMs / 2)))

function crash(draft: Draft, atMs: number): Fault {
  const { random, weak } = draft
  const machine = anyMachine(draft)
  const mode = crashMode(random, weak.includes(machine))
  const boundaries = random.chance(700_000) ? random.below(60) : -1
  return { kind: 'crash', atMs, machine, mode, silent: random.chance(300_000), boundaries, downMs: random.below(3_000) }
}

function partition(draft: Draft, atMs: number): Fault {
  const { random, n } = draft
  const order = random.shuffle(Array.from({ length: n }, (_, i) => i))
  const cut = random.below(n)
  return { kind: 'partition', atMs, forMs: length(draft), groups: [order.slice(0, cut), order.slice(cut)] }
}

function links(draft: Draft, atMs: number): Fault {
  const { random } = draft
  const some = (max: number): number => (random.chance(500_000) ? random.below(max) : 0)
  const rules = {
    latencyMs: random.chance(200_000) ? 200 + random.below(800) : CALM.latencyMs + some(80),
    jitterMs: CALM.jitterMs + some(300),
    lossPpm: some(400_000),
    copyPpm: some(200_000),
    disorderPpm: some(500_000),
    rotPpm: random.chance(200_000) ? some(100_000) : 0,
  }
  return { kind: 'links', atMs, forMs: length(draft), rules }
}

function clock(draft: Draft, atMs: number): Fault {
  const { random, weak } = draft
  const machine = anyMachine(draft)
  // Only a third may be far off; the others stay within half the precision.
  const far = weak.includes(machine)
  const skewMs = far ? random.between(-20_000, 20_000) : random.between(-120, 120)
  if (far && random.chance(300_000)) return { kind: 'frozenClock', atMs, forMs: length(draft), machine }
  return { kind: 'clock', atMs, forMs: length(draft), machine, skewMs }
}

function diskError(draft: Draft, atMs: number): Fault | null {
  const { random } = draft
  const change = random.pick(['write', 'sync', 'create', 'batch', 'unlink'] as const)
  const code = random.pick(['ENOSPC', 'EIO', 'EROFS'] as const)
  // A write that failed half-way leaves a torn journal, which costs the height: only the weak may have it.
  const machine = change === 'write' || change === 'sync' ? weakMachine(draft) : anyMachine(draft)
  return machine === null ? null : { kind: 'diskError', atMs, machine, change, code, downMs: random.below(2_000) }
}

const MAKERS: readonly (readonly [weight: number, maker: Maker])[] = [
  [30, crash],
  [10, partition],
  [12, links],
  [6, (draft, atMs) => oneWay(draft, atMs)],
  [
    6,
    (draft, atMs) => ({
      kind: 'slow',
      atMs,
      forMs: length(draft),
      machine: anyMachine(draft),
      extraMs: 20 + draft.random.below(900),
    }),
  ],
  [6, (draft, atMs) => ({ kind: 'pause', atMs, forMs: Math.min(4_000, length(draft)), machine: anyMachine(draft) })],
  [6, clock],
  [6, diskError],
  [
    4,
    (draft, atMs) => ({
      kind: 'slowDisk',
      atMs,
      forMs: length(draft),
      machine: anyMachine(draft),
      batchMs: draft.random.below(800),
    }),
  ],
  [
    5,
    (draft, atMs) =>
      onWeak(draft, (machine) => ({
        kind: 'rot',
        atMs,
        machine,
        file: draft.random.pick(['wal', 'journal', 'bothSlots']),
        downMs: draft.random.below(2_000),
      })),
  ],
  [
    2,
    (draft, atMs) =>
      onWeak(draft, (machine) => ({ kind: 'lyingDisk', atMs, forMs: length(draft), machine, downMs: draft.random.below(2_000) })),
  ],
  [4, (draft, atMs) => onWeak(draft, (machine) => ({ kind: 'logLost', atMs, machine, downMs: draft.random.below(2_000) }))],
  [3, (draft, atMs) => onWeak(draft, (machine) => ({ kind: 'journalLost', atMs, machine, downMs: draft.random.below(2_000) }))],
  [
    4,
    (draft, atMs) =>
      onWeak(draft, (machine) => ({ kind: 'oldStore', atMs: Math.max(atMs, 3_100), machine, downMs: draft.random.below(2_000) })),
  ],
  [
    4,
    (draft, atMs) => ({
      kind: 'restartAll',
      atMs,
      mode: draft.random.chance(500_000) ? 'keep' : 'lose',
      downMs: draft.random.below(2_000),
      spreadMs: draft.random.below(3_000),
    }),
  ],
  [8, mute],
  [8, storm],
  [3, (draft, atMs) => ({ kind: 'idle', atMs, forMs: length(draft) })],
]

/** A while in which single messages fail to reach single machines, differently every second: many rounds, many locks. */
export function storm({ random, n }: Pick<Draft, 'random' | 'n'>, atMs: number): readonly Fault[] {
  const all = Array.from({ length: n }, (_, i) => i)
  const out: Fault[] = []
  const endMs = atMs + 2_000 + random.below(8_000)
  for (let nowMs = atMs; nowMs < endMs; ) {
    const forMs = 300 + random.below(1_400)
    for (const machine of all) {
      if (random.chance(300_000)) continue
      const what = random.pick(['proposal', 'prevote', 'precommit'] as const)
      out.push({ kind: 'mute', atMs: nowMs, forMs, machine, what, to: random.shuffle(all).slice(0, random.below(n)) })
    }
    if (random.chance(400_000)) {
      const rules = {
        ...CALM,
        latencyMs: random.below(300),
        jitterMs: random.below(900),
        lossPpm: 400_000 + random.below(500_000),
      }
      out.push({ kind: 'links', atMs: nowMs, forMs, rules })
    }
    const victim = random.below(n)
    const crashes = random.chance(300_000)
    if (crashes)
      out.push({
        kind: 'crash',
        atMs: nowMs,
        machine: victim,
        mode: 'lose',
        silent: false,
        boundaries: random.below(20),
        downMs: random.below(900),
      })
    nowMs += forMs
  }
  return out
}

function mute(draft: Draft, atMs: number): Fault {
  const { random, n } = draft
  const all = Array.from({ length: n }, (_, i) => i)
  const to = random.shuffle(all).slice(0, random.below(n))
  const what = random.pick(['proposal', 'prevote', 'precommit'] as const)
  return { kind: 'mute', atMs, forMs: length(draft), machine: anyMachine(draft), what, to }
}

function oneWay(draft: Draft, atMs: number): Fault | null {
  const [from, to] = draft.random.shuffle(Array.from({ length: draft.n }, (_, i) => i))
  return from === undefined || to === undefined ? null : { kind: 'oneWay', atMs, forMs: length(draft), from, to }
}

function onWeak(draft: Draft, make: (machine: number) => Fault): Fault | null {
  const machine = weakMachine(draft)
  return machine === null ? null : make(machine)
}

function pickMaker(random: Random): Maker {
  const total = MAKERS.reduce((sum, [weight]) => sum + weight, 0)
  let left = random.below(total)
  for (const [weight, maker] of MAKERS) {
    left -= weight
    if (left < 0) return maker
  }
  return crash
}

/** Now and then a seat more and a seat less, in networks that bear as many faults after it as before. */
function changeSeats(random: Random, n: number, faultMs: number): readonly Fault[] {
  // Four stay four: the rules refuse to go below before the new seat is there.
  const bearsRemoval = n === 4 || faultyMax(n - 1) === faultyMax(n)
  if (n < 4 || !bearsRemoval || !random.chance(150_000)) return []
  const atMs = 600 + random.below(Math.max(1, faultMs - 2_000))
  return [
    { kind: 'setChange', atMs, machine: n, change: 'add' },
    { kind: 'setChange', atMs: atMs + random.below(2_000), machine: random.below(n), change: 'remove' },
  ]
}

/** The random mix of a seed. */
export function buildMix(seed: number, heights: number, crypto: Plan['crypto']): Plan {
  const random = createRandom(seed, 'plan')
  const n = random.pick([4, 4, 4, 4, 4, 4, 5, 6, 7, 1])
  const faulty = random.shuffle(Array.from({ length: n }, (_, i) => i)).slice(0, faultyMax(n))
  const liars = random.chance(500_000) ? faulty.slice(0, random.below(faulty.length + 1)) : []
  const faultMs = 3_000 + random.below(Math.min(15_000, 750 * heights))
  const draft: Draft = { random, n, faultMs, weak: faulty.filter((machine) => !liars.includes(machine)) }
  const faults: Fault[] = []
  const count = random.below(13)
  for (let i = 0; i < count; i++) {
    const fault = pickMaker(random)(draft, 300 + random.below(faultMs - 300))
    if (fault !== null) faults.push(...(Array.isArray(fault) ? fault : [fault]))
  }
  const byzantine = liars.map((machine) => ({ machine, ways: random.shuffle(WAYS).slice(0, 1 + random.below(4)) }))
  const twins = draft.weak.length > 0 && random.chance(60_000) ? draft.weak.slice(0, 1) : []
  const seats = changeSeats(createRandom(seed, 'seats'), n, faultMs)
  return {
    scenario: 'mix',
    seed,
    n,
    crypto,
    heights,
    faultMs,
    txEveryMs: random.pick([0, 50, 100, 400, 1_500]),
    byzantine,
    twins,
    spares: seats.length === 0 ? 0 : 1,
    faults: [...faults, ...seats].sort((a, b) => a.atMs - b.atMs),
  }
}
