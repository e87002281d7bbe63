// Owns: how much of the thread upkeep may take: short turns with longer pauses, so that the node still votes in time.
// Not here: the work itself.
import type { Clock } from '../ports.ts'

/** Thrown into work that is broken off because the node stops. */
export class PaceStopped extends Error {
  override readonly name = 'PaceStopped'
}

/** Turns and pauses. */
export type Pace = {
  /** Waited for between slices: resolves when the next slice may run. Rejects with PaceStopped after `stop`. */
  readonly turn: () => Promise<void>
  readonly stop: () => void
}

/** A pause is this many times as long as the slice before it: at most a quarter of the thread goes into upkeep. */
const PAUSE_FACTOR = 3
const PAUSE_MAX_MS = 500
/** Slices shorter than this run on without a pause of their own. */
const SLICE_MIN_MS = 4

/** Builds a pace; while `isBusy` says that consensus has work waiting, no slice begins. */
export function createPace(clock: Clock, isBusy: () => boolean): Pace {
  let stopped = false
  let resumedMs: number | null = null
  const sleep = (ms: number): Promise<void> => new Promise((resolve) => void clock.startTimer(ms, resolve))
  return {
    async turn() {
      const nowMs = clock.monotonicMs()
      const spentMs = nowMs - (resumedMs ?? nowMs - SLICE_MIN_MS)
      if (!stopped && spentMs < SLICE_MIN_MS) return
      let pauseMs = Math.min(PAUSE_MAX_MS, Math.max(1, spentMs * PAUSE_FACTOR))
      do {
        if (stopped) throw new PaceStopped('the node stops')
        await sleep(pauseMs)
        pauseMs = 5
      } while (!stopped && isBusy() && clock.monotonicMs() - nowMs < PAUSE_MAX_MS)
      if (stopped) throw new PaceStopped('the node stops')
      resumedMs = clock.monotonicMs()
    },
    stop() {
      stopped = true
    },
  }
}
