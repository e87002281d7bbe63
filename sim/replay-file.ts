// Owns: replay files: a run's plan with what it broke and its audit hash, on the disk of whoever runs the simulator.
// Not here: what a plan is (plan.ts), running it (simulator.ts).
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parsePlan } from './plan.ts'
import type { Plan } from './plan.ts'
import type { RunResult } from './simulator.ts'

/** A replay file as it was read; without a hash for one that was written by hand. */
export type Replay = { readonly plan: Plan; readonly auditHash: string | null }

/** Reads a replay file, or a bare plan; a sentence that names what is wrong when it is neither. */
export function readReplay(file: string): Replay | string {
  try {
    const json = JSON.parse(readFileSync(file, 'utf8')) as { plan?: unknown; auditHash?: unknown }
    return { plan: parsePlan(json.plan ?? json), auditHash: typeof json.auditHash === 'string' ? json.auditHash : null }
  } catch (error) {
    return `${file} is no replay file: ${error instanceof Error ? error.message : String(error)}`
  }
}

/** Writes the run of a result down under this name; its folder is made. */
export function writeReplay(file: string, { plan, violations, auditHash }: RunResult): void {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, `${JSON.stringify({ plan, violation: violations[0] ?? null, auditHash }, null, 2)}\n`)
}

/** The name of a failing run's replay file. */
export function replayName(folder: string, { scenario, seed }: Plan): string {
  return join(folder, `sim-${scenario}-${seed}.json`)
}
