// Owns: real libp2p hosts on 127.0.0.1 for the tests of node/network. Not here: the tests.
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { identify } from '@libp2p/identify'
import type { Connection, Libp2p, Stream } from '@libp2p/interface'
import { tcp } from '@libp2p/tcp'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import type { Clock, LinkFault, NetworkHandlers, PeerId, Verdict } from '../../node/ports.ts'
import type { Channel, GossipTopic, RequestProtocol } from '../../node/ports.ts'
import type { NetworkLogger } from '../../node/network/counters.ts'
import { createNetwork } from '../../node/network/host.ts'
import type { NetworkWithCounters } from '../../node/network/host.ts'

/** The network of every test host that asks for no other. */
export const NETWORK_NAME = 'c0ffee'

/** Wall time and real timers. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  startTimer: (delayMs, fire) => {
    const timer = setTimeout(fire, delayMs)
    return { cancel: () => clearTimeout(timer) }
  },
}

/** A host with what it received. */
export type TestHost = {
  readonly network: NetworkWithCounters
  readonly frames: { readonly peer: PeerId; readonly channel: Channel; readonly frame: Uint8Array }[]
  readonly gossip: { readonly peer: PeerId; readonly topic: GossipTopic; readonly message: Uint8Array }[]
  readonly events: string[]
  readonly warnings: string[]
  /** Replaceable answers. */
  verdict: (message: Uint8Array) => Verdict | Promise<Verdict>
  answer: (protocol: RequestProtocol, request: Uint8Array) => Promise<Uint8Array | null>
}

/** A started host; `seed` decides its identity, `listen` defaults to any free port. */
export async function startHost(
  seed: number,
  options: { readonly listen?: string; readonly networkName?: string; readonly clock?: Clock } = {},
): Promise<TestHost> {
  const warnings: string[] = []
  const log: NetworkLogger = { debug: () => {}, info: () => {}, warn: (message) => warnings.push(message) }
  const network = await createNetwork({
    seed: new Uint8Array(32).fill(seed),
    networkName: options.networkName ?? NETWORK_NAME,
    listen: [options.listen ?? '/ip4/127.0.0.1/tcp/0'],
    gossip: { peersExpected: 3, heartbeatMs: 700 },
    log,
    clock: options.clock ?? systemClock,
  })
  const host: TestHost = {
    network,
    frames: [],
    gossip: [],
    events: [],
    warnings,
    verdict: () => 'accept',
    answer: () => Promise.resolve(null),
  }
  await network.start(createHandlers(host))
  return host
}

function createHandlers(host: TestHost): NetworkHandlers {
  return {
    onFrame: (peer, channel, frame) => host.frames.push({ peer, channel, frame }),
    onRequest: (_peer, protocol, request) => host.answer(protocol, request),
    onGossip: (peer, topic, message) => {
      host.gossip.push({ peer, topic, message })
      return host.verdict(message)
    },
    onPeerConnected: (peer) => host.events.push(`+${peer}`),
    onPeerDisconnected: (peer) => host.events.push(`-${peer}`),
  }
}

/** Lets all hosts connect to each other and waits until they have. */
export async function connectAll(hosts: readonly TestHost[]): Promise<void> {
  for (const host of hosts) allow(host, hosts)
  await until(() => hosts.every((host) => host.network.peers().length === hosts.length - 1), 'all hosts are connected')
}

/** Allows exactly these hosts. */
export function allow(host: TestHost, others: readonly TestHost[]): void {
  host.network.setAllowed(others.map(({ network }) => ({ peer: network.self, addresses: network.listenAddresses() })))
}

/** Polls until the condition holds; throws after `timeoutMs`. */
export async function until(condition: () => boolean, what: string, timeoutMs = 15_000): Promise<void> {
  const deadline = performance.now() + timeoutMs
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`not within ${timeoutMs} ms: ${what}`)
    await sleep(10)
  }
}

/** Waits. */
export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

/** A link that lets nothing pass. */
export const CUT: LinkFault = { drop: true, delayMs: 0, jitterMs: 0 }

/** A libp2p node without any of our manners. It speaks the direct protocols only as far as `onStream` does. */
export async function startRawClient(seed: number, onStream: (stream: Stream) => void): Promise<Libp2p> {
  const node = await createLibp2p({
    privateKey: await generateKeyPairFromSeed('Ed25519', new Uint8Array(32).fill(seed)),
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: { identify: identify() },
  })
  for (const channel of ['consensus', 'summary']) await node.handle(`/naru/${NETWORK_NAME}/${channel}/1`, onStream)
  return node
}

/** Dials a host from a raw client. */
export function dialHost(client: Libp2p, host: TestHost): Promise<Connection> {
  return client.dial(host.network.listenAddresses().map((address) => multiaddr(address)))
}
