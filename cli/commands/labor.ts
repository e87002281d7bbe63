// Owns: `naru labor`: what a month under a contract pays, before anybody signs and by the chain's records. Not here: the rules
// (modules/labor/wage/), plans (cli/labor/plan.ts), labor transactions (tx.ts).
import { writeFileSync } from 'node:fs'
import { buildPayslip } from '../../sdk/payslip/document.ts'
import type { PayslipDocument, PayslipFacts } from '../../sdk/payslip/document.ts'
import { payslipHtml } from '../../sdk/payslip/html.ts'
import type { PayslipLang } from '../../sdk/payslip/words.ts'
import type { CommandCall, CommandSpec, OptionSpec } from '../command.ts'
import { refuseUsage } from '../errors.ts'
import { monthOption, readComputed, readPayslip } from '../labor/from-chain.ts'
import { calculatorCommands } from '../labor/calculators.ts'
import { contractCommands } from '../labor/contract-commands.ts'
import { PLAN_OPTIONS, readPlan } from '../labor/plan-flags.ts'
import { simulateMonth } from '../labor/simulate.ts'
import { payslipText } from '../labor/text.ts'
import { READ_OPTIONS } from '../signed-read.ts'
import { TARGET_OPTIONS } from '../target.ts'

const OUTPUT: readonly OptionSpec[] = [
  ['--lang <lang>', 'Language: ko or en', 'en'],
  ['--html <file>', 'Write it as an HTML page'],
  ['--pdf <file>', 'Write it as a PDF'],
]

/** The language that was asked for. */
function langOf(call: CommandCall): PayslipLang {
  const lang = call.options['lang']
  return lang === 'ko' || lang === 'en' ? lang : refuseUsage(`--lang is ko or en, not ${JSON.stringify(lang)}`)
}

function write(file: string, content: string | Uint8Array): void {
  try {
    writeFileSync(file, content)
  } catch (error) {
    refuseUsage(`cannot write ${file}: ${error instanceof Error ? error.message : String(error)}`)
  }
}

/** Writes the files that were asked for. */
async function writePages(call: CommandCall, document: PayslipDocument): Promise<void> {
  const [html, pdf] = [call.options['html'] as string | undefined, call.options['pdf'] as string | undefined]
  if (html !== undefined) write(html, payslipHtml(document))
  // The library and its fonts are heavy: they are loaded when they are wanted.
  if (pdf !== undefined) write(pdf, await (await import('../labor/pdf.ts')).payslipPdf(document))
}

async function runSimulate(call: CommandCall): Promise<void> {
  const lang = langOf(call)
  const facts = simulateMonth(readPlan(call), lang)
  const document = buildPayslip(facts, lang)
  await writePages(call, document)
  const { breakdown, dueOn, deductions, employerSums, contract, notes } = facts
  const net = breakdown.gross - deductions.reduce((sum, { won }) => sum + won, 0n)
  call.out.result({ dueOn, ...breakdown, deductions, employerSums, net, contract, notes }, payslipText(document))
}

const READ: readonly OptionSpec[] = [
  ['--month <month>', 'The month, such as 2026-11'],
  ['--employer <name>', 'Name to print for the employer; the chain has none'],
  ['--worker <name>', 'Name to print for the worker; the chain has none'],
  ['--contract <file>', 'The contract text that both parties hold: printed with its hash, compared with the chain’s'],
  ...OUTPUT,
  ...READ_OPTIONS,
  ...TARGET_OPTIONS,
]

async function show(call: CommandCall, facts: PayslipFacts, lang: PayslipLang): Promise<void> {
  const document = buildPayslip(facts, lang)
  await writePages(call, document)
  const { breakdown, ...rest } = facts
  call.out.result({ ...rest, ...breakdown }, payslipText(document))
}

async function runCompute(call: CommandCall): Promise<void> {
  const lang = langOf(call)
  await show(call, await readComputed(call, call.args[0] ?? '', monthOption(call), lang), lang)
}

async function runPayslip(call: CommandCall): Promise<void> {
  const lang = langOf(call)
  await show(call, await readPayslip(call, call.args[0] ?? '', monthOption(call), lang), lang)
}

/** Commands of `naru labor`. */
export const laborCommands: readonly CommandSpec[] = [
  {
    path: 'simulate-month',
    about: 'What a month pays under terms that nobody has signed yet: each line with minutes, rate, formula and article of law',
    options: [...PLAN_OPTIONS, ...OUTPUT],
    run: runSimulate,
  },
  {
    path: 'compute <contract>',
    about: 'The wage of a month by the records that count so far, line by line',
    options: READ,
    run: runCompute,
  },
  {
    path: 'payslip <contract>',
    about: 'A payslip of a month as the chain has it, the last one unless --number names another',
    options: [['--number <number>', 'Number of the payslip'], ...READ],
    run: runPayslip,
  },
  ...contractCommands,
  ...calculatorCommands,
]
