// Owns: consensus messages that came before their height: raw, unverified, bounded by height, peer and bytes (R14).
// Not here: judging them once their height begins (consensus-link.ts).
import type { Height } from '../core/base/ids.ts'
import { LIMITS } from '../core/base/limits.ts'
import type { HeightMessage } from '../consensus/message.ts'
import type { PeerId } from './ports.ts'

/** A message with its sender and the bytes of the frame that brought it. */
export type EarlyMessage = { readonly peer: PeerId; readonly message: HeightMessage; readonly frameBytes: number }

/** Messages of heights to come. */
export type EarlyMessages = {
  /** Keeps a message of a height above `current`, or drops it where a bound is reached. */
  readonly hold: (early: EarlyMessage, at: { readonly height: Height; readonly current: Height }) => void
  /** Takes out what waits for this height, in order of arrival, and forgets what is older. */
  readonly takeUp: (current: Height) => readonly EarlyMessage[]
  readonly count: () => number
}

/** Of one peer for one height, so that one peer cannot take every place. */
export const EARLY_PER_PEER_MAX = 128
/** Frame bytes of one peer over all heights. */
export const EARLY_BYTES_PER_PEER_MAX = 4 * LIMITS.consensusFrameBytesMax

/** An empty store. */
export function createEarlyMessages(): EarlyMessages {
  const byHeight = new Map<Height, EarlyMessage[]>()
  const bytesOf = (peer: PeerId): number => {
    let bytes = 0
    for (const waiting of byHeight.values()) for (const early of waiting) if (early.peer === peer) bytes += early.frameBytes
    return bytes
  }
  return {
    hold(early, { height, current }) {
      if (height > current + LIMITS.futureHeightsMax) return
      const waiting = byHeight.get(height) ?? []
      const ofPeer = waiting.filter((other) => other.peer === early.peer).length
      if (waiting.length >= LIMITS.futureMessagesPerHeightMax || ofPeer >= EARLY_PER_PEER_MAX) return
      if (bytesOf(early.peer) + early.frameBytes > EARLY_BYTES_PER_PEER_MAX) return
      waiting.push(early)
      byHeight.set(height, waiting)
    },
    takeUp(current) {
      const waiting = byHeight.get(current) ?? []
      for (const height of [...byHeight.keys()].filter((at) => at <= current)) byHeight.delete(height)
      return waiting
    },
    count: () => [...byHeight.values()].reduce((sum, waiting) => sum + waiting.length, 0),
  }
}
