// Owns: a period's days gathered by what they are paid at (domain.md 8.4: lines per period and rate). Not here: lines
// (period.ts).
import type { CivilDate } from '../../../core/base/civil-time.ts'
import type { DayFacts } from './days.ts'
import { DAY_LIMIT, rateOn } from './rate.ts'
import type { Rate } from './rate.ts'
import { floorWage, valueOn } from './law.ts'
import type { WageInput, WageKind, WageVersion } from './types.ts'

/** Minutes of the days that share one rate. Premium minutes are those of days with five and more people. */
export type RateGroup = {
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

/** A rate and everything that it is a function of. */
type Known = {
  readonly version: WageVersion
  readonly floor: bigint
  readonly premiumPpm: number | null
  readonly workdays4w: number | null
  readonly rate: Rate
}

/** Remembers rates by version and by the law's figures of the day; few differ within a period. */
export function createRateReader(input: WageInput): RateReader {
  const known: Known[] = []
  const { law, contract } = input
  return ({ version, date }) => {
    const floor = floorWage(law, date, {
      startOn: contract.startOn,
      probationMonths: version.terms.probationMonths,
      termGe1Y: version.terms.termGe1Y,
      simpleLabor: version.terms.simpleLabor,
    })
    const [premiumPpm, workdays4w] = [valueOn(law.premiumPpm, date), valueOn(law.regularWorkdays4w, date)]
    for (const one of known) {
      const isSame = one.version === version && one.floor === floor
      if (isSame && one.premiumPpm === premiumPpm && one.workdays4w === workdays4w) return one.rate
    }
    const rate = rateOn(input, version, date)
    known.push({ version, floor, premiumPpm, workdays4w, rate })
    return rate
  }
}

function openGroup({ date, version }: DayFacts, rate: Rate): RateGroup {
  return {
    ...{ kind: version.terms.wageKind, rate, from: date, to: date, serviceDays: 0, workMin: 0, beyondMin: 0 },
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
    let group = groups.get(rate.key)
    if (group === undefined) {
      group = openGroup(day, rate)
      groups.set(rate.key, group)
    }
    addDay(group, day)
  }
  return [...groups.values()]
}
