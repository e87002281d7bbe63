// Owns: a libp2p peer that speaks the node's protocol ids and nothing of its manners, for tests of hostile input.
// Not here: the lies themselves (test/integration/hostile.test.ts).
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import type { GossipSub } from '@libp2p/gossipsub'
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { identify } from '@libp2p/identify'
import type { Connection, Stream } from '@libp2p/interface'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { createRouter, topicName } from '../../node/network/gossip.ts'
import { encodeFrame } from '../../node/network/frames.ts'
import { readMessage } from '../../node/network/message-stream.ts'
import type { Channel, RequestProtocol } from '../../node/ports.ts'

/** A connected liar; everything it sends is the caller's bytes. */
export type RawPeer = {
  readonly peerId: string
  readonly dial: (addresses: readonly string[]) => Promise<Connection>
  /** Opens a one-way stream of a channel. */
  readonly open: (connection: Connection, channel: Channel) => Promise<Stream>
  /** Sends bytes as they are, frame headers included; resolves when the stream took them or broke. */
  readonly send: (stream: Stream, bytes: Uint8Array) => Promise<void>
  /** Sends one request as given and reads the answer; null when the node gives none. */
  readonly ask: (connection: Connection, protocol: RequestProtocol, raw: Uint8Array) => Promise<Uint8Array | null>
  readonly publish: (message: Uint8Array) => Promise<void>
  readonly stop: () => Promise<void>
}

/** Starts the peer; it takes every stream and reads nothing. */
export async function startRawPeer(seed: Uint8Array, networkName: string): Promise<RawPeer> {
  const node = await createLibp2p({
    privateKey: await generateKeyPairFromSeed('Ed25519', seed),
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: { identify: identify(), ping: ping(), gossip: createRouter(networkName, { peersExpected: 3, heartbeatMs: 700 }) },
  })
  const name = (protocol: string): string => `/naru/${networkName}/${protocol}/1`
  for (const protocol of ['consensus', 'summary', 'status', 'body', 'blocks'])
    await node.handle(name(protocol), (stream) => {
      stream.addEventListener('message', () => undefined)
    })
  const gossip = node.services.gossip as GossipSub
  gossip.subscribe(topicName(networkName, 'tx'))
  const options = { maxOutboundStreams: 1_000 }
  const send = async (stream: Stream, bytes: Uint8Array): Promise<void> => {
    for (let offset = 0; offset < bytes.length && stream.status === 'open'; offset += 60_000) {
      if (!stream.send(bytes.subarray(offset, offset + 60_000))) await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }
  return {
    peerId: node.peerId.toString(),
    dial: (addresses) => node.dial(addresses.map((address) => multiaddr(address))),
    open: (connection, channel) => connection.newStream(name(channel), options),
    send,
    async ask(connection, protocol, raw) {
      try {
        const stream = await connection.newStream(name(protocol), options)
        await send(stream, raw)
        return await readMessage(stream, 16_777_216, AbortSignal.timeout(5_000))
      } catch {
        return null
      }
    },
    async publish(message) {
      await gossip.publish(topicName(networkName, 'tx'), message).catch(() => undefined)
    },
    stop: async () => void (await node.stop()),
  }
}

/** Frames as they stand on a stream. */
export function framesOf(messages: readonly Uint8Array[]): Uint8Array {
  const frames = messages.map(encodeFrame)
  const out = new Uint8Array(frames.reduce((sum, frame) => sum + frame.length, 0))
  let at = 0
  for (const frame of frames) {
    out.set(frame, at)
    at += frame.length
  }
  return out
}
