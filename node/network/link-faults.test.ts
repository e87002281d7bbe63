// Owns: examples for link faults, penalties, gates and buckets on a clock that only moves when told. Not here: sockets.
import { describe, expect, test } from 'vitest'
import type { Clock } from '../ports.ts'
import { createCounters } from './counters.ts'
import { LinkFaults } from './link-faults.ts'
import { BAN_MS, createPenalties } from './penalties.ts'
import { RequestGate, TokenBucket } from './request-gate.ts'

type ManualClock = Clock & { readonly advance: (ms: number) => void }

function createManualClock(): ManualClock {
  let nowMs = 1_000
  let timers: { readonly atMs: number; readonly fire: () => void }[] = []
  return {
    nowMs: () => nowMs,
    monotonicMs: () => nowMs,
    startTimer: (delayMs, fire) => {
      const timer = { atMs: nowMs + delayMs, fire }
      timers.push(timer)
      return {
        cancel: () => {
          timers = timers.filter((other) => other !== timer)
        },
      }
    },
    advance: (ms) => {
      const endMs = nowMs + ms
      for (;;) {
        const next = timers.filter((timer) => timer.atMs <= endMs).sort((a, b) => a.atMs - b.atMs)[0]
        if (next === undefined) break
        timers = timers.filter((timer) => timer !== next)
        nowMs = next.atMs
        next.fire()
      }
      nowMs = endMs
    },
  }
}

describe('link faults', () => {
  test('without a fault everything passes at once', () => {
    const passed: number[] = []
    new LinkFaults(createManualClock(), createCounters()).pass('a', 'out', 10, () => passed.push(1))
    expect(passed).toEqual([1])
  })

  test('a lossy link loses its share, both ways, and whole again loses nothing', () => {
    const counters = createCounters()
    const faults = new LinkFaults(createManualClock(), counters)
    const passed: number[] = []
    const send = (count: number): void => {
      for (let i = 0; i < count; i++) faults.pass('a', i % 2 === 0 ? 'in' : 'out', 10, () => passed.push(i))
    }
    faults.set('a', { drop: false, delayMs: 0, jitterMs: 0, lossPercent: 100 })
    send(50)
    expect(passed).toEqual([])
    expect(counters.dropped).toBe(50)
    faults.set('a', { drop: false, delayMs: 0, jitterMs: 0, lossPercent: 30 })
    send(2_000)
    expect(passed.length + counters.dropped).toBe(2_050)
    // Outside of this lies less than one run in 10^20.
    expect(passed.length).toBeGreaterThan(1_200)
    expect(passed.length).toBeLessThan(1_600)
    faults.set('a', null)
    const before = passed.length
    send(20)
    expect(passed.length).toBe(before + 20)
  })

  test('a delayed link holds everything for its delay, in order, and leaves other links alone', () => {
    const clock = createManualClock()
    const faults = new LinkFaults(clock, createCounters())
    faults.set('a', { drop: false, delayMs: 100, jitterMs: 40 })
    const passed: string[] = []
    for (let i = 0; i < 20; i++) faults.pass('a', 'out', 10, () => passed.push(`a${i}`))
    faults.pass('b', 'out', 10, () => passed.push('b'))
    expect(passed).toEqual(['b'])
    clock.advance(59)
    expect(passed).toEqual(['b'])
    clock.advance(82)
    expect(passed).toEqual(['b', ...Array.from({ length: 20 }, (_, i) => `a${i}`)])
  })

  test('healing lets go what was held before anything newer', () => {
    const clock = createManualClock()
    const faults = new LinkFaults(clock, createCounters())
    faults.set('a', { drop: false, delayMs: 10_000, jitterMs: 0 })
    const passed: number[] = []
    faults.pass('a', 'in', 1, () => passed.push(1))
    faults.set('a', null)
    faults.pass('a', 'in', 1, () => passed.push(2))
    expect(passed).toEqual([1, 2])
  })

  test('what a delayed link holds is bounded and the oldest is lost', () => {
    const clock = createManualClock()
    const counters = createCounters()
    const faults = new LinkFaults(clock, counters)
    faults.set('a', { drop: false, delayMs: 10, jitterMs: 0 })
    const passed: number[] = []
    for (let i = 0; i < 1_030; i++) faults.pass('a', 'out', 1, () => passed.push(i))
    clock.advance(20)
    expect(passed.length).toBe(1_024)
    expect(passed[0]).toBe(6)
    expect(counters.dropped).toBe(6)
  })

  test('a cut link loses what a slow one held', () => {
    const clock = createManualClock()
    const faults = new LinkFaults(clock, createCounters())
    faults.set('a', { drop: false, delayMs: 10, jitterMs: 0 })
    const passed: number[] = []
    faults.pass('a', 'out', 1, () => passed.push(1))
    faults.set('a', { drop: true, delayMs: 0, jitterMs: 0 })
    expect(faults.isDropped('a')).toBe(true)
    clock.advance(1_000)
    expect(passed).toEqual([])
  })
})

describe('penalties', () => {
  test('the fourth offence in a row bans for a minute', () => {
    const clock = createManualClock()
    const penalties = createPenalties(clock)
    expect([1, 2, 3, 4].map(() => penalties.add('a'))).toEqual([false, false, false, true])
    expect(penalties.banRemainingMs('a')).toBe(BAN_MS)
    expect(penalties.points('a')).toBe(100)
    clock.advance(BAN_MS)
    expect(penalties.banRemainingMs('a')).toBe(0)
    expect(penalties.points('a')).toBe(0)
  })

  test('offences far apart are forgotten', () => {
    const clock = createManualClock()
    const penalties = createPenalties(clock)
    for (let i = 0; i < 20; i++) {
      expect(penalties.add('a')).toBe(false)
      clock.advance(50_000)
    }
    expect(penalties.points('a')).toBe(0)
  })
})

describe('request gate', () => {
  test('two run, the rest wait their turn in order, and the queue is bounded', async () => {
    const gate = new RequestGate(2, 2)
    const signal = new AbortController().signal
    const order: number[] = []
    await gate.enter(signal)
    await gate.enter(signal)
    const third = gate.enter(signal)?.then(() => order.push(3))
    const fourth = gate.enter(signal)?.then(() => order.push(4))
    expect(gate.enter(signal)).toBe(null)
    gate.leave()
    await third
    gate.leave()
    await fourth
    expect(order).toEqual([3, 4])
    gate.leave()
    gate.leave()
    expect(gate.idle).toBe(true)
  })

  test('a request that gives up while waiting leaves the queue', async () => {
    const gate = new RequestGate(1, 1)
    const controller = new AbortController()
    await gate.enter(controller.signal)
    const waiting = gate.enter(controller.signal)
    controller.abort(new Error('given up'))
    await expect(waiting).rejects.toThrow('given up')
    gate.leave()
    expect(gate.idle).toBe(true)
  })

  test('a bucket gives its burst and then its rate', () => {
    const clock = createManualClock()
    const bucket = new TokenBucket(clock, 10, 3)
    expect([1, 2, 3, 4].map(() => bucket.take())).toEqual([true, true, true, false])
    clock.advance(100)
    expect([bucket.take(), bucket.take()]).toEqual([true, false])
  })
})
