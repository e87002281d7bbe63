// Owns: the network port on libp2p: options, wiring of the room's parts, start and stop.
// Not here: what bytes mean (the node), each part's rules (channels.ts, requests.ts, gossip.ts, peers.ts).
import { yamux } from '@chainsafe/libp2p-yamux'
import { noise } from '@chainsafe/libp2p-noise'
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import type { GossipSub } from '@libp2p/gossipsub'
import { identify } from '@libp2p/identify'
import type { Connection, Libp2p, PrivateKey } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { createLibp2p } from 'libp2p'
import { NodeError } from '../../core/base/errors.ts'
import type { Clock, Network, NetworkHandlers, PeerId } from '../ports.ts'
import { abortQuietly } from './abort.ts'
import { Channels } from './channels.ts'
import { createCounters, errorText } from './counters.ts'
import type { NetworkCounters, NetworkLogger } from './counters.ts'
import { createRouter, Gossip } from './gossip.ts'
import type { GossipSettings } from './gossip.ts'
import { LinkFaults } from './link-faults.ts'
import { createPenalties } from './penalties.ts'
import { createNoiseCrypto } from './noise-crypto.ts'
import { Peers } from './peers.ts'
import { Requests } from './requests.ts'

/** What a network is built from. */
export type NetworkOptions = {
  /** 32 bytes: the peer key, which is not the consensus key. */
  readonly seed: Uint8Array
  /** Part of every protocol id and topic, so that networks never mix; the chain tag in hex. */
  readonly networkName: string
  /** Multiaddrs to listen on, such as `/ip4/0.0.0.0/tcp/26600`. */
  readonly listen: readonly string[]
  readonly gossip: GossipSettings
  readonly log: NetworkLogger
  readonly clock: Clock
}

/** The port, and what it counted. */
export type NetworkWithCounters = Network & { readonly counters: () => Readonly<NetworkCounters> }

type Services = { readonly identify: unknown; readonly ping: unknown; readonly gossip: GossipSub }

const TICK_MS = 1_000
const STOP_TIMEOUT_MS = 1_500
const TCP_IDLE_MS = 600_000
const STREAM_IDLE_MS = 2_147_483_647
const NO_HANDLERS: NetworkHandlers = {
  onFrame: () => {},
  onRequest: () => Promise.resolve(null),
  onGossip: () => 'ignore',
  onPeerConnected: () => {},
  onPeerDisconnected: () => {},
}

/** Builds a network that listens and dials from `start` on. Throws NodeError PEER_KEY for a seed that is not 32 bytes. */
export async function createNetwork(options: NetworkOptions): Promise<NetworkWithCounters> {
  if (options.seed.length !== 32)
    throw new NodeError('PEER_KEY', `the peer key seed has ${options.seed.length} bytes instead of 32`)
  const key = await generateKeyPairFromSeed('Ed25519', options.seed)
  const host = new Host(options, peerIdFromPrivateKey(key).toString())
  await host.build(key)
  return {
    self: host.self,
    start: (handlers) => host.start(handlers),
    stop: () => host.stop(),
    send: (peer, channel, frame) => host.channels.send(peer, channel, frame),
    broadcast: (channel, frame) => host.channels.broadcast(channel, frame),
    request: (peer, protocol, request, timeoutMs) => host.requests.request(peer, protocol, request, timeoutMs),
    publish: (topic, message) => host.gossip.publish(topic, message),
    peers: () => host.peers.views(),
    setAllowed: (allowed) => host.peers.setAllowed(allowed),
    penalise: (peer, reason) => host.peers.penalise(peer, reason),
    setLinkFault: (peer, fault) => {
      host.faults.set(peer, fault)
      host.peers.onFaultChanged(peer)
    },
    listenAddresses: () => host.listenAddresses(),
    counters: () => host.counters,
  }
}

class Host {
  readonly self: PeerId
  readonly counters = createCounters()
  readonly faults: LinkFaults
  readonly peers: Peers
  readonly channels: Channels
  readonly requests: Requests
  readonly gossip: Gossip
  readonly #options: NetworkOptions
  #node: Libp2p<Services> | null = null
  #handlers = NO_HANDLERS
  #tickTimer: { readonly cancel: () => void } | null = null

  constructor(options: NetworkOptions, self: PeerId) {
    this.self = self
    this.#options = options
    const { clock, log, networkName } = options
    const { counters } = this
    this.faults = new LinkFaults(clock, counters)
    const shared = { networkName, clock, counters, log, faults: this.faults, onHeard: (peer: PeerId) => this.peers.heard(peer) }
    const onGarbage = (peer: PeerId, reason: string) => this.#onGarbage(peer, reason)
    const isUsable = (peer: PeerId) => this.peers.isUsable(peer)
    this.peers = new Peers({
      self,
      clock,
      counters,
      log,
      faults: this.faults,
      penalties: createPenalties(clock),
      onConnection: (peer, connection) => this.#onConnection(peer, connection),
      onPeerConnected: (peer) => this.#handlers.onPeerConnected(peer),
      onPeerDisconnected: (peer) => this.#handlers.onPeerDisconnected(peer),
      queuedBytes: (peer) => this.channels.queuedBytes(peer),
    })
    this.channels = new Channels({
      ...shared,
      isUsable,
      onFrame: (peer, channel, frame) => this.#handlers.onFrame(peer, channel, frame),
      onConfirmed: (peer) => this.peers.confirm(peer),
      onRefused: (peer) => this.#onRefused(peer),
      onGarbage,
    })
    this.requests = new Requests({
      ...shared,
      isUsable,
      connectionOf: (peer) => this.peers.connectionOf(peer),
      onRequest: (peer, protocol, request) => this.#handlers.onRequest(peer, protocol, request),
      onGarbage,
    })
    this.gossip = new Gossip({
      ...shared,
      settings: options.gossip,
      onGossip: (peer, topic, message) => this.#handlers.onGossip(peer, topic, message),
      onLie: (peer, reason) => this.peers.penalise(peer, reason),
    })
  }

  async build(privateKey: PrivateKey): Promise<void> {
    const { gossip, listen, networkName } = this.#options
    const node = await createLibp2p<Services>({
      privateKey,
      start: false,
      nodeInfo: { name: 'naru', version: '1' },
      addresses: { listen: [...listen] },
      transports: [
        tcp({ inboundSocketInactivityTimeout: TCP_IDLE_MS, outboundSocketInactivityTimeout: TCP_IDLE_MS, backlog: 128 }),
      ],
      connectionEncrypters: [noise({ crypto: createNoiseCrypto() })],
      streamMuxers: [
        yamux({ maxInboundStreams: 256, maxOutboundStreams: 256, streamOptions: { inactivityTimeout: STREAM_IDLE_MS } }),
      ],
      connectionGater: this.peers.gater,
      // The dialer is ours: libp2p's gives up on a peer after five tries.
      connectionManager: {
        maxConnections: 400,
        inboundConnectionThreshold: 100,
        maxIncomingPendingConnections: 64,
        reconnectRetries: 0,
        connectionCloseTimeout: 500,
      },
      // A stalled event loop on the other side must not cut the connection; peers.ts watches for silence.
      connectionMonitor: { enabled: false },
      // Gossipsub forgets a peer through its record here; an expired record would leave it in the mesh.
      peerStore: { maxPeerAge: Number.MAX_SAFE_INTEGER, maxAddressAge: Number.MAX_SAFE_INTEGER },
      services: { identify: identify(), ping: ping(), gossip: createRouter(networkName, gossip) },
    })
    await this.channels.register(node)
    await this.requests.register(node)
    this.#node = node
  }

  async start(handlers: NetworkHandlers): Promise<void> {
    const node = this.#node
    if (node === null) throw new NodeError('NETWORK_STOPPED', 'the network was stopped; create a new one')
    this.#handlers = handlers
    try {
      await node.start()
    } catch (error) {
      throw new NodeError('NETWORK_LISTEN', `cannot listen on ${this.#options.listen.join(', ')}: ${errorText(error)}`, error)
    }
    this.gossip.start(node.services.gossip)
    this.peers.start(node)
    this.#scheduleTick()
    this.#options.log.info('Network started', { peer: this.self, listen: this.listenAddresses() })
  }

  async stop(): Promise<void> {
    const node = this.#node
    if (node === null) return
    this.#node = null
    this.#handlers = NO_HANDLERS
    this.#tickTimer?.cancel()
    this.peers.stop()
    this.requests.stop()
    this.gossip.stop()
    this.faults.close()
    const deadline = Promise.withResolvers<void>()
    const timer = this.#options.clock.startTimer(STOP_TIMEOUT_MS, () => deadline.resolve())
    try {
      await Promise.race([node.stop(), deadline.promise])
    } catch (error) {
      this.#options.log.debug('Network did not stop cleanly', { error: errorText(error) })
    } finally {
      timer.cancel()
      for (const connection of node.getConnections()) abortQuietly(connection, 'network stopped')
      this.channels.close()
    }
  }

  listenAddresses(): readonly string[] {
    return this.#node?.getMultiaddrs().map((address) => address.toString()) ?? []
  }

  #onConnection(peer: PeerId, connection: Connection | null): void {
    this.channels.setConnection(peer, connection)
    if (connection === null) this.requests.forget(peer)
  }

  #onGarbage(peer: PeerId, reason: string): void {
    this.peers.penalise(peer, reason)
    this.peers.disconnect(peer)
  }

  #onRefused(peer: PeerId): void {
    this.#options.log.warn('Peer does not speak the protocols of this network', { peer })
    this.peers.disconnect(peer)
  }

  #scheduleTick(): void {
    this.#tickTimer = this.#options.clock.startTimer(TICK_MS, () => {
      if (this.#node === null) return
      try {
        this.peers.tick()
        this.channels.keepAlive()
        this.gossip.repair(this.peers.connections())
      } catch (error) {
        this.#options.log.warn('Network upkeep failed', { error: errorText(error) })
      }
      this.#scheduleTick()
    })
  }
}
