// Owns: which peers have been without a connection for a while. Not here: connecting (node/network), what follows (effects.ts).
import type { Clock, PeerId } from './ports.ts'

/** Who is connected, and since when somebody is not. */
export type Presence = {
  readonly onConnected: (peer: PeerId) => void
  readonly onDisconnected: (peer: PeerId) => void
  /** True once a peer has had no connection for 300 ms; one never seen counts from our own start. Never true for ourselves. */
  readonly isAbsent: (peer: PeerId) => boolean
}

const ABSENT_AFTER_MS = 300

/** Builds the record; everyone is absent from now until they connect. */
export function createPresence(clock: Clock, self: PeerId): Presence {
  const startedMs = clock.monotonicMs()
  const connected = new Set<PeerId>()
  const leftAtMs = new Map<PeerId, number>()
  return {
    onConnected: (peer) => void connected.add(peer),
    onDisconnected(peer) {
      connected.delete(peer)
      leftAtMs.set(peer, clock.monotonicMs())
    },
    isAbsent(peer) {
      if (peer === self || connected.has(peer)) return false
      return clock.monotonicMs() - (leftAtMs.get(peer) ?? startedMs) >= ABSENT_AFTER_MS
    },
  }
}
