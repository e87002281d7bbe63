// Owns: the clock of a devnet node, which a developer may move forward; the offset outlives the process.
// Not here: real clocks (system-clock.ts), who moves all nodes at once (cli/devnet/time.ts).
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { NodeError } from '../core/base/errors.ts'
import type { Clock } from './ports.ts'

/** A clock with a movable offset in ms. `moveTo` keeps it on disk before it holds. */
export type DevClock = Clock & { readonly offsetMs: () => number; readonly moveTo: (offsetMs: number) => void }

/** Its file in the data directory. */
export const DEV_CLOCK_FILE = 'dev-clock'

/** Farthest that a clock may be moved: a hundred years. */
export const CLOCK_OFFSET_MS_MAX = 36_525 * 86_400_000

/** Opens the clock over a real one, with the offset that the file keeps; no file means 0. Throws NodeError DEV_CLOCK_INVALID. */
export function openDevClock(real: Clock, path: string): DevClock {
  let offsetMs = readOffset(path)
  return {
    ...real,
    nowMs: () => real.nowMs() + offsetMs,
    offsetMs: () => offsetMs,
    moveTo(next) {
      if (!isOffset(next))
        throw new NodeError('DEV_CLOCK_INVALID', `${next} ms is no clock offset; at most ${CLOCK_OFFSET_MS_MAX}`)
      writeDevClock(path, next)
      offsetMs = next
    },
  }
}

/** Writes the offset that a node opens its clock with. */
export function writeDevClock(path: string, offsetMs: number): void {
  writeFileSync(`${path}.new`, `${JSON.stringify({ offsetMs })}\n`, { mode: 0o600 })
  renameSync(`${path}.new`, path)
}

function isOffset(value: unknown): value is number {
  return Number.isSafeInteger(value) && Math.abs(value as number) <= CLOCK_OFFSET_MS_MAX
}

function readOffset(path: string): number {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0
    throw new NodeError('DEV_CLOCK_INVALID', `cannot read ${path}`, error)
  }
  try {
    const { offsetMs } = JSON.parse(text) as { offsetMs: unknown }
    if (isOffset(offsetMs)) return offsetMs
  } catch {
    // Told below, as any other content that is no offset.
  }
  throw new NodeError('DEV_CLOCK_INVALID', `${path} holds no clock offset; remove it, and the node runs on real time`)
}
