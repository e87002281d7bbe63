// Owns: the direct streams of every peer: our outgoing lanes and the frames that come in.
// Not here: connections (peers.ts), questions and answers (requests.ts).
import type { Connection, Libp2p, Stream, StreamMessageEvent } from '@libp2p/interface'
import { LIMITS } from '../../core/base/limits.ts'
import type { Channel, Clock, PeerId } from '../ports.ts'
import { abortQuietly } from './abort.ts'
import type { NetworkCounters, NetworkLogger } from './counters.ts'
import { errorText } from './counters.ts'
import { createFrameReader } from './frames.ts'
import { Lane } from './lane.ts'
import type { LinkFaults } from './link-faults.ts'

/** Bytes of one round-state summary, at most. */
export const SUMMARY_BYTES_MAX = 1_024

const CHANNELS: readonly Channel[] = ['consensus', 'summary']
const KEEP_ALIVE_MS = 5_000
const FRAME_BYTES_MAX: Readonly<Record<Channel, number>> = {
  consensus: LIMITS.consensusFrameBytesMax,
  summary: SUMMARY_BYTES_MAX,
}

/** What the channels need from the rest of the room. */
export type ChannelsOptions = {
  readonly networkName: string
  readonly clock: Clock
  readonly counters: NetworkCounters
  readonly log: NetworkLogger
  readonly faults: LinkFaults
  readonly isUsable: (peer: PeerId) => boolean
  readonly onFrame: (peer: PeerId, channel: Channel, frame: Uint8Array) => void
  /** Something came in from the peer. */
  readonly onHeard: (peer: PeerId) => void
  /** A stream of ours, or of the peer, was negotiated. */
  readonly onConfirmed: (peer: PeerId) => void
  readonly onRefused: (peer: PeerId) => void
  /** Bytes that no honest peer sends. */
  readonly onGarbage: (peer: PeerId, reason: string) => void
}

type PeerStreams = { readonly lanes: Readonly<Record<Channel, Lane>>; readonly inbound: Map<Channel, Stream> }

/** Long-lived one-way streams, one each way per peer and channel. */
export class Channels {
  readonly #options: ChannelsOptions
  readonly #peers = new Map<PeerId, PeerStreams>()

  constructor(options: ChannelsOptions) {
    this.#options = options
  }

  /** Registers the protocols. Call before libp2p starts. */
  async register(node: Libp2p): Promise<void> {
    for (const channel of CHANNELS) {
      const onStream = (stream: Stream, connection: Connection) => this.#onStream(channel, stream, connection)
      await node.handle(this.#protocol(channel), onStream, { maxInboundStreams: 8, maxOutboundStreams: 8 })
    }
  }

  /** Points the lanes of a peer at its connection; null when there is none. */
  setConnection(peer: PeerId, connection: Connection | null): void {
    let streams = this.#peers.get(peer)
    if (streams === undefined) {
      if (connection === null) return
      streams = {
        lanes: { consensus: this.#createLane(peer, 'consensus'), summary: this.#createLane(peer, 'summary') },
        inbound: new Map(),
      }
      this.#peers.set(peer, streams)
    }
    for (const channel of CHANNELS) streams.lanes[channel].setConnection(connection)
    if (connection === null) this.#peers.delete(peer)
  }

  /** Queues a frame; false when it is too large, the peer is not connected, or older frames had to go. */
  send(peer: PeerId, channel: Channel, frame: Uint8Array): boolean {
    const { faults, log } = this.#options
    const lane = this.#peers.get(peer)?.lanes[channel]
    if (lane === undefined) return false
    if (frame.length === 0 || frame.length > FRAME_BYTES_MAX[channel]) {
      log.warn('Frame of a size that no peer accepts was not sent', { channel, bytes: frame.length })
      return false
    }
    let kept = true
    faults.pass(peer, 'out', frame.length, () => {
      kept = lane.push(frame)
    })
    return kept
  }

  /** Queues a frame for every connected peer. */
  broadcast(channel: Channel, frame: Uint8Array): void {
    for (const peer of this.#peers.keys()) this.send(peer, channel, frame)
  }

  /** Bytes that wait for a peer. */
  queuedBytes(peer: PeerId): number {
    const streams = this.#peers.get(peer)
    return streams === undefined ? 0 : streams.lanes.consensus.queuedBytes + streams.lanes.summary.queuedBytes
  }

  /** Ends every lane. */
  close(): void {
    for (const peer of [...this.#peers.keys()]) this.setConnection(peer, null)
  }

  /** Gives a sign of life where nothing was sent for a while. */
  keepAlive(): void {
    for (const streams of this.#peers.values()) streams.lanes.summary.keepAlive(KEEP_ALIVE_MS)
    for (const streams of this.#peers.values()) streams.lanes.consensus.keepAlive(Number.MAX_SAFE_INTEGER)
  }

  #protocol(channel: Channel): string {
    return `/naru/${this.#options.networkName}/${channel}/1`
  }

  #createLane(peer: PeerId, channel: Channel): Lane {
    const { clock, counters, log } = this.#options
    return new Lane({
      protocol: this.#protocol(channel),
      latestOnly: channel === 'summary',
      clock,
      counters,
      log,
      onOpen: () => this.#options.onConfirmed(peer),
      onRefused: () => this.#options.onRefused(peer),
      onGarbage: () => this.#options.onGarbage(peer, 'bytes on a one-way stream'),
    })
  }

  #onStream(channel: Channel, stream: Stream, connection: Connection): void {
    const peer = connection.remotePeer.toString()
    if (!this.#options.isUsable(peer)) {
      abortQuietly(stream, 'peer not allowed')
      return
    }
    this.#options.onConfirmed(peer)
    const inbound = this.#peers.get(peer)?.inbound
    if (inbound === undefined) {
      abortQuietly(stream, 'peer not connected')
      return
    }
    // A peer that opens a second stream has given up the first.
    const replaced = inbound.get(channel)
    if (replaced !== undefined) abortQuietly(replaced, 'stream replaced')
    inbound.set(channel, stream)
    stream.inactivityTimeout = Number.MAX_SAFE_INTEGER
    const read = createFrameReader({
      frameBytesMax: FRAME_BYTES_MAX[channel],
      onFrame: (frame) => this.#onFrame(peer, channel, frame),
    })
    stream.addEventListener('message', (event: StreamMessageEvent) => {
      this.#options.onHeard(peer)
      if (read(event.data.subarray())) return
      abortQuietly(stream, 'frame length beyond the limit')
      this.#options.onGarbage(peer, 'frame length beyond the limit')
    })
    stream.addEventListener('close', () => {
      if (inbound.get(channel) === stream) inbound.delete(channel)
    })
    // The stream is one-way: our side of it has nothing to say.
    void stream.close().catch((error) => this.#options.log.debug('Could not half-close', { error: errorText(error) }))
  }

  #onFrame(peer: PeerId, channel: Channel, frame: Uint8Array): void {
    if (frame.length === 0) return
    const { counters, faults, log } = this.#options
    counters.bytesIn += frame.length
    faults.pass(peer, 'in', frame.length, () => {
      counters.framesIn += 1
      try {
        this.#options.onFrame(peer, channel, frame)
      } catch (error) {
        log.warn('Frame handler threw', { channel, error: errorText(error) })
      }
    })
  }
}
