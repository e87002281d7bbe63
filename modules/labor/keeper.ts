// Owns: what later rooms may ask of labor: contracts, terms by day, pay of a month. Not here: this room's transactions.
import { isHex } from '../../core/base/bytes.ts'
import { isFailure } from '../../core/base/errors.ts'
import type { CivilDate, CivilMonth } from '../../core/base/civil-time.ts'
import { asHash32 } from '../../core/base/ids.ts'
import type { Address, Hash32 } from '../../core/base/ids.ts'
import type { ReadView } from '../../core/state/view.ts'
import { findContract, versionOn } from './contract.ts'
import { grossOf } from './due.ts'
import type {
  ContractChange as Change,
  InsurancePort as Port,
  InsuranceLine as Line,
  InsuredPay as Pay,
  InsurerQuestion as Question,
} from './insurance-port.ts'
import { laterMonth } from './months.ts'
import { lastPayslip } from './payslip.ts'
import type { Contract, Version } from './schema.ts'
import { books, claims, contracts, dues, openClaims } from './store.ts'
import type { Terms } from './terms-schema.ts'

/** What the room of insurances gives labor. */
export type InsurancePort = Port
/** Won that an insurance takes off a wage. */
export type InsuranceLine = Line
/** A month's pay. */
export type InsuredPay = Pay
/** A change of a contract. */
export type ContractChange = Change

/** An account that wants to read a contract as an insurer. */
export type InsurerQuestion = Question

/** A contract as everybody may see it, or null. */
export function readContract(view: ReadView, contractId: Hash32): Contract | null {
  return contracts.get(view, contractId)
}

/** The contract, or LABOR_CONTRACT_UNKNOWN. */
export const requireContract = findContract

/** The signed version that stands on a day, or null for a contract that nobody accepted. */
export function readVersionOn(view: ReadView, contractId: Hash32, day: CivilDate): Version | null {
  const contract = findContract(view, contractId)
  return isFailure(contract) || contract.version === 0 ? null : versionOn(view, contractId, day)
}

/** The terms of that version. */
export function readTermsOn(view: ReadView, contractId: Hash32, day: CivilDate): Terms | null {
  return readVersionOn(view, contractId, day)?.terms ?? null
}

/** Agreed minutes of a month, as the contract states them on a day; 0 for a contract that nobody accepted. */
export function monthlyScheduledMin(view: ReadView, contractId: Hash32, day: CivilDate): number {
  return readTermsOn(view, contractId, day)?.monthlyScheduledMin ?? 0
}

/** Gross pay of a month by its last payslip; null before the first. */
export function payOfMonth(view: ReadView, contractId: Hash32, ym: CivilMonth): bigint | null {
  const due = dues.get(view, { contractId, ym })
  return due === null || lastPayslip(view, { contractId, ym }) === null ? null : grossOf(due)
}

/** What inspectors read a contract by: an open case about it, `dispute` where a record of hours waits for one, or null. */
export function openCaseOf(view: ReadView, contractId: Hash32): Hash32 | 'dispute' | null {
  const [caseId] = openClaims.get(view, contractId)?.cases ?? []
  if (caseId !== undefined) return caseId
  return (books.get(view, contractId)?.disputes ?? 0) > 0 ? 'dispute' : null
}

/** Whether an account may know of a case: nobody but the worker does before the notice (LSA 104). No case is no secret. */
export function isCaseTold(view: ReadView, { account, caseId }: { account: Address; caseId: string }): boolean {
  const claim = isHex(caseId, 32) ? claims.get(view, asHash32(caseId)) : null
  return claim === null || claim.worker === account || claim.caseCommit !== null
}

/** The month so many months later. */
export const monthsLater = laterMonth
