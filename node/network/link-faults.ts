// Owns: injected link faults: who is cut off, and the delay line everything of a slowed link passes through, in order.
// Not here: closing connections of a dropped link (peers.ts), the traffic itself.
import type { Clock, LinkFault, PeerId } from '../ports.ts'
import type { NetworkCounters } from './counters.ts'

/** Seen from this node. */
export type LinkDirection = 'in' | 'out'

type Held = { readonly readyAtMs: number; readonly bytes: number; readonly pass: () => void }
type Line = { held: Held[]; bytes: number; timer: { readonly cancel: () => void } | null }

const HELD_COUNT_MAX = 1_024
const HELD_BYTES_MAX = 16 * 1024 * 1024

/** The faults that stand now; without a fault everything passes synchronously. */
export class LinkFaults {
  readonly #clock: Clock
  readonly #counters: NetworkCounters
  readonly #faults = new Map<PeerId, LinkFault>()
  readonly #lines = new Map<string, Line>()

  constructor(clock: Clock, counters: NetworkCounters) {
    this.#clock = clock
    this.#counters = counters
  }

  /** Sets a fault or, with null, heals the link; what a healed link still held passes at once. */
  set(peer: PeerId, fault: LinkFault | null): void {
    if (fault === null) this.#faults.delete(peer)
    else this.#faults.set(peer, fault)
    for (const direction of ['in', 'out']) {
      const key = `${direction} ${peer}`
      const line = this.#lines.get(key)
      if (line === undefined) continue
      if (fault?.drop === true) this.#drop(line)
      else if (fault === null) this.#release(line, true)
      if (line.held.length === 0) this.#lines.delete(key)
    }
  }

  /** True while nothing may pass between us and the peer. */
  isDropped(peer: PeerId): boolean {
    return this.#faults.get(peer)?.drop === true
  }

  /** Runs `run` at once, after the link's delay and in order, or never: by the link's loss, or as the oldest of a full line. */
  pass(peer: PeerId, direction: LinkDirection, bytes: number, run: () => void): void {
    if (this.#faults.size === 0 && this.#lines.size === 0) {
      run()
      return
    }
    const key = `${direction} ${peer}`
    const fault = this.#faults.get(peer)
    if (fault?.lossPercent !== undefined && Math.random() * 100 < fault.lossPercent) {
      this.#counters.dropped += 1
      return
    }
    const delayed = fault !== undefined && (fault.delayMs > 0 || fault.jitterMs > 0)
    const line = this.#lines.get(key) ?? { held: [], bytes: 0, timer: null }
    if (!delayed && line.held.length === 0) {
      run()
      return
    }
    this.#lines.set(key, line)
    const jitterMs = fault === undefined ? 0 : (Math.random() * 2 - 1) * fault.jitterMs
    const delayMs = Math.max(0, (fault?.delayMs ?? 0) + jitterMs)
    const readyAtMs = Math.max(this.#clock.monotonicMs() + delayMs, line.held.at(-1)?.readyAtMs ?? 0)
    line.held.push({ readyAtMs, bytes, pass: run })
    line.bytes += bytes
    while (line.held.length > HELD_COUNT_MAX || (line.bytes > HELD_BYTES_MAX && line.held.length > 1)) {
      line.bytes -= line.held.shift()?.bytes ?? 0
      this.#counters.dropped += 1
    }
    if (line.timer === null) this.#startTimer(line)
  }

  /** Resolves when something of this size has passed the line; never, if the line lost it. */
  hold(peer: PeerId, direction: LinkDirection, bytes: number): Promise<void> {
    return new Promise((resolve) => this.pass(peer, direction, bytes, resolve))
  }

  /** Forgets everything held. */
  close(): void {
    for (const line of this.#lines.values()) this.#drop(line)
    this.#lines.clear()
    this.#faults.clear()
  }

  #release(line: Line, all: boolean): void {
    line.timer?.cancel()
    line.timer = null
    const now = this.#clock.monotonicMs()
    for (let head = line.held[0]; head !== undefined && (all || head.readyAtMs <= now); head = line.held[0]) {
      line.held.shift()
      line.bytes -= head.bytes
      head.pass()
    }
    if (line.timer === null) this.#startTimer(line)
  }

  #startTimer(line: Line): void {
    const next = line.held[0]
    if (next === undefined) return
    const waitMs = Math.max(1, Math.ceil(next.readyAtMs - this.#clock.monotonicMs()))
    line.timer = this.#clock.startTimer(waitMs, () => this.#release(line, false))
  }

  #drop(line: Line): void {
    line.timer?.cancel()
    line.timer = null
    this.#counters.dropped += line.held.length
    line.held = []
    line.bytes = 0
  }
}
