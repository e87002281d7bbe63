// Owns: topics over gossipsub: publishing, verdicts, the repair of broken gossip streams.
// Not here: what a message means (the node's handler), batching of transactions (node).
import { createHash, hash } from 'node:crypto'
import type { Connection, PeerId as Libp2pPeerId } from '@libp2p/interface'
import { gossipsub, StrictNoSign, TopicValidatorResult } from '@libp2p/gossipsub'
import type { GossipSub, GossipSubComponents, GossipsubMessage } from '@libp2p/gossipsub'
import { LIMITS } from '../../core/base/limits.ts'
import type { Clock, GossipTopic, PeerId, Verdict } from '../ports.ts'
import type { NetworkCounters, NetworkLogger } from './counters.ts'
import { errorText } from './counters.ts'
import { plainView } from './frames.ts'
import type { LinkFaults } from './link-faults.ts'

/** How wide to gossip. */
export type GossipSettings = {
  /** Peers that this node expects to be connected to; decides the mesh degree. */
  readonly peersExpected: number
  /** Ms between mesh maintenance rounds. */
  readonly heartbeatMs: number
}

/** What gossip needs from the rest of the room. */
export type GossipOptions = {
  readonly networkName: string
  readonly settings: GossipSettings
  readonly clock: Clock
  readonly counters: NetworkCounters
  readonly log: NetworkLogger
  readonly faults: LinkFaults
  readonly onGossip: (peer: PeerId, topic: GossipTopic, message: Uint8Array) => Verdict | Promise<Verdict>
  readonly onHeard: (peer: PeerId) => void
  readonly onLie: (peer: PeerId, reason: string) => void
}

const TOPICS: readonly GossipTopic[] = ['tx', 'head']
const MESSAGE_ID_BYTES = 20
const VERDICTS_PENDING_MAX = 1_024
/** An answer to IWANT may carry several messages. */
const RPC_BYTES_MAX = 4 * LIMITS.gossipMessageBytesMax + 65_536
const OUTBOUND_BUFFER_BYTES_MAX = 16 * 1024 * 1024
/** A connection younger than this may still be opening its gossip streams. */
const REPAIR_AFTER_MS = 1_000

const RESULTS: Readonly<Record<Verdict, TopicValidatorResult>> = {
  accept: TopicValidatorResult.Accept,
  ignore: TopicValidatorResult.Ignore,
  reject: TopicValidatorResult.Reject,
}

/** Members of the router that its public interface leaves out (17.1.1). */
type Router = GossipSub & {
  readonly streamsOutbound: ReadonlyMap<string, unknown>
  reportMessageValidationResult(messageId: string, source: string, result: TopicValidatorResult): void
  onPeerConnected(peer: Libp2pPeerId, connection: Connection): void
}

function messageId(data: Uint8Array): Uint8Array {
  // One-shot hashing skips the stream object; it came with Node 21.7.
  const digest = typeof hash === 'function' ? hash('sha256', data, 'buffer') : createHash('sha256').update(data).digest()
  return digest.subarray(0, MESSAGE_ID_BYTES)
}

function idToText(id: Uint8Array): string {
  return Buffer.from(id.buffer, id.byteOffset, id.byteLength).toString('base64')
}

/** Mesh degrees for a network in which this node has so many peers. */
export function meshDegrees(peersExpected: number): { D: number; Dlo: number; Dhi: number; Dout: number; Dlazy: number } {
  const most = Math.max(1, peersExpected)
  const D = Math.min(most, 6)
  const Dlo = Math.min(most, 4, D)
  return {
    D,
    Dlo,
    Dhi: Math.max(D, Math.min(most, 12)),
    Dout: Math.max(0, Math.min(1, Dlo - 1, Math.floor(D / 2))),
    Dlazy: Math.min(most, 4),
  }
}

/** The factory libp2p wants: a router that forwards only what got a verdict. */
export function createRouter(networkName: string, settings: GossipSettings): (components: GossipSubComponents) => GossipSub {
  return gossipsub({
    ...meshDegrees(settings.peersExpected),
    heartbeatInterval: settings.heartbeatMs,
    globalSignaturePolicy: StrictNoSign,
    msgIdFn: (message) => messageId(message.data),
    msgIdToStrFn: idToText,
    asyncValidation: true,
    fallbackToFloodsub: false,
    floodPublish: true,
    batchPublish: true,
    allowPublishToZeroTopicPeers: true,
    ignoreDuplicatePublishError: true,
    emitSelf: false,
    doPX: false,
    tagMeshPeers: false,
    allowedTopics: TOPICS.map((topic) => topicName(networkName, topic)),
    maxInboundDataLength: RPC_BYTES_MAX,
    maxOutboundBufferSize: OUTBOUND_BUFFER_BYTES_MAX,
    maxInboundStreams: 8,
    maxOutboundStreams: 8,
    decodeRpcLimits: {
      maxSubscriptions: 16,
      maxMessages: 256,
      maxIhaveMessageIDs: 2_000,
      maxIwantMessageIDs: 500,
      maxIdontwantMessageIDs: 500,
      maxControlMessages: 64,
      maxPeerInfos: 16,
    },
    // Peers of one city or one machine share an address; and only proven lies count, by our own penalties.
    scoreParams: { IPColocationFactorWeight: 0, behaviourPenaltyWeight: -1, behaviourPenaltyThreshold: 6 },
  })
}

/** Name of a topic on the wire. */
export function topicName(networkName: string, topic: GossipTopic): string {
  return `/naru/${networkName}/${topic}/1`
}

/** The node's two topics on a router. */
export class Gossip {
  readonly #options: GossipOptions
  readonly #topics = new Map<string, GossipTopic>()
  #router: Router | null = null
  #pending = 0

  constructor(options: GossipOptions) {
    this.#options = options
    for (const topic of TOPICS) this.#topics.set(topicName(options.networkName, topic), topic)
  }

  /** Subscribes; call when libp2p has started. */
  start(router: GossipSub): void {
    const open = router as Router
    open.addEventListener('gossipsub:message', (event) => this.#onMessage(open, event.detail))
    for (const name of this.#topics.keys()) open.subscribe(name)
    this.#router = open
  }

  /** Ends deliveries and publishing. */
  stop(): void {
    this.#router = null
  }

  /** Sends to every subscribed peer; what was seen before is not sent again. Never throws. */
  publish(topic: GossipTopic, message: Uint8Array): void {
    const { counters, log, networkName } = this.#options
    if (this.#router === null) return
    if (message.length === 0 || message.length > LIMITS.gossipMessageBytesMax) {
      log.warn('Gossip of a size that no peer accepts was not sent', { topic, bytes: message.length })
      return
    }
    counters.gossipOut += 1
    counters.bytesOut += message.length
    this.#router.publish(topicName(networkName, topic), message).catch((error: unknown) => {
      log.debug('Could not publish', { topic, error: errorText(error) })
    })
  }

  /** Reopens gossip streams that broke; reports peers whose messages gossipsub could not even split. */
  repair(connections: readonly Connection[]): void {
    const router = this.#router
    if (router === null) return
    const known = new Set(router.getPeers().map((peer) => peer.toString()))
    for (const connection of connections) {
      const peer = connection.remotePeer.toString()
      const ageMs = this.#options.clock.nowMs() - connection.timeline.open
      if (ageMs < REPAIR_AFTER_MS || connection.status !== 'open') continue
      if (known.has(peer) && router.streamsOutbound.has(peer)) continue
      this.#options.log.debug('Gossip stream opened again', { peer })
      router.onPeerConnected(connection.remotePeer, connection)
    }
  }

  #onMessage(router: Router, received: GossipsubMessage): void {
    const { counters, faults, log, onHeard } = this.#options
    const peer = received.propagationSource.toString()
    const topic = this.#topics.get(received.msg.topic)
    const data = plainView(received.msg.data)
    counters.gossipIn += 1
    counters.bytesIn += data.length
    onHeard(peer)
    const report = (verdict: Verdict): void => this.#report(router, received.msgId, peer, verdict)
    if (topic === undefined || faults.isDropped(peer) || this.#router === null) {
      report('ignore')
      return
    }
    if (data.length === 0 || data.length > LIMITS.gossipMessageBytesMax) {
      report('reject')
      return
    }
    if (this.#pending >= VERDICTS_PENDING_MAX) {
      counters.gossipOverflow += 1
      report('ignore')
      return
    }
    faults.pass(peer, 'in', data.length, () => {
      try {
        const verdict = this.#options.onGossip(peer, topic, data)
        if (typeof verdict === 'string') report(verdict)
        else void this.#await(verdict, report)
      } catch (error) {
        log.warn('Gossip handler threw', { topic, error: errorText(error) })
        report('ignore')
      }
    })
  }

  async #await(verdict: Promise<Verdict>, report: (verdict: Verdict) => void): Promise<void> {
    this.#pending += 1
    try {
      report(await verdict)
    } catch (error) {
      this.#options.log.warn('Gossip handler failed', { error: errorText(error) })
      report('ignore')
    } finally {
      this.#pending -= 1
    }
  }

  #report(router: Router, id: string, peer: PeerId, verdict: Verdict): void {
    const { counters, log, onLie } = this.#options
    try {
      if (this.#router !== null) router.reportMessageValidationResult(id, peer, RESULTS[verdict])
    } catch (error) {
      log.debug('Could not report a verdict', { error: errorText(error) })
    }
    if (verdict === 'ignore') counters.gossipIgnored += 1
    if (verdict !== 'reject') return
    counters.gossipRejected += 1
    onLie(peer, 'rejected gossip')
  }
}
