// Owns: parameters of labor law beside the wage's own (domain.md 14). Not here: rules that use them (modules/labor).
import type { ParamRule } from './param-rule.ts'

const WON_MAX = 10n ** 15n

const row = (key: string, initial: bigint, [min, max]: readonly [bigint, bigint], about: string): ParamRule => ({
  key,
  min,
  max,
  initial,
  about,
})

const DAYS = [1n, 3_650n] as const
const MINUTES = [0n, 44_640n] as const

/** Rows of labor. */
export const LABOR_PARAMS: readonly ParamRule[] = [
  row('labor.offerDays', 7n, DAYS, 'Days in which an offer or a proposed change can be accepted.'),
  row('labor.largeFrom', 5n, [1n, 1_000n], 'People from whom on a workplace counts as large (Labor Standards Act 11).'),
  row('labor.halfDayMin', 240n, MINUTES, 'Minutes of work from which on the first break is due (Labor Standards Act 54).'),
  row('labor.halfBreakMin', 30n, MINUTES, 'Minutes of that break.'),
  row('labor.longDayMin', 480n, MINUTES, 'Minutes of work from which on the longer break is due.'),
  row('labor.longBreakMin', 60n, MINUTES, 'Minutes of that break.'),
  row('labor.dayMaxMin', 480n, MINUTES, 'Minutes of a day that can be agreed (Labor Standards Act 50).'),
  row('labor.weekMaxMin', 2_400n, MINUTES, 'Minutes of a week that can be agreed.'),
  row('labor.minorDayMaxMin', 420n, MINUTES, 'Minutes of a day that can be agreed with a minor (Labor Standards Act 69).'),
  row('labor.minorWeekMaxMin', 2_100n, MINUTES, 'Minutes of a week that can be agreed with a minor.'),
  row('labor.noticeDays', 30n, DAYS, 'Days of notice of a dismissal, or as many days’ pay (Labor Standards Act 26).'),
  row('labor.noticeFromMonths', 3n, [0n, 120n], 'Months of employment below which no notice is due.'),
  row('labor.shiftBackDays', 31n, DAYS, 'Days by which a record of attendance may be back-dated.'),
  row('labor.deemHours', 72n, [1n, 8_760n], 'Hours after which an employer’s silence confirms a worker’s record.'),
  row('labor.finalPayDays', 14n, DAYS, 'Days after the end in which everything is paid (Labor Standards Act 36).'),
  row('labor.keepYears', 3n, [1n, 100n], 'Years for which papers of a contract are kept (Labor Standards Act 42).'),
  row(
    'labor.taxMaxPpm',
    450_000n,
    [0n, 1_000_000n],
    'Most income tax taken off a wage, millionths; its local surtax is a tenth of it.',
  ),
  row('labor.caseDays', 25n, DAYS, 'Days of an inspector’s investigation; it can be extended once by as many.'),
  row('labor.fundMax', 10_000_000n, [0n, WON_MAX], 'Won of simplified substitute payment to one worker in all.'),
  row('labor.fundWagesMax', 7_000_000n, [0n, WON_MAX], 'Won of it for wages.'),
]
