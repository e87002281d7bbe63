// Owns: points.prog.approve, pause, resume, close and setBudget. Not here: money (prog-fund.ts).
import { failure, isFailure } from '../../core/base/errors.ts'
import type { Failure } from '../../core/base/errors.ts'
import type { Address } from '../../core/base/ids.ts'
import { KEY_PURPOSES, defineTransaction } from '../../core/execution/module.ts'
import type { BlockEnv } from '../../core/execution/module.ts'
import type { ReadView } from '../../core/state/view.ts'
import { requireRole } from '../governance/keeper.ts'
import { PointsError } from './errors.ts'
import { BudgetPayload, ProgrammePayload, ProgrammeReasonPayload } from './payloads.ts'
import { changeProgramme, checkProgrammeState, findProgramme, requireProgrammeRole } from './programme.ts'
import { checkPoints } from './rules.ts'
import type { Programme } from './schema.ts'
import { programmeBooks } from './store.ts'

type Actor = { readonly sender: Address; readonly block: BlockEnv }
const asCity = (view: ReadView, { sender, block }: Actor): Failure | null =>
  requireRole(view, { account: sender, role: 'CITY_GOV', scope: null, block })

// Its operator, or an auditor.
function asOverseer(view: ReadView, programmeId: string, { sender, block }: Actor): Failure | null {
  const refused = requireProgrammeRole(view, { account: sender, role: 'PROG_OP', programmeId, block })
  return refused === null ? null : requireProgrammeRole(view, { account: sender, role: 'AUDITOR', programmeId, block })
}

function checkChange(
  view: ReadView,
  { programmeId, allowed, stranger }: { programmeId: string; allowed: readonly Programme['state'][]; stranger: Failure | null },
): Failure | null {
  const programme = findProgramme(view, programmeId)
  return isFailure(programme) ? programme : (stranger ?? checkProgrammeState(programme, allowed))
}

/** From here on the programme grants. */
export const programmeApprove = defineTransaction({
  type: 0x0402,
  name: 'points.prog.approve',
  about: 'The city lets a programme grant points.',
  payload: ProgrammePayload,
  keyPurpose: KEY_PURPOSES.authentication,
  checkStateless: () => null,
  checkStateful: (view, { payload, ...actor }) =>
    checkChange(view, { ...payload, allowed: ['DRAFT'], stranger: asCity(view, actor) }),
  apply: (context, { payload }) => changeProgramme(context, { ...payload, more: { state: 'ACTIVE' }, reasonCode: null }),
})

/** No grant any more; what was granted stays good. */
export const programmePause = defineTransaction({
  type: 0x0404,
  name: 'points.prog.pause',
  about: 'Stops a programme’s grants, by its operator or an auditor; points stay good.',
  payload: ProgrammeReasonPayload,
  keyPurpose: KEY_PURPOSES.authentication,
  blockLane: 'urgent',
  checkStateless: () => null,
  checkStateful: (view, { payload, ...actor }) =>
    checkChange(view, { ...payload, allowed: ['ACTIVE'], stranger: asOverseer(view, payload.programmeId, actor) }),
  apply: (context, { payload }) => changeProgramme(context, { ...payload, more: { state: 'PAUSED' } }),
})

/** Grants again. */
export const programmeResume = defineTransaction({
  type: 0x0405,
  name: 'points.prog.resume',
  about: 'Lets a paused programme grant again.',
  payload: ProgrammeReasonPayload,
  keyPurpose: KEY_PURPOSES.authentication,
  checkStateless: () => null,
  checkStateful: (view, { payload, ...actor }) =>
    checkChange(view, { ...payload, allowed: ['PAUSED'], stranger: asOverseer(view, payload.programmeId, actor) }),
  apply: (context, { payload }) => changeProgramme(context, { ...payload, more: { state: 'ACTIVE' } }),
})

/** Final. Points already granted are spent, settled and expire as before. */
export const programmeClose = defineTransaction({
  type: 0x0406,
  name: 'points.prog.close',
  about: 'Ends a programme for good; points stay good until they expire.',
  payload: ProgrammeReasonPayload,
  keyPurpose: KEY_PURPOSES.authentication,
  checkStateless: () => null,
  checkStateful: (view, { payload, ...actor }) =>
    checkChange(view, {
      ...payload,
      allowed: ['DRAFT', 'ACTIVE', 'PAUSED'],
      stranger: asOverseer(view, payload.programmeId, actor),
    }),
  apply: (context, { payload }) => changeProgramme(context, { ...payload, more: { state: 'CLOSED' } }),
})

/** Raised, or lowered as far as what is granted. */
export const programmeSetBudget = defineTransaction({
  type: 0x0407,
  name: 'points.prog.setBudget',
  about: 'The city sets a programme’s budget, never below what is granted.',
  payload: BudgetPayload,
  keyPurpose: KEY_PURPOSES.authentication,
  checkStateless: ({ payload }) => checkPoints(payload.budget),
  checkStateful: (view, { payload, ...actor }) => {
    const { programmeId, budget } = payload
    const allowed = ['DRAFT', 'ACTIVE', 'PAUSED'] as const
    const refused = checkChange(view, { programmeId, allowed, stranger: asCity(view, actor) })
    if (refused !== null) return refused
    const { granted } = programmeBooks.mustGet(view, programmeId)
    return budget < granted ? failure(PointsError.BUDGET_BELOW_GRANTED, { granted: granted.toString() }) : null
  },
  apply: (context, { payload }) =>
    changeProgramme(context, { programmeId: payload.programmeId, more: { budget: payload.budget }, reasonCode: null }),
})
