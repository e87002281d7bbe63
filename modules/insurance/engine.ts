// Owns: asking the test when a contract begins, changes, or lasts three months, and what its end means.
// Not here: the test (premium/duty.ts).
import type { CivilDate } from '../../core/base/civil-time.ts'
import type { Hash32 } from '../../core/base/ids.ts'
import type { ApplyContext, BlockEnv } from '../../core/execution/module.ts'
import type { WriteView } from '../../core/state/view.ts'
import { enqueueDue, joinDueOn, leaveDueOn } from './due.ts'
import { changeEnrolment, FIELD } from './enrolment.ts'
import { blindOf, readFacts } from './facts.ts'
import { dutyRulesAt, findDuties, INSURANCES } from './premium/duty.ts'
import type { Duty, Insurance } from './premium/duty.ts'
import type { Enrolment } from './schema.ts'
import { covers } from './store.ts'

/** A moment of a contract's life. */
export type Moment = { readonly contractId: Hash32; readonly on: CivilDate; readonly block: BlockEnv }

const NONE: Omit<Enrolment, 'from' | 'changedAt'> = {
  ...{ state: 'NOT_REQUIRED', reason: 'SHORT_HOURS', mayOptIn: false, dueOn: 0, isOverdue: false, lostOn: null },
  ...{ isDecided: false, noticeCommit: null },
}

/** Asks again; what an agency decided and what is reported stays as it is. */
export function evaluate(context: ApplyContext, moment: Moment): void {
  const { contractId, on, block } = moment
  const { view } = context
  openCover(view, moment)
  const facts = readFacts(view, { contractId, on })
  const duties = findDuties(facts, dutyRulesAt(view, block))
  for (const insurance of INSURANCES)
    applyDuty(context, { ...moment, insurance, duty: duties[insurance], startOn: facts.startOn })
}

function openCover(view: WriteView, { contractId, on, block }: Moment): void {
  if (covers.has(view, contractId)) return
  const none: Enrolment = { ...NONE, from: on, changedAt: block.time }
  const blind = blindOf(view, { contractId, on, what: 'cover' })
  covers.set(view, contractId, { pension: none, health: none, employment: none, accident: none, blind })
}

type Asked = Moment & { readonly insurance: Insurance; readonly duty: Duty; readonly startOn: CivilDate }

function applyDuty(context: ApplyContext, { contractId, insurance, duty, on, startOn, block }: Asked): void {
  const { view } = context
  const { state, isDecided } = covers.mustGet(view, contractId)[FIELD[insurance]]
  const isOpen = state === 'NOT_REQUIRED' || state === 'REQUIRED'
  if (isDecided || !isOpen) return
  const { reason, mayOptIn } = duty
  const key = { contractId, insurance }
  const base = { reason, mayOptIn, changedAt: block.time }
  if (!duty.required) changeEnrolment(context, key, { ...base, state: 'NOT_REQUIRED', dueOn: 0, isOverdue: false })
  else if (state === 'REQUIRED') changeEnrolment(context, key, base)
  else {
    const dueOn = joinDueOn(view, { insurance, on, block })
    // Three months reach back to the first day (domain.md 9).
    const from = reason === 'LONG' ? startOn : on
    changeEnrolment(context, key, { ...base, state: 'REQUIRED', from, dueOn, isOverdue: false })
    enqueueDue(context, key, { dueOn, block })
  }
}

/** The contract is over: who is insured is to be reported as having left; whoever an agency still insures has a last day too. */
export function endCover(context: ApplyContext, { contractId, on, block }: Moment): void {
  const cover = covers.get(context.view, contractId)
  if (cover === null) return
  for (const insurance of INSURANCES) {
    const { state } = cover[FIELD[insurance]]
    if (state === 'LOST') continue
    const key = { contractId, insurance }
    if (state !== 'CONFIRMED') changeEnrolment(context, key, { lostOn: on, changedAt: block.time })
    else {
      const dueOn = leaveDueOn(context.view, { on, block })
      changeEnrolment(context, key, { lostOn: on, dueOn, isOverdue: false, changedAt: block.time })
      enqueueDue(context, key, { dueOn, block })
    }
  }
}
