// Owns: a period's days gathered by what they are paid at (domain.md 8.4: lines per period and rate). Not here: lines
// (period.ts).
import type { CivilDate } from '../../../core/base/civil-time.ts'
import type { DayFacts } from './days.ts'
import { DAY_LIMIT, rateOn } from './rate.ts'
import type { Rate } from './rate.ts'
import { floorWage, valueOn } from './law.ts'
import type { WageInput, WageKind } from './types.ts'

/** Minutes of the days that share one rate. Premium minutes are those of days with five and more people. */
export type RateGroup = {
  readonly key: string
  readonly kind: WageKind
  readonly rate: Rate
  readonly from: CivilDate
  to: CivilDate
  serviceDays: number
  workMin: number
  /** Work beyond what a monthly wage pays for: excess, and work on holidays. */
  beyondMin: number
  premiumExcessMin: number
  premiumNightMin: number
  premiumHolidayMin: number
  premiumHolidayOverMin: number
  paidHolidayMin: number
  leaveMin: number
  closureMin: number
  /** Closure of five and more people, which the employer pays for (LSA 46). */
  paidClosureMin: number
  /** Scheduled, and neither worked nor excused with pay. */
  missingMin: number
}

/** Rate of a day, computed once for days that share terms and figures. */
export type RateReader = (day: DayFacts) => Rate

/** Remembers rates by version and by the law's figures of the day. */
export function createRateReader(input: WageInput): RateReader {
  const known = new Map<string, Rate>()
  return ({ version, date }) => {
    const { law, contract } = input
    const floor = floorWage(law, date, { ...version.terms, startOn: contract.startOn })
    const key = [version.effectiveFrom, floor, valueOn(law.premiumPpm, date), valueOn(law.regularWorkdays4w, date)].join('|')
    const found = known.get(key) ?? rateOn(input, version, date)
    known.set(key, found)
    return found
  }
}

/** Days of one key share a group. */
export function rateKey(kind: WageKind, { hourly, monthly, premiumPpm }: Rate): string {
  return [kind, hourly.num, hourly.den, monthly.num, monthly.den, premiumPpm].join('|')
}

function openGroup(key: string, { date, version }: DayFacts, rate: Rate): RateGroup {
  return {
    ...{ key, kind: version.terms.wageKind, rate, from: date, to: date, serviceDays: 0, workMin: 0, beyondMin: 0 },
    ...{ premiumExcessMin: 0, premiumNightMin: 0, premiumHolidayMin: 0, premiumHolidayOverMin: 0 },
    ...{ paidHolidayMin: 0, leaveMin: 0, closureMin: 0, paidClosureMin: 0, missingMin: 0 },
  }
}

function addDay(group: RateGroup, day: DayFacts): void {
  const { workMin, excessMin, holidayMin, holidayOverMin, leaveMin, closureMin } = day
  const onHoliday = holidayMin + holidayOverMin
  group.to = day.date
  group.workMin += workMin
  group.beyondMin += excessMin + onHoliday
  group.paidHolidayMin += day.paidHolidayMin
  group.leaveMin += leaveMin
  group.closureMin += closureMin
  if (day.isGe5) {
    group.premiumExcessMin += excessMin
    group.premiumNightMin += day.nightMin
    group.premiumHolidayMin += holidayMin
    group.premiumHolidayOverMin += holidayOverMin
    group.paidClosureMin += closureMin
  }
  if (!day.inService) return
  group.serviceDays += 1
  if (day.holiday !== null) return
  const planned = Math.min(day.plannedMin, DAY_LIMIT)
  group.missingMin += Math.max(0, planned - (workMin - excessMin) - leaveMin - closureMin)
}

/** The groups in order of their first day. Days outside the contract count only where something was worked. */
export function groupByRate(days: readonly DayFacts[], readRate: RateReader): readonly RateGroup[] {
  const groups = new Map<string, RateGroup>()
  for (const day of days) {
    if (!day.inService && day.workMin === 0) continue
    const rate = readRate(day)
    const key = rateKey(day.version.terms.wageKind, rate)
    const group = groups.get(key) ?? openGroup(key, day, rate)
    groups.set(key, group)
    addDay(group, day)
  }
  return [...groups.values()]
}
