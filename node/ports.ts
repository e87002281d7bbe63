// Owns: the interfaces between the node and the world, types only. Not here: implementations (node/network, node/storage, sim).
import type { TimeMs } from '../core/base/ids.ts'

/** libp2p identity as text. */
export type PeerId = string

/** Long-lived direct streams: `consensus` = proposals, votes, certificates; `summary` = round state, latest only. */
export type Channel = 'consensus' | 'summary'
/** Request and answer, one stream each. */
export type RequestProtocol = 'status' | 'body' | 'blocks' | 'snap'
/** What is flooded to everyone: batches of transactions, and new heads. */
export type GossipTopic = 'tx' | 'head'
/** Accept forwards; ignore drops; reject drops and counts against the sender, who provably lied. */
export type Verdict = 'accept' | 'ignore' | 'reject'

/** What the network tells the node. Bytes in; it knows no chain type. */
export type NetworkHandlers = {
  readonly onFrame: (peer: PeerId, channel: Channel, frame: Uint8Array) => void
  /** The answer's bytes, or null to close the stream without one (refused or nothing to say). */
  readonly onRequest: (peer: PeerId, protocol: RequestProtocol, request: Uint8Array) => Promise<Uint8Array | null>
  /** Decides at once or later; `ignore` after the handler's own deadline. */
  readonly onGossip: (peer: PeerId, topic: GossipTopic, message: Uint8Array) => Verdict | Promise<Verdict>
  readonly onPeerConnected: (peer: PeerId) => void
  readonly onPeerDisconnected: (peer: PeerId) => void
}

/** A connected peer as people and metrics see it; `penalty` counts provable lies lately. */
export type PeerView = {
  readonly peer: PeerId
  readonly address: string
  readonly direction: 'in' | 'out'
  readonly connectedAtMs: TimeMs
  readonly queuedBytes: number
  readonly penalty: number
}

/** Fault injection for devnets and tests: what happens to everything sent to or received from a peer. */
export type LinkFault = {
  readonly drop: boolean
  readonly delayMs: number
  readonly jitterMs: number
  /** Of a hundred messages, how many are lost; none when absent. */
  readonly lossPercent?: number
}

/** The network as the node needs it: bytes to peers and from them, nothing of the chain. */
export type Network = {
  readonly self: PeerId
  readonly start: (handlers: NetworkHandlers) => Promise<void>
  readonly stop: () => Promise<void>
  /** Queues a frame; false when the peer is not connected or its queue is full (oldest frames go first). */
  readonly send: (peer: PeerId, channel: Channel, frame: Uint8Array) => boolean
  /** Queues a frame for every connected peer. */
  readonly broadcast: (channel: Channel, frame: Uint8Array) => void
  /** One question, one answer. Throws NodeError PEER_TIMEOUT, PEER_CLOSED or PEER_TOO_LARGE. */
  readonly request: (peer: PeerId, protocol: RequestProtocol, request: Uint8Array, timeoutMs: number) => Promise<Uint8Array>
  readonly publish: (topic: GossipTopic, message: Uint8Array) => void
  readonly peers: () => readonly PeerView[]
  /** Who may connect, and where to dial them; live connections to others are closed. */
  readonly setAllowed: (allowed: readonly { peer: PeerId; addresses: readonly string[] }[]) => void
  /** A peer provably lied; at the limit it is disconnected for a while. */
  readonly penalise: (peer: PeerId, reason: string) => void
  readonly setLinkFault: (peer: PeerId, fault: LinkFault | null) => void
  readonly listenAddresses: () => readonly string[]
}

/** Wall and monotonic time and timers; the simulator has its own. */
export type Clock = {
  readonly nowMs: () => TimeMs
  readonly monotonicMs: () => number
  readonly startTimer: (delayMs: number, fire: () => void) => { readonly cancel: () => void }
}
