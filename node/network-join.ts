// Owns: joining the parts to the network: handlers, status handshake, the once-a-second tick. Not here: libp2p (node/network).
import { CodecError, NodeError } from '../core/base/errors.ts'
import type { Height } from '../core/base/ids.ts'
import { decode, encode } from '../core/codec/schema.ts'
import type { Infer } from '../core/codec/schema.ts'
import type { Genesis } from '../core/execution/init-genesis.ts'
import { StatusSchema } from './answers.ts'
import type { ChainHead } from './chain-head.ts'
import type { ConsensusLink } from './consensus-link.ts'
import type { Logger } from './logger.ts'
import type { Channel, Clock, Network, PeerId, RequestProtocol } from './ports.ts'
import type { Presence } from './presence.ts'
import type { Witness } from './diagnosis/witness.ts'
import type { BlockSync } from './block-sync.ts'
import type { TxRelay } from './tx-relay.ts'

/** The parts that hear of frames, requests, gossip and peers. */
export type JoinParts = {
  readonly network: Network
  readonly clock: Clock
  readonly log: Logger
  readonly genesis: Genesis
  readonly version: string
  readonly head: () => ChainHead
  /** Lowest height whose body this node holds. */
  readonly oldestHeight: () => Height
  readonly link: ConsensusLink
  readonly sync: BlockSync
  readonly relay: TxRelay
  readonly presence: Presence
  readonly witness: Witness
  readonly onPeersChanged: () => void
  /** Told when the tick threw: that is our own fault, and the node ends. */
  readonly onFatal: (error: unknown) => void
  /** Told each second, after the parts here. */
  readonly onTick: () => void
  readonly answer: (protocol: RequestProtocol, request: Uint8Array) => Uint8Array | null | Promise<Uint8Array | null>
  readonly countMessage: (topic: string, verdict: string) => void
}

/** The node on the network; `status` is the encoded answer to the first question of a peer. */
export type Joined = {
  readonly start: () => Promise<void>
  readonly stop: () => Promise<void>
  readonly status: () => Uint8Array
}

const TICK_MS = 1_000
/** Every so many ticks all peers are asked for their clock. */
const CLOCK_TICKS = 10
const STATUS_TIMEOUT_MS = 5_000
/** Enough penalties to be refused for a while: the peer is on another chain. */
const WRONG_CHAIN_PENALTIES = 4

/** Builds the joint. */
export function joinNetwork(parts: JoinParts): Joined {
  const { network, clock, link, sync } = parts
  let timer: { cancel: () => void } | null = null
  let ticks = 0
  const status = (): Uint8Array =>
    encode(StatusSchema, {
      chainId: parts.genesis.chainId,
      genesisHash: parts.genesis.hash,
      height: parts.head().height,
      oldest: parts.oldestHeight(),
      nowMs: clock.nowMs(),
      version: parts.version,
    })
  const tick = (): void => {
    timer = clock.startTimer(TICK_MS, tick)
    try {
      link.onTick()
      parts.relay.onTick()
      sync.tell({ kind: 'tick', nowMs: clock.nowMs() })
      parts.onTick()
      if (++ticks % CLOCK_TICKS === 0) for (const { peer } of network.peers()) void askClock(parts, peer, status())
    } catch (error) {
      parts.onFatal(error)
    }
  }
  return {
    status,
    async start() {
      await network.start({
        onFrame: (peer, channel, frame) => takeFrame(parts, peer, channel, frame),
        onRequest: (_peer, protocol, request) => Promise.resolve(parts.answer(protocol, request)),
        onGossip: (_peer, topic, message) => {
          const verdict = topic === 'tx' ? parts.relay.onBatch(message) : 'ignore'
          parts.countMessage(topic, typeof verdict === 'string' ? verdict : 'taken')
          return verdict
        },
        onPeerConnected: (peer) => {
          parts.presence.onConnected(peer)
          parts.witness.onConnected(peer)
          parts.onPeersChanged()
          void greet(parts, peer, status())
        },
        onPeerDisconnected: (peer) => {
          parts.presence.onDisconnected(peer)
          parts.witness.onDisconnected(peer)
          link.onPeerGone(peer)
          sync.tell({ kind: 'peerGone', peer })
        },
      })
      tick()
    },
    async stop() {
      timer?.cancel()
      await network.stop()
    },
  }
}

function takeFrame({ witness, link }: JoinParts, peer: PeerId, channel: Channel, frame: Uint8Array): void {
  witness.onHeard(peer)
  if (channel === 'consensus') link.onConsensusFrame(peer, frame)
  else link.onSummaryFrame(peer, frame)
}

async function askStatus(
  { network, clock, witness }: JoinParts,
  peer: PeerId,
  request: Uint8Array,
): Promise<Infer<typeof StatusSchema>> {
  const askedMs = clock.monotonicMs()
  const theirs = decode(StatusSchema, await network.request(peer, 'status', request, STATUS_TIMEOUT_MS), 1_024)
  const tookMs = clock.monotonicMs() - askedMs
  // Their clock is read halfway through the exchange: the way there is taken to be as long as the way back.
  witness.onAnswer(peer, tookMs, { offsetMs: theirs.nowMs + tookMs / 2 - clock.nowMs(), version: theirs.version })
  return theirs
}

async function askClock(parts: JoinParts, peer: PeerId, request: Uint8Array): Promise<void> {
  try {
    await askStatus(parts, peer, request)
  } catch (error) {
    if (error instanceof CodecError) parts.network.penalise(peer, 'a status that is not in canonical form')
    else if (!(error instanceof NodeError)) parts.onFatal(error)
    else if (error.code === 'PEER_TIMEOUT') parts.witness.onAnswer(peer, STATUS_TIMEOUT_MS, null)
  }
}

async function greet(parts: JoinParts, peer: PeerId, request: Uint8Array): Promise<void> {
  const { network, log, genesis, sync, clock } = parts
  try {
    const theirs = await askStatus(parts, peer, request)
    if (theirs.genesisHash !== genesis.hash) {
      log.warn('Peer is on another chain', { peer, chainId: theirs.chainId, genesisHash: theirs.genesisHash })
      for (let i = 0; i < WRONG_CHAIN_PENALTIES; i++) network.penalise(peer, 'another chain')
      return
    }
    log.info('Peer connected', {
      peer,
      height: theirs.height,
      version: theirs.version,
      clockOffsetMs: theirs.nowMs - clock.nowMs(),
    })
    parts.relay.onPeer()
    sync.tell({ kind: 'peerHeight', peer, height: theirs.height, oldest: theirs.oldest, nowMs: clock.nowMs() })
  } catch (error) {
    if (error instanceof CodecError) network.penalise(peer, 'a status that is not in canonical form')
    else if (!(error instanceof NodeError)) throw error
  }
}
