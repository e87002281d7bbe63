import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { NodeError } from '../core/base/errors.ts'
import { CLOCK_OFFSET_MS_MAX, openDevClock, writeDevClock } from './dev-clock.ts'
import type { Clock } from './ports.ts'

const REAL: Clock = { nowMs: () => 1_000, monotonicMs: () => 5, startTimer: () => ({ cancel: () => undefined }) }
const place = () => join(mkdtempSync(join(tmpdir(), 'naru-clock-')), 'dev-clock')

function codeOf(act: () => unknown): string {
  try {
    act()
  } catch (error) {
    if (error instanceof NodeError) return error.code
    throw error
  }
  return 'none'
}

describe('the clock of a devnet node', () => {
  it('shows real time until it is moved, and the moved time after a restart too', () => {
    const path = place()
    const clock = openDevClock(REAL, path)
    expect([clock.nowMs(), clock.monotonicMs(), clock.offsetMs()]).toEqual([1_000, 5, 0])
    clock.moveTo(86_400_000)
    expect([clock.nowMs(), clock.monotonicMs()]).toEqual([86_401_000, 5])
    expect(openDevClock(REAL, path).nowMs()).toBe(86_401_000)
    clock.moveTo(-300)
    expect(openDevClock(REAL, path).nowMs()).toBe(700)
  })

  it('refuses an offset beyond a hundred years and keeps the old one', () => {
    const path = place()
    writeDevClock(path, 7)
    const clock = openDevClock(REAL, path)
    for (const wrong of [CLOCK_OFFSET_MS_MAX + 1, -CLOCK_OFFSET_MS_MAX - 1, 0.5, Number.NaN])
      expect(codeOf(() => clock.moveTo(wrong))).toBe('DEV_CLOCK_INVALID')
    expect(clock.offsetMs()).toBe(7)
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({ offsetMs: 7 })
  })

  it.each(['', '{}', '{"offsetMs":"7"}', 'nonsense'])('refuses to open over a file that holds %j', (text) => {
    const path = place()
    writeFileSync(path, text)
    expect(codeOf(() => openDevClock(REAL, path))).toBe('DEV_CLOCK_INVALID')
  })
})
