// Owns: JSON-RPC over one WebSocket that reconnects by itself and takes its streams along.
// Not here: what a stream holds (stream.ts).
import { NodeError } from '../core/base/errors.ts'
import { buildRpcError } from './errors.ts'
import type { RpcError } from './errors.ts'
import { createStreamSource } from './stream.ts'
import type { Delivery, DeliveryVerdict, Stream, StreamOptions, StreamSource } from './stream.ts'
import { closedError, timeoutError } from './transport.ts'
import type { RpcRequest, Transport } from './transport.ts'

/** Options of `webSocketTransport`; times in ms. */
export type WebSocketOptions = {
  /** Address of the node's WebSocket, which ends in /ws. */
  readonly url: string
  /** First and longest pause between two attempts to connect. */
  readonly retryMsMin?: number
  readonly retryMsMax?: number
  /** A connection with streams that is silent for so long is dropped; a node repeats its cursor every 15 s. */
  readonly silenceMsMax?: number
}

type Pending = {
  readonly isBatch: boolean
  readonly onAnswer: (answer: unknown) => void
  readonly onFault: (error: NodeError) => void
}

type Active = {
  readonly source: StreamSource
  subscription: string | null
  asking: boolean
  retry: ReturnType<typeof setTimeout> | undefined
}

type Wire = {
  readonly options: Required<WebSocketOptions>
  readonly pending: Map<number, Pending>
  readonly active: Set<Active>
  /** Texts that wait for the connection. */
  waiting: string[]
  socket: WebSocket | null
  attempts: number
  retryTimer: ReturnType<typeof setTimeout> | undefined
  silenceTimer: ReturnType<typeof setTimeout> | undefined
  lastId: number
  closed: boolean
}

const TRY_AGAIN_MS = 1_000

function connect(wire: Wire): void {
  if (wire.socket !== null || wire.closed) return
  clearTimeout(wire.retryTimer)
  const socket = new WebSocket(wire.options.url)
  wire.socket = socket
  socket.addEventListener('open', () => {
    if (wire.socket === socket) onOpen(wire, socket)
  })
  socket.addEventListener('message', ({ data }) => {
    if (wire.socket === socket && typeof data === 'string') onMessage(wire, data)
  })
  socket.addEventListener('close', () => onLost(wire, socket))
  socket.addEventListener('error', () => onLost(wire, socket))
}

function onOpen(wire: Wire, socket: WebSocket): void {
  wire.attempts = 0
  const texts = wire.waiting
  wire.waiting = []
  for (const text of texts) socket.send(text)
  for (const active of wire.active) subscribe(wire, active)
  watchSilence(wire)
}

/** Fails what was asked and not answered; streams go on by the next connection. */
function onLost(wire: Wire, socket: WebSocket): void {
  if (wire.socket !== socket) return
  wire.socket = null
  socket.close()
  clearTimeout(wire.silenceTimer)
  wire.waiting = []
  for (const active of wire.active) Object.assign(active, { subscription: null, asking: false })
  failAll(wire, () => new NodeError('RPC_UNREACHABLE', `the connection to ${wire.options.url} is lost; is the node running?`))
  if (wire.closed || wire.active.size === 0) return
  const { retryMsMin, retryMsMax } = wire.options
  const pauseMs = Math.min(retryMsMax, retryMsMin * 2 ** Math.min(wire.attempts, 16))
  wire.attempts += 1
  // Spread over half the pause, so that the clients of a restarted node do not come back all at once.
  wire.retryTimer = setTimeout(() => connect(wire), pauseMs * (0.5 + Math.random() / 2))
}

function failAll(wire: Wire, build: () => NodeError): void {
  const pending = [...wire.pending.values()]
  wire.pending.clear()
  for (const { onFault } of pending) onFault(build())
}

function watchSilence(wire: Wire): void {
  clearTimeout(wire.silenceTimer)
  const { socket } = wire
  if (socket === null || wire.active.size === 0) return
  wire.silenceTimer = setTimeout(() => onLost(wire, socket), wire.options.silenceMsMax)
}

function onMessage(wire: Wire, text: string): void {
  watchSilence(wire)
  let message: unknown
  try {
    message = JSON.parse(text)
  } catch {
    return
  }
  if (typeof message !== 'object' || message === null) return
  const isBatch = Array.isArray(message)
  const { id, method, params } = ((isBatch ? (message as unknown[])[0] : message) ?? {}) as Record<string, unknown>
  if (method === 'sub_event') onDelivery(wire, params as Delivery)
  // After a gap (sub_gap) the node closes the connection; the next one resumes from the cursor.
  else if (method === undefined) settle(wire, id, message)
}

function settle(wire: Wire, id: unknown, answer: unknown): void {
  if (typeof id === 'number') {
    const pending = wire.pending.get(id)
    wire.pending.delete(id)
    pending?.onAnswer(answer)
    return
  }
  // An error without an id answers a batch that could not be taken.
  for (const [key, pending] of [...wire.pending]) {
    if (!pending.isBatch) continue
    wire.pending.delete(key)
    pending.onAnswer(answer)
  }
}

function send(wire: Wire, payload: RpcRequest | readonly RpcRequest[], pending: Pending): void {
  const requests = Array.isArray(payload) ? (payload as readonly RpcRequest[]) : [payload as RpcRequest]
  // Answers of a batch come in any order: the first one of the list may be any of them.
  for (const { id } of requests) wire.pending.set(id, pending)
  const text = JSON.stringify(payload)
  if (wire.socket?.readyState === WebSocket.OPEN) wire.socket.send(text)
  else {
    wire.waiting.push(text)
    connect(wire)
  }
}

function request(wire: Wire, payload: RpcRequest | readonly RpcRequest[], timeoutMs: number): Promise<unknown> {
  if (wire.closed) return Promise.reject(closedError())
  const ids = (Array.isArray(payload) ? (payload as readonly RpcRequest[]) : [payload as RpcRequest]).map(({ id }) => id)
  return new Promise((resolve, reject) => {
    const forget = (): void => {
      clearTimeout(timer)
      for (const id of ids) wire.pending.delete(id)
    }
    const timer = setTimeout(() => {
      forget()
      reject(timeoutError(wire.options.url, timeoutMs))
    }, timeoutMs)
    const onAnswer = (answer: unknown): void => {
      forget()
      resolve(answer)
    }
    const onFault = (error: NodeError): void => {
      forget()
      reject(error)
    }
    send(wire, payload, { isBatch: Array.isArray(payload), onAnswer, onFault })
  })
}

/** The stream's own requests have negative ids, apart from those of the client above. */
function sendOwn(wire: Wire, method: string, params: object, onAnswer: (answer: unknown) => void): void {
  wire.lastId -= 1
  send(wire, { jsonrpc: '2.0', id: wire.lastId, method, params }, { isBatch: false, onAnswer, onFault: () => undefined })
}

function subscribe(wire: Wire, active: Active): void {
  if (active.asking || active.subscription !== null || active.source.isFull() || !wire.active.has(active)) return
  clearTimeout(active.retry)
  if (wire.socket?.readyState === WebSocket.OPEN) {
    active.asking = true
    sendOwn(wire, 'sub_subscribe', active.source.params(), (answer) => onSubscribed(wire, active, answer))
  } else connect(wire)
}

// Runs within the message event: deliveries may follow in the very next frame.
function onSubscribed(wire: Wire, active: Active, answer: unknown): void {
  active.asking = false
  const { result, error } = answer as { result?: { subscription: string; resumedFrom: string }; error?: unknown }
  if (result === undefined) onRefused(wire, active, buildRpcError(error))
  else if (!wire.active.has(active)) unsubscribe(wire, result.subscription)
  else {
    active.subscription = result.subscription
    active.source.onSubscribed(result.resumedFrom)
  }
}

function onRefused(wire: Wire, active: Active, refusal: RpcError): void {
  const { retryable, retryAfterMs } = refusal.data
  if (retryable === true) {
    active.retry = setTimeout(() => subscribe(wire, active), typeof retryAfterMs === 'number' ? retryAfterMs : TRY_AGAIN_MS)
    return
  }
  wire.active.delete(active)
  active.source.fail(refusal)
}

function unsubscribe(wire: Wire, subscription: string | null): void {
  if (subscription === null || wire.socket?.readyState !== WebSocket.OPEN) return
  sendOwn(wire, 'sub_unsubscribe', { subscription }, () => undefined)
}

function onDelivery(wire: Wire, delivery: Delivery): void {
  const active = [...wire.active].find(({ subscription }) => subscription === delivery.subscription)
  if (active === undefined) return
  const verdict = takeDelivery(wire, active, delivery)
  if (verdict === 'taken') return
  unsubscribe(wire, active.subscription)
  active.subscription = null
  if (verdict === 'lost') subscribe(wire, active)
}

function takeDelivery(wire: Wire, active: Active, delivery: Delivery): DeliveryVerdict {
  try {
    return active.source.onDelivery(delivery)
  } catch (cause) {
    wire.active.delete(active)
    active.source.fail(
      cause instanceof NodeError ? cause : new NodeError('RPC_BAD_ANSWER', 'a delivery is not of the known form', cause),
    )
    return 'full'
  }
}

function openStream(wire: Wire, options: StreamOptions): Stream {
  if (wire.closed) throw closedError()
  const active: Active = {
    source: createStreamSource(options, {
      onDrained: () => subscribe(wire, active),
      onClosed: () => {
        wire.active.delete(active)
        clearTimeout(active.retry)
        unsubscribe(wire, active.subscription)
        if (wire.socket === null && wire.active.size === 0) clearTimeout(wire.retryTimer)
      },
    }),
    subscription: null,
    asking: false,
    retry: undefined,
  }
  wire.active.add(active)
  subscribe(wire, active)
  watchSilence(wire)
  return active.source.stream
}

function close(wire: Wire): void {
  if (wire.closed) return
  wire.closed = true
  clearTimeout(wire.retryTimer)
  clearTimeout(wire.silenceTimer)
  for (const { source } of [...wire.active]) {
    source.fail(closedError())
  }
  for (const active of wire.active) clearTimeout(active.retry)
  wire.active.clear()
  failAll(wire, closedError)
  const { socket } = wire
  wire.socket = null
  socket?.close()
}

/** One connection, opened by the first call or stream. Open calls fail when it is lost; streams resume where they were. */
export function webSocketTransport(options: WebSocketOptions): Transport {
  const wire: Wire = {
    options: { retryMsMin: 100, retryMsMax: 5_000, silenceMsMax: 45_000, ...options },
    pending: new Map(),
    active: new Set(),
    waiting: [],
    socket: null,
    attempts: 0,
    retryTimer: undefined,
    silenceTimer: undefined,
    lastId: 0,
    closed: false,
  }
  return {
    request: (payload, { timeoutMs }) => request(wire, payload, timeoutMs),
    subscribe: (wish) => openStream(wire, wish),
    close: () => close(wire),
  }
}
