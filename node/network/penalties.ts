// Owns: penalty points of peers, their decay, and who is refused until when. Not here: disconnecting (peers.ts).
import type { Clock, PeerId } from '../ports.ts'

/** Points of one offence. */
export const PENALTY_POINTS = 25
/** At this many points a peer is disconnected and refused. */
export const PENALTY_POINTS_MAX = 100
/** How long a peer is refused, in ms. */
export const BAN_MS = 60_000

const DECAY_POINTS_PER_MS = 0.5 / 1000
const RECORDS_MAX = 1_024

/** Points and bans by peer. */
export type Penalties = {
  /** Adds one offence; true when the peer has just reached the limit and is refused from now on. */
  readonly add: (peer: PeerId) => boolean
  /** Points now, after decay. */
  readonly points: (peer: PeerId) => number
  /** Ms until the peer may return; 0 when it is not refused. */
  readonly banRemainingMs: (peer: PeerId) => number
}

type PenaltyRecord = { points: number; atMs: number; bannedUntilMs: number }

/** An empty book of penalties; points decay by one in two seconds. */
export function createPenalties(clock: Clock): Penalties {
  const records = new Map<PeerId, PenaltyRecord>()

  function decayed(record: PenaltyRecord): number {
    return Math.max(0, record.points - (clock.monotonicMs() - record.atMs) * DECAY_POINTS_PER_MS)
  }

  function forgetSettled(): void {
    for (const [peer, record] of records) {
      if (decayed(record) <= 0 && record.bannedUntilMs <= clock.monotonicMs()) records.delete(peer)
    }
    const oldest = records.keys().next()
    if (records.size >= RECORDS_MAX && oldest.done !== true) records.delete(oldest.value)
  }

  return {
    add: (peer) => {
      if (records.size >= RECORDS_MAX && !records.has(peer)) forgetSettled()
      const nowMs = clock.monotonicMs()
      const record = records.get(peer) ?? { points: 0, atMs: nowMs, bannedUntilMs: 0 }
      record.points = decayed(record) + PENALTY_POINTS
      record.atMs = nowMs
      records.set(peer, record)
      // A hair of decay between the offences of one burst must not save the sender.
      if (record.points <= PENALTY_POINTS_MAX - 1) return false
      record.points = 0
      record.bannedUntilMs = nowMs + BAN_MS
      return true
    },
    points: (peer) => {
      const record = records.get(peer)
      if (record === undefined) return 0
      return record.bannedUntilMs > clock.monotonicMs() ? PENALTY_POINTS_MAX : Math.round(decayed(record))
    },
    banRemainingMs: (peer) => Math.max(0, (records.get(peer)?.bannedUntilMs ?? 0) - clock.monotonicMs()),
  }
}
