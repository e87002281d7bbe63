// Owns: keeping and telling what the law sees: by contract and month, and counted by workplace.
// Not here: the rules (wage/flags.ts).
import { addDays, monthOf } from '../../core/base/civil-time.ts'
import type { CivilDate } from '../../core/base/civil-time.ts'
import type { Hash32 } from '../../core/base/ids.ts'
import type { ApplyContext } from '../../core/execution/module.ts'
import type { WriteView } from '../../core/state/view.ts'
import { versionOn } from './contract.ts'
import { LawFlag } from './events.ts'
import type { LawFlagCode } from './flags.ts'
import { CONTRACT_FLAGS_KEPT } from './shift-schema.ts'
import { contractFlags, contracts, flagCounts } from './store.ts'
import { buildWageInput } from './wage-input.ts'
import { computePeriod } from './wage/period.ts'
import { weekdayOf } from './wage/calendar.ts'

const WEEK = 7

type Raised = { readonly contractId: Hash32; readonly code: LawFlagCode; readonly date: CivilDate; readonly seq: number | null }

/** Keeps, counts and tells a flag; one that is there already is left alone. */
export function raiseFlag({ view, emit }: ApplyContext, { contractId, code, date, seq }: Raised): void {
  const key = { contractId, ym: monthOf(date) }
  const kept = contractFlags.get(view, key) ?? { flags: [], dropped: 0 }
  if (kept.flags.some((flag) => flag.date === date && flag.code === code)) return
  // Beyond so many nothing is told: a month like this needs no further proof, and a block no flood of events.
  if (kept.flags.length === CONTRACT_FLAGS_KEPT) {
    contractFlags.set(view, key, { ...kept, dropped: Math.min(kept.dropped + 1, 0xffff) })
    return
  }
  contractFlags.set(view, key, { ...kept, flags: [...kept.flags, { date, code }] })
  countFlag(view, { contractId, code, date })
  emit(LawFlag, { contractId, code, date, seq })
}

function countFlag(view: WriteView, { contractId, code, date }: Omit<Raised, 'seq'>): void {
  const { employer, workplaceId } = contracts.mustGet(view, contractId)
  const key = { employer, workplaceId, ym: monthOf(date) }
  const { flags } = flagCounts.get(view, key) ?? { flags: [] }
  const count = (flags.find((flag) => flag.code === code)?.count ?? 0) + 1
  const others = flags.filter((flag) => flag.code !== code)
  flagCounts.set(view, key, { flags: [...others, { code, count }].sort((a, b) => (a.code < b.code ? -1 : 1)) })
}

/** After a record of a day came to count: what the law sees in its week. */
export function flagWeek(context: ApplyContext, { contractId, date, seq }: Omit<Raised, 'code'>): void {
  const { view } = context
  const { weekStartDow } = versionOn(view, contractId, date).terms
  const from = addDays(date, -((weekdayOf(date) - weekStartDow + WEEK) % WEEK))
  const period = { from, to: addDays(from, WEEK - 1) }
  const { flags } = computePeriod(buildWageInput(view, contractId, period), period)
  for (const flag of flags)
    if (flag.code !== 'FLOOR_APPLIED')
      raiseFlag(context, { contractId, code: flag.code, date: flag.date, seq: flag.date === date ? seq : null })
}
