// Owns: the frames that wait for one outgoing stream: bounded, oldest dropped first, cut into coalesced writes.
// Not here: when to write (lane.ts), the frame format (frames.ts).
import type { NetworkCounters } from './counters.ts'
import { FRAME_HEADER_BYTES, writeFrameHeader } from './frames.ts'

/** Frames waiting for one peer, at most. */
export const WAITING_FRAMES_MAX = 1_024
/** Bytes waiting for one peer, at most. */
export const WAITING_BYTES_MAX = 16 * 1024 * 1024
/** One write, in bytes: with the headers of yamux and Noise it still fits one Noise message (65,519 of plaintext). */
export const WRITE_BYTES_MAX = 65_024

/** A first-in first-out queue of frames that hands out writes. */
export class WaitingFrames {
  readonly #latestOnly: boolean
  readonly #counters: NetworkCounters
  #frames: Uint8Array[] = []
  #first = 0
  #bytes = 0
  /** The frame that did not fit into one write, header included, and how much of it is gone. */
  #partial: Uint8Array | null = null
  #partialOffset = 0

  constructor(latestOnly: boolean, counters: NetworkCounters) {
    this.#latestOnly = latestOnly
    this.#counters = counters
  }

  /** Bytes that wait, without those of the headers. */
  get bytes(): number {
    return this.#bytes + (this.#partial === null ? 0 : this.#partial.length - this.#partialOffset)
  }

  /** Queues a frame; false when older ones had to go. A latest-only queue keeps one and calls that no loss. */
  push(frame: Uint8Array): boolean {
    const framesMax = this.#latestOnly ? 1 : WAITING_FRAMES_MAX
    let kept = true
    while (this.#count() > 0 && (this.#count() >= framesMax || this.#bytes + frame.length > WAITING_BYTES_MAX)) {
      this.#shift()
      if (this.#latestOnly) {
        this.#counters.replaced += 1
      } else {
        this.#counters.dropped += 1
        kept = false
      }
    }
    this.#frames.push(frame)
    this.#bytes += frame.length
    return kept
  }

  /** The next bytes to write, at most WRITE_BYTES_MAX; null when nothing waits. */
  take(): Uint8Array | null {
    if (this.#partial !== null) return this.#takePartial(this.#partial)
    if (this.#count() === 0) return null
    const out = this.#takeMany()
    if (out.length <= WRITE_BYTES_MAX) return out
    this.#partialOffset = 0
    return this.#takePartial(out)
  }

  /** Starts the partly written frame again: the stream it went into is gone. */
  rewind(): void {
    this.#partialOffset = 0
  }

  /** Forgets everything. */
  clear(): void {
    this.#frames = []
    this.#first = 0
    this.#bytes = 0
    this.#partial = null
  }

  #count(): number {
    return this.#frames.length - this.#first
  }

  #shift(): Uint8Array {
    const frame = this.#frames[this.#first] as Uint8Array
    this.#first += 1
    this.#bytes -= frame.length
    if (this.#first > WAITING_FRAMES_MAX) {
      this.#frames = this.#frames.slice(this.#first)
      this.#first = 0
    }
    return frame
  }

  #takePartial(partial: Uint8Array): Uint8Array {
    const end = Math.min(partial.length, this.#partialOffset + WRITE_BYTES_MAX)
    const piece = partial.subarray(this.#partialOffset, end)
    this.#partialOffset = end
    this.#partial = end === partial.length ? null : partial
    return piece
  }

  /** At least one frame, and as many more as fit into one write. */
  #takeMany(): Uint8Array {
    let size = 0
    let count = 0
    while (count < this.#count()) {
      const next = FRAME_HEADER_BYTES + (this.#frames[this.#first + count] as Uint8Array).length
      if (count > 0 && size + next > WRITE_BYTES_MAX) break
      size += next
      count += 1
    }
    const out = new Uint8Array(size)
    let offset = 0
    for (let i = 0; i < count; i++) {
      const frame = this.#shift()
      writeFrameHeader(out, offset, frame.length)
      out.set(frame, offset + FRAME_HEADER_BYTES)
      offset += FRAME_HEADER_BYTES + frame.length
      // An empty frame is a sign of life, not a message.
      if (frame.length > 0) this.#counters.framesOut += 1
    }
    return out
  }
}
