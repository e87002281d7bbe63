// Owns: tests of one stream: order, repetition, gaps, a reader that does not keep up. Not here: sockets and nodes (node.test.ts).
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createStreamSource } from './stream.ts'
import type { Delivery, StreamItem } from './stream.ts'

const ignore = { onDrained: () => undefined, onClosed: () => undefined }
const options = { topic: 'events', filter: {}, from: null } as const

function delivery(seq: number, height: number, items: readonly number[]): Delivery {
  return { subscription: 's-1', seq, height, cursor: `c1.${height}.${Math.max(0, items.length - 1)}`, items }
}

async function read(stream: AsyncIterable<StreamItem>, count: number): Promise<unknown[]> {
  const items: unknown[] = []
  if (count === 0) return items
  for await (const { item } of stream) {
    items.push(item)
    if (items.length === count) break
  }
  return items
}

describe('a stream', () => {
  test('hands items on with the place after them', async () => {
    const source = createStreamSource(options, ignore)
    expect(source.params()).toEqual({ topic: 'events', filter: {} })
    source.onSubscribed('c1.4.0')
    expect(source.params()).toEqual({ topic: 'events', filter: {}, from: 'c1.4.0' })
    expect(source.onDelivery(delivery(1, 5, [1, 2, 3]))).toBe('taken')
    const reader = source.stream[Symbol.asyncIterator]()
    expect(await reader.next()).toEqual({ done: false, value: { item: 1, height: 5, cursor: 'c1.4.0' } })
    expect(source.stream.cursor()).toBe('c1.4.0')
    expect(await reader.next()).toEqual({ done: false, value: { item: 2, height: 5, cursor: 'c1.4.0' } })
    expect(await reader.next()).toEqual({ done: false, value: { item: 3, height: 5, cursor: 'c1.5.2' } })
    expect(source.stream.cursor()).toBe('c1.5.2')
  })

  test('moves on by heartbeats, which hold nothing', () => {
    const source = createStreamSource(options, ignore)
    source.onSubscribed('c1.4.0')
    source.onDelivery({ ...delivery(1, 9, []), cursor: 'c1.9.0' })
    expect(source.stream.cursor()).toBe('c1.9.0')
  })

  test('drops what it has had before, after a node that resumed too early', async () => {
    const source = createStreamSource(options, ignore)
    source.onSubscribed('c1.0.0')
    source.onDelivery(delivery(1, 1, [1]))
    source.onDelivery(delivery(2, 2, [2, 3]))
    source.onSubscribed('c1.0.0')
    expect([delivery(1, 1, [1]), delivery(2, 2, [2, 3]), delivery(3, 3, [4])].map(source.onDelivery)).toEqual([
      'taken',
      'taken',
      'taken',
    ])
    expect(await read(source.stream, 4)).toEqual([1, 2, 3, 4])
  })

  test('asks to begin anew when a delivery is missing, from the last that it had', () => {
    const source = createStreamSource(options, ignore)
    source.onSubscribed('c1.0.0')
    source.onDelivery(delivery(1, 1, [1]))
    expect(source.onDelivery(delivery(3, 3, [3]))).toBe('lost')
    expect(source.params()).toMatchObject({ from: 'c1.1.0' })
  })

  test('stops when its reader does not keep up, and goes on from there when it has', async () => {
    let drained = 0
    const source = createStreamSource(options, { ...ignore, onDrained: () => (drained += 1) })
    source.onSubscribed('c1.0.0')
    const items = Array.from({ length: 5_000 }, (_, i) => i)
    expect(source.onDelivery(delivery(1, 1, items))).toBe('full')
    expect(source.isFull()).toBe(true)
    expect(source.onDelivery(delivery(2, 2, [7]))).toBe('full')
    const reader = source.stream[Symbol.asyncIterator]()
    for (const item of items) expect((await reader.next()).value.item).toBe(item)
    expect(drained).toBe(1)
    expect(source.params()).toMatchObject({ from: 'c1.1.4999' })
    source.onSubscribed('c1.1.4999')
    source.onDelivery(delivery(1, 2, [7]))
    expect((await reader.next()).value.item).toBe(7)
  })

  test('refuses a cursor of unknown form', () => {
    const source = createStreamSource(options, ignore)
    source.onSubscribed('c1.0.0')
    expect(() => source.onDelivery({ ...delivery(1, 1, [1]), cursor: 'c2.1.0' })).toThrow(
      expect.objectContaining({ code: 'RPC_BAD_ANSWER' }),
    )
  })

  test('tells its connection once that the reader has gone', async () => {
    let closed = 0
    const source = createStreamSource(options, { ...ignore, onClosed: () => (closed += 1) })
    source.onSubscribed('c1.0.0')
    source.onDelivery(delivery(1, 1, [1, 2]))
    expect(await read(source.stream, 1)).toEqual([1])
    source.stream.close()
    expect(closed).toBe(1)
    expect(await source.stream[Symbol.asyncIterator]().next()).toEqual({ done: true, value: undefined })
  })

  test('gives every item once under any order of losses, repetitions and resumptions', async () => {
    const log = Array.from({ length: 30 }, (_, at) => delivery(0, at + 1, [at]))
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ run: fc.nat(8), back: fc.nat(3), skip: fc.nat(2) }), { maxLength: 20 }),
        async (plan) => {
          const source = createStreamSource({ ...options, from: 'c1.0.0' }, ignore)
          const resume = (back: number, run: number, skip: number): void => {
            const { from } = source.params() as { from: string }
            const at = Math.max(0, Number(from.split('.')[1]) - back)
            source.onSubscribed(`c1.${at}.0`)
            log.slice(at, at + run).forEach((one, index) => {
              // A hole in the connection: the number goes on, the delivery does not arrive.
              if (index !== 0 || skip === 0) source.onDelivery({ ...one, seq: index + 1 })
            })
          }
          for (const { back, run, skip } of plan) resume(back, run, skip)
          resume(0, log.length, 0)
          expect(await read(source.stream, log.length)).toEqual(log.map((_, at) => at))
        },
      ),
      { numRuns: 100 },
    )
  })
})
