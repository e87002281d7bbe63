// Owns: tests of the figures of transactions and calls. Not here: metrics by name (metrics.test.ts).
import { expect, test } from 'vitest'
import { asHash32 } from '../core/base/ids.ts'
import { createCallMeter } from './call-meter.ts'
import { createMetrics } from './metrics.ts'
import { createTxTimer } from './tx-timer.ts'

test('a transaction is timed from its admission here to its block, once', () => {
  let now = 0
  const told: number[] = []
  const timer = createTxTimer({ monotonicMs: () => now }, (ms) => void told.push(ms))
  const [first, second] = [asHash32('01'.repeat(32)), asHash32('02'.repeat(32))]
  timer.begin(first)
  now = 240
  timer.onCommit([second, first])
  timer.onCommit([first])
  expect(told).toEqual([240])
})

test('calls are counted by outcome, and the slowest hundredth is known', async () => {
  const metrics = createMetrics({ version: '1', commit: 'a' })
  const meter = createCallMeter(metrics)
  expect(meter.p99Ms()).toBeNull()
  for (let i = 1; i <= 200; i++) meter.onCall({ method: 'chain_head', durationMs: i, outcome: i === 1 ? 'refused' : 'ok' })
  expect(meter.p99Ms()).toBe(199)
  const text = await metrics.text()
  expect(text).toContain('naru_rpc_requests_total{method="chain_head",outcome="ok"} 199\n')
  expect(text).toContain('naru_rpc_requests_total{method="chain_head",outcome="refused"} 1\n')
  expect(text).toContain('naru_rpc_seconds_count{method="chain_head"} 200\n')
})
