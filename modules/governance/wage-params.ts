// Owns: parameters that wages are computed by, with what the law has had since 2018 (domain.md 9 and 14).
// Not here: formulas (modules/labor/wage/), the almanac (its law-table.ts), other labor law (labor-params.ts).
import type { ParamRule } from './param-rule.ts'

const WON_MAX = 10n ** 9n

/** Rows of wages. */
export const WAGE_PARAMS: readonly ParamRule[] = [
  {
    key: 'labor.minWage',
    min: 1n,
    max: WON_MAX,
    initial: 7_530n,
    // Each year's notice of the minister; 2027: notice 2026-60 of 2026-08-05.
    steps: [
      { from: 20180101, value: 7_530n },
      { from: 20190101, value: 8_350n },
      { from: 20200101, value: 8_590n },
      { from: 20210101, value: 8_720n },
      { from: 20220101, value: 9_160n },
      { from: 20230101, value: 9_620n },
      { from: 20240101, value: 9_860n },
      { from: 20250101, value: 10_030n },
      { from: 20260101, value: 10_320n },
      { from: 20270101, value: 10_700n },
    ],
    knownUntil: 20271231,
    about: 'Minimum wage, won an hour (Minimum Wage Act 10).',
  },
  {
    key: 'labor.premiumPpm',
    min: 0n,
    max: 10_000_000n,
    initial: 500_000n,
    steps: [{ from: 20180101, value: 500_000n }],
    about: 'Least surcharge of excess, night and holiday work, millionths (Labor Standards Act 56).',
  },
  {
    key: 'labor.arrearsPpm',
    min: 0n,
    max: 1_000_000n,
    initial: 200_000n,
    steps: [{ from: 20180101, value: 200_000n }],
    about: 'Interest on late wages a year, millionths (Labor Standards Act 37).',
  },
  {
    key: 'labor.regularWorkdays4w',
    min: 1n,
    max: 28n,
    initial: 20n,
    steps: [{ from: 20180101, value: 20n }],
    about: 'Work days of comparable full-time people in four weeks; the weekly holiday is divided by them.',
  },
  {
    key: 'labor.publicHoliday',
    min: 0n,
    max: 1n,
    initial: 0n,
    family: true,
    about: '1 makes a day a public holiday, 0 takes it from the almanac; a member names the day: labor.publicHoliday.20280101.',
  },
]
