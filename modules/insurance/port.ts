// Owns: the insurances of this chain as labor sees them. Not here: contracts, payslips (modules/labor).
import type { InsuranceLine, InsurancePort, InsuredPay } from '../labor/keeper.ts'
import type { ReadView } from '../../core/state/view.ts'
import { endCover, evaluate } from './engine.ts'
import { computeMonth, postMonth } from './month.ts'
import { openQuestionOf } from './restricted.ts'
import { covers } from './store.ts'

const WORKERS = ['PENSION', 'HEALTH', 'CARE', 'EMPLOYMENT'] as const

function deductions(view: ReadView, { contractId, ym, pay }: InsuredPay): readonly InsuranceLine[] {
  const { lines } = computeMonth(view, { contractId, ym, pay })
  return WORKERS.flatMap((code) => {
    const krw = lines.find((line) => line.code === code)?.worker ?? 0n
    return krw === 0n ? [] : [{ code, krw }]
  })
}

/** Handed to the room of labor by modules/registry.ts. */
export const INSURANCE_PORT: InsurancePort = {
  deductions,
  onActivated: evaluate,
  onAmended: evaluate,
  onThreeMonths: evaluate,
  onEnded: endCover,
  mayRead: openQuestionOf,
  onPayslip: (context, pay) => {
    if (covers.has(context.view, pay.contractId)) postMonth(context, pay)
  },
}
