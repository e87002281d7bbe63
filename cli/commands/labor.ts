// Owns: `naru labor`: what a month under a contract pays, before anybody signs. Not here: the rules (modules/labor/wage/), plans
// (cli/labor/plan.ts), labor transactions (tx.ts).
import { writeFileSync } from 'node:fs'
import { dueDateOf } from '../../modules/labor/wage/due.ts'
import { periodOfMonth } from '../../modules/labor/wage/calendar.ts'
import { computePeriod } from '../../modules/labor/wage/period.ts'
import { buildPayslip } from '../../sdk/payslip/document.ts'
import type { PayslipFacts } from '../../sdk/payslip/document.ts'
import { payslipHtml } from '../../sdk/payslip/html.ts'
import type { PayslipLang } from '../../sdk/payslip/words.ts'
import type { CommandCall, CommandSpec, OptionSpec } from '../command.ts'
import { refuseUsage } from '../errors.ts'
import { calculatorCommands } from '../labor/calculators.ts'
import { PLAN_OPTIONS, readPlan } from '../labor/plan-flags.ts'
import { inputOf } from '../labor/plan.ts'
import type { Plan } from '../labor/plan.ts'
import { payslipText } from '../labor/text.ts'

const OUTPUT: readonly OptionSpec[] = [
  ['--lang <lang>', 'Language: ko or en', 'en'],
  ['--html <file>', 'Write it as an HTML page'],
]

/** The language that was asked for. */
function langOf(call: CommandCall): PayslipLang {
  const lang = call.options['lang']
  return lang === 'ko' || lang === 'en' ? lang : refuseUsage(`--lang is ko or en, not ${JSON.stringify(lang)}`)
}

function factsOf(plan: Plan): PayslipFacts {
  const input = inputOf(plan)
  const breakdown = computePeriod(input, periodOfMonth(plan.month))
  return {
    ...{ kind: 'SIMULATION', breakdown, contractId: null, contract: null, source: null },
    employer: plan.employer ?? '-',
    worker: plan.worker ?? '-',
    dueOn: dueDateOf(input.law, plan.month, plan, plan.endOn ?? null),
    ...{ extras: [], deductions: [], employerSums: [], notes: [] },
  }
}

function runSimulate(call: CommandCall): void {
  const lang = langOf(call)
  const plan = readPlan(call)
  const facts = factsOf(plan)
  const document = buildPayslip(facts, lang)
  const html = call.options['html'] as string | undefined
  if (html !== undefined) writeFileSync(html, payslipHtml(document))
  const { breakdown, dueOn, deductions, employerSums } = facts
  call.out.result({ dueOn, ...breakdown, deductions, employerSums }, payslipText(document))
}

/** Commands of `naru labor`. */
export const laborCommands: readonly CommandSpec[] = [
  {
    path: 'simulate-month',
    about: 'What a month pays under terms that nobody has signed yet: each line with minutes, rate, formula and article of law',
    options: [...PLAN_OPTIONS, ...OUTPUT],
    run: runSimulate,
  },
  ...calculatorCommands,
]
