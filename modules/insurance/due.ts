// Owns: by when joining and leaving are reported, and the queue that notices what was not.
// Not here: reporting (report.ts).
import { addDays, kstDate, monthOf } from '../../core/base/civil-time.ts'
import type { CivilDate } from '../../core/base/civil-time.ts'
import type { ApplyContext, BlockEnv } from '../../core/execution/module.ts'
import type { ReadView } from '../../core/state/view.ts'
import { paramAt } from '../governance/keeper.ts'
import { changeEnrolment, FIELD } from './enrolment.ts'
import type { EnrolmentKey } from './enrolment.ts'
import { InsuranceOverdue } from './events.ts'
import { addToMonth } from './premium/months.ts'
import type { Insurance } from './premium/duty.ts'
import { covers, dueCursor, dueDays, dueItems } from './store.ts'

/** Items that one block looks at. */
export const DUE_ITEMS_MAX = 200
/** Days that one block goes on. */
export const DUE_DAYS_MAX = 400

/** Last day to report what began on a day: the fifteenth of the next month; joining health insurance 14 days [M]. */
export function joinDueOn(
  view: ReadView,
  { insurance, on, block }: { insurance: Insurance; on: CivilDate; block: BlockEnv },
): CivilDate {
  if (insurance === 'HEALTH') return addDays(on, Number(paramAt(view, 'insurance.duty.healthDays', block)))
  return leaveDueOn(view, { on, block })
}

/** Last day to report that somebody left on a day. */
export function leaveDueOn(view: ReadView, { on, block }: { on: CivilDate; block: BlockEnv }): CivilDate {
  return addToMonth(monthOf(on), 1) * 100 + Number(paramAt(view, 'insurance.duty.dueDay', block))
}

/** Lets the queue look at an insurance once its due day is over; a day that is over already is looked at with today's. */
export function enqueueDue(
  { view }: ApplyContext,
  { contractId, insurance }: EnrolmentKey,
  { dueOn, block }: { dueOn: CivilDate; block: BlockEnv },
): void {
  const day = Math.max(dueOn, kstDate(block.time))
  const index = dueDays.get(view, day)?.count ?? 0
  dueItems.set(view, { day, index }, { contractId, insurance, dueOn })
  dueDays.set(view, day, { count: index + 1 })
}

/** Goes on from where the block before stopped, up to the end of yesterday. */
export function sweepDue(context: ApplyContext, block: BlockEnv): void {
  const { view } = context
  const today = kstDate(block.time)
  const start = dueCursor.get(view, null)
  let { day, next } = start ?? { day: today, next: 0 }
  let looked = 0
  for (let days = 0; day < today && days < DUE_DAYS_MAX && looked < DUE_ITEMS_MAX; days++) {
    const count = dueDays.get(view, day)?.count ?? 0
    const last = Math.min(count, next + DUE_ITEMS_MAX - looked)
    for (; next < last; next++, looked++) {
      const item = dueItems.mustGet(view, { day, index: next })
      dueItems.remove(view, { day, index: next })
      markOverdue(context, item, block)
    }
    if (next < count) break
    if (count > 0) dueDays.remove(view, day)
    day = addDays(day, 1)
    next = 0
  }
  if (start === null || start.day !== day || start.next !== next) dueCursor.set(view, null, { day, next })
}

// Only where nothing happened since: the due day is the one that was waited for, and it is not reported still.
function markOverdue(
  context: ApplyContext,
  { contractId, insurance, dueOn }: EnrolmentKey & { dueOn: CivilDate },
  block: BlockEnv,
): void {
  const enrolment = covers.mustGet(context.view, contractId)[FIELD[insurance]]
  const kind = kindOf(enrolment)
  if (kind === null || enrolment.dueOn !== dueOn || enrolment.isOverdue) return
  changeEnrolment(context, { contractId, insurance }, { isOverdue: true, changedAt: block.time })
  context.emit(InsuranceOverdue, { contractId, insurance, kind, dueOn })
}

function kindOf({ state, lostOn }: { state: string; lostOn: CivilDate | null }): 'JOIN' | 'LEAVE' | null {
  if (state === 'REQUIRED' || state === 'CLAIMED') return 'JOIN'
  return state === 'CONFIRMED' && lostOn !== null ? 'LEAVE' : null
}
