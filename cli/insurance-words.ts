// Owns: insurances and reasons in words, for the commands around them. Not here: the commands.
import { INSURANCES } from '../modules/insurance/premium/duty.ts'
import type { Insurance } from '../modules/insurance/premium/duty.ts'
import type { CommandCall } from './command.ts'
import { refuseUsage } from './errors.ts'

/** The insurances that `--insurance` names. Throws a usage error. */
export function namesOf(call: CommandCall): readonly Insurance[] {
  const text = (call.options['insurance'] as string | undefined) ?? refuseUsage('--insurance is missing')
  return text.split(',').map((word) => {
    const found = INSURANCES.find((name) => name === word.trim().toUpperCase())
    return found ?? refuseUsage(`there is no insurance ${JSON.stringify(word)}; known are ${INSURANCES.join(', ')}`)
  })
}

/** Why an insurance is mandatory or not, in words. */
export const WHY: Readonly<Record<string, string>> = {
  EVERYONE: 'everybody, from the first hour',
  HOURS: 'hours',
  DAYS: 'days a month',
  INCOME: 'pay a month',
  LONG: 'few hours, but three months or more',
  OPT_IN: 'both want it',
  NO_UNEMPLOYMENT: 'hired at 65 or later: without the unemployment part',
  SHORT_HOURS: 'too few hours',
  SHORT_TERM: 'less than a month',
  AGE: 'age',
  DECIDED: 'an agency decided',
}
