// Owns: the plain numbers the network counts, and the logger it writes to. Not here: their publication (node/metrics.ts).

/** Everything counted since the network was created. */
export type NetworkCounters = {
  /** Direct frames delivered to, and taken from, the node. */
  framesIn: number
  framesOut: number
  /** Payload bytes of direct frames, requests and gossip, before encryption. */
  bytesIn: number
  bytesOut: number
  /** Frames lost to a full queue, ours or held by a link fault. */
  dropped: number
  /** Latest-only frames overtaken by a newer one before they were sent. */
  replaced: number
  gossipIn: number
  gossipOut: number
  gossipIgnored: number
  gossipRejected: number
  /** Gossip not looked at because too many verdicts were pending. */
  gossipOverflow: number
  requestsIn: number
  requestsOut: number
  /** Requests of others refused by rate, concurrency or size. */
  requestsRefused: number
  /** Own requests that ended without an answer. */
  requestsFailed: number
  dials: number
  dialFailures: number
  connectionsOpened: number
  connectionsRefused: number
  penalties: number
  bans: number
  /** Connections cut because the peer was silent for too long. */
  silences: number
}

/** Structured log lines: a constant message plus fields. */
export type NetworkLogger = {
  readonly debug: (message: string, fields?: Readonly<Record<string, unknown>>) => void
  readonly info: (message: string, fields?: Readonly<Record<string, unknown>>) => void
  readonly warn: (message: string, fields?: Readonly<Record<string, unknown>>) => void
}

/** All counters at zero. */
export function createCounters(): NetworkCounters {
  return {
    framesIn: 0,
    framesOut: 0,
    bytesIn: 0,
    bytesOut: 0,
    dropped: 0,
    replaced: 0,
    gossipIn: 0,
    gossipOut: 0,
    gossipIgnored: 0,
    gossipRejected: 0,
    gossipOverflow: 0,
    requestsIn: 0,
    requestsOut: 0,
    requestsRefused: 0,
    requestsFailed: 0,
    dials: 0,
    dialFailures: 0,
    connectionsOpened: 0,
    connectionsRefused: 0,
    penalties: 0,
    bans: 0,
    silences: 0,
  }
}

/** The text of anything thrown, for a log field. */
export function errorText(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error)
}
