// Owns: when the next block may begin: block interval, a reason (transactions or the heartbeat), idle otherwise (R18, R19).
// Not here: the block itself (effects.ts), consensus timeouts (consensus/timeouts.ts).
import type { Height, TimeMs } from '../core/base/ids.ts'
import type { ChainHead } from './chain-head.ts'
import type { Clock } from './ports.ts'

/** The clock, the head, and what counts as a reason for a block. */
export type PacerParts = {
  readonly clock: Clock
  readonly head: () => ChainHead
  /** True when the mempool holds something that may go into a block now. */
  readonly hasReady: () => boolean
  /** True when enough validators are connected to decide; the first block waits for it a while. */
  readonly hasQuorum: () => boolean
  readonly wake: (height: Height) => void
}

/** Wakes consensus once per height, when the next block may begin and there is a reason for it. */
export type Pacer = {
  /** The head moved (or the node started): plan the next block. */
  readonly onHeight: () => void
  /** A transaction arrived. */
  readonly onTransaction: () => void
  /** A peer came or went: the first block may have waited for it. */
  readonly onPeersChanged: () => void
  readonly stop: () => void
}

/** The first block needs no reason but company: alone, its first rounds would only fail. */
const FIRST_BLOCK_WAIT_MS = 3_000

/** Builds the pacer; nothing runs before the first `onHeight`. */
export function createPacer(parts: PacerParts): Pacer {
  const { clock, head, hasReady, hasQuorum, wake } = parts
  let interval: { cancel: () => void } | null = null
  let heartbeat: { cancel: () => void } | null = null
  let due = false
  let wokenFor: Height = -1

  const wakeOnce = (): void => {
    const height = head().height + 1
    if (wokenFor === height) return
    wokenFor = height
    heartbeat?.cancel()
    wake(height)
  }

  const onDue = (): void => {
    due = true
    if (hasReady()) wakeOnce()
  }

  return {
    onHeight() {
      interval?.cancel()
      heartbeat?.cancel()
      due = false
      const { header, params, height } = head()
      const now: TimeMs = clock.nowMs()
      if (height === 0) {
        if (hasQuorum()) return wakeOnce()
        heartbeat = clock.startTimer(FIRST_BLOCK_WAIT_MS, wakeOnce)
        return
      }
      interval = clock.startTimer(delayUntil(header.time + params.blockIntervalMs, now), onDue)
      heartbeat = clock.startTimer(delayUntil(header.time + params.heartbeatMs, now), wakeOnce)
    },
    onTransaction() {
      if (due && wokenFor !== head().height + 1 && hasReady()) wakeOnce()
    },
    onPeersChanged() {
      if (head().height === 0 && hasQuorum()) wakeOnce()
    },
    stop() {
      interval?.cancel()
      heartbeat?.cancel()
    },
  }
}

function delayUntil(time: TimeMs, now: TimeMs): number {
  return time > now ? time - now : 0
}
