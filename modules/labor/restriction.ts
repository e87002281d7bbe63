// Owns: which records of labor not everybody may read, and who may: the parties, and officials with an open case (domain.md 8.5).
// Not here: how reads are signed and logged (rpc/).
import type { Address, Hash32, TxId } from '../../core/base/ids.ts'
import { asAddress, asHash32 } from '../../core/base/ids.ts'
import type { BlockEnv, ReadRight, RestrictedPart, Restriction } from '../../core/execution/module.ts'
import type { ReadView } from '../../core/state/view.ts'
import { hasRole } from '../governance/keeper.ts'
import type { Claim } from './claim-schema.ts'
import type { InsurancePort } from './insurance-port.ts'
import { isCaseTold, openCaseOf, readContract } from './keeper.ts'
import { books, claims, histories, openClaims, SEALED_PREFIX } from './store.ts'

type OfContract = { readonly contractId: Hash32 }
type OfCase = { readonly caseId: Hash32 }

const ofContract = (...fields: readonly string[]): RestrictedPart<OfContract> => ({
  fields,
  refOf: ({ contractId }) => contractId,
})
const ofCase = (...fields: readonly string[]): RestrictedPart<OfCase> => ({ fields, refOf: ({ caseId }) => caseId })
const ofItself = (fields: readonly string[] | null): RestrictedPart => ({ fields, refOf: (_, txId: TxId) => txId })
const byContract = ({ contractId }: OfContract): string => contractId

const ID_CHARS = 64

/** Records that tell of a contract's cases, of which the employer hears by the notice alone. */
const CASE_STORES: readonly string[] = [books, openClaims].map(({ prefix }) => prefix.slice(SEALED_PREFIX.length))
const CASES_OF = 'cases of '

// `labor/sealed/<store>/<id>...`; the queue of proposals is about nobody in particular.
function refOfKey(key: string): string | null {
  const [store = '', id = ''] = key.slice(SEALED_PREFIX.length).split('/')
  if (id.length !== ID_CHARS) return null
  return CASE_STORES.includes(store) ? `${CASES_OF}${id}` : id
}

type Asked = { readonly account: Address; readonly block: BlockEnv }

function asOfficial(view: ReadView, { account, block, role }: Asked & { readonly role: string }): boolean {
  return hasRole(view, { account, role, scope: null, block })
}

function mayReadCases(view: ReadView, contractId: Hash32, asked: Asked): ReadRight | null {
  const contract = readContract(view, contractId)
  if (contract === null) return null
  return contract.worker === asked.account ? { role: 'WORKER', caseId: null } : asInspector(view, contractId, asked)
}

// An inspector reads with an open case, or while a record of hours waits for a decision.
function asInspector(view: ReadView, contractId: Hash32, asked: Asked): ReadRight | null {
  const found = openCaseOf(view, contractId)
  if (found === null || !asOfficial(view, { ...asked, role: 'INSPECTOR' })) return null
  return { role: 'INSPECTOR', caseId: found === 'dispute' ? null : found }
}

function mayReadContract(
  view: ReadView,
  contractId: Hash32,
  { account, block, port }: Asked & { port: InsurancePort },
): ReadRight | null {
  const contract = readContract(view, contractId)
  if (contract === null) return null
  if (contract.worker === account) return { role: 'WORKER', caseId: null }
  if (contract.employer === account) return { role: 'EMPLOYER', caseId: null }
  if (contract.minor?.guardian === account) return { role: 'GUARDIAN', caseId: null }
  const inspector = asInspector(view, contractId, { account, block })
  if (inspector !== null) return inspector
  const [caseId] = openClaims.get(view, contractId)?.cases ?? []
  if (caseId !== undefined && asOfficial(view, { account, block, role: 'INS_COMWEL' })) return { role: 'INS_COMWEL', caseId }
  return port.mayRead?.(view, { account, contractId, block }) ?? null
}

// A report is the inspectors' alone; the employer sees a claim from the notice on (LSA 104).
function mayReadClaim(
  view: ReadView,
  { caseId, claim }: { caseId: string; claim: Claim },
  { account, block }: Asked,
): ReadRight | null {
  if (claim.worker === account) return { role: 'WORKER', caseId }
  if (asOfficial(view, { account, block, role: 'INSPECTOR' })) return { role: 'INSPECTOR', caseId }
  const isCertified = claim.certifiedOn !== null
  if (isCertified && asOfficial(view, { account, block, role: 'INS_COMWEL' })) return { role: 'INS_COMWEL', caseId }
  const employer = claim.contractId === null ? null : readContract(view, claim.contractId)?.employer
  return employer === account && claim.caseCommit !== null ? { role: 'EMPLOYER', caseId } : null
}

function mayRead(view: ReadView, ref: string, asked: Asked & { port: InsurancePort }): ReadRight | null {
  if (ref.startsWith(CASES_OF)) return mayReadCases(view, asHash32(ref.slice(CASES_OF.length)), asked)
  // A list of an account's own contracts.
  if (ref.length !== ID_CHARS) return ref === asked.account ? { role: 'SELF', caseId: null } : null
  const id = asHash32(ref)
  const claim = claims.get(view, id)
  if (claim !== null) return mayReadClaim(view, { caseId: ref, claim }, asked)
  const history = histories.get(view, id)
  if (history === null) return mayReadContract(view, id, asked)
  if (history.worker === asked.account) return { role: 'WORKER', caseId: null }
  return asOfficial(view, { ...asked, role: 'LABOR_CENTRE' }) ? { role: 'LABOR_CENTRE', caseId: null } : null
}

function subjectsOf(view: ReadView, ref: string): readonly Address[] {
  if (ref.startsWith(CASES_OF)) return subjectsOf(view, ref.slice(CASES_OF.length)).slice(0, 1)
  if (ref.length !== ID_CHARS) return [asAddress(ref)]
  const id = asHash32(ref)
  const about = claims.get(view, id)?.worker ?? histories.get(view, id)?.worker
  if (about !== undefined) return [about]
  const contract = readContract(view, id)
  return contract === null ? [] : [contract.worker, contract.employer]
}

/** Numbers of terms, hours, pay and cases. */
export function createLaborRestriction(port: InsurancePort): Restriction {
  return {
    name: 'labor.contract',
    about: 'Numbers of terms, hours and pay, and cases: for the parties, and for officials with an open case.',
    prefixes: [SEALED_PREFIX],
    refOfKey,
    transactions: {
      'labor.offer': ofItself(['minor', 'terms']),
      'labor.amend.propose': ofContract('terms'),
      'labor.shift.close': ofContract('breaks'),
      'labor.shift.propose': ofContract('kind', 'times'),
      'labor.shift.dispute': ofContract('statement'),
      'labor.shift.resolve': ofContract('statement'),
      'labor.shift.correct': ofContract('statement'),
      'labor.payslip.issue': ofContract('gross', 'extras', 'deductions'),
      'labor.wage.pay': ofContract('amount'),
      'labor.wage.attestCash': ofContract('amount', 'paidOn'),
      'labor.escrow.fund': ofContract('amount'),
      'labor.claim.file': ofItself(null),
      'labor.undeclared.report': ofItself(null),
      'labor.claim.order': ofCase('amount'),
      'labor.claim.subrogate': ofCase('months'),
    },
    events: {},
    queries: {
      labor_getContract: byContract,
      labor_shifts: byContract,
      labor_contractFlags: byContract,
      labor_compute: byContract,
      labor_payslip: byContract,
      labor_deductions: byContract,
      labor_due: byContract,
      labor_escrow: byContract,
      labor_arrears: ({ did }: { did: Address }) => did,
      labor_claim: ({ caseId }: OfCase) => caseId,
      labor_history: ({ requestId }: { requestId: Hash32 }) => requestId,
    },
    mayRead: (view, { account, ref, block }) => mayRead(view, ref, { account, block, port }),
    subjectsOf,
    isTold: isCaseTold,
  }
}
