// Owns: examples and properties of the frame codec and of the queue in front of a stream. Not here: sockets (host.test.ts).
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createCounters } from './counters.ts'
import { createFrameReader, encodeFrame } from './frames.ts'
import { WAITING_BYTES_MAX, WAITING_FRAMES_MAX, WaitingFrames, WRITE_BYTES_MAX } from './waiting.ts'

function readAll(chunks: readonly Uint8Array[], frameBytesMax: number): { frames: Uint8Array[]; good: boolean } {
  const frames: Uint8Array[] = []
  const read = createFrameReader({ frameBytesMax, onFrame: (frame) => frames.push(frame) })
  return { good: chunks.every((chunk) => read(chunk)), frames }
}

function drain(waiting: WaitingFrames): Uint8Array[] {
  const writes: Uint8Array[] = []
  for (let bytes = waiting.take(); bytes !== null; bytes = waiting.take()) writes.push(bytes)
  return writes
}

describe('frames', () => {
  test('a frame is its big-endian length and its bytes', () => {
    expect(encodeFrame(new Uint8Array([1, 2, 3]))).toEqual(new Uint8Array([0, 0, 0, 3, 1, 2, 3]))
  })

  test('frames survive any cutting of the stream into chunks', () => {
    const cuts = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 200 })
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 100 }), { maxLength: 20 }), cuts, (frames, sizes) => {
        const stream = Buffer.concat(frames.map(encodeFrame))
        const chunks: Uint8Array[] = []
        for (let offset = 0, i = 0; offset < stream.length; i++) {
          const size = sizes[i % sizes.length] as number
          chunks.push(new Uint8Array(stream.subarray(offset, offset + size)))
          offset += size
        }
        expect(readAll(chunks, 100)).toEqual({ good: true, frames: frames.map((frame) => new Uint8Array(frame)) })
      }),
    )
  })

  test('a frame of exactly the limit passes and one byte more does not', () => {
    expect(readAll([encodeFrame(new Uint8Array(64))], 64).good).toBe(true)
    expect(readAll([encodeFrame(new Uint8Array(65))], 64)).toEqual({ good: false, frames: [] })
  })

  test('a length beyond the limit is refused before any of its bytes arrive', () => {
    expect(readAll([new Uint8Array([0xff, 0xff, 0xff, 0xff])], 1_048_576)).toEqual({ good: false, frames: [] })
  })

  test('frames are plain byte arrays although sockets give Buffers', () => {
    const { frames } = readAll(
      [Buffer.from(encodeFrame(new Uint8Array(10))), Buffer.from(encodeFrame(new Uint8Array(20_000)))],
      65_536,
    )
    expect(frames.map((frame) => [frame.constructor.name, frame.length])).toEqual([
      ['Uint8Array', 10],
      ['Uint8Array', 20_000],
    ])
  })

  test('a small frame is a copy, so that keeping it does not keep the chunk', () => {
    const { frames } = readAll([encodeFrame(new Uint8Array(10))], 64)
    expect(frames[0]?.buffer.byteLength).toBe(10)
  })
})

describe('waiting frames', () => {
  test('small frames share a write and keep their order', () => {
    const waiting = new WaitingFrames(false, createCounters())
    const frames = [1, 2, 3].map((value) => new Uint8Array(300).fill(value))
    for (const frame of frames) expect(waiting.push(frame)).toBe(true)
    const writes = drain(waiting)
    expect(writes.length).toBe(1)
    expect(readAll(writes, 1_000)).toEqual({ good: true, frames })
    expect(waiting.bytes).toBe(0)
  })

  test('no write exceeds the limit, and large frames are cut into several', () => {
    const waiting = new WaitingFrames(false, createCounters())
    const frames = [10, 60_000, 65_024, 300_000, 1, 65_020].map((size, i) => new Uint8Array(size).fill(i + 1))
    for (const frame of frames) waiting.push(frame)
    const writes = drain(waiting)
    expect(Math.max(...writes.map((bytes) => bytes.length))).toBeLessThanOrEqual(WRITE_BYTES_MAX)
    expect(readAll(writes, 1_048_576)).toEqual({ good: true, frames })
  })

  test('by count the oldest frames go first and are counted', () => {
    const counters = createCounters()
    const waiting = new WaitingFrames(false, counters)
    for (let i = 0; i < WAITING_FRAMES_MAX; i++) expect(waiting.push(new Uint8Array([i & 255, i >> 8]))).toBe(true)
    expect(waiting.push(new Uint8Array([255, 255]))).toBe(false)
    expect(counters.dropped).toBe(1)
    const { frames } = readAll(drain(waiting), 2)
    expect(frames.length).toBe(WAITING_FRAMES_MAX)
    expect(frames[0]).toEqual(new Uint8Array([1, 0]))
    expect(frames.at(-1)).toEqual(new Uint8Array([255, 255]))
  })

  test('by bytes the oldest frames go first', () => {
    const counters = createCounters()
    const waiting = new WaitingFrames(false, counters)
    for (let i = 0; i < 20; i++) waiting.push(new Uint8Array(1_048_576))
    expect(counters.dropped).toBe(4)
    expect(waiting.bytes).toBe(WAITING_BYTES_MAX)
  })

  test('a latest-only queue keeps the newest frame and calls the others replaced', () => {
    const counters = createCounters()
    const waiting = new WaitingFrames(true, counters)
    for (const value of [1, 2, 3]) expect(waiting.push(new Uint8Array([value]))).toBe(true)
    expect(readAll(drain(waiting), 1).frames).toEqual([new Uint8Array([3])])
    expect(counters).toMatchObject({ replaced: 2, dropped: 0 })
  })

  test('after a broken stream the frame that was partly written starts again', () => {
    const waiting = new WaitingFrames(false, createCounters())
    const frame = new Uint8Array(100_000).fill(7)
    waiting.push(frame)
    waiting.take()
    waiting.rewind()
    expect(readAll(drain(waiting), 1_048_576).frames).toEqual([frame])
  })
})
