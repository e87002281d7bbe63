// Owns: a run as data: everything that decides it besides the code. A plan and the code give one audit hash.
// Not here: carrying it out (simulator.ts, faults.ts), making one up (scenarios.ts, mix.ts).
import { z } from 'zod'
import { BOUNDARIES } from './boundary.ts'

/** Accounts beyond the first validators that may get a seat. */
export const SPARES_MAX = 2

const machine = z.number().int().min(0).max(63)
const ms = z.number().int().min(0).max(3_600_000)
const crashMode = z.union([z.literal('keep'), z.literal('lose'), z.object({ cutBytes: z.number().int().min(0) })])
const rules = z.object({
  latencyMs: ms,
  jitterMs: ms,
  lossPpm: z.number().int(),
  copyPpm: z.number().int(),
  disorderPpm: z.number().int(),
  rotPpm: z.number().int(),
})

const FaultSchema = z.discriminatedUnion('kind', [
  /**
   * `boundaries` below zero crashes at once, else after so many more changes of disk or sent messages; with `where` only
   * those of this name count (boundary.ts).
   */
  z.object({
    kind: z.literal('crash'),
    atMs: ms,
    machine,
    mode: crashMode,
    silent: z.boolean(),
    boundaries: z.number().int(),
    where: z.enum(BOUNDARIES).optional(),
    downMs: ms,
  }),
  z.object({ kind: z.literal('restartAll'), atMs: ms, mode: crashMode, downMs: ms, spreadMs: ms }),
  z.object({ kind: z.literal('partition'), atMs: ms, forMs: ms, groups: z.array(z.array(machine)) }),
  z.object({ kind: z.literal('oneWay'), atMs: ms, forMs: ms, from: machine, to: machine }),
  z.object({ kind: z.literal('slow'), atMs: ms, forMs: ms, machine, extraMs: ms }),
  z.object({ kind: z.literal('pause'), atMs: ms, forMs: ms, machine }),
  z.object({ kind: z.literal('links'), atMs: ms, forMs: ms, rules }),
  z.object({ kind: z.literal('clock'), atMs: ms, forMs: ms, machine, skewMs: z.number().int() }),
  z.object({ kind: z.literal('frozenClock'), atMs: ms, forMs: ms, machine }),
  z.object({
    kind: z.literal('diskError'),
    atMs: ms,
    machine,
    change: z.enum(['write', 'sync', 'create', 'batch', 'unlink']),
    code: z.enum(['ENOSPC', 'EIO', 'EROFS']),
    downMs: ms,
  }),
  z.object({ kind: z.literal('slowDisk'), atMs: ms, forMs: ms, machine, batchMs: ms }),
  z.object({ kind: z.literal('rot'), atMs: ms, machine, file: z.enum(['wal', 'journal', 'bothSlots']), downMs: ms }),
  z.object({ kind: z.literal('logLost'), atMs: ms, machine, downMs: ms }),
  z.object({ kind: z.literal('journalLost'), atMs: ms, machine, downMs: ms }),
  z.object({ kind: z.literal('oldStore'), atMs: ms, machine, downMs: ms }),
  /** Syncs of this machine do nothing for a while, then the power goes: it may sign twice, so it counts among the faulty. */
  z.object({ kind: z.literal('lyingDisk'), atMs: ms, forMs: ms, machine, downMs: ms }),
  /** Messages of one kind from one machine do not reach some others. */
  z.object({
    kind: z.literal('mute'),
    atMs: ms,
    forMs: ms,
    machine,
    what: z.enum(['proposal', 'prevote', 'precommit']),
    to: z.array(machine),
  }),
  /** Everything on the machine, sign state too, is what it was three seconds before: a restored backup. */
  z.object({ kind: z.literal('oldMachine'), atMs: ms, machine, downMs: ms }),
  /** The council of validators adds, removes or rotates the key of a seat. */
  z.object({ kind: z.literal('setChange'), atMs: ms, machine, change: z.enum(['add', 'remove', 'rotate']) }),
  z.object({ kind: z.literal('idle'), atMs: ms, forMs: ms }),
])

const PlanSchema = z.object({
  scenario: z.string(),
  seed: z.number().int(),
  n: z.number().int().min(1).max(31),
  crypto: z.enum(['stub', 'ed25519']),
  /** Heights that every honest machine must reach. */
  heights: z.number().int().min(1),
  /** Faults may happen up to here; then everything is healed and progress is demanded. */
  faultMs: ms,
  txEveryMs: z.number().int().min(0),
  byzantine: z.array(z.object({ machine, ways: z.array(z.string()) })),
  /** Machines beyond `n` that follow without a seat until they are given one. */
  spares: z.number().int().min(0).max(SPARES_MAX).default(0),
  /** Validators whose key also runs on a second machine; they count among the faulty. */
  twins: z.array(machine).default([]),
  faults: z.array(FaultSchema),
})

/** One thing that goes wrong, and when. */
export type Fault = z.infer<typeof FaultSchema>
/** Everything that decides a run. */
export type Plan = z.infer<typeof PlanSchema>

/** A plan from JSON of a replay file. Throws ZodError naming what is wrong. */
export function parsePlan(json: unknown): Plan {
  return PlanSchema.parse(json)
}

/** The validators of a plan that no promise binds: liars, twins, and keys on a disk that lies. */
export function faultyOf(plan: Plan): ReadonlySet<number> {
  const lying = plan.faults.flatMap((fault) => (fault.kind === 'lyingDisk' ? [fault.machine] : []))
  return new Set([...plan.byzantine.map(({ machine: liar }) => liar), ...plan.twins, ...lying])
}

/** True when more logs are lost, liars counted, than a network outlives: a decided block may be gone with them (ADR 0017). */
export function losesTooManyLogs(plan: Plan): boolean {
  const losing = plan.faults.flatMap((fault) => (fault.kind === 'logLost' ? [fault.machine] : []))
  return losing.length > 0 && new Set([...losing, ...faultyOf(plan)]).size > faultyMax(plan.n)
}

/** Validators that may be faulty among `n`. */
export function faultyMax(n: number): number {
  return Math.floor((n - 1) / 3)
}
