// Owns: what the law sees in a period's hours (domain.md 8.3, 11): flags, never refusals. Not here: pay.
import { must } from '../../../core/base/assert.ts'
import type { CivilDate } from '../../../core/base/civil-time.ts'
import type { DayFacts, WeekFacts } from './days.ts'
import type { RateReader } from './groups.ts'
import { DAY_LIMIT, SHORT_WEEK, WEEK_LIMIT } from './rate.ts'
import type { WageFlag, WageFlagCode } from './types.ts'

/** Most minutes a week beyond the schedule (part-time act 6(1)). */
const EXCESS_LIMIT = 720
/** Minors: seven hours a day and one more by agreement, 35 a week and five more (LSA 69). */
const MINOR_DAY_LIMIT = 480
const MINOR_WEEK_LIMIT = 2_400
const AVERAGE_WEEKS = 4

/** How much of `added` lies above `limit` when `before` came first. */
function beyond(before: number, added: number, limit: number): number {
  return Math.max(0, before + added - Math.max(limit, before))
}

type WeekSoFar = { work: number; extra: number }

function dayFlags(day: DayFacts, week: WeekSoFar): WageFlag[] {
  const { date, workMin, plannedMin, holiday, nightMin, breakMissingMin, version } = day
  const extra = Math.max(0, workMin - (holiday === 'WEEKLY' ? 0 : plannedMin))
  const over40 = beyond(week.work, workMin, WEEK_LIMIT)
  const over12 = beyond(week.extra, extra, EXCESS_LIMIT)
  const minorWeek = beyond(week.work, workMin, MINOR_WEEK_LIMIT)
  week.work += workMin
  week.extra += extra
  const minor = (minutes: number): number => (version.isMinor ? minutes : 0)
  const found: readonly (readonly [WageFlagCode, number])[] = [
    ['BREAK_MISSING', breakMissingMin],
    ['OVER_8H', Math.max(0, workMin - DAY_LIMIT)],
    ['OVER_40H', over40],
    ['EXCESS_OVER_12H', over12],
    ['NIGHT', nightMin],
    ['MINOR_NIGHT', minor(nightMin)],
    ['MINOR_HOURS', minor(Math.max(minorWeek, workMin - MINOR_DAY_LIMIT, 0))],
    ['HOLIDAY_WORK', holiday === null ? 0 : workMin],
  ]
  return found.filter(([, minutes]) => minutes > 0).map(([code, minutes]) => ({ code, date, minutes }))
}

function workOf({ days }: WeekFacts): number {
  return days.reduce((sum, { workMin }) => sum + workMin, 0)
}

/** A contract of fewer than 15 hours a week whose real hours of four whole weeks reach them. */
function realHoursFlag(weeks: readonly WeekFacts[], at: number): WageFlag | null {
  const last = weeks.slice(Math.max(0, at - AVERAGE_WEEKS + 1), at + 1)
  const isAsked = last.length === AVERAGE_WEEKS && last.every(({ isWhole }) => isWhole) && weeks[at]?.isShort === true
  const minutes = last.reduce((sum, week) => sum + workOf(week), 0)
  if (!isAsked || minutes < SHORT_WEEK * AVERAGE_WEEKS) return null
  const date = must(weeks[at]?.days.at(-1), 'seven days').date
  return { code: 'HOURS_REACH_15', date, minutes: Math.floor(minutes / AVERAGE_WEEKS) }
}

/** The flags of the days inside, by day. */
export function flagsOf(
  weeks: readonly WeekFacts[],
  isInside: (date: CivilDate) => boolean,
  readRate: RateReader,
): readonly WageFlag[] {
  const flags: WageFlag[] = []
  let wasFloor = false
  for (const [at, week] of weeks.entries()) {
    const soFar: WeekSoFar = { work: 0, extra: 0 }
    for (const day of week.days) {
      const found = dayFlags(day, soFar)
      if (!isInside(day.date)) continue
      flags.push(...found)
      const isFloor = (day.inService || day.workMin > 0) && readRate(day).isFloor
      if (isFloor && !wasFloor) flags.push({ code: 'FLOOR_APPLIED', date: day.date, minutes: 0 })
      wasFloor = isFloor
    }
    const real = realHoursFlag(weeks, at)
    if (real !== null && isInside(real.date)) flags.push(real)
  }
  return flags
}
