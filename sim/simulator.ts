// Owns: one run: a plan becomes machines, network, faults and load; every event is followed by the checks; the end is a result.
// Not here: what a fault does (faults.ts), what must hold (checkers).
import { must } from '../core/base/assert.ts'
import type { BlockId } from '../core/base/ids.ts'
import type { Network, PeerId } from '../node/ports.ts'
import { createAudit } from './audit.ts'
import type { Audit } from './audit.ts'
import { createByzantinePort } from './byzantine.ts'
import { createCoverage } from './coverage.ts'
import type { Coverage } from './coverage.ts'
import { healAll, planFaults } from './faults.ts'
import type { Stage } from './stage.ts'
import { createMachine } from './machine.ts'
import { startMachine } from './machine-start.ts'
import type { Machine } from './machine.ts'
import { createVirtualNetwork } from './network.ts'
import type { Plan } from './plan.ts'
import { createRandom } from './prng.ts'
import { rehearseRestart } from './rehearse.ts'
import { createTimeline, settle } from './timeline.ts'
import { createWatch } from './watch.ts'
import type { Watch } from './watch.ts'
import { submitTransfer } from './workload.ts'
import { createWorld } from './world.ts'
import type { Violation } from './checkers/violation.ts'

/** How a run ended. */
export type RunResult = {
  readonly plan: Plan
  readonly violations: readonly Violation[]
  readonly heights: number
  readonly txs: number
  readonly events: number
  readonly virtualMs: number
  /** Longest wait for the next height of the slowest honest machine after everything was healed, ms. */
  readonly longestGapMs: number
  readonly auditHash: string
  readonly coverage: Coverage
  /** The last lines of the record, if they were kept. */
  readonly tail: readonly string[]
}

/** What a run may cost and show. */
export type RunOptions = { readonly keepLines?: number; readonly write?: (line: string) => void }

const EVENTS_MAX = 3_000_000
const VIOLATIONS_MAX = 20

/** Carries out a plan; the same plan gives the same result on every machine. */
export async function runPlan(plan: Plan, options: RunOptions = {}): Promise<RunResult> {
  const lost: unknown[] = []
  const onRejection = (error: unknown): void => void lost.push(error)
  process.on('unhandledRejection', onRejection)
  try {
    return await carryOut(plan, options, lost)
  } finally {
    process.off('unhandledRejection', onRejection)
  }
}

/** `lost` fills with what promises were rejected with while nobody waited for them: a real node would end there. */
async function carryOut(plan: Plan, options: RunOptions, lost: readonly unknown[]): Promise<RunResult> {
  const audit = createAudit(options.keepLines ?? 0, options.write ?? null)
  const { stage, watch, coverage } = buildStage(plan, audit)
  for (const machine of stage.machines) stage.timeline.after(stage.random.below(200), () => void startMachine(machine))
  planFaults(stage, plan)
  planLoad(stage, plan)
  let isHealed = false
  stage.timeline.after(plan.faultMs, () => {
    healAll(stage)
    isHealed = true
    watch.onHealed()
  })
  let events = 0
  while (events < EVENTS_MAX && stage.timeline.step(Number.MAX_SAFE_INTEGER)) {
    events++
    await settle()
    // Signals and reporters of the process get a turn now and then.
    if (events % 5_000 === 0) await new Promise((resolve) => setImmediate(resolve))
    watch.afterEvent()
    if (lost.length > 0) {
      watch.observer.onThrow(-1, lost[0])
      break
    }
    if (watch.violations.length >= VIOLATIONS_MAX) break
    if (isHealed && watch.isDone()) break
    if (isHealed && watch.gapMs() > watch.gapMaxMs()) {
      watch.reportStall()
      break
    }
  }
  if (events >= EVENTS_MAX) watch.reportStall()
  return {
    plan,
    violations: watch.violations,
    heights: watch.height(),
    txs: watch.txCount(),
    events,
    virtualMs: stage.timeline.nowMs(),
    longestGapMs: watch.longestGapMs(),
    auditHash: audit.hash(),
    coverage,
    tail: audit.tail(),
  }
}

function buildStage(plan: Plan, audit: Audit): { stage: Stage; watch: Watch; coverage: Coverage } {
  const { n, seed } = plan
  const world = createWorld(n, plan.crypto)
  const timeline = createTimeline()
  const coverage = createCoverage()
  const seats = n + plan.spares
  const size = seats + plan.twins.length
  const network = createVirtualNetwork({ n: size, timeline, random: createRandom(seed, 'net'), audit })
  const machines: Machine[] = []
  const watch = createWatch({ plan, world, machines, timeline, audit, coverage })
  const liars = createRandom(seed, 'byzantine')
  const fellows = plan.byzantine.map(({ machine }) => world.peerIdOf(machine))
  const plot = new Map<BlockId, readonly PeerId[]>()
  for (let index = 0; index < size; index++) {
    const identity = index < seats ? index : must(plan.twins[index - seats], 'a twin')
    if (index >= seats) coverage.note(22, 'second machine with a key')
    const ways = plan.byzantine.find((entry) => entry.machine === index)?.ways ?? []
    const twist = (port: Network, machine: Machine): Network =>
      createByzantinePort(port, { machine, ways: new Set(ways), random: liars, timeline, coverage, plot, fellows })
    const parts = {
      index,
      identity,
      world,
      timeline,
      network,
      audit,
      observer: watch.observer,
      twist: ways.length === 0 ? null : twist,
      rehearse: rehearseRestart,
    }
    machines.push(createMachine({ ...parts, random: createRandom(seed, `disk ${index}`) }))
  }
  return {
    stage: { machines, network, timeline, watch, coverage, random: createRandom(seed, 'faults'), isIdle: false },
    watch,
    coverage,
  }
}

function planLoad(stage: Stage, plan: Plan): void {
  if (plan.txEveryMs === 0) return
  const random = createRandom(plan.seed, 'workload')
  const world = createWorld(plan.n, plan.crypto)
  const tick = (): void => {
    stage.timeline.after(1 + random.below(2 * plan.txEveryMs), tick)
    const machine = must(stage.machines[random.below(stage.machines.length)], 'a machine')
    if (stage.isIdle || machine.node === null || machine.ailments.pausedUntilMs > stage.timeline.nowMs()) return
    if (submitTransfer(world, machine.node, random)) stage.watch.onSubmitted()
  }
  tick()
}
