// Owns: the contract text that a plan's private part makes. Not here: the form (sdk/payslip/contract-text.ts), plans (plan.ts).
import type { Cover } from '../../modules/insurance/premium/premium.ts'
import { contractHash, contractText } from '../../sdk/payslip/contract-text.ts'
import type { PayslipContract } from '../../sdk/payslip/document.ts'
import type { PayslipLang } from '../../sdk/payslip/words.ts'
import { termsOf } from './plan.ts'
import type { Plan } from './plan.ts'

/** The standard form filled with a plan, and its hash; null where the plan has no `contract` part. */
export function contractOf(plan: Plan, cover: Cover, lang: PayslipLang): PayslipContract | null {
  const { contract, startOn, endOn, payDay, payMonthOffset, payMethod } = plan
  if (contract === undefined) return null
  const insurances = { pension: cover.pension, health: cover.health, employment: cover.employment, accident: cover.accident }
  const terms = { ...termsOf(plan), startOn, endOn: endOn ?? null, payDay, payMonthOffset, payMethod, insurances }
  const own = { ...contract, employer: plan.employer ?? '-', worker: plan.worker ?? '-' }
  const text = contractText(terms, own, lang)
  return { text, hash: contractHash(text), chainHash: null }
}
