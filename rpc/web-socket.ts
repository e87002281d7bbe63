// Owns: JSON-RPC over WebSocket: upgrade, messages in and out, bounds of one client. Not here: streams (subscriptions.ts).
import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import type { RawData, WebSocket } from 'ws'
import type { Access } from './access.ts'
import type { Answer, Dispatch } from './dispatch.ts'
import type { RpcLimits } from './limits.ts'
import type { Delivery, GapReason, Sink, Subscriptions } from './subscriptions.ts'

/** What WebSocket clients are served with. */
export type WebSocketOptions = {
  readonly dispatch: Dispatch
  readonly access: Access
  readonly limits: RpcLimits
  readonly subscriptions: Subscriptions
  readonly spend: (remote: string, cost: number) => number | null
}

/** The WebSocket side of a listener. */
export type WebSocketSide = {
  readonly count: () => number
  /** Cuts off clients that do not read their replies; called at intervals. */
  readonly sweep: (nowMs: number) => void
  readonly stop: () => void
}

/** Time between telling a client to go and dropping its connection. */
const CLOSE_GRACE_MS = 1_000
const TRY_LATER = 1013

type Peer = { readonly socket: WebSocket; pending: number; fullSinceMs: number }

function formatDelivery({ subscription, seq, cursor, height, items }: Delivery): string {
  const place = `"subscription":"${subscription}","seq":${seq},"cursor":"${cursor}","height":${height}`
  return `{"jsonrpc":"2.0","method":"sub_event","params":{${place},"items":[${items.join(',')}]}}`
}

function formatGap(gap: { subscription: string; resumeFrom: string; reason: GapReason }): string {
  return JSON.stringify({ jsonrpc: '2.0', method: 'sub_gap', params: gap })
}

/** A client that does not read cannot finish a closing handshake; it is dropped after a moment. */
function closeSoon(socket: WebSocket, code: number, reason: string): void {
  socket.close(code, reason)
  setTimeout(() => socket.terminate(), CLOSE_GRACE_MS).unref()
}

function createSink(socket: WebSocket): Sink {
  return {
    deliver: (delivery) => socket.send(formatDelivery(delivery)),
    tellGap: (gap) => socket.send(formatGap(gap)),
    queuedBytes: () => socket.bufferedAmount,
    close: () => closeSoon(socket, TRY_LATER, 'resume from the cursor'),
  }
}

function toBytes(message: RawData): Uint8Array {
  if (Array.isArray(message)) return Buffer.concat(message)
  return message instanceof ArrayBuffer ? new Uint8Array(message) : message
}

function serveMessages(options: WebSocketOptions, peer: Peer, remote: string): void {
  const { dispatch, limits, subscriptions, spend } = options
  const { socket } = peer
  const streams = subscriptions.openClient(createSink(socket))
  const finish = (answer: Answer, after: readonly (() => void)[]): void => {
    if (socket.readyState !== socket.OPEN) return
    if (answer !== null) socket.send(answer)
    for (const perform of after) perform()
    // What is not read is not followed by more: the socket's own flow control takes over.
    if (socket.bufferedAmount > limits.clientQueueBytesMax) socket.pause()
  }
  socket.on('message', (message) => {
    const after: (() => void)[] = []
    const isBusy = peer.pending >= limits.callsPerSocketMax
    const refuse = (): number | null => (isBusy ? 1_000 : null)
    const caller = {
      streams,
      afterReply: (perform: () => void) => void after.push(perform),
      spend: (cost: number) => refuse() ?? spend(remote, cost),
    }
    const answer = dispatch(toBytes(message), caller)
    if (!(answer instanceof Promise)) return finish(answer, after)
    peer.pending += 1
    void answer.then((text) => {
      peer.pending -= 1
      finish(text, after)
    })
  })
  socket.on('error', () => socket.terminate())
  socket.on('close', () => streams.leave())
}

function sweepPeer(peer: Peer, limits: RpcLimits, nowMs: number): void {
  const { socket } = peer
  if (socket.bufferedAmount <= limits.clientQueueBytesMax) {
    peer.fullSinceMs = -1
    if (socket.isPaused) socket.resume()
  } else if (peer.fullSinceMs === -1) peer.fullSinceMs = nowMs
  else if (nowMs - peer.fullSinceMs >= limits.slowClientMs + CLOSE_GRACE_MS) socket.terminate()
}

function refuseUpgrade(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}

/** Attaches `GET /ws` to a server. */
export function attachWebSocket(server: Server, options: WebSocketOptions): WebSocketSide {
  const { access, limits } = options
  const peers = new Set<Peer>()
  // Text is checked by us, so that a message of bad UTF-8 gets its one answer and not a dead connection.
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: limits.bodyBytesMax,
    perMessageDeflate: false,
    skipUTF8Validation: true,
    clientTracking: false,
  })
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy())
    const path = URL.parse(request.url ?? '/', 'http://localhost')?.pathname
    if (path !== '/ws') return refuseUpgrade(socket, '404 Not Found')
    if (!access.isHostAllowed(request) || access.originOf(request) === false) return refuseUpgrade(socket, '403 Forbidden')
    if (peers.size >= limits.webSocketsMax) return refuseUpgrade(socket, '503 Service Unavailable')
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      const peer = { socket: webSocket, pending: 0, fullSinceMs: -1 }
      peers.add(peer)
      webSocket.on('close', () => peers.delete(peer))
      serveMessages(options, peer, request.socket.remoteAddress ?? '')
    })
  })
  return {
    count: () => peers.size,
    sweep: (nowMs) => {
      for (const peer of peers) sweepPeer(peer, limits, nowMs)
    },
    stop: () => {
      for (const { socket } of peers) closeSoon(socket, 1001, 'the node stops')
    },
  }
}
