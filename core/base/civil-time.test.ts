import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  addDays,
  dateOfDays,
  daysOf,
  formatUtc,
  isCivilDate,
  isCivilMonth,
  kstDate,
  kstMidnight,
  kstMinutes,
  monthOf,
  parseUtc,
  yearOf,
} from './civil-time.ts'

// The platform's calendar is the second opinion here; the code under test never touches it.
const utc = (text: string): number => Date.parse(text)

describe('Korean civil time', () => {
  it('counts days from 1970', () => {
    expect(daysOf(19700101)).toBe(0)
    expect(daysOf(20000101)).toBe(10957)
    expect(daysOf(20000229)).toBe(11016)
    expect(dateOfDays(11017)).toBe(20000301)
  })

  it('turns the day at 15:00 UTC', () => {
    expect(kstDate(utc('2026-11-22T14:59:59.999Z'))).toBe(20261122)
    expect(kstDate(utc('2026-11-22T15:00:00.000Z'))).toBe(20261123)
    expect(kstMinutes(utc('2026-11-22T14:59:59.999Z'))).toBe(1439)
    expect(kstMinutes(utc('2026-11-22T15:00:00.000Z'))).toBe(0)
    expect(kstMidnight(20261123)).toBe(utc('2026-11-22T15:00:00.000Z'))
  })

  it('knows leap years', () => {
    expect(isCivilDate(20240229)).toBe(true)
    expect(isCivilDate(20000229)).toBe(true)
    expect(isCivilDate(20260229)).toBe(false)
    expect(addDays(20240228, 1)).toBe(20240229)
    expect(addDays(20240301, -1)).toBe(20240229)
    expect(addDays(20260228, 1)).toBe(20260301)
    expect(addDays(20261231, 1)).toBe(20270101)
  })

  it('takes days and months from 2000 to 2099 only', () => {
    for (const bad of [0, 19991231, 21000101, 20261301, 20260001, 20260431, 20260400, 2026.5, 20260132])
      expect(isCivilDate(bad)).toBe(false)
    expect(isCivilDate(20991231)).toBe(true)
    expect(isCivilMonth(202602)).toBe(true)
    expect(isCivilMonth(202613)).toBe(false)
    expect(isCivilMonth(199912)).toBe(false)
    expect(monthOf(20261123)).toBe(202611)
    expect(yearOf(20261123)).toBe(2026)
  })

  it('agrees with the platform calendar on every day from 1970 to 2100', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4_102_444_799_999 }), (time) => {
        const kst = new Date(time + 9 * 3_600_000)
        expect(kstDate(time)).toBe(kst.getUTCFullYear() * 10_000 + (kst.getUTCMonth() + 1) * 100 + kst.getUTCDate())
        expect(daysOf(kstDate(time))).toBe(Math.floor(kst.getTime() / 86_400_000))
        expect(formatUtc(time)).toBe(`${new Date(time).toISOString().slice(0, 19)}Z`)
      }),
    )
  })

  it('reads back the text of a time', () => {
    expect(formatUtc(1_795_392_000_999)).toBe('2026-11-23T00:00:00Z')
    expect(parseUtc('2026-11-23T00:00:00Z')).toBe(1_795_392_000_000)
    for (const bad of ['2026-02-29T00:00:00Z', '2026-11-23T24:00:00Z', '2026-11-23 00:00:00Z', '1999-12-31T00:00:00Z', '']) {
      expect(parseUtc(bad)).toBe(null)
    }
  })
})
