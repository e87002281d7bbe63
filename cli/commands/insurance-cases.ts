// Owns: `naru insurance report`, `confirm`, `claim`, `show`: what stands on the chain.
// Not here: calculators (insurance.ts), rules.
import { INSURANCES } from '../../modules/insurance/premium/duty.ts'
import type { CommandCall, CommandSpec, OptionSpec } from '../command.ts'
import { refuseUsage } from '../errors.ts'
import { namesOf, WHY } from '../insurance-words.ts'
import { formatTable } from '../output.ts'
import { send, WAIT } from '../pay-call.ts'
import type { Read } from '../pay-call.ts'
import { READ_OPTIONS, readAs } from '../signed-read.ts'
import { SIGN_OPTIONS, TARGET_OPTIONS } from '../target.ts'

const NAMES: OptionSpec = ['--insurance <names>', `Insurances with commas between: ${INSURANCES.join(', ')}`]

async function runReport(call: CommandCall): Promise<void> {
  const payload = { contractId: call.args[0], insurances: namesOf(call) }
  await send(call, 'insurance.report', payload, `reported ${payload.insurances.join(', ')}`)
}

async function runClaim(call: CommandCall): Promise<void> {
  const [insurance, ...more] = namesOf(call)
  if (more.length > 0) refuseUsage('one insurance at a time')
  await send(call, 'insurance.claimCoverage', { contractId: call.args[0], insurance }, `asked the agency for ${insurance}`)
}

async function runConfirm(call: CommandCall): Promise<void> {
  const [insurance, ...more] = namesOf(call)
  if (more.length > 0) refuseUsage('one insurance at a time: each agency confirms its own')
  await send(call, 'insurance.confirm', { contractId: call.args[0], insurance, noticeCommit: null }, `confirmed ${insurance}`)
}

type EnrolmentJson = {
  readonly state: string
  readonly reason: string
  readonly from: number
  readonly dueOn: number
  readonly isOverdue: boolean
}
type CoverJson = { readonly [name: string]: EnrolmentJson }
type PremiumJson = {
  readonly lines: readonly { code: string; worker: string; employer: string }[]
  readonly workerTotal: string
  readonly employerTotal: string
}

async function runShow(call: CommandCall): Promise<void> {
  const contractId = call.args[0]
  const { context, value } = await readAs<Read<CoverJson>>(call, 'insurance_getCover', { contractId })
  const text = call.options['month'] as string | undefined
  const ym = text === undefined ? null : Number(text.replaceAll('-', ''))
  const rows = INSURANCES.map((name) => {
    const { state, reason, from, dueOn, isOverdue } = value[name.toLowerCase()] as EnrolmentJson
    const due = dueOn === 0 ? '' : `${isOverdue ? 'OVERDUE since' : 'due'} ${dueOn}`
    return [name, state, WHY[reason] ?? reason, `from ${from}`, due]
  })
  if (ym === null) return call.out.result({ contractId, height: context.height, cover: value }, formatTable(rows))
  const premium = (await readAs<Read<PremiumJson>>(call, 'insurance_getPremium', { contractId, ym })).value
  const lines = premium.lines.map(({ code, worker, employer }) => [code, worker, employer])
  const table = formatTable([['line', 'worker', 'employer'], ...lines, ['total', premium.workerTotal, premium.employerTotal]])
  return call.out.result({ contractId, height: context.height, cover: value, premium }, `${formatTable(rows)}\n\n${table}`)
}

/** Commands that ask or change the chain. */
export const insuranceCases: readonly CommandSpec[] = [
  {
    path: 'report <contract>',
    about: 'As the employer: report that the worker joins',
    options: [...SIGN_OPTIONS, NAMES, ...TARGET_OPTIONS, WAIT],
    run: runReport,
  },
  {
    path: 'confirm <contract>',
    about: 'As an agency: confirm a report',
    options: [...SIGN_OPTIONS, NAMES, ...TARGET_OPTIONS, WAIT],
    run: runConfirm,
  },
  {
    path: 'claim <contract>',
    about: 'As the worker: ask the agency, where the employer has not reported',
    options: [...SIGN_OPTIONS, NAMES, ...TARGET_OPTIONS, WAIT],
    run: runClaim,
  },
  {
    path: 'show <contract>',
    about: 'As a party or an agency: what stands, and a month’s premium',
    options: [...READ_OPTIONS, ['--month <month>', 'Month whose premium to show, such as 2026-11'], ...TARGET_OPTIONS],
    run: runShow,
  },
]
