// Owns: who may read terms, hours, pay and cases: the two parties, a minor's guardian, officials with an open case.
// Not here: how a request is signed and logged (rpc), what insurers may (the port).
import { isHex } from '../../core/base/bytes.ts'
import { addDays, kstDate } from '../../core/base/civil-time.ts'
import { asHash32 } from '../../core/base/ids.ts'
import type { Address, Hash32 } from '../../core/base/ids.ts'
import type { ReadQuestion, ReadRight, Restriction } from '../../core/execution/module.ts'
import type { ReadView } from '../../core/state/view.ts'
import { hasRole } from '../governance/keeper.ts'
import type { Claim } from './claim-schema.ts'
import type { InsurancePort } from './insurance-port.ts'
import { claims, contracts, days, histories, openClaims, SEALED_PREFIX } from './store.ts'

/** Days back in which an open dispute about a record is an inspector's case. */
export const DISPUTE_DAYS = 93

const CLAIM = 'claim:'
const HISTORY = 'history:'
type OfContract = { readonly contractId: Hash32 }
const byContract = ({ contractId }: OfContract): string => contractId
const byCase = ({ caseId }: { readonly caseId: Hash32 }): string => CLAIM + caseId
const own = (_payload: unknown, txId: Hash32): string => txId
const ownCase = (_payload: unknown, txId: Hash32): string => CLAIM + txId
const party = (role: string): ReadRight => ({ role, caseId: null })

/** The contract of a `ref`, or null for a case, a history or nonsense. */
function contractOf(ref: string): Hash32 | null {
  return isHex(ref, 32) ? asHash32(ref) : null
}

function afterColon(ref: string): Hash32 | null {
  const text = ref.slice(ref.indexOf(':') + 1)
  return isHex(text, 32) ? asHash32(text) : null
}

// What a key is about: the part behind the store's name; a queue is about everybody, and so nobody may read it.
function refOfKey(key: string): string | null {
  const [, , store, id] = key.split('/')
  if (id === undefined || store === 'deem') return null
  return store === 'claim' ? CLAIM + id : store === 'history' ? HISTORY + id : id
}

// An official with this case: the inspector who took it; any inspector while nobody has; the fund once arrears are certified.
function caseRight(view: ReadView, { account, block }: ReadQuestion, caseId: Hash32, claim: Claim): ReadRight | null {
  const has = (role: string): boolean => hasRole(view, { account, role, scope: null, block })
  const isOver = claim.state === 'CLOSED' || claim.state === 'WITHDRAWN'
  if (isOver) return null
  if ((claim.inspector === account || claim.inspector === null) && has('INSPECTOR')) return { role: 'INSPECTOR', caseId }
  const isFunds = claim.state === 'CERTIFIED' || claim.state === 'SUBROGATED'
  return isFunds && has('INS_COMWEL') ? { role: 'INS_COMWEL', caseId } : null
}

/** An official's right to a contract by a claim about it, or an inspector's by a dispute about its hours. */
export function findInspection(view: ReadView, question: ReadQuestion): ReadRight | null {
  const contractId = contractOf(question.ref)
  if (contractId === null) return null
  for (const caseId of openClaims.get(view, contractId)?.cases ?? []) {
    const claim = claims.get(view, caseId)
    const right = claim === null ? null : caseRight(view, question, caseId, claim)
    if (right !== null) return right
  }
  const isInspector = hasRole(view, { account: question.account, role: 'INSPECTOR', scope: null, block: question.block })
  const disputed = isInspector ? disputeOf(view, contractId, question) : null
  return disputed === null ? null : { role: 'INSPECTOR', caseId: `dispute of ${disputed}` }
}

function disputeOf(view: ReadView, contractId: Hash32, { block }: ReadQuestion): number | null {
  const today = kstDate(block.time)
  for (let back = 0; back <= DISPUTE_DAYS; back++) {
    const date = addDays(today, -back)
    if (days.get(view, { contractId, date })?.shifts.some(({ state }) => state === 'DISPUTED') === true) return date
  }
  return null
}

function contractRight(view: ReadView, contractId: Hash32, question: ReadQuestion, port: InsurancePort): ReadRight | null {
  const contract = contracts.get(view, contractId)
  if (contract === null) return null
  const { account } = question
  if (account === contract.worker) return party('WORKER')
  if (account === contract.employer) return party('EMPLOYER')
  if (account === contract.minor?.guardian) return party('GUARDIAN')
  return findInspection(view, question) ?? port.mayRead?.(view, question) ?? null
}

// The employer learns of a case once it is a filing in law (LSA 104).
function claimRight(view: ReadView, caseId: Hash32, question: ReadQuestion): ReadRight | null {
  const claim = claims.get(view, caseId)
  if (claim === null) return null
  if (claim.worker === question.account) return party('WORKER')
  const employer = claim.contractId === null ? null : (contracts.get(view, claim.contractId)?.employer ?? null)
  if (employer === question.account && claim.caseCommit !== null) return party('EMPLOYER')
  return caseRight(view, question, caseId, claim)
}

function historyRight(view: ReadView, requestId: Hash32, { account, block }: ReadQuestion): ReadRight | null {
  const history = histories.get(view, requestId)
  if (history === null) return null
  if (history.worker === account) return party('WORKER')
  const isCentre = history.issued === null && hasRole(view, { account, role: 'LABOR_CENTRE', scope: null, block })
  return isCentre ? { role: 'LABOR_CENTRE', caseId: requestId } : null
}

function subjectsOf(view: ReadView, ref: string): readonly Address[] {
  const contractId = contractOf(ref)
  if (contractId !== null) {
    const contract = contracts.get(view, contractId)
    return contract === null ? [] : [contract.worker, contract.employer]
  }
  const id = afterColon(ref)
  if (id === null) return []
  const worker = ref.startsWith(CLAIM) ? claims.get(view, id)?.worker : histories.get(view, id)?.worker
  return worker === undefined ? [] : [worker]
}

/** What labor keeps for few eyes. */
export function createRestriction(port: InsurancePort): Restriction {
  return {
    name: 'labor.contract',
    about: 'Terms, hours, payslips, dues, cases and work histories of a contract.',
    prefixes: [SEALED_PREFIX],
    refOfKey,
    transactions: {
      'labor.offer': { fields: ['terms', 'minor'], refOf: own },
      'labor.amend.propose': { fields: ['terms'], refOf: byContract },
      'labor.shift.close': { fields: ['breaks'], refOf: byContract },
      'labor.shift.propose': { fields: ['kind', 'times'], refOf: byContract },
      'labor.shift.dispute': { fields: ['statement'], refOf: byContract },
      'labor.shift.resolve': { fields: ['statement'], refOf: byContract },
      'labor.shift.correct': { fields: ['statement'], refOf: byContract },
      'labor.payslip.issue': { fields: ['gross', 'extras', 'deductions'], refOf: byContract },
      'labor.wage.pay': { fields: ['amount'], refOf: byContract },
      'labor.wage.attestCash': { fields: ['amount'], refOf: byContract },
      'labor.escrow.fund': { fields: ['amount'], refOf: byContract },
      'labor.claim.file': { fields: null, refOf: ownCase },
      'labor.undeclared.report': { fields: null, refOf: ownCase },
      'labor.claim.order': { fields: ['amount', 'dueOn'], refOf: byCase },
      'labor.claim.subrogate': { fields: ['months'], refOf: byCase },
      'labor.history.request': { fields: null, refOf: (_payload: unknown, txId: Hash32) => HISTORY + txId },
    },
    events: {},
    queries: {
      labor_getContract: byContract,
      labor_shifts: byContract,
      labor_contractFlags: byContract,
      labor_compute: byContract,
      labor_payslip: byContract,
      labor_due: byContract,
      labor_escrow: byContract,
      labor_arrears: ({ did }: { readonly did: Address }) => `did:${did}`,
      labor_claim: byCase,
      labor_history: ({ requestId }: { readonly requestId: Hash32 }) => HISTORY + requestId,
    },
    mayRead: (view, question) => {
      const { ref, account } = question
      const contractId = contractOf(ref)
      if (contractId !== null) return contractRight(view, contractId, question, port)
      // Arrears of an account are that account's.
      if (ref.startsWith('did:')) return ref.slice('did:'.length) === account ? party('SELF') : null
      const id = afterColon(ref)
      if (id === null) return null
      return ref.startsWith(CLAIM) ? claimRight(view, id, question) : historyRight(view, id, question)
    },
    subjectsOf,
  }
}
