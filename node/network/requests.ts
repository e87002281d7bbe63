// Owns: questions and answers, one stream each: limits, turns, rates, timeouts. Not here: what they mean (the node's handler).
import type { Connection, Libp2p, Stream } from '@libp2p/interface'
import { NodeError } from '../../core/base/errors.ts'
import { LIMITS } from '../../core/base/limits.ts'
import type { Clock, PeerId, RequestProtocol } from '../ports.ts'
import { abortQuietly } from './abort.ts'
import type { NetworkCounters, NetworkLogger } from './counters.ts'
import { errorText } from './counters.ts'
import type { LinkFaults } from './link-faults.ts'
import { MessageTooLargeError, readMessage, writeMessage } from './message-stream.ts'
import { RequestGate, TokenBucket } from './request-gate.ts'

/** Bounds of one protocol: bytes either way, requests a second and in a burst from one peer. */
export type RequestLimits = {
  readonly requestBytesMax: number
  readonly answerBytesMax: number
  readonly perSecond: number
  readonly burst: number
}

/** Bounds of every protocol. A body request lists missing transactions, so it may be large itself. */
export const REQUEST_LIMITS: Readonly<Record<RequestProtocol, RequestLimits>> = {
  status: { requestBytesMax: 4_096, answerBytesMax: 4_096, perSecond: 20, burst: 40 },
  body: { requestBytesMax: 1_048_576, answerBytesMax: LIMITS.blockBytesMax + 1_048_576, perSecond: 50, burst: 100 },
  blocks: { requestBytesMax: 4_096, answerBytesMax: LIMITS.syncResponseBytesMax, perSecond: 20, burst: 40 },
  // A chunk, or a manifest of some ten thousand of them (node/snapshot).
  snap: { requestBytesMax: 64, answerBytesMax: 17 * 1_048_576, perSecond: 40, burst: 80 },
}

const PROTOCOLS: readonly RequestProtocol[] = ['status', 'body', 'blocks', 'snap']
const RUNNING_MAX = 2
const WAITING_MAX = 16
const READ_TIMEOUT_MS = 10_000
const SERVE_TIMEOUT_MS = 60_000
const LINGER_MS = 2_000

/** What requests need from the rest of the room. */
export type RequestsOptions = {
  readonly networkName: string
  readonly clock: Clock
  readonly counters: NetworkCounters
  readonly log: NetworkLogger
  readonly faults: LinkFaults
  readonly isUsable: (peer: PeerId) => boolean
  readonly connectionOf: (peer: PeerId) => Connection | null
  readonly onRequest: (peer: PeerId, protocol: RequestProtocol, request: Uint8Array) => Promise<Uint8Array | null>
  readonly onHeard: (peer: PeerId) => void
  readonly onGarbage: (peer: PeerId, reason: string) => void
}

/** Asks and answers. */
export class Requests {
  readonly #options: RequestsOptions
  readonly #gates = new Map<string, RequestGate>()
  readonly #buckets = new Map<string, TokenBucket>()
  readonly #stop = new AbortController()

  constructor(options: RequestsOptions) {
    this.#options = options
  }

  /** Registers the protocols. Call before libp2p starts. */
  async register(node: Libp2p): Promise<void> {
    for (const protocol of PROTOCOLS) {
      const onStream = (stream: Stream, connection: Connection): void => {
        // Not awaited: libp2p would count the serving into the negotiation of the stream.
        void this.#serve(protocol, stream, connection.remotePeer.toString())
      }
      await node.handle(this.#name(protocol), onStream, { maxInboundStreams: 32, maxOutboundStreams: 32 })
    }
  }

  /** Ends what runs. */
  stop(): void {
    this.#stop.abort(new Error('network stopped'))
  }

  /** Forgets the rates of a peer that has gone. */
  forget(peer: PeerId): void {
    for (const protocol of PROTOCOLS) this.#buckets.delete(`${protocol} ${peer}`)
  }

  /** One question, one answer. Throws NodeError PEER_TIMEOUT, PEER_CLOSED or PEER_TOO_LARGE. */
  async request(peer: PeerId, protocol: RequestProtocol, request: Uint8Array, timeoutMs: number): Promise<Uint8Array> {
    const { clock, counters } = this.#options
    counters.requestsOut += 1
    const controller = new AbortController()
    const timer = clock.startTimer(timeoutMs, () =>
      controller.abort(new NodeError('PEER_TIMEOUT', `${protocol} took over ${timeoutMs} ms`)),
    )
    const signal = AbortSignal.any([controller.signal, this.#stop.signal])
    try {
      if (request.length > REQUEST_LIMITS[protocol].requestBytesMax) {
        throw new NodeError('PEER_TOO_LARGE', `a ${protocol} request of ${request.length} bytes is over the limit`)
      }
      return await this.#inTurn(`out ${protocol} ${peer}`, signal, () => this.#ask(peer, protocol, request, signal))
    } catch (error) {
      counters.requestsFailed += 1
      if (controller.signal.aborted) throw controller.signal.reason
      if (error instanceof NodeError) throw error
      if (error instanceof MessageTooLargeError)
        throw new NodeError('PEER_TOO_LARGE', `${protocol} answer: ${error.message}`, error)
      throw new NodeError('PEER_CLOSED', `no ${protocol} answer from ${peer}: ${errorText(error)}`, error)
    } finally {
      timer.cancel()
    }
  }

  async #ask(peer: PeerId, protocol: RequestProtocol, request: Uint8Array, signal: AbortSignal): Promise<Uint8Array> {
    const { connectionOf, counters, faults, onHeard } = this.#options
    await untilAborted(faults.hold(peer, 'out', request.length), signal)
    const connection = connectionOf(peer)
    if (connection === null) throw new NodeError('PEER_CLOSED', `${peer} is not connected`)
    const stream = await connection.newStream(this.#name(protocol), { signal, maxOutboundStreams: 32 })
    try {
      counters.bytesOut += request.length
      await writeMessage(stream, request, signal)
      const answer = await readMessage(stream, REQUEST_LIMITS[protocol].answerBytesMax, signal)
      if (answer === null) throw new NodeError('PEER_CLOSED', `${peer} closed the ${protocol} stream without an answer`)
      counters.bytesIn += answer.length
      onHeard(peer)
      await untilAborted(faults.hold(peer, 'in', answer.length), signal)
      this.#finish(stream)
      return answer
    } catch (error) {
      abortQuietly(stream, errorText(error))
      if (error instanceof MessageTooLargeError) this.#options.onGarbage(peer, 'answer beyond the limit')
      throw error
    }
  }

  async #serve(protocol: RequestProtocol, stream: Stream, peer: PeerId): Promise<void> {
    const { counters, isUsable, log, onGarbage } = this.#options
    counters.requestsIn += 1
    try {
      if (!isUsable(peer)) throw new Error('peer not allowed')
      if (!this.#bucket(protocol, peer).take()) throw new Error('too many requests')
      const signal = AbortSignal.any([AbortSignal.timeout(SERVE_TIMEOUT_MS), this.#stop.signal])
      await this.#inTurn(`in ${protocol} ${peer}`, signal, () => this.#answer(protocol, stream, peer, signal))
      this.#finish(stream)
    } catch (error) {
      counters.requestsRefused += 1
      log.debug('Request not answered', { protocol, peer, error: errorText(error) })
      abortQuietly(stream, errorText(error))
      if (error instanceof MessageTooLargeError) onGarbage(peer, 'request beyond the limit')
    }
  }

  async #answer(protocol: RequestProtocol, stream: Stream, peer: PeerId, signal: AbortSignal): Promise<void> {
    const { counters, faults, log, onHeard, onRequest } = this.#options
    const limits = REQUEST_LIMITS[protocol]
    const reading = AbortSignal.any([AbortSignal.timeout(READ_TIMEOUT_MS), signal])
    const request = await readMessage(stream, limits.requestBytesMax, reading)
    if (request === null) throw new Error('closed without a request')
    counters.bytesIn += request.length
    onHeard(peer)
    await untilAborted(faults.hold(peer, 'in', request.length), signal)
    const answer = await untilAborted(onRequest(peer, protocol, request), signal)
    if (answer === null) return await stream.close({ signal })
    if (answer.length > limits.answerBytesMax) {
      log.warn('Own answer is over the limit and was not sent', { protocol, bytes: answer.length })
      return await stream.close({ signal })
    }
    await untilAborted(faults.hold(peer, 'out', answer.length), signal)
    counters.bytesOut += answer.length
    await writeMessage(stream, answer, signal)
  }

  async #inTurn<T>(key: string, signal: AbortSignal, run: () => Promise<T>): Promise<T> {
    const gate = this.#gates.get(key) ?? new RequestGate(RUNNING_MAX, WAITING_MAX)
    this.#gates.set(key, gate)
    const turn = gate.enter(signal)
    if (turn === null) throw new NodeError('PEER_CLOSED', `more than ${WAITING_MAX} requests wait for this peer`)
    try {
      await turn
    } catch (error) {
      if (gate.idle) this.#gates.delete(key)
      throw error
    }
    try {
      return await run()
    } finally {
      gate.leave()
      if (gate.idle) this.#gates.delete(key)
    }
  }

  /** Both sides have said what they had to say; one that never closes its half is reset. */
  #finish(stream: Stream): void {
    if (stream.status !== 'open') return
    const timer = this.#options.clock.startTimer(LINGER_MS, () => abortQuietly(stream, 'stream left open'))
    stream.addEventListener('close', () => timer.cancel())
  }

  #bucket(protocol: RequestProtocol, peer: PeerId): TokenBucket {
    const key = `${protocol} ${peer}`
    const known = this.#buckets.get(key)
    if (known !== undefined) return known
    const bucket = new TokenBucket(this.#options.clock, REQUEST_LIMITS[protocol].perSecond, REQUEST_LIMITS[protocol].burst)
    this.#buckets.set(key, bucket)
    return bucket
  }

  #name(protocol: RequestProtocol): string {
    return `/naru/${this.#options.networkName}/${protocol}/1`
  }
}

/** The promise's outcome, or the signal's reason if that comes first. */
async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted()
  const aborted = Promise.withResolvers<never>()
  const onAbort = (): void => aborted.reject(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([promise, aborted.promise])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
