// Owns: making payslips: lines of the wage engine, deductions by law, the month's sums with them. Not here: who asks for one
// (payslip-issue.ts, payday.ts).
import { kstDate } from '../../core/base/civil-time.ts'
import type { ApplyContext, BlockEnv } from '../../core/execution/module.ts'
import type { ReadView } from '../../core/state/view.ts'
import { writeDue } from './due.ts'
import type { InsurancePort } from './insurance-port.ts'
import { paydayOf } from './months.ts'
import { PayslipIssued, StatutoryFloorApplied } from './pay-events.ts'
import { LINES_MAX } from './pay-schema.ts'
import type { Due, PayLine, Payslip, Sum } from './pay-schema.ts'
import { versionOn } from './contract.ts'
import { books, contracts, dues, payslips } from './store.ts'
import type { MonthKey } from './store.ts'
import { buildWageInput, monthsAround, periodOf } from './wage-input.ts'
import { computePeriod } from './wage/period.ts'
import type { WageBreakdown, WageLine } from './wage/types.ts'

/** Codes of taxes on wages. */
export const TAX_CODES = ['INCOME_TAX', 'LOCAL_INCOME_TAX'] as const

const NO_DUE: Omit<Due, 'dueOn'> = {
  ...{ state: 'DUE', computed: 0n, extra: 0n, withheld: 0n, paid: 0n, cash: 0n, subrogated: 0n },
  ...{ interestDue: 0n, interestPaid: 0n, payslips: 0, cashWord: null },
}

/** What a payslip is made of beside hours and terms. */
export type Slip = {
  readonly extras: readonly Sum[]
  readonly deductions: readonly Sum[]
  readonly isAutomatic: boolean
}

/** The wage of a month, line by line. */
export function computeMonth(view: ReadView, { contractId, ym }: MonthKey): WageBreakdown {
  const period = periodOf(ym)
  return computePeriod(buildWageInput(view, contractId, period), period)
}

function lineOf(line: WageLine, isCut: boolean): PayLine {
  const { code, name, from, to, unit, quantity, rate, ppm, won } = line
  return { code, name, from, to, unit, quantity, rate, ppm, krw: won, isCut }
}

const sum = (parts: readonly Sum[]): bigint => parts.reduce((total, { krw }) => total + krw, 0n)

/** Deductions in order until nothing of the wage is left. */
function within(deductions: readonly Sum[], gross: bigint): readonly Sum[] {
  let left = gross
  return deductions.flatMap(({ code, krw }) => {
    const part = krw < left ? krw : left
    left -= part
    return part === 0n ? [] : [{ code, krw: part }]
  })
}

/** The last payslip of a month, or null. */
export function lastPayslip(view: ReadView, key: MonthKey): Payslip | null {
  const seq = dues.get(view, key)?.payslips ?? 0
  return seq === 0 ? null : payslips.mustGet(view, { ...key, seq })
}

/** Makes the next payslip of a month; the month's sums follow it. */
export function issuePayslip(
  context: ApplyContext,
  key: MonthKey,
  { slip, breakdown, port, block }: { slip: Slip; breakdown: WageBreakdown; port: InsurancePort; block: BlockEnv },
): void {
  const { view, emit } = context
  const before = dues.get(view, key) ?? { ...NO_DUE, dueOn: paydayOf(view, key.contractId, key.ym) }
  const seq = before.payslips + 1
  const old = lastPayslip(view, key)
  if (old !== null) payslips.set(view, { ...key, seq: before.payslips }, { ...old, state: 'SUPERSEDED' })
  const { extras, isAutomatic } = slip
  const extra = sum(extras)
  const gross = breakdown.gross + extra
  const deductions = within(slip.deductions, gross)
  const withheld = sum(deductions)
  const lines = [...breakdown.lines.map((line) => lineOf(line, false)), ...breakdown.cuts.map((line) => lineOf(line, true))]
  const workMinutes = breakdown.days.reduce((total, { workMin }) => total + workMin, 0)
  payslips.set(
    view,
    { ...key, seq },
    {
      ...{ state: 'ISSUED', isAutomatic, issuedAt: block.time, version: contracts.mustGet(view, key.contractId).version },
      ...{
        workMinutes,
        lines: lines.slice(0, LINES_MAX),
        extras,
        gross,
        deductions,
        net: gross - withheld,
        objectionCommit: null,
      },
    },
  )
  emit(PayslipIssued, { ...key, seq, isAutomatic })
  if (breakdown.flags.some(({ code }) => code === 'FLOOR_APPLIED')) emit(StatutoryFloorApplied, key)
  const due = { ...before, computed: breakdown.gross, extra, withheld, payslips: seq }
  writeDue(context, key, { due, block })
  port.onPayslip(context, { ...key, pay: gross, block })
}

/** Deductions of a payslip that the chain makes: insurances by their room, taxes as the employer last declared them. */
export function lawfulDeductions(
  view: ReadView,
  key: MonthKey,
  { pay, port, block }: { pay: bigint; port: InsurancePort; block: BlockEnv },
): readonly Sum[] {
  const taxes = lastPayslip(view, key)?.deductions.filter(({ code }) => (TAX_CODES as readonly string[]).includes(code)) ?? []
  return [...port.deductions(view, { ...key, pay, block }), ...taxes]
}

/** Makes the chain's own payslip of a month where hours or terms give another sum than the last one, or there is none. */
export function refreshMonth(
  context: ApplyContext,
  key: MonthKey,
  { port, block }: { port: InsurancePort; block: BlockEnv },
): void {
  const { view } = context
  const before = dues.get(view, key)
  const breakdown = computeMonth(view, key)
  if (before === null ? breakdown.gross === 0n : before.computed === breakdown.gross) return
  const extras = lastPayslip(view, key)?.extras ?? []
  const deductions = lawfulDeductions(view, key, { pay: breakdown.gross + sum(extras), port, block })
  issuePayslip(context, key, { slip: { extras, deductions, isAutomatic: true }, breakdown, port, block })
}

/** After hours of a day came to count or changed: every month that was paid, or has a payslip, and shares a week with the day. */
export function refreshAround(
  context: ApplyContext,
  { contractId, date }: { contractId: MonthKey['contractId']; date: number },
  at: { port: InsurancePort; block: BlockEnv },
): void {
  const { view } = context
  const { nextYm } = books.mustGet(view, contractId)
  for (const ym of monthsAround(date))
    if (ym < nextYm || dues.has(view, { contractId, ym })) refreshMonth(context, { contractId, ym }, at)
}

/** Whether a month may have a payslip by the employer: it is over, or the contract is. */
export function isOverMonth(view: ReadView, { contractId, ym }: MonthKey, block: BlockEnv): boolean {
  const contract = contracts.mustGet(view, contractId)
  const today = kstDate(block.time)
  const { to } = periodOf(ym)
  const isWithin = contract.startOn <= to && (contract.endOn === null || contract.endOn >= periodOf(ym).from)
  return isWithin && (today > to || (contract.endOn !== null && contract.endOn < today))
}

/** The version that a month's payslip stands on. */
export function versionOfMonth(view: ReadView, { contractId, ym }: MonthKey) {
  return versionOn(view, contractId, periodOf(ym).to)
}
