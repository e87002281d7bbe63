// Owns: the named parts of a wage: so much an hour, a day or a month. Not here: the wage itself (period.ts).
import type { CivilDate } from '../../../core/base/civil-time.ts'
import { lengthOf } from './calendar.ts'
import type { DayFacts } from './days.ts'
import { fraction } from './fraction.ts'
import { WHOLE_PPM, buildLine } from './lines.ts'
import type { WageComponent, WageLine, WagePeriod } from './types.ts'

type Sum = { readonly component: WageComponent; readonly from: CivilDate; to: CivilDate; amount: number }

const UNITS: Readonly<Record<WageComponent['basis'], readonly [WageLine['unit'], 1 | null]>> = {
  PER_HOUR: ['MINUTE', 1],
  PER_DAY: ['DAY', 1],
  PER_MONTH: ['MONTH', null],
}

/** What one day adds: minutes of work, a day with work, a day of service. */
function amountOf({ basis }: WageComponent, { workMin, inService }: DayFacts): number {
  if (basis === 'PER_HOUR') return workMin
  if (basis === 'PER_DAY') return workMin > 0 ? 1 : 0
  return inService ? 1 : 0
}

/** One line a component; a month that the contract covers in part pays its share by days. */
export function allowanceLines(days: readonly DayFacts[], period: WagePeriod): readonly WageLine[] {
  const sums = new Map<string, Sum>()
  for (const day of days) {
    for (const component of day.version.terms.components) {
      const amount = amountOf(component, day)
      if (amount === 0) continue
      const key = [component.code, component.basis, component.krw].join('|')
      const sum = sums.get(key) ?? { component, from: day.date, to: day.date, amount: 0 }
      sum.amount += amount
      sum.to = day.date
      sums.set(key, sum)
    }
  }
  return [...sums.values()].map(({ component, from, to, amount }) => {
    const { code, krw, basis } = component
    const [unit, outOf] = UNITS[basis]
    const quantity = fraction(amount, outOf ?? lengthOf(period))
    return buildLine({ code: 'ALLOWANCE', name: code, from, to, unit, quantity, rate: fraction(krw), ppm: WHOLE_PPM })
  })
}
