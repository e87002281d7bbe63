// Owns: how many requests of one kind run at once, how many wait, and how fast they may come.
// Not here: the requests themselves (requests.ts).
import type { Clock } from '../ports.ts'

/** Requests of one protocol with one peer, in one direction. */
export class RequestGate {
  readonly #runningMax: number
  readonly #waitingMax: number
  readonly #waiting: (() => void)[] = []
  #running = 0

  constructor(runningMax: number, waitingMax: number) {
    this.#runningMax = runningMax
    this.#waitingMax = waitingMax
  }

  /** True when nothing runs or waits. */
  get idle(): boolean {
    return this.#running === 0 && this.#waiting.length === 0
  }

  /** Resolves when it is this request's turn, null at once when too many wait; rejects when `signal` aborts first. */
  enter(signal: AbortSignal): Promise<void> | null {
    if (this.#running < this.#runningMax) {
      this.#running += 1
      return Promise.resolve()
    }
    if (this.#waiting.length >= this.#waitingMax) return null
    return new Promise((resolve, reject) => {
      const turn = (): void => {
        signal.removeEventListener('abort', onAbort)
        this.#running += 1
        resolve()
      }
      const onAbort = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(turn), 1)
        reject(signal.reason)
      }
      signal.addEventListener('abort', onAbort, { once: true })
      this.#waiting.push(turn)
    })
  }

  /** Ends a request that entered; the next one starts. */
  leave(): void {
    this.#running -= 1
    this.#waiting.shift()?.()
  }
}

/** So many requests a second on average, so many in a burst. */
export class TokenBucket {
  readonly #clock: Clock
  readonly #perSecond: number
  readonly #burst: number
  #tokens: number
  #atMs: number

  constructor(clock: Clock, perSecond: number, burst: number) {
    this.#clock = clock
    this.#perSecond = perSecond
    this.#burst = burst
    this.#tokens = burst
    this.#atMs = clock.monotonicMs()
  }

  /** Takes a token; false when there is none. */
  take(): boolean {
    const nowMs = this.#clock.monotonicMs()
    this.#tokens = Math.min(this.#burst, this.#tokens + ((nowMs - this.#atMs) / 1000) * this.#perSecond)
    this.#atMs = nowMs
    if (this.#tokens < 1) return false
    this.#tokens -= 1
    return true
  }
}
