// Owns: the flags that stand for a plan's lines. Not here: plans (plan.ts), commands.
import { readFileSync } from 'node:fs'
import type { CommandCall, OptionSpec } from '../command.ts'
import { refuseUsage } from '../errors.ts'
import { checkPlan, parsePlan, WEEKDAYS } from './plan.ts'
import type { Plan } from './plan.ts'

/** Flags of a plan. */
export const PLAN_OPTIONS: readonly OptionSpec[] = [
  ['--file <file>', 'Terms and month from a YAML or JSON file; flags stand in for what it says'],
  ['--month <month>', 'The month, such as 2026-11'],
  ['--hourly <won>', 'Wage by the hour'],
  ['--daily <won>', 'Wage by the day'],
  ['--monthly <won>', 'Wage by the month'],
  ['--days <days>', 'Weekdays of work, such as mon-fri or mon,wed,fri'],
  ['--time <times>', 'Working time of those days, such as "13:00-17:30 break 15:00-15:30"'],
  ['--people <count>', 'People at the workplace; from five on surcharges and public holidays are owed'],
  ['--start-on <date>', 'First day of the contract (default: long before the month)'],
  ['--end-on <date>', 'Last day of the contract'],
  ['--weekly-holiday <day>', 'The weekly holiday (default: sun)'],
  ['--probation-months <months>', 'Months of probation'],
  ['--absent <dates>', 'Days of absence, apart by commas'],
  ['--shift <shifts>', 'Days worked otherwise, apart by semicolons: "2026-11-12 13:00-19:00; 2026-11-15 10:00-14:00"'],
]

function weekdaysOf(text: string): string[] {
  const names: readonly string[] = WEEKDAYS
  return text.split(',').flatMap((part) => {
    const [from, to] = part.trim().toLowerCase().split('-')
    const [first, last] = [names.indexOf(from ?? ''), names.indexOf(to ?? from ?? '')]
    if (first === -1 || last < first) return refuseUsage(`--days is such as mon-fri or mon,wed,fri, not ${JSON.stringify(text)}`)
    return names.slice(first, last + 1)
  })
}

function shiftsOf(text: string): Record<string, string[]> {
  const shifts: Record<string, string[]> = {}
  for (const part of text.split(';')) {
    const [date, ...times] = part.trim().split(/\s+/)
    if (date === undefined || times.length === 0) return refuseUsage(`--shift is such as "2026-11-12 13:00-19:00", not ${part}`)
    shifts[date] = [...(shifts[date] ?? []), times.join(' ')]
  }
  return shifts
}

/** What the flags say, under the names of the file. */
function planOfFlags({ options }: CommandCall): Record<string, unknown> {
  const text = (name: string): string | undefined => options[name] as string | undefined
  const number = (name: string): number | undefined => (text(name) === undefined ? undefined : Number(text(name)))
  const wage = (['hourly', 'daily', 'monthly'] as const).filter((kind) => text(kind) !== undefined)
  if (wage.length > 1) return refuseUsage(`name one wage, not ${wage.map((kind) => `--${kind}`).join(' and ')}`)
  const [days, time] = [text('days'), text('time')]
  if ((days === undefined) !== (time === undefined)) return refuseUsage('--days and --time belong together')
  const kind = wage[0]
  const said: Record<string, unknown> = {
    month: text('month'),
    wage: kind === undefined ? undefined : { [kind]: text(kind) },
    schedule: days === undefined ? undefined : Object.fromEntries(weekdaysOf(days).map((day) => [day, time])),
    people: number('people'),
    startOn: text('startOn'),
    endOn: text('endOn'),
    weeklyHoliday: text('weeklyHoliday'),
    probationMonths: number('probationMonths'),
    absent: text('absent')?.split(','),
    shifts: text('shift') === undefined ? undefined : shiftsOf(text('shift') ?? ''),
  }
  return Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined))
}

function readFileText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    return refuseUsage(`cannot read ${file}: ${error instanceof Error ? error.message : String(error)}`)
  }
}

/** The plan that a command is called with; what is wrong with it is a usage error. */
export function readPlan(call: CommandCall): Plan {
  const file = call.options['file'] as string | undefined
  const flags = planOfFlags(call)
  const answer = file === undefined ? checkPlan({ startOn: '2018-01-01', ...flags }) : parsePlan(readFileText(file), flags)
  if ('plan' in answer) return answer.plan
  const where = file === undefined ? 'the terms' : file
  return refuseUsage(`${where} cannot be used:\n  ${answer.faults.join('\n  ')}`)
}
