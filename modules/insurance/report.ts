// Owns: insurance.report, lose and claimCoverage: what the two parties tell an agency. Not here: its answer (decide.ts).
import { kstDate } from '../../core/base/civil-time.ts'
import { failure, isFailure } from '../../core/base/errors.ts'
import type { Failure } from '../../core/base/errors.ts'
import type { Address, Hash32 } from '../../core/base/ids.ts'
import { KEY_PURPOSES, defineTransaction } from '../../core/execution/module.ts'
import type { ReadView } from '../../core/state/view.ts'
import { changeEnrolment, checkState, FIELD, findCover } from './enrolment.ts'
import { InsuranceError } from './errors.ts'
import { readParties } from './facts.ts'
import type { Parties } from './facts.ts'
import type { Insurance } from './premium/duty.ts'
import { ClaimPayload, LosePayload, ReportPayload } from './schema.ts'
import type { Cover } from './schema.ts'
import { covers } from './store.ts'

/** INSURANCE_LIST_INVALID unless each stands there once. */
export function checkNames(names: readonly string[]): Failure | null {
  if (names.length > 0 && new Set(names).size === names.length) return null
  return failure(InsuranceError.LIST_INVALID, { count: names.length })
}

type Found = { readonly cover: Cover; readonly parties: Parties }

/** A contract with its cover, or INSURANCE_CONTRACT_UNKNOWN. */
export function findInsured(view: ReadView, contractId: Hash32): Found | Failure {
  const cover = findCover(view, contractId)
  if (isFailure(cover)) return cover
  const parties = readParties(view, contractId)
  return parties === null ? failure(InsuranceError.CONTRACT_UNKNOWN, { contractId: `0x${contractId}` }) : { cover, parties }
}

function asEmployer(view: ReadView, contractId: Hash32, sender: Address): Found | Failure {
  const found = findInsured(view, contractId)
  return isFailure(found) || found.parties.employer === sender ? found : failure(InsuranceError.NOT_EMPLOYER)
}

function checkEach(cover: Cover, names: readonly Insurance[], allowed: Parameters<typeof checkState>[2]): Failure | null {
  for (const insurance of names) {
    const refused = checkState(cover, insurance, allowed)
    if (refused !== null) return refused
  }
  return null
}

/** Late it is overdue, and still taken. */
export const report = defineTransaction({
  type: 0x0601,
  name: 'insurance.report',
  about: 'The employer reports that the worker joins these insurances.',
  payload: ReportPayload,
  keyPurpose: KEY_PURPOSES.authentication,

  checkStateless: ({ payload }) => checkNames(payload.insurances),

  checkStateful: (view, { payload, sender }) => {
    const found = asEmployer(view, payload.contractId, sender)
    return isFailure(found) ? found : checkEach(found.cover, payload.insurances, ['REQUIRED', 'CLAIMED'])
  },

  apply: (context, { payload, block }) => {
    const { contractId, insurances } = payload
    for (const insurance of insurances)
      changeEnrolment(context, { contractId, insurance }, { state: 'REPORTED', dueOn: 0, changedAt: block.time })
  },
})

/** Where the employer does not report; and for the pension below its hours, the worker’s wish to join. */
export const claimCoverage = defineTransaction({
  type: 0x0602,
  name: 'insurance.claimCoverage',
  about: 'The worker asks the agency to insure, where the employer has not reported; or wishes to join the pension.',
  payload: ClaimPayload,
  keyPurpose: KEY_PURPOSES.authentication,

  checkStateless: () => null,

  checkStateful: (view, { payload, sender }) => {
    const { contractId, insurance } = payload
    const found = findInsured(view, contractId)
    if (isFailure(found)) return found
    if (found.parties.worker !== sender) return failure(InsuranceError.NOT_WORKER)
    const { mayOptIn } = found.cover[FIELD[insurance]]
    return checkState(found.cover, insurance, mayOptIn ? ['REQUIRED', 'NOT_REQUIRED'] : ['REQUIRED'])
  },

  apply: (context, { payload, block }) => {
    const from = kstDate(block.time)
    const { state } = covers.mustGet(context.view, payload.contractId)[FIELD[payload.insurance]]
    const begun = state === 'NOT_REQUIRED' ? { from, reason: 'OPT_IN' as const } : {}
    changeEnrolment(context, payload, { ...begun, state: 'CLAIMED', changedAt: block.time })
  },
})

/** After the last day; late it is overdue, and still taken. */
export const lose = defineTransaction({
  type: 0x0603,
  name: 'insurance.lose',
  about: 'The employer reports that the worker has left these insurances, the contract being over.',
  payload: LosePayload,
  keyPurpose: KEY_PURPOSES.authentication,

  checkStateless: ({ payload }) => checkNames(payload.insurances),

  checkStateful: (view, { payload, sender }) => {
    const found = asEmployer(view, payload.contractId, sender)
    if (isFailure(found)) return found
    if (!found.parties.isOver) return failure(InsuranceError.NOT_ENDED)
    return checkEach(found.cover, payload.insurances, ['CONFIRMED'])
  },

  apply: (context, { payload, block }) => {
    const { contractId, insurances } = payload
    for (const insurance of insurances)
      changeEnrolment(context, { contractId, insurance }, { state: 'LOST', dueOn: 0, isOverdue: false, changedAt: block.time })
  },
})
