// Owns: the law's figures as this chain has them: the statute's table, and what the council set in its place.
// Not here: what they do (wage/).
import type { CivilDate } from '../../core/base/civil-time.ts'
import type { ReadView } from '../../core/state/view.ts'
import { entriesOf, entryOn, paramOn } from '../governance/keeper.ts'
import { STATUTE } from './wage/law-table.ts'
import type { Dated, WageLaw } from './wage/types.ts'

// A council's entry stands in for the statute from its day on, until a later step of either.
function mergeDated<T>(view: ReadView, key: string, { steps, read }: { steps: readonly Dated<T>[]; read: (value: bigint) => T }) {
  const entries = entriesOf(view, key)
  if (entries.length === 0) return steps
  const set = entries.map(({ effectiveFrom, value }) => ({ from: effectiveFrom, value: read(value.value) }))
  // Stable: of one day the council's comes last and holds.
  return [...steps, ...set].sort((a, b) => a.from - b.from)
}

/** The law as the chain has it now; a pure function of the parameters. `endedOn` is the last day of work, where that has come. */
export function readLaw(view: ReadView, endedOn: CivilDate | null = null): WageLaw {
  const won = (value: bigint): bigint => value
  return {
    ...STATUTE,
    minWage: mergeDated(view, 'labor.minWage', { steps: STATUTE.minWage, read: won }),
    premiumPpm: mergeDated(view, 'labor.premiumPpm', { steps: STATUTE.premiumPpm, read: Number }),
    arrearsPpm: mergeDated(view, 'labor.arrearsPpm', { steps: STATUTE.arrearsPpm, read: Number }),
    regularWorkdays4w: mergeDated(view, 'labor.regularWorkdays4w', { steps: STATUTE.regularWorkdays4w, read: Number }),
    publicHolidays: holidaysOf(view),
    finalPayDays: endedOn === null ? STATUTE.finalPayDays : Number(paramOn(view, 'labor.finalPayDays', endedOn)),
  }
}

// `labor.publicHoliday.<yyyymmdd>` says 1 or 0 of a day; the statute's almanac of all others.
function holidaysOf(view: ReadView): WageLaw['publicHolidays'] {
  return {
    has(date: CivilDate): boolean {
      const entry = entryOn(view, `labor.publicHoliday.${date}`, date)
      return entry === null ? STATUTE.publicHolidays.has(date) : entry.value.value === 1n
    },
  }
}
