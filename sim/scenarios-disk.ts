// Owns: faults of machines and their disks for the named plans: crashes at boundaries, weak disks, lost files.
// Not here: the scenarios (scenarios.ts), what a fault does (faults.ts, disk-faults.ts).
import { BOUNDARIES } from './boundary.ts'
import type { Fault } from './plan.ts'
import type { Random } from './prng.ts'

/** What a plan is drawn from: `f` may be faulty among `n`. */
export type Draft = { readonly random: Random; readonly n: number; readonly f: number; readonly faultMs: number }

/** A crash at a boundary waits for it, so each gets time for a height or two. */
const BOUNDARY_EVERY_MS = 900
const BOUNDARY_FIRST_MS = 500

/** Times from 300 ms on, one every `everyMs` on average. */
export function times({ random, faultMs }: Draft, everyMs: number): number[] {
  const out: number[] = []
  for (let atMs = 300 + random.below(everyMs); atMs < faultMs; atMs += 1 + random.below(2 * everyMs)) out.push(atMs)
  return out
}

/** Crashes of any machine at any boundary. */
export function crashAll(draft: Draft, everyMs = 350): Fault[] {
  const { random, n } = draft
  return times(draft, everyMs).map((atMs) => ({
    kind: 'crash',
    atMs,
    machine: random.below(n),
    mode: random.pick(['keep', 'lose'] as const),
    silent: random.chance(300_000),
    boundaries: random.below(40),
    downMs: random.below(500),
  }))
}

/** Every boundary with unsynced bytes kept and lost: the only machine of a network of one, any machine of a larger one. */
export function everyBoundary({ random, n }: Draft): Fault[] {
  const moments = BOUNDARIES.flatMap((where) => (['keep', 'lose'] as const).map((mode) => ({ where, mode })))
  return random.shuffle(moments).map(({ where, mode }, i) => ({
    kind: 'crash',
    atMs: BOUNDARY_FIRST_MS + i * BOUNDARY_EVERY_MS,
    machine: random.below(n),
    mode,
    silent: random.chance(300_000),
    boundaries: random.below(where === 'publish' ? 6 : 2),
    where,
    downMs: random.below(300),
  }))
}

/** Time for every boundary, one after the other. */
export const EVERY_BOUNDARY_MS = BOUNDARY_FIRST_MS + (2 * BOUNDARIES.length + 1) * BOUNDARY_EVERY_MS

/** A disk that rots, tears and fails, of machines that may be faulty. */
export function weakDisk(draft: Draft): Fault[] {
  const { random, f } = draft
  const machine = random.below(Math.max(1, f))
  return times(draft, 1_500).map((atMs) => {
    const downMs = random.below(800)
    switch (random.below(4)) {
      case 0:
        return { kind: 'rot', atMs, machine, file: random.pick(['wal', 'journal', 'bothSlots'] as const), downMs }
      case 1:
        return {
          kind: 'crash',
          atMs,
          machine,
          mode: { cutBytes: random.below(9_000) },
          silent: true,
          boundaries: random.below(30),
          downMs,
        }
      default: {
        const change = random.pick(['write', 'sync', 'create', 'batch', 'unlink'] as const)
        return { kind: 'diskError', atMs, machine, change, code: random.pick(['ENOSPC', 'EIO', 'EROFS'] as const), downMs }
      }
    }
  })
}

/** Logs, sign states and stores of the first machine lost, one at a time. */
export function lostFiles(draft: Draft): Fault[] {
  const { random } = draft
  const kinds = ['logLost', 'journalLost', 'oldStore'] as const
  return times(draft, 2_500).map((atMs) => ({
    kind: random.pick(kinds),
    atMs: atMs + 3_000,
    machine: 0,
    downMs: random.below(500),
  }))
}
