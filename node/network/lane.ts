// Owns: one outgoing stream to one peer: coalesced writes, back-pressure, reopening.
// Not here: the queue (waiting.ts), incoming frames (channels.ts), which connection to use (peers.ts).
import type { Connection, Stream } from '@libp2p/interface'
import type { Clock } from '../ports.ts'
import { abortQuietly } from './abort.ts'
import type { NetworkCounters, NetworkLogger } from './counters.ts'
import { errorText } from './counters.ts'
import { WaitingFrames } from './waiting.ts'

const OPEN_TIMEOUT_MS = 10_000
const CLOSE_TIMEOUT_MS = 500
const REOPEN_MS_MIN = 50
const REOPEN_MS_MAX = 5_000

/** What a lane needs. */
export type LaneOptions = {
  readonly protocol: string
  readonly latestOnly: boolean
  readonly clock: Clock
  readonly counters: NetworkCounters
  readonly log: NetworkLogger
  /** The peer accepted the stream: it speaks our protocol. */
  readonly onOpen: () => void
  /** The peer does not know the protocol: it belongs to another network. */
  readonly onRefused: () => void
  /** The peer sent bytes on a stream that is ours alone. */
  readonly onGarbage: () => void
}

/** A queue of frames that follows a peer from connection to connection. */
export class Lane {
  readonly #options: LaneOptions
  readonly #waiting: WaitingFrames
  #connection: Connection | null = null
  #stream: Stream | null = null
  #blocked = false
  #flushScheduled = false
  #reopenMs = REOPEN_MS_MIN
  #openedAtMs = 0
  #lastSentMs = 0
  #reopenTimer: { readonly cancel: () => void } | null = null

  constructor(options: LaneOptions) {
    this.#options = options
    this.#waiting = new WaitingFrames(options.latestOnly, options.counters)
  }

  /** Bytes that wait to be sent. */
  get queuedBytes(): number {
    return this.#waiting.bytes + (this.#stream?.writeBufferLength ?? 0)
  }

  /** Queues a frame; false when there is no connection or older frames had to go. */
  push(frame: Uint8Array): boolean {
    if (this.#connection === null) return false
    const kept = this.#waiting.push(frame)
    this.#schedule()
    return kept
  }

  /** Sends from now on over this connection; null pauses and forgets what waits. */
  setConnection(next: Connection | null): void {
    if (next === this.#connection) return
    this.#connection = next
    this.#reopenTimer?.cancel()
    this.#reopenTimer = null
    const old = this.#stream
    this.#stream = null
    this.#blocked = false
    this.#reopenMs = REOPEN_MS_MIN
    this.#waiting.rewind()
    if (old !== null && old.status === 'open') {
      void old.close({ signal: AbortSignal.timeout(CLOSE_TIMEOUT_MS) }).catch(() => abortQuietly(old, 'lane closed'))
    }
    if (next === null) this.#waiting.clear()
    else void this.#open(next)
  }

  /** Sends an empty frame when nothing was sent for `idleMs`: a sign of life that the receiver swallows. */
  keepAlive(idleMs: number): void {
    const stream = this.#stream
    if (stream === null) return
    if (!stream.writableNeedsDrain && stream.writeBufferLength === 0) this.#blocked = false
    const idle = this.#options.clock.monotonicMs() - this.#lastSentMs >= idleMs
    if (idle && this.#waiting.bytes === 0) this.#waiting.push(new Uint8Array(0))
    this.#schedule()
  }

  #schedule(): void {
    if (this.#flushScheduled || this.#stream === null || this.#blocked) return
    this.#flushScheduled = true
    setImmediate(() => {
      this.#flushScheduled = false
      this.#flush()
    })
  }

  #flush(): void {
    const stream = this.#stream
    if (stream === null || this.#blocked) return
    try {
      for (let bytes = this.#waiting.take(); bytes !== null; bytes = this.#waiting.take()) {
        this.#options.counters.bytesOut += bytes.length
        this.#lastSentMs = this.#options.clock.monotonicMs()
        if (!stream.send(bytes)) {
          this.#blocked = true
          return
        }
      }
    } catch (error) {
      this.#options.log.debug('Stream broke while writing', { protocol: this.#options.protocol, error: errorText(error) })
      this.#onLost(stream)
    }
  }

  // libp2p first moves its own rest of bytes, in a microtask; only when that is gone may more follow.
  #onDrain(stream: Stream): void {
    queueMicrotask(() => {
      if (this.#stream !== stream || stream.writableNeedsDrain || stream.writeBufferLength > 0) return
      this.#blocked = false
      this.#flush()
    })
  }

  #onLost(stream: Stream): void {
    if (this.#stream !== stream) return
    this.#stream = null
    this.#blocked = false
    this.#waiting.rewind()
    if (stream.status === 'open') abortQuietly(stream, 'lane lost')
    if (this.#options.clock.monotonicMs() - this.#openedAtMs > REOPEN_MS_MAX) this.#reopenMs = REOPEN_MS_MIN
    this.#reopenLater()
  }

  #reopenLater(): void {
    const connection = this.#connection
    if (connection === null || connection.status !== 'open') return
    this.#reopenTimer?.cancel()
    this.#reopenTimer = this.#options.clock.startTimer(this.#reopenMs, () => {
      this.#reopenTimer = null
      if (this.#connection === connection && this.#stream === null) void this.#open(connection)
    })
    this.#reopenMs = Math.min(this.#reopenMs * 2, REOPEN_MS_MAX)
  }

  async #open(connection: Connection): Promise<void> {
    const { protocol, log } = this.#options
    try {
      const signal = AbortSignal.timeout(OPEN_TIMEOUT_MS)
      const stream = await connection.newStream(protocol, { signal, maxOutboundStreams: 8 })
      if (this.#connection === connection && this.#stream === null) this.#onOpened(stream)
      else abortQuietly(stream, 'connection replaced')
    } catch (error) {
      log.debug('Could not open stream', { protocol, error: errorText(error) })
      if (this.#connection !== connection) return
      if (error instanceof Error && error.name === 'UnsupportedProtocolError') return this.#options.onRefused()
      this.#reopenLater()
    }
  }

  #onOpened(stream: Stream): void {
    this.#stream = stream
    this.#blocked = false
    this.#openedAtMs = this.#options.clock.monotonicMs()
    this.#lastSentMs = this.#openedAtMs
    stream.inactivityTimeout = Number.MAX_SAFE_INTEGER
    stream.addEventListener('drain', () => this.#onDrain(stream))
    stream.addEventListener('close', () => this.#onLost(stream))
    stream.addEventListener('message', () => {
      this.#onLost(stream)
      this.#options.onGarbage()
    })
    this.#options.onOpen()
    // Reset between its negotiation and the listeners above: its close was told to nobody.
    if (stream.status === 'open') this.#schedule()
    else this.#onLost(stream)
  }
}
