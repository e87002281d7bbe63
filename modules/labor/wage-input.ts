// Owns: what the wage engine is fed with, read from the state: versions, final records, sizes of the workplace, the law.
// Not here: the engine (wage/).
import { addDays, daysOf, monthOf } from '../../core/base/civil-time.ts'
import type { CivilMonth } from '../../core/base/civil-time.ts'
import type { ReadView } from '../../core/state/view.ts'
import { sizesAt, versionsOf } from './contract.ts'
import { readLaw } from './law-params.ts'
import { firstDay, lastDay } from './months.ts'
import type { Shift } from './shift-schema.ts'
import { contracts, days } from './store.ts'
import type { ContractId } from './store.ts'
import { shiftWindow } from './wage/days.ts'
import type { WageContract, WageInput, WagePeriod, WageShift } from './wage/types.ts'

/** Whether a record counts for pay. */
export function isFinal({ state, times }: Pick<Shift, 'state' | 'times'>): boolean {
  return times !== null && (state === 'CONFIRMED' || state === 'DEEMED' || state === 'RESOLVED')
}

/** A month as a period. */
export function periodOf(ym: CivilMonth): WagePeriod {
  return { from: firstDay(ym), to: lastDay(ym) }
}

function readContract(view: ReadView, contractId: ContractId): WageContract {
  const contract = contracts.mustGet(view, contractId)
  const { startOn, endOn } = contract
  const versions = versionsOf(view, contractId).map(({ effectiveFrom, minor, terms }) => ({
    effectiveFrom,
    isMinor: minor !== null,
    terms,
  }))
  return { startOn, endOn, versions: ascending(versions), headcounts: sizesAt(view, contract) }
}

// A later version stands in for every earlier one from its day on, also where it goes back behind them.
function ascending(versions: WageContract['versions']): WageContract['versions'] {
  const kept: WageContract['versions'][number][] = []
  for (const version of versions) {
    while ((kept.at(-1)?.effectiveFrom ?? 0) >= version.effectiveFrom && kept.length > 0) kept.pop()
    kept.push(version)
  }
  return kept
}

function* finalShifts(view: ReadView, contractId: ContractId, { from, to }: WagePeriod): Iterable<WageShift> {
  const count = daysOf(to) - daysOf(from) + 1
  for (let at = 0; at < count; at++) {
    const date = addDays(from, at)
    for (const shift of days.get(view, { contractId, date })?.shifts ?? [])
      if (shift.times !== null && isFinal(shift)) yield { date, kind: shift.kind, times: shift.times }
  }
}

/** Everything that the pay of a period is a function of. */
export function buildWageInput(view: ReadView, contractId: ContractId, period: WagePeriod): WageInput {
  const contract = readContract(view, contractId)
  const shifts = [...finalShifts(view, contractId, shiftWindow(contract, period))]
  return { contract, shifts, law: readLaw(view) }
}

/** The month that a day lies in, and those beside it that share a week with it. */
export function monthsAround(date: number): readonly CivilMonth[] {
  return [...new Set([monthOf(addDays(date, -6)), monthOf(date), monthOf(addDays(date, 6))])]
}
