// Owns: who may read what insurances hold of a contract: the parties, an agency that has it before it, an inspector with a case.
// Not here: how a request is signed and logged (rpc).
import { isHex } from '../../core/base/bytes.ts'
import { asHash32 } from '../../core/base/ids.ts'
import type { Hash32 } from '../../core/base/ids.ts'
import type { ReadRight, Restriction } from '../../core/execution/module.ts'
import type { ReadView } from '../../core/state/view.ts'
import { hasRole } from '../governance/keeper.ts'
import { isCaseTold, openCaseOf } from '../labor/keeper.ts'
import type { InsurerQuestion } from '../labor/keeper.ts'
import { AGENCY, agencyOf, FIELD } from './enrolment.ts'
import { readParties } from './facts.ts'
import type { Insurance } from './premium/duty.ts'
import type { Enrolment } from './schema.ts'
import { covers, SEALED_PREFIX } from './store.ts'

const idOf = (ref: string): Hash32 | null => (isHex(ref, 32) ? asHash32(ref) : null)
const byContract = ({ contractId }: { contractId: Hash32 }): string => contractId

/** An agency has a contract before it from a report or claim until it is lost. */
const BEFORE_AGENCY: readonly Enrolment['state'][] = ['REPORTED', 'CLAIMED', 'CONFIRMED']
/** As an open question, not as an insured person. */
const OPEN_QUESTION: readonly Enrolment['state'][] = ['REPORTED', 'CLAIMED']

function insurerRight(
  view: ReadView,
  contractId: Hash32,
  own: readonly Insurance[],
  states: readonly Enrolment['state'][],
): ReadRight | null {
  const cover = covers.get(view, contractId)
  const insurance = cover === null ? undefined : own.find((name) => states.includes(cover[FIELD[name]].state))
  return insurance === undefined ? null : { role: AGENCY[insurance], caseId: insurance }
}

/** What an insurer may read of the labor contract itself: while a report or a claim is open. */
export function openQuestionOf(view: ReadView, { account, contractId, block }: InsurerQuestion): ReadRight | null {
  return insurerRight(view, contractId, agencyOf(view, account, block), OPEN_QUESTION)
}

function inspectorRight(view: ReadView, { account, contractId, block }: InsurerQuestion): ReadRight | null {
  const caseId = openCaseOf(view, contractId)
  const isInspector = caseId !== null && hasRole(view, { account, role: 'INSPECTOR', scope: null, block })
  return isInspector ? { role: 'INSPECTOR', caseId } : null
}

/** What insurances keep of a contract. */
export const COVER_RESTRICTION: Restriction = {
  name: 'insurance.cover',
  about: 'Enrolments with their reasons, and premiums.',
  prefixes: [SEALED_PREFIX],
  refOfKey: (key) => key.split('/')[3] ?? null,
  transactions: {
    'insurance.reject': { fields: ['reasonCode'], refOf: byContract },
    'insurance.decide': { fields: ['reasonCode'], refOf: byContract },
    'insurance.premium.notice': { fields: ['lines'], refOf: byContract },
  },
  events: {},
  queries: { insurance_getCover: byContract, insurance_getPremium: byContract },
  mayRead: (view, question) => {
    const { account, ref, block } = question
    const contractId = idOf(ref)
    const parties = contractId === null ? null : readParties(view, contractId)
    if (contractId === null || parties === null) return null
    if (parties.worker === account) return { role: 'WORKER', caseId: null }
    if (parties.employer === account) return { role: 'EMPLOYER', caseId: null }
    return (
      insurerRight(view, contractId, agencyOf(view, account, block), BEFORE_AGENCY) ??
      inspectorRight(view, { account, contractId, block })
    )
  },
  subjectsOf: (view, ref) => {
    const contractId = idOf(ref)
    const parties = contractId === null ? null : readParties(view, contractId)
    return parties === null ? [] : [parties.worker, parties.employer]
  },
  isTold: isCaseTold,
}
