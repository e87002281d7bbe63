import { expect, test } from 'vitest'
import { formatDuration, parseDelay, parseDuration } from './duration.ts'

test('durations are read in every unit', () => {
  expect(['200ms', '1.5s', '2m', '1h', '30d'].map(parseDuration)).toEqual([200, 1_500, 120_000, 3_600_000, 2_592_000_000])
})

test('a number without a unit, a negative one and nothing are refused', () => {
  for (const text of ['200', '-1s', '', '1 s', 's', '1w']) expect(() => parseDuration(text)).toThrow('is no duration')
})

test('a delay may have a jitter, in ms unless it says otherwise', () => {
  expect(parseDelay('300ms±50')).toEqual({ delayMs: 300, jitterMs: 50 })
  expect(parseDelay('1s+-100ms')).toEqual({ delayMs: 1_000, jitterMs: 100 })
  expect(parseDelay('20ms')).toEqual({ delayMs: 20, jitterMs: 0 })
})

test('two jitters are refused', () => {
  expect(() => parseDelay('300ms±50±1')).toThrow('is no delay')
})

test('durations are shown in ms below a second and in s above', () => {
  expect([412.4, 999, 1_000, 2_349].map(formatDuration)).toEqual(['412 ms', '999 ms', '1.0 s', '2.3 s'])
})
