// Owns: insurance.confirm, reject and decide: an agency's answers. Not here: what it answers to (report.ts).
import { isCivilDate, kstDate } from '../../core/base/civil-time.ts'
import { failure, isFailure } from '../../core/base/errors.ts'
import type { Failure } from '../../core/base/errors.ts'
import type { Address } from '../../core/base/ids.ts'
import { KEY_PURPOSES, defineTransaction } from '../../core/execution/module.ts'
import type { ApplyContext, BlockEnv } from '../../core/execution/module.ts'
import type { ReadView } from '../../core/state/view.ts'
import { enqueueDue, joinDueOn, leaveDueOn } from './due.ts'
import { changeEnrolment, checkState, FIELD, findCover, requireAgency } from './enrolment.ts'
import type { EnrolmentKey } from './enrolment.ts'
import { InsuranceError } from './errors.ts'
import { InsuranceDecided } from './events.ts'
import { ConfirmPayload, DecidePayload, RejectPayload } from './schema.ts'
import type { Enrolment } from './schema.ts'
import { covers } from './store.ts'

type Actor = { readonly sender: Address; readonly block: BlockEnv }

function checkAgency(
  view: ReadView,
  { contractId, insurance }: EnrolmentKey,
  { sender, block }: Actor,
  allowed: readonly Enrolment['state'][] | null,
): Failure | null {
  const cover = findCover(view, contractId)
  if (isFailure(cover)) return cover
  const refused = requireAgency(view, { account: sender, insurance, block })
  return refused ?? (allowed === null ? null : checkState(cover, insurance, allowed))
}

// Insured, and over already: leaving is still to be reported.
function insure(context: ApplyContext, key: EnrolmentKey, change: Partial<Enrolment>, block: BlockEnv): void {
  const { lostOn } = covers.mustGet(context.view, key.contractId)[FIELD[key.insurance]]
  const today = kstDate(block.time)
  const dueOn = lostOn === null ? 0 : leaveDueOn(context.view, { on: Math.max(lostOn, today), block })
  changeEnrolment(context, key, { ...change, state: 'CONFIRMED', dueOn, isOverdue: false, changedAt: block.time })
  if (dueOn !== 0) enqueueDue(context, key, { dueOn, block })
}

/** The worker is insured. */
export const confirm = defineTransaction({
  type: 0x0604,
  name: 'insurance.confirm',
  about: 'The agency confirms a report: the worker is insured.',
  payload: ConfirmPayload,
  keyPurpose: KEY_PURPOSES.authentication,
  checkStateless: () => null,
  checkStateful: (view, { payload, ...actor }) => checkAgency(view, payload, actor, ['REPORTED']),
  apply: (context, { payload, sender, block }) => {
    const { contractId, insurance, noticeCommit } = payload
    insure(context, payload, { noticeCommit }, block)
    context.emit(InsuranceDecided, { contractId, insurance, by: sender, noticeCommit })
  },
})

/** Back to the employer, who has as long again to report. */
export const reject = defineTransaction({
  type: 0x0605,
  name: 'insurance.reject',
  about: 'The agency sends a report back; the employer reports anew.',
  payload: RejectPayload,
  keyPurpose: KEY_PURPOSES.authentication,
  checkStateless: () => null,
  checkStateful: (view, { payload, ...actor }) => checkAgency(view, payload, actor, ['REPORTED']),
  apply: (context, { payload, sender, block }) => {
    const { contractId, insurance, noticeCommit } = payload
    const dueOn = joinDueOn(context.view, { insurance, on: kstDate(block.time), block })
    changeEnrolment(context, payload, { state: 'REQUIRED', dueOn, isOverdue: false, noticeCommit, changedAt: block.time })
    enqueueDue(context, payload, { dueOn, block })
    context.emit(InsuranceDecided, { contractId, insurance, by: sender, noticeCommit })
  },
})

/** Whatever the test says, and whatever was reported; its reason stands in the agency’s notice. */
export const decide = defineTransaction({
  type: 0x0606,
  name: 'insurance.decide',
  about: 'The agency decides by itself whether the worker is insured, and from which day.',
  payload: DecidePayload,
  keyPurpose: KEY_PURPOSES.authentication,
  checkStateless: ({ payload: { from } }) => (isCivilDate(from) ? null : failure(InsuranceError.DATE_INVALID, { from })),
  checkStateful: (view, { payload, ...actor }) => checkAgency(view, payload, actor, null),
  apply: (context, { payload, sender, block }) => {
    const { contractId, insurance, required, from, noticeCommit } = payload
    const word = { reason: 'DECIDED' as const, isDecided: true, noticeCommit }
    if (required) insure(context, payload, { ...word, from }, block)
    else changeEnrolment(context, payload, { ...word, state: 'NOT_REQUIRED', dueOn: 0, isOverdue: false, changedAt: block.time })
    context.emit(InsuranceDecided, { contractId, insurance, by: sender, noticeCommit })
  },
})
