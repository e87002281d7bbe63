// Owns: `naru labor interest`, `equivalent`, `leave` and `severance`: single figures of labor law, with no chain. Not here:
// months (cli/commands/labor.ts), the rules (modules/labor/wage/).
import { isCivilDate, monthOf, yearOf } from '../../core/base/civil-time.ts'
import type { CivilDate } from '../../core/base/civil-time.ts'
import { arrearsInterest, interestBase, interestSpans } from '../../modules/labor/wage/due.ts'
import { leastMonthlyPay, monthlyEquivalent } from '../../modules/labor/wage/equivalents.ts'
import { STATUTE } from '../../modules/labor/wage/law-table.ts'
import { isTabled, minWageOn } from '../../modules/labor/wage/law.ts'
import { leaveDays, leaveHours } from '../../modules/labor/wage/leave.ts'
import { computeSeverance } from '../../modules/labor/wage/severance.ts'
import { dateText, grouped, mixed, percent, spanText } from '../../sdk/payslip/words.ts'
import type { CommandCall, CommandSpec } from '../command.ts'
import { refuseUsage } from '../errors.ts'
import { inputOf } from './plan.ts'
import { PLAN_OPTIONS, readPlan } from './plan-flags.ts'

function wordOf({ options }: CommandCall, name: string, flag: string): string {
  return (options[name] as string | undefined) ?? refuseUsage(`--${flag} is missing`)
}

function wonOf(call: CommandCall, name: string, flag: string): bigint {
  const text = wordOf(call, name, flag).replace(/[_,]/g, '')
  return /^\d{1,18}$/.test(text) ? BigInt(text) : refuseUsage(`--${flag} is a whole number of won, not ${JSON.stringify(text)}`)
}

/** A day such as 2026-11-01. */
export function dateOf(text: string, flag: string): CivilDate {
  const date = Number(text.replaceAll('-', ''))
  return isCivilDate(date) ? date : refuseUsage(`--${flag} is a day such as 2026-11-01, not ${JSON.stringify(text)}`)
}

/** Minutes of a week from hours such as 20 or 17.5. */
function weeklyMinutesOf(call: CommandCall): number {
  const text = wordOf(call, 'hours', 'hours')
  const match = /^(\d{1,2})(?:\.(\d))?$/.exec(text)
  if (match === null) return refuseUsage(`--hours is such as 20 or 17.5, not ${JSON.stringify(text)}`)
  return Number(match[1]) * 60 + Number(match[2] ?? 0) * 6
}

function runInterest(call: CommandCall): void {
  const principal = wonOf(call, 'principal', 'principal')
  const [dueOn, paidOn] = [dateOf(wordOf(call, 'due', 'due'), 'due'), dateOf(wordOf(call, 'paid', 'paid'), 'paid')]
  const left = call.options['left'] as string | undefined
  const late = { principal, dueOn, paidOn, leftOn: left === undefined ? null : dateOf(left, 'left') }
  const interest = arrearsInterest(STATUTE, late)
  const spans = interestSpans(STATUTE, late)
  const base = interestBase(STATUTE, late)
  const formula = spans.map(({ ppm, days }) => `${grouped(principal)} × ${percent(ppm)} × ${days} / 365`)
  const why =
    base === null
      ? 'due in service before 2025-10-23: no interest until 14 days after the end'
      : `from the day after ${dateText(base)}: ${formula.join(' + ') || 'no day late'}`
  call.out.result({ interest, base, spans, ...late, law: 'LSA-37(1)' }, `${grouped(interest)} won of interest\n${why}`)
}

function runEquivalent(call: CommandCall): void {
  const weeklyMin = weeklyMinutesOf(call)
  const on = dateOf((call.options['on'] as string | undefined) ?? '2026-01-01', 'on')
  const minWage = minWageOn(STATUTE, on)
  const hourly = call.options['hourly'] === undefined ? minWage : wonOf(call, 'hourly', 'hourly')
  const [equivalent, least] = [monthlyEquivalent(hourly, weeklyMin), leastMonthlyPay(minWage, weeklyMin)]
  const year = isTabled(STATUTE, on) ? '' : ` (the latest known one: there is none of ${yearOf(on)} yet)`
  call.out.result(
    { monthly: equivalent, leastMonthly: least, minWage, hourly, weeklyMin },
    `${grouped(equivalent)} won a month on average at ${grouped(hourly)} an hour\n` +
      `${grouped(least)} won is the least lawful monthly pay at the minimum wage of ${grouped(minWage)}${year}`,
  )
}

function runLeave(call: CommandCall): void {
  const number = (name: string): number => {
    const text = String(call.options[name])
    return /^\d{1,3}$/.test(text) ? Number(text) : refuseUsage(`--${name} is a whole number, not ${JSON.stringify(text)}`)
  }
  const headcount = number('people') >= 5 ? ('GE5' as const) : ('LT5' as const)
  const weeklyMin = weeklyMinutesOf(call)
  const year = { years: number('years'), isKept: true, fullMonths: number('months'), weeklyMin, headcount }
  const [hours, days] = [leaveHours(year), leaveDays(year)]
  const none = headcount === 'LT5' ? 'fewer than five people' : 'fewer than 15 hours a week'
  const text = hours === 0 ? `no annual leave: ${none}` : `${hours} hours of leave (${days} days of a full-timer)`
  call.out.result({ hours, days: hours === 0 ? 0 : days, law: 'LSA-60(1)' }, text)
}

function runSeverance(call: CommandCall): void {
  const plan = readPlan(call)
  const { endOn } = plan
  if (endOn === null || endOn === undefined) return refuseUsage('severance needs the last day: --end-on or endOn in the file')
  // The three months before the end, attended as the plan says.
  const found = computeSeverance(inputOf(plan, monthOf(endOn), 3), endOn)
  const { won, serviceDays, window, windowWages, daily } = found
  const earned = `${grouped(windowWages)} won in ${spanText(window.from, window.to)}`
  const formula = `${mixed(daily)} a day × 30 × ${serviceDays} / 365; ${earned}`
  const text =
    won === 0n ? `no severance: ${serviceDays} days of service with 15 hours a week` : `${grouped(won)} won\n${formula}`
  call.out.result({ ...found, law: 'RBA-8' }, text)
}

/** Commands of single figures. */
export const calculatorCommands: readonly CommandSpec[] = [
  {
    path: 'interest',
    about: 'Interest on wages that come late: 20 per cent a year',
    options: [
      ['--principal <won>', 'Wages that were late'],
      ['--due <date>', 'The day on which they were due'],
      ['--paid <date>', 'The day on which they are paid'],
      ['--left <date>', 'The last day of service, where it has come'],
    ],
    run: runInterest,
  },
  {
    path: 'equivalent',
    about: 'What an hourly wage is by the month, and the least lawful monthly pay',
    options: [
      ['--hours <hours>', 'Hours a week, such as 20'],
      ['--hourly <won>', 'Wage by the hour (default: the minimum wage)'],
      ['--on <date>', 'The day whose minimum wage counts (default: 2026-01-01)'],
    ],
    run: runEquivalent,
  },
  {
    path: 'leave',
    about: 'Hours of annual leave of a part-timer',
    options: [
      ['--hours <hours>', 'Hours a week, such as 20'],
      ['--years <years>', 'Whole years of service', '1'],
      ['--months <months>', 'In the first year: months attended in full', '0'],
      ['--people <count>', 'People at the workplace', '5'],
    ],
    run: runLeave,
  },
  {
    path: 'severance',
    about: 'Severance pay at the end of a contract, its last three months attended as the terms say',
    options: PLAN_OPTIONS,
    run: runSeverance,
  },
]
