// Owns: what labor needs of the four social insurances, as types: their room comes later and is handed in by modules/registry.ts.
// Not here: who must join, premiums (modules/insurance).
import type { Address, Hash32 } from '../../core/base/ids.ts'
import type { CivilDate, CivilMonth } from '../../core/base/civil-time.ts'
import type { ApplyContext, BlockEnv, ReadRight } from '../../core/execution/module.ts'
import type { ReadView } from '../../core/state/view.ts'

/** Codes of the worker's own share: pension, health, long-term care, employment. */
export const INSURANCE_CODES = ['PENSION', 'HEALTH', 'CARE', 'EMPLOYMENT'] as const

/** Won that an insurance takes off a wage; the code is one of INSURANCE_CODES. */
export type InsuranceLine = { readonly code: (typeof INSURANCE_CODES)[number]; readonly krw: bigint }

/** A month's pay of a contract, as a payslip shows it. */
export type InsuredPay = {
  readonly contractId: Hash32
  readonly ym: CivilMonth
  /** Gross won of the month. */
  readonly pay: bigint
  readonly block: BlockEnv
}

/** A change of a contract that may change who must join. */
export type ContractChange = { readonly contractId: Hash32; readonly on: CivilDate; readonly block: BlockEnv }

/** An account that wants to read a contract as an insurer. */
export type InsurerQuestion = { readonly account: Address; readonly contractId: Hash32; readonly block: BlockEnv }

/** The insurances of this chain as labor sees them. Every call may write only under its own room's keys. */
export type InsurancePort = {
  /** The worker's share of a month, in the order of INSURANCE_CODES, lines of zero left out. */
  readonly deductions: (view: ReadView, pay: InsuredPay) => readonly InsuranceLine[]
  /** Both parties have signed; `on` is the first day of employment. */
  readonly onActivated: (context: ApplyContext, change: ContractChange) => void
  /** A new version was signed; `on` is the day from which it stands. */
  readonly onAmended: (context: ApplyContext, change: ContractChange) => void
  /** The third month of employment is over; `on` is the first day after. */
  readonly onThreeMonths: (context: ApplyContext, change: ContractChange) => void
  /** The contract is over; `on` was the last day. */
  readonly onEnded: (context: ApplyContext, change: ContractChange) => void
  /** A payslip was made, or another took its place; the last one counts. */
  readonly onPayslip: (context: ApplyContext, pay: InsuredPay) => void
  /** Whether an insurer has an open case about a contract, and so may read it; nobody unless given. */
  readonly mayRead?: (view: ReadView, asked: InsurerQuestion) => ReadRight | null
}

/** A chain without insurances: nothing is taken off a wage for them. */
export const NO_INSURANCE: InsurancePort = {
  deductions: () => [],
  onActivated: () => undefined,
  onAmended: () => undefined,
  onThreeMonths: () => undefined,
  onEnded: () => undefined,
  onPayslip: () => undefined,
}
