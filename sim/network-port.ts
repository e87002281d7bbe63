// Owns: the Network port of one simulated node over the virtual network: frames, requests, gossip, penalties.
// Not here: what a link does to a message (network.ts), lies of a byzantine node (byzantine.ts).
import { NodeError } from '../core/base/errors.ts'
import { sha256 } from '../core/crypto/hash.ts'
import { createPenalties } from '../node/network/penalties.ts'
import type { Penalties } from '../node/network/penalties.ts'
import type { Clock, GossipTopic, Network, NetworkHandlers, PeerId, RequestProtocol } from '../node/ports.ts'
import type { Endpoint, VirtualNetwork } from './network.ts'

/** What a port is built from. */
export type PortParts = {
  readonly index: number
  readonly network: VirtualNetwork
  readonly clock: Clock
  readonly peerIdOf: (index: number) => PeerId
  readonly isAlive: () => boolean
  readonly run: (action: () => void) => void
  /** Told of each message before it leaves; false means that the machine crashed instead. */
  readonly beforeSend: (to: number, channel: string, bytes: Uint8Array) => boolean
  readonly onPenalty: (peer: number, reason: string) => void
}

type Waiting = { readonly peer: number; readonly fail: (code: string) => void }

const GOSSIP_SEEN_MAX = 4_096

/** Builds the port; it is attached to the network by `start`. */
export function createNetworkPort(parts: PortParts): Network {
  const { index, network, clock, peerIdOf, isAlive } = parts
  const penalties = createPenalties(clock)
  const waiting = new Set<Waiting>()
  const connectedAtMs = new Map<number, number>()
  let handlers: NetworkHandlers | null = null
  const indexOf = (peer: PeerId): number => Number(peer.slice(peer.lastIndexOf('-') + 1)) - 1

  const sendTo = (to: number, channel: 'consensus' | 'summary', frame: Uint8Array): boolean => {
    if (!isAlive() || !network.isConnected(index, to) || !parts.beforeSend(to, channel, frame)) return false
    network.carry(index, to, frame, (bytes) => network.endpoint(to)?.onFrame(peerIdOf(index), channel, bytes))
    return true
  }

  const penalise = (peer: PeerId, reason: string): void => {
    if (!isAlive()) return
    parts.onPenalty(indexOf(peer), reason)
    if (penalties.add(peer)) network.disconnect(index, indexOf(peer))
  }

  const gossip = createGossip(parts, penalise)

  const end = buildEnd(parts, { penalties, waiting, connectedAtMs, onGossip: gossip.onGossip, handlers: () => handlers })

  return {
    self: peerIdOf(index),
    start(given) {
      handlers = given
      gossip.listen(given)
      network.attach(index, { ...end, onFrame: given.onFrame, onRequest: given.onRequest })
      return Promise.resolve()
    },
    stop: () => Promise.resolve(),
    send: (peer, channel, frame) => sendTo(indexOf(peer), channel, frame),
    broadcast(channel, frame) {
      for (const peer of network.peersOf(index)) sendTo(peer, channel, frame)
    },
    request: (peer, protocol, request, timeoutMs) => ask(parts, waiting, { to: indexOf(peer), protocol, request, timeoutMs }),
    publish: gossip.publish,
    peers: () =>
      network.peersOf(index).map((peer) => ({
        peer: peerIdOf(peer),
        address: `/dns4/v${peer + 1}/tcp/1`,
        direction: 'out' as const,
        connectedAtMs: connectedAtMs.get(peer) ?? 0,
        queuedBytes: 0,
        penalty: penalties.points(peerIdOf(peer)),
      })),
    setAllowed: () => undefined,
    penalise,
    setLinkFault: () => undefined,
    listenAddresses: () => [],
  }
}

type EndParts = {
  readonly penalties: Penalties
  readonly waiting: ReadonlySet<Waiting>
  readonly connectedAtMs: Map<number, number>
  readonly onGossip: Endpoint['onGossip']
  readonly handlers: () => NetworkHandlers | null
}

function buildEnd(parts: PortParts, given: EndParts): Omit<Endpoint, 'onFrame' | 'onRequest'> {
  const { index, clock, peerIdOf, isAlive, run } = parts
  const { penalties, waiting, connectedAtMs, onGossip, handlers } = given
  return {
    peerId: peerIdOf(index),
    isAlive,
    run,
    isRefused: (peer) => penalties.banRemainingMs(peerIdOf(peer)) > 0,
    onConnected(peer) {
      connectedAtMs.set(peer, clock.nowMs())
      handlers()?.onPeerConnected(peerIdOf(peer))
    },
    onDisconnected(peer) {
      for (const entry of [...waiting]) if (entry.peer === peer) entry.fail('PEER_CLOSED')
      handlers()?.onPeerDisconnected(peerIdOf(peer))
    },
    onGossip,
  }
}

type Gossip = {
  readonly listen: (handlers: NetworkHandlers) => void
  readonly publish: (topic: GossipTopic, message: Uint8Array) => void
  readonly onGossip: (from: number, topic: GossipTopic, message: Uint8Array) => Promise<void>
}

function createGossip(parts: PortParts, penalise: (peer: PeerId, reason: string) => void): Gossip {
  const { index, network, peerIdOf, isAlive } = parts
  const seen = new Set<string>()
  let handlers: NetworkHandlers | null = null
  const forward = (topic: GossipTopic, message: Uint8Array, except: number): void => {
    for (const peer of network.peersOf(index)) {
      if (peer === except || !isAlive() || !parts.beforeSend(peer, topic, message)) continue
      network.carry(index, peer, message, (bytes) => void network.endpoint(peer)?.onGossip(index, topic, bytes))
    }
  }
  return {
    listen(given) {
      handlers = given
    },
    publish(topic, message) {
      if (note(seen, message)) forward(topic, message, -1)
    },
    async onGossip(from, topic, message) {
      if (handlers === null || !note(seen, message)) return
      const verdict = await handlers.onGossip(peerIdOf(from), topic, message)
      if (!isAlive()) return
      if (verdict === 'accept') forward(topic, message, from)
      if (verdict === 'reject') penalise(peerIdOf(from), 'gossip that is a lie')
    },
  }
}

function note(seen: Set<string>, message: Uint8Array): boolean {
  const id = sha256(message)
  if (seen.has(id)) return false
  if (seen.size >= GOSSIP_SEEN_MAX) seen.delete(seen.values().next().value as string)
  seen.add(id)
  return true
}

type Question = { to: number; protocol: RequestProtocol; request: Uint8Array; timeoutMs: number }

function ask(parts: PortParts, waiting: Set<Waiting>, question: Question): Promise<Uint8Array> {
  const { index, network, clock, peerIdOf } = parts
  const { to, protocol, request, timeoutMs } = question
  if (!parts.isAlive()) return new Promise(() => undefined)
  if (!network.isConnected(index, to)) return Promise.reject(new NodeError('PEER_CLOSED', `${peerIdOf(to)} is not connected`))
  return new Promise((resolve, reject) => {
    const settle = (): boolean => {
      timer.cancel()
      return waiting.delete(entry)
    }
    const entry: Waiting = {
      peer: to,
      fail: (code) => {
        if (settle()) reject(new NodeError(code, `${peerIdOf(to)} did not answer ${protocol}`))
      },
    }
    const timer = clock.startTimer(timeoutMs, () => entry.fail('PEER_TIMEOUT'))
    waiting.add(entry)
    if (!parts.beforeSend(to, protocol, request)) return
    network.carry(index, to, request, (bytes) => {
      void network
        .endpoint(to)
        ?.onRequest(peerIdOf(index), protocol, bytes)
        .then((answer) => {
          network.carry(to, index, answer ?? new Uint8Array(0), (reply) => {
            if (answer === null) entry.fail('PEER_CLOSED')
            else if (settle()) resolve(reply)
          })
        })
    })
  })
}
