// Owns: a plan's month as a payslip would show it: wage, insurances, what is left. Not here: plans (plan.ts), flags and files
// (cli/commands/labor.ts).
import { periodOfMonth } from '../../modules/labor/wage/calendar.ts'
import { dueDateOf } from '../../modules/labor/wage/due.ts'
import { isTabled } from '../../modules/labor/wage/law.ts'
import { computePeriod } from '../../modules/labor/wage/period.ts'
import type { PayslipFacts } from '../../sdk/payslip/document.ts'
import type { PayslipLang } from '../../sdk/payslip/words.ts'
import { contractOf } from './contract-form.ts'
import { insure } from './insure.ts'
import { inputOf } from './plan.ts'
import type { Plan } from './plan.ts'

const NOTES = {
  simulated: {
    ko: '모의계산입니다. 실제 임금은 확정된 출퇴근 기록으로 계산되며, 세금은 포함하지 않았습니다.',
    en: 'A simulation: real wages follow from confirmed records of attendance; taxes are left out.',
  },
  untabled: {
    ko: '이 달의 최저임금 또는 공휴일이 아직 정해지지 않아 가장 최근 값을 사용했습니다.',
    en: 'The minimum wage or the public holidays of this month are not known yet; the latest ones stand in for them.',
  },
  latestRate: {
    ko: '이 달의 보험료율이 아직 정해지지 않아 가장 최근 값을 사용했습니다.',
    en: 'An insurance rate of this month is not decided yet; the latest one stands in for it.',
  },
} as const

/** The month as a payslip says it. */
export function simulateMonth(plan: Plan, lang: PayslipLang): PayslipFacts {
  const input = inputOf(plan)
  const period = periodOfMonth(plan.month)
  const breakdown = computePeriod(input, period)
  const insured = insure(plan, breakdown.gross)
  return {
    ...{ kind: 'SIMULATION', breakdown, contractId: null, source: null, extras: [] },
    employer: plan.employer ?? '-',
    worker: plan.worker ?? '-',
    dueOn: dueDateOf(input.law, plan.month, plan, plan.endOn ?? null),
    deductions: insured.worker,
    employerSums: insured.employer,
    contract: contractOf(plan, insured.cover, lang),
    notes: [
      NOTES.simulated[lang],
      ...(isTabled(input.law, period.to) ? [] : [NOTES.untabled[lang]]),
      ...(insured.isLatest ? [NOTES.latestRate[lang]] : []),
    ],
  }
}
