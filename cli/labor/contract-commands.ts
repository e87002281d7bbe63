// Owns: `naru labor offer, sign, show, ...`: a contract, its hours, pay and claims in short words.
// Not here: what a month would pay (simulate.ts), any transaction by its name (tx.ts).
import { createHash, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { isCivilDate, isCivilMonth, kstDate } from '../../core/base/civil-time.ts'
import { toHex } from '../../core/base/bytes.ts'
import type { CommandCall, CommandSpec, OptionSpec } from '../command.ts'
import { refuseUsage } from '../errors.ts'
import { send, WAIT, wonOf } from '../pay-call.ts'
import type { Read } from '../pay-call.ts'
import { callRpc } from '../rpc-client.ts'
import { READ_OPTIONS, readAs } from '../signed-read.ts'
import { dirOf, resolveAccount, rpcOf, SIGN_OPTIONS, TARGET_OPTIONS } from '../target.ts'
import { parseTimes, WEEKDAYS } from './plan.ts'

const SIGNED: readonly OptionSpec[] = [...SIGN_OPTIONS, WAIT, ...TARGET_OPTIONS]
const READING: readonly OptionSpec[] = [...READ_OPTIONS, ...TARGET_OPTIONS]
const TEXT: OptionSpec = ['--text <file>', 'The contract text that both parties hold; its hash is signed']
const DATE: OptionSpec = ['--date <date>', 'Day on which the shift starts, such as 2026-12-01']
const TIMES: OptionSpec = ['--time <times>', 'From, to and breaks: "09:00-14:30 break 11:30-12:00"']
const SEQ: OptionSpec = ['--seq <n>', 'Number of the record on that day', '0']

const optional = (call: CommandCall, name: string): string | undefined => call.options[name] as string | undefined

function wordOf(call: CommandCall, name: string): string {
  return optional(call, name) ?? refuseUsage(`--${name.replace(/[A-Z]/g, (at) => `-${at.toLowerCase()}`)} is missing`)
}

function dayOf(text: string): number {
  const day = Number(text.replaceAll('-', ''))
  return isCivilDate(day) ? day : refuseUsage(`a day is written 2026-12-01, not ${JSON.stringify(text)}`)
}

function monthOf(text: string): number {
  const month = Number(text.replaceAll('-', ''))
  return isCivilMonth(month) ? month : refuseUsage(`a month is written 2026-12, not ${JSON.stringify(text)}`)
}

function idOf(call: CommandCall): string {
  const [text = ''] = call.args
  return /^0x[0-9a-f]{64}$/.test(text)
    ? text
    : refuseUsage(`a contract or case is 0x and 64 hex digits, not ${JSON.stringify(text)}`)
}

/** 32 random bytes: what they commit to stays with whoever made them. */
const commitment = (): string => `0x${toHex(randomBytes(32))}`

function textHashOf(call: CommandCall): string {
  const file = wordOf(call, 'text')
  try {
    return `0x${createHash('sha256').update(readFileSync(file)).digest('hex')}`
  } catch (error) {
    return refuseUsage(`cannot read ${file}: ${error instanceof Error ? error.message : String(error)}`)
  }
}

type Times = NonNullable<ReturnType<typeof parseTimes>>

function timesOf(call: CommandCall): Times {
  const text = wordOf(call, 'time')
  return parseTimes(text) ?? refuseUsage(`--time is such as "09:00-14:30 break 11:30-12:00", not ${JSON.stringify(text)}`)
}

function scheduleOf(call: CommandCall): (Times | null)[] {
  const times = timesOf(call)
  const named = wordOf(call, 'days').toLowerCase().split(',')
  const known: readonly string[] = WEEKDAYS
  const wrong = named.find((day) => !known.includes(day))
  if (wrong !== undefined) return refuseUsage(`--days is such as mon,wed,fri, not ${JSON.stringify(wrong)}`)
  return WEEKDAYS.map((day) => (named.includes(day) ? times : null))
}

const minutesOf = (times: Times | null): number =>
  times === null ? 0 : times.breaks.reduce((sum, { startMin, endMin }) => sum - endMin + startMin, times.endMin - times.startMin)

function termsOf(call: CommandCall): object {
  const schedule = scheduleOf(call)
  const weekly = schedule.reduce((sum, times) => sum + minutesOf(times), 0)
  const endOn = optional(call, 'endOn')
  const rest = schedule.lastIndexOf(null)
  return {
    ...{ headcount: call.options['few'] === true ? 'LT5' : 'GE5', startOn: dayOf(wordOf(call, 'startOn')) },
    ...{ endOn: endOn === undefined ? null : dayOf(endOn), placeCommit: commitment(), dutiesCode: optional(call, 'duties') },
    ...{ dutiesCommit: commitment(), schedule, weeklyHolidayDow: rest === -1 ? 6 : rest, weekStartDow: 0 },
    ...{
      annualLeave: 'STATUTORY',
      wageKind: 'HOURLY',
      ordinaryHourly: wonOf(call, 'hourly') ?? refuseUsage('--hourly is missing'),
    },
    ...{ fixedPay: '0', components: [], calcRule: 'STANDARD', premiumPpm: 500_000, payDay: Number(optional(call, 'payDay')) },
    ...{ payMonthOffset: 1, payMethod: 'DEPOSIT_TOKEN', probationMonths: 0, termGe1Y: endOn === undefined, simpleLabor: false },
    ...{ monthlyScheduledMin: Math.floor((weekly * 365) / 84), insuranceFlags: 15, ageBand: 'FROM_18', pensionOptIn: false },
    ...{ forbiddenClauses: [], docCommit: commitment() },
  }
}

async function runOffer(call: CommandCall): Promise<void> {
  const worker = resolveAccount(dirOf(call), wordOf(call, 'worker'))
  const rest = { brn: wordOf(call, 'brn'), workplaceId: optional(call, 'workplace'), minor: null, docHash: textHashOf(call) }
  await send(
    call,
    'labor.offer',
    { worker, ...rest, terms: termsOf(call) },
    'offered a contract; its id is that of this transaction',
  )
}

async function runSign(call: CommandCall): Promise<void> {
  const payload = { contractId: idOf(call), docHash: textHashOf(call), isAdult: call.options['minor'] !== true }
  await send(call, 'labor.accept', payload, 'signed: the contract is in force')
}

type Contract = Readonly<Record<'state' | 'employer' | 'worker' | 'docHash', string>> & {
  readonly version: number
  readonly startOn: number
  readonly endOn: number | null
  readonly flags: readonly string[]
}

async function runShow(call: CommandCall): Promise<void> {
  const contractId = idOf(call)
  const { value } = await callRpc<Read<Contract>>(rpcOf(call), 'labor_contract', { contractId })
  const terms =
    optional(call, 'as') === undefined ? null : (await readAs<Read<object>>(call, 'labor_getContract', { contractId })).value
  const span = `from ${value.startOn}${value.endOn === null ? '' : ` to ${value.endOn}`}`
  const flags = value.flags.length === 0 ? '' : `\nflags: ${value.flags.join(', ')}`
  const text = `${value.state}, version ${value.version}, ${span}\nemployer ${value.employer}\nworker ${value.worker}${flags}`
  call.out.result({ contractId, ...value, ...(terms === null ? {} : { restricted: terms }) }, text)
}

async function runList(call: CommandCall): Promise<void> {
  const did = resolveAccount(dirOf(call), call.args[0] ?? '')
  type Row = { readonly contractId: string; readonly contract: Contract }
  const { value } = await callRpc<Read<{ contracts: Row[]; more: boolean }>>(rpcOf(call), 'labor_contractsOf', { did })
  const lines = value.contracts.map(({ contractId, contract }) => `${contractId}  ${contract.state}  from ${contract.startOn}`)
  call.out.result({ account: did, ...value }, lines.length === 0 ? 'no contracts' : lines.join('\n'))
}

async function runPropose(call: CommandCall): Promise<void> {
  const payload = { contractId: idOf(call), date: dayOf(wordOf(call, 'date')), kind: 'WORK', times: timesOf(call) }
  await send(call, 'labor.shift.propose', payload, `recorded ${payload.date}; the other side confirms it`)
}

async function runConfirm(call: CommandCall): Promise<void> {
  const payload = { contractId: idOf(call), date: dayOf(wordOf(call, 'date')), seq: Number(optional(call, 'seq')) }
  await send(call, 'labor.shift.confirm', payload, `confirmed ${payload.date}: it counts for pay`)
}

async function runDispute(call: CommandCall): Promise<void> {
  const ref = { contractId: idOf(call), date: dayOf(wordOf(call, 'date')), seq: Number(optional(call, 'seq')) }
  const times = optional(call, 'time') === undefined ? null : timesOf(call)
  await send(call, 'labor.shift.dispute', { ...ref, statement: { kind: 'WORK', times } }, `disputed ${ref.date}`)
}

async function runIn(call: CommandCall): Promise<void> {
  await send(call, 'labor.shift.open', { contractId: idOf(call), placeCommit: null }, 'clocked in at the block’s time')
}

async function runOut(call: CommandCall): Promise<void> {
  const text = optional(call, 'break')
  const span = text === undefined ? [] : (parseTimes(text) ?? refuseUsage('--break is such as 11:30-12:00'))
  const breaks = Array.isArray(span) ? span : [{ startMin: span.startMin, endMin: span.endMin }]
  await send(call, 'labor.shift.close', { contractId: idOf(call), breaks }, 'clocked out at the block’s time')
}

async function runIssue(call: CommandCall): Promise<void> {
  const key = { contractId: idOf(call), ym: monthOf(wordOf(call, 'month')) }
  const { value } = await readAs<Read<{ gross: string }>>(call, 'labor_compute', key)
  const { gross } = value
  const insured = await readAs<Read<{ lines: object[] }>>(call, 'labor_deductions', { ...key, gross })
  const payload = { ...key, gross, extras: [], deductions: insured.value.lines }
  await send(call, 'labor.payslip.issue', payload, `issued the payslip of ${key.ym}: ${gross} won gross`)
}

async function runPay(call: CommandCall): Promise<void> {
  const key = { contractId: idOf(call), ym: monthOf(wordOf(call, 'month')) }
  const source = call.options['escrow'] === true ? 'ESCROW' : 'WALLET'
  const { value: contract } = await callRpc<Read<Contract>>(rpcOf(call), 'labor_contract', { contractId: key.contractId })
  type Due = { readonly owed: string; readonly interestSoFar: string }
  const { value } = await readAs<Read<Due>>(call, 'labor_due', key)
  const amount = wonOf(call, 'amount') ?? String(BigInt(value.owed) + BigInt(value.interestSoFar))
  const payload = { ...key, payee: contract.worker, currency: 'KRW', amount, source }
  await send(call, 'labor.wage.pay', payload, `paid ${amount} won for ${key.ym}`)
}

async function runArrears(call: CommandCall): Promise<void> {
  const did = resolveAccount(dirOf(call), call.args[0] ?? '')
  type Row = { readonly contractId: string; readonly ym: number; readonly owed: string; readonly interestSoFar: string }
  const { context, value } = await readAs<Read<{ months: Row[]; owed: string; interest: string }>>(call, 'labor_arrears', { did })
  const lines = value.months.map((row) => `${row.ym}  ${row.owed} won and ${row.interestSoFar} of interest  ${row.contractId}`)
  const sum = `${value.owed} won and ${value.interest} of interest by ${kstDate(context.time)}`
  call.out.result({ account: did, ...value }, lines.length === 0 ? 'nothing is unpaid' : [...lines, sum].join('\n'))
}

async function runClaim(call: CommandCall): Promise<void> {
  const months = wordOf(call, 'months')
    .split(',')
    .map(monthOf)
    .sort((a, b) => a - b)
  const evidenceCommit = optional(call, 'evidence') ?? commitment()
  const text = 'filed a claim; it is no filing at the ministry until an inspector takes it'
  await send(call, 'labor.claim.file', { contractId: idOf(call), months, evidenceCommit }, text)
}

async function runCase(call: CommandCall): Promise<void> {
  type Case = { readonly claim: { readonly state: string; readonly months: readonly number[] }; readonly isTaken: boolean }
  const { value } = await readAs<Read<Case>>(call, 'labor_claim', { caseId: idOf(call) })
  const taken = value.isTaken ? 'at the ministry' : 'not yet at the ministry'
  call.out.result({ caseId: call.args[0], ...value }, `${value.claim.state}, ${taken}, months ${value.claim.months.join(', ')}`)
}

const MONTH: OptionSpec = ['--month <month>', 'The month, such as 2026-12']

const OFFER: readonly OptionSpec[] = [
  ['--worker <account>', 'The worker: a DID used towards this employer alone, or a devnet name'],
  ['--brn <number>', 'Registration number of the business, ten digits'],
  ['--workplace <id>', 'Which workplace of the employer', 'MAIN'],
  ...[TEXT, ['--hourly <won>', 'Won an hour'] as OptionSpec],
  ['--days <days>', 'Weekdays of work: mon,wed,fri'],
  TIMES,
  ['--start-on <date>', 'First day'],
  ['--end-on <date>', 'Last day of a fixed term'],
  ['--pay-day <day>', 'Day of the next month on which a month is paid', '10'],
  ['--duties <code>', 'What the work is', 'GENERAL'],
  ['--few', 'Fewer than five people work there'],
]

/** Commands of `naru labor` that read and change contracts. */
export const contractCommands: readonly CommandSpec[] = [
  {
    path: 'offer',
    about: 'As an employer: sign terms and lay them before a worker',
    options: [...OFFER, ...SIGNED],
    run: runOffer,
  },
  {
    path: 'sign <contract>',
    about: 'As a worker: sign the offered text',
    options: [TEXT, ['--minor', 'The worker is under 18'], ...SIGNED],
    run: runSign,
  },
  { path: 'show <contract>', about: 'A contract; with --as also its terms', options: READING, run: runShow },
  { path: 'list <account>', about: 'Contracts of an employer or worker', options: TARGET_OPTIONS, run: runList },
  {
    path: 'shift propose <contract>',
    about: 'Record a shift after the fact',
    options: [DATE, TIMES, ...SIGNED],
    run: runPropose,
  },
  {
    path: 'shift confirm <contract>',
    about: 'Confirm the other side’s record',
    options: [DATE, SEQ, ...SIGNED],
    run: runConfirm,
  },
  {
    path: 'shift dispute <contract>',
    about: 'Dispute a record with one’s own times; without --time: there was no such shift',
    options: [DATE, SEQ, TIMES, ...SIGNED],
    run: runDispute,
  },
  { path: 'shift in <contract>', about: 'Clock in', options: SIGNED, run: runIn },
  {
    path: 'shift out <contract>',
    about: 'Clock out',
    options: [['--break <span>', 'The break: 11:30-12:00'], ...SIGNED],
    run: runOut,
  },
  { path: 'issue <contract>', about: 'As an employer: issue the payslip of a month', options: [MONTH, ...SIGNED], run: runIssue },
  {
    path: 'pay <contract>',
    about: 'As an employer: pay what is owed for a month, interest included',
    options: [MONTH, ['--amount <won>', 'Less than all of it'], ['--escrow', 'Out of what was set aside'], ...SIGNED],
    run: runPay,
  },
  { path: 'arrears <account>', about: 'What is unpaid, with interest until today', options: READING, run: runArrears },
  {
    path: 'claim <contract>',
    about: 'As a worker: claim unpaid months before the inspectors',
    options: [['--months <months>', 'Months: 2026-12,2027-01'], ['--evidence <commitment>', 'Commitment to evidence'], ...SIGNED],
    run: runClaim,
  },
  { path: 'case <case>', about: 'Where a case stands', options: READING, run: runCase },
]
