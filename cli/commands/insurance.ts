// Owns: `naru insurance duty` and `premium`: calculators that ask no node. Not here: rules and rates (modules/insurance).
import { isCivilDate, isCivilMonth, kstDate } from '../../core/base/civil-time.ts'
import { isFailure } from '../../core/base/errors.ts'
import { coverOf, findDuties, INSURANCES, statutoryDutyRules } from '../../modules/insurance/premium/duty.ts'
import type { AgeBand, DutyFacts, Insurance } from '../../modules/insurance/premium/duty.ts'
import { computePremium } from '../../modules/insurance/premium/premium.ts'
import type { Cover, Premium } from '../../modules/insurance/premium/premium.ts'
import { STATUTE, WORKPLACE_SIZES } from '../../modules/insurance/premium/rates.ts'
import type { WorkplaceSize } from '../../modules/insurance/premium/rates.ts'
import type { CommandCall, CommandSpec, OptionSpec } from '../command.ts'
import { CliError, EXIT, refuseUsage } from '../errors.ts'
import { namesOf, WHY } from '../insurance-words.ts'
import { formatTable } from '../output.ts'
import { insuranceCases } from './insurance-cases.ts'

const AGE: OptionSpec = ['--age <years>', 'Age of the worker; for --hired-at-65 see there', '30']
const HIRED: OptionSpec = ['--hired-at-65', 'The worker was hired at 65 or later']
const HOURS: OptionSpec = ['--weekly-hours <hours>', 'Scheduled hours a week, such as 14 or 17.5']
const NAMES: OptionSpec = ['--insurance <names>', `Insurances with commas between: ${INSURANCES.join(', ')}`]

const wordOf = (call: CommandCall, name: string): string | undefined => call.options[name] as string | undefined

function wholeOf(call: CommandCall, name: string, fallback?: number): number {
  const text = wordOf(call, name)
  if (text === undefined) return fallback ?? refuseUsage(`--${name.replace(/[A-Z]/g, (at) => `-${at.toLowerCase()}`)} is missing`)
  return /^\d{1,13}$/.test(text) ? Number(text) : refuseUsage(`--${name} is a whole number, not ${JSON.stringify(text)}`)
}

function dateOf(call: CommandCall, name: string): number | null {
  const text = wordOf(call, name)
  if (text === undefined) return null
  const date = Number(text.replaceAll('-', ''))
  return isCivilDate(date) ? date : refuseUsage(`--${name} is a day such as 2026-11-02, not ${JSON.stringify(text)}`)
}

function monthOption(call: CommandCall): number {
  const text = call.args[0] ?? ''
  const month = Number(text.replaceAll('-', ''))
  return isCivilMonth(month) ? month : refuseUsage(`the month is written 2026-11, not ${JSON.stringify(text)}`)
}

/** Minutes of hours with up to two decimals. */
function minutesOf(call: CommandCall): number {
  const text = wordOf(call, 'weeklyHours') ?? refuseUsage('--weekly-hours is missing')
  const [, whole, part = ''] = /^(\d{1,3})(?:\.(\d{1,2}))?$/.exec(text) ?? []
  if (whole === undefined) return refuseUsage(`--weekly-hours is a number of hours, not ${JSON.stringify(text)}`)
  return Math.floor((Number(whole) * 100 + Number(part.padEnd(2, '0'))) * 0.6)
}

function ageOf(call: CommandCall): AgeBand {
  if (call.options['hiredAt65'] === true) return 'FROM_65'
  const years = wholeOf(call, 'age')
  return years < 18 ? 'UNDER_18' : years < 60 ? 'FROM_18' : 'FROM_60'
}

/** Facts out of the options; the hours of a month follow from those of a week where they are not given. */
function factsOf(call: CommandCall): DutyFacts {
  const weeklyMin = minutesOf(call)
  const weeklyDays = wholeOf(call, 'days', 5)
  const startOn = dateOf(call, 'start') ?? kstDate(Date.now())
  return {
    age: ageOf(call),
    startOn,
    endOn: dateOf(call, 'end'),
    monthlyMin: wholeOf(call, 'monthlyMinutes', Math.floor((weeklyMin * 365) / 84)),
    weeklyMin,
    monthlyDays: Math.floor((weeklyDays * 365) / 84),
    monthlyPay: BigInt(wholeOf(call, 'pay', 0)),
    pensionOptIn: call.options['optIn'] === true,
  }
}

async function runDuty(call: CommandCall): Promise<void> {
  const facts = factsOf(call)
  const duties = findDuties(facts, statutoryDutyRules(facts.startOn))
  const rows = INSURANCES.map((name) => {
    const { required, reason, mayOptIn } = duties[name]
    return [name, required ? 'must join' : 'not mandatory', `${WHY[reason]}${mayOptIn ? '; may join if both want' : ''}`]
  })
  const { monthlyPay, ...plain } = facts
  call.out.result({ facts: { ...plain, monthlyPay: monthlyPay.toString() }, duties }, formatTable(rows))
}

function coverOption(call: CommandCall): Cover {
  if (wordOf(call, 'insurance') !== undefined) {
    const names = namesOf(call)
    const employment = names.includes('EMPLOYMENT')
    const has = (name: Insurance): boolean => names.includes(name)
    return {
      ...{ pension: has('PENSION'), health: has('HEALTH'), accident: has('ACCIDENT'), employment },
      unemployment: employment && ageOf(call) !== 'FROM_65',
    }
  }
  if (wordOf(call, 'weeklyHours') === undefined)
    return { pension: true, health: true, employment: true, unemployment: true, accident: true }
  const facts = factsOf(call)
  return coverOf(findDuties(facts, statutoryDutyRules(facts.startOn)))
}

function sizeOf(call: CommandCall): WorkplaceSize {
  const text = wordOf(call, 'size') ?? 'UNDER_150'
  return WORKPLACE_SIZES.find((size) => size === text) ?? refuseUsage(`--size is one of ${WORKPLACE_SIZES.join(', ')}`)
}

function describePremium({
  lines,
  workerTotal,
  employerTotal,
  levy,
}: Pick<Premium, 'lines' | 'workerTotal' | 'employerTotal' | 'levy'>): string {
  const rows = lines.map(({ code, base, numer, denom, worker, employer, law }) => {
    return [code, `${worker}`, `${employer}`, `${base} x ${numer}/${denom}`, law]
  })
  const head = ['line', 'worker', 'employer', 'base x rate', 'law']
  return formatTable([head, ...rows, ['total', `${workerTotal}`, `${employerTotal}`, `and a levy of ${levy}`, '']])
}

async function runCompute(call: CommandCall): Promise<void> {
  const month = monthOption(call)
  const pay = BigInt(wholeOf(call, 'pay'))
  const undecided = call.options['latest'] === true ? ('latest' as const) : ('refuse' as const)
  const industry = wordOf(call, 'industry') ?? 'RETAIL'
  const found = computePremium({ month, pay, cover: coverOption(call), industry, size: sizeOf(call), undecided, source: STATUTE })
  if (isFailure(found)) {
    const detail = found.detail ?? {}
    throw new CliError(
      EXIT.usage,
      found.code,
      `${found.text} ${JSON.stringify(detail)}; --latest takes the latest that is known`,
      detail,
    )
  }
  const plain = JSON.parse(
    JSON.stringify(found, (_key, value: unknown) => (typeof value === 'bigint' ? value.toString() : value)),
  )
  call.out.result(plain, describePremium(found))
}

const FACTS: readonly OptionSpec[] = [
  HOURS,
  ['--days <n>', 'Working days a week', '5'],
  ['--pay <won>', 'Pay of a month'],
  ['--start <day>', 'First day of the employment (default: today)'],
  ['--end <day>', 'Last day; left out, it has no end'],
  ['--monthly-minutes <n>', 'Scheduled minutes of a month, where the contract says so (default: a week’s x 365/84)'],
  ['--opt-in', 'Both want the pension although it is not mandatory'],
  AGE,
  HIRED,
]

/** Commands of `naru insurance`. */
export const insuranceCommands: readonly CommandSpec[] = [
  { path: 'duty', about: 'Who must join which insurance, by the law’s numbers; no node is asked', options: FACTS, run: runDuty },
  {
    path: 'premium <month>',
    about: 'What a month’s pay costs worker and employer, line by line; no node is asked',
    options: [
      ...FACTS,
      NAMES,
      ['--industry <code>', 'RETAIL, PROFESSIONAL, FINANCE, FOOD_MAKING, TRANSPORT, CONSTRUCTION', 'RETAIL'],
      ['--size <class>', `Size of the employer: ${WORKPLACE_SIZES.join(', ')}`, 'UNDER_150'],
      ['--latest', 'Take the latest known rate where that of the month is not decided'],
    ],
    run: runCompute,
  },
  ...insuranceCases,
]
