// Owns: the virtual network: links with delay, loss, copies, disorder and rot, connections that break and come back.
// Not here: the port that a node sees (network-port.ts), when which link fails (faults.ts).
import type { GossipTopic, NetworkHandlers, PeerId } from '../node/ports.ts'
import type { Audit } from './audit.ts'
import type { Random } from './prng.ts'
import type { Timeline } from './timeline.ts'

/** How every link behaves; chances are in millionths per message. */
export type LinkRules = {
  readonly latencyMs: number
  readonly jitterMs: number
  readonly lossPpm: number
  readonly copyPpm: number
  readonly disorderPpm: number
  readonly rotPpm: number
}

/** What the network needs of one end: where things are handed over, and whether it still runs. */
export type Endpoint = {
  readonly peerId: PeerId
  /** Runs a delivery now, or once the machine goes on; never after it crashed. */
  readonly run: (action: () => void) => void
  readonly isAlive: () => boolean
  readonly onConnected: (peer: number) => void
  readonly onDisconnected: (peer: number) => void
  readonly isRefused: (peer: number) => boolean
  readonly onFrame: NetworkHandlers['onFrame']
  readonly onRequest: NetworkHandlers['onRequest']
  readonly onGossip: (from: number, topic: GossipTopic, message: Uint8Array) => Promise<void>
}

/** The network of a run; machines are numbers from 0. */
export type VirtualNetwork = {
  readonly attach: (index: number, endpoint: Endpoint) => void
  readonly detach: (index: number, isSilent: boolean) => void
  readonly isConnected: (a: number, b: number) => boolean
  readonly peersOf: (index: number) => readonly number[]
  /** Carries a message over the connection of this moment; `deliver` runs at the other end, if it arrives. */
  readonly carry: (from: number, to: number, bytes: Uint8Array, deliver: (bytes: Uint8Array) => void) => void
  readonly disconnect: (a: number, b: number) => void
  readonly setCut: (from: number, to: number, isCut: boolean) => void
  readonly setDelay: (index: number, extraMs: number) => void
  readonly setRules: (rules: LinkRules) => void
  readonly heal: () => void
  readonly endpoint: (index: number) => Endpoint | null
}

/** A calm network of one city. */
export const CALM: LinkRules = { latencyMs: 2, jitterMs: 3, lossPpm: 0, copyPpm: 0, disorderPpm: 0, rotPpm: 0 }

const DIAL_MS = 300
const KEEP_ALIVE_MS = 8_000

type Parts = { readonly n: number; readonly timeline: Timeline; readonly random: Random; readonly audit: Audit; rules: LinkRules }

type Links = {
  readonly ends: (Endpoint | null)[]
  /** Number of the connection of a pair, 0 for none. */
  readonly connections: number[]
  readonly cuts: boolean[]
  readonly lastArrivalMs: number[]
  readonly extraMs: number[]
  opened: number
}

const at = (n: number, a: number, b: number): number => a * n + b

type Connections = {
  readonly of: (a: number, b: number) => number
  readonly isCut: (a: number, b: number) => boolean
  readonly close: (a: number, b: number) => void
  readonly dialLater: (a: number, b: number) => void
}

function createConnections({ n, timeline, random, audit }: Parts, links: Links): Connections {
  const of = (a: number, b: number): number => links.connections[at(n, a, b)] as number
  const isCut = (a: number, b: number): boolean => links.cuts[at(n, a, b)] as boolean
  const set = (a: number, b: number, connection: number): void => {
    links.connections[at(n, a, b)] = connection
    links.connections[at(n, b, a)] = connection
  }
  const dialLater = (a: number, b: number): void =>
    void timeline.after(DIAL_MS + random.below(DIAL_MS), () => {
      const one = links.ends[a] ?? null
      const other = links.ends[b] ?? null
      if (one === null || other === null || of(a, b) !== 0) return
      if (isCut(a, b) || isCut(b, a) || one.isRefused(b) || other.isRefused(a)) return dialLater(a, b)
      set(a, b, ++links.opened)
      audit.note(`${timeline.nowMs()} connect ${a} ${b}`)
      one.run(() => one.onConnected(b))
      other.run(() => other.onConnected(a))
    })
  return {
    of,
    isCut,
    dialLater,
    close(a, b) {
      if (of(a, b) === 0) return
      set(a, b, 0)
      audit.note(`${timeline.nowMs()} disconnect ${a} ${b}`)
      const [one, other] = [links.ends[a], links.ends[b]]
      one?.run(() => one.onDisconnected(b))
      other?.run(() => other.onDisconnected(a))
      dialLater(a, b)
    },
  }
}

function createLinks(n: number): Links {
  return {
    ends: Array.from({ length: n }, () => null),
    connections: new Array<number>(n * n).fill(0),
    cuts: new Array<boolean>(n * n).fill(false),
    lastArrivalMs: new Array<number>(n * n).fill(0),
    extraMs: new Array<number>(n).fill(0),
    opened: 0,
  }
}

/** Builds the network; nothing is attached. */
export function createVirtualNetwork(given: Omit<Parts, 'rules'>): VirtualNetwork {
  const parts: Parts = { ...given, rules: CALM }
  const { n, timeline, random } = parts
  const links = createLinks(n)
  const connections = createConnections(parts, links)
  const othersOf = (index: number): number[] => Array.from({ length: n }, (_, i) => i).filter((other) => other !== index)
  return {
    endpoint: (index) => links.ends[index] ?? null,
    isConnected: (a, b) => connections.of(a, b) !== 0,
    peersOf: (index) => othersOf(index).filter((other) => connections.of(index, other) !== 0),
    attach(index, endpoint) {
      // Peers that still hold the connection of an earlier life learn now that it is gone.
      for (const other of othersOf(index)) connections.close(index, other)
      links.ends[index] = endpoint
      for (const other of othersOf(index)) connections.dialLater(Math.min(index, other), Math.max(index, other))
    },
    detach(index, isSilent) {
      links.ends[index] = null
      for (const other of othersOf(index)) {
        const opened = connections.of(index, other)
        // A killed process closes its sockets; a machine without power says nothing, and its peers find out.
        timeline.after(isSilent ? KEEP_ALIVE_MS : 1 + random.below(20), () => {
          if (opened !== 0 && connections.of(index, other) === opened) connections.close(index, other)
        })
      }
    },
    carry: (from, to, bytes, deliver) => carry(parts, links, { from, to, bytes, deliver }),
    disconnect: connections.close,
    setCut(from, to, cut) {
      links.cuts[at(n, from, to)] = cut
      const opened = connections.of(from, to)
      if (!cut || opened === 0) return
      timeline.after(KEEP_ALIVE_MS + random.below(KEEP_ALIVE_MS), () => {
        const isWhollyCut = connections.isCut(from, to) && connections.isCut(to, from)
        if (isWhollyCut && connections.of(from, to) === opened) connections.close(from, to)
      })
    },
    setDelay(index, extraMs) {
      links.extraMs[index] = extraMs
    },
    setRules(rules) {
      parts.rules = rules
    },
    heal() {
      links.cuts.fill(false)
      links.extraMs.fill(0)
      parts.rules = CALM
    },
  }
}

type Message = { from: number; to: number; bytes: Uint8Array; deliver: (bytes: Uint8Array) => void }

function carry({ n, timeline, random, audit, rules }: Parts, links: Links, message: Message): void {
  const { from, to, deliver } = message
  const place = at(n, from, to)
  const opened = links.connections[place] as number
  if ((links.ends[from] ?? null) === null) return
  if (opened === 0 || (links.cuts[place] as boolean) || random.chance(rules.lossPpm)) return
  let bytes = message.bytes
  if (random.chance(rules.rotPpm)) bytes = rot(bytes, random)
  const arrive = (): void => {
    const end = links.ends[to]
    // What was sent on a connection that is gone is gone with it.
    if (end === null || end === undefined || links.connections[place] !== opened) return
    audit.note(`${timeline.nowMs()} ${from}>${to} ${bytes.length}`, bytes)
    end.run(() => deliver(bytes))
  }
  const delayMs =
    rules.latencyMs + random.below(rules.jitterMs + 1) + (links.extraMs[from] as number) + (links.extraMs[to] as number)
  if (random.chance(rules.disorderPpm))
    timeline.after(delayMs + random.below(20 * (rules.latencyMs + rules.jitterMs) + 1), arrive)
  else {
    const arrivalMs = Math.max(links.lastArrivalMs[place] as number, timeline.nowMs() + delayMs)
    links.lastArrivalMs[place] = arrivalMs
    timeline.after(arrivalMs - timeline.nowMs(), arrive)
  }
  if (random.chance(rules.copyPpm)) timeline.after(delayMs + random.below(500), arrive)
}

function rot(bytes: Uint8Array, random: Random): Uint8Array {
  const out = bytes.slice(0, random.chance(200_000) ? random.below(bytes.length + 1) : bytes.length)
  if (out.length > 0) out[random.below(out.length)] = random.below(256)
  return out
}
