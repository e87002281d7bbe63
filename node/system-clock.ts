// Owns: the real clock and timers behind the Clock port. Not here: block time, which is the proposer's word checked by all.
import type { Clock } from './ports.ts'

/** Wall time, monotonic time, and timers that never throw into the event loop's face. */
export function createSystemClock(): Clock {
  return {
    nowMs: () => Date.now(),
    monotonicMs: () => performance.now(),
    startTimer(delayMs, fire) {
      if (delayMs <= 0) {
        const soon = setImmediate(fire)
        return { cancel: () => clearImmediate(soon) }
      }
      const timer = setTimeout(fire, delayMs)
      return { cancel: () => clearTimeout(timer) }
    },
  }
}
