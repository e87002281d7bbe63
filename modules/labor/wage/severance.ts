// Owns: severance pay (act on guarantee of retirement benefits 4, 8; LSA 2(1)6, 2(2)). Not here: wages (period.ts).
import { addDays } from '../../../core/base/civil-time.ts'
import type { CivilDate } from '../../../core/base/civil-time.ts'
import { afterMonths, lengthOf, monthsBefore } from './calendar.ts'
import { ceilOf, fraction, larger, times } from './fraction.ts'
import type { Fraction } from './fraction.ts'
import { readWeeks, versionOn } from './days.ts'
import { computePeriod } from './period.ts'
import { rateOn, restMinutes, workdays4wOn } from './rate.ts'
import type { WageInput, WagePeriod } from './types.ts'

/** The figures of a severance; `won` is 0 where none is due. */
export type Severance = {
  readonly won: bigint
  /** Days of service in which four weeks averaged 15 hours or more. */
  readonly serviceDays: number
  /** Three months before the end, and what was earned in them. */
  readonly window: WagePeriod
  readonly windowWages: bigint
  /** Won a day: the average, or the ordinary day where that is more. */
  readonly daily: Fraction
}

/** Days of service that count: those in weeks whose four-week average reaches 15 hours. */
function countedDays(input: WageInput, service: WagePeriod): number {
  let count = 0
  for (const { days, isShort } of readWeeks({ ...input, shifts: [] }, service)) {
    if (!isShort) count += days.filter(({ date }) => date >= service.from && date <= service.to).length
  }
  return count
}

/**
 * Severance of a contract that ended: daily wage x 30 x days / 365, from a year of service on. It needs the records of its last
 * three months.
 */
export function computeSeverance(input: WageInput, endOn: CivilDate): Severance {
  const { contract, law } = input
  const service = { from: contract.startOn, to: endOn }
  const start = monthsBefore(addDays(endOn, 1), 3)
  const window = { from: Math.max(start, contract.startOn), to: endOn }
  const windowWages = computePeriod(input, window).gross
  const serviceDays = countedDays(input, service)
  const version = versionOn(contract, endOn)
  const weeks = readWeeks({ ...input, shifts: [] }, { from: endOn, to: endOn })
  const last = weeks.at(-1)
  const hours = last === undefined ? fraction(0) : restMinutes({ ...last, workdays4w: workdays4wOn(law, endOn) })
  const ordinary = times(times(rateOn(input, version, endOn).hourly, hours), fraction(1, 60))
  const daily = larger(fraction(windowWages, lengthOf(window)), ordinary)
  const isDue = endOn >= addDays(afterMonths(contract.startOn, 12), -1) && serviceDays >= 365
  const won = isDue ? ceilOf(times(daily, fraction(30 * serviceDays, 365))) : 0n
  return { won, serviceDays, window, windowWages, daily }
}
