// Owns: the law's figures of 2018 to 2027, with their sources; a chain's own parameters stand in for them. Not here: what they
// do (law.ts).
import type { CivilDate } from '../../../core/base/civil-time.ts'
import { stepsOf } from '../../governance/keeper.ts'
import type { Dated, WageLaw } from './types.ts'

/** Minimum wage, won an hour. */
export const MIN_WAGES: readonly Dated<bigint>[] = stepsOf('labor.minWage')

const numbers = (key: string): readonly Dated<number>[] => stepsOf(key).map(({ from, value }) => ({ from, value: Number(value) }))

/**
 * Public holidays of a year as month and day: act on public holidays 2 and 3 and the decree on public holidays of offices 2 to
 * 4, by the
 * official almanac of each year. Substitutes, elections and days that the government declared are among them; Sundays and 1 May
 * are not.
 */
const HOLIDAYS: readonly (readonly [year: number, days: readonly number[]])[] = [
  [2018, [101, 215, 216, 217, 301, 505, 507, 522, 606, 613, 815, 923, 924, 925, 926, 1003, 1009, 1225]],
  [2019, [101, 204, 205, 206, 301, 505, 506, 512, 606, 815, 912, 913, 914, 1003, 1009, 1225]],
  // 04-15 election, 08-17 declared.
  [2020, [101, 124, 125, 126, 127, 301, 415, 430, 505, 606, 815, 817, 930, 1001, 1002, 1003, 1009, 1225]],
  [2021, [101, 211, 212, 213, 301, 505, 519, 606, 815, 816, 920, 921, 922, 1003, 1004, 1009, 1011, 1225]],
  // 03-09 and 06-01 elections.
  [2022, [101, 131, 201, 202, 301, 309, 505, 508, 601, 606, 815, 909, 910, 911, 912, 1003, 1009, 1010, 1225]],
  // 10-02 declared.
  [2023, [101, 121, 122, 123, 124, 301, 505, 527, 529, 606, 815, 928, 929, 930, 1002, 1003, 1009, 1225]],
  // 04-10 election, 10-01 declared.
  [2024, [101, 209, 210, 211, 212, 301, 410, 505, 506, 515, 606, 815, 916, 917, 918, 1001, 1003, 1009, 1225]],
  // 01-27 declared, 06-03 election.
  [2025, [101, 127, 128, 129, 130, 301, 303, 505, 506, 603, 606, 815, 1003, 1005, 1006, 1007, 1008, 1009, 1225]],
  // 06-03 election; 07-17 is one since law 21338 of 2026-02-10.
  [2026, [101, 216, 217, 218, 301, 302, 505, 524, 525, 603, 606, 717, 815, 817, 924, 925, 926, 1003, 1005, 1009, 1225]],
  // 05-03 stands in for 1 May, a public holiday by then, which falls on a Saturday.
  [
    2027,
    [
      ...[101, 206, 207, 208, 209, 301, 503, 505, 513, 606, 717, 719, 815, 816, 914, 915, 916],
      ...[1003, 1004, 1009, 1011, 1225, 1227],
    ],
  ],
]

/** Every public holiday of the table, ascending. */
export const PUBLIC_HOLIDAYS: readonly CivilDate[] = HOLIDAYS.flatMap(([year, days]) => days.map((day) => year * 10_000 + day))

/** The law of 2018 to 2027. */
export const STATUTE: WageLaw = {
  minWage: MIN_WAGES,
  premiumPpm: numbers('labor.premiumPpm'),
  arrearsPpm: numbers('labor.arrearsPpm'),
  regularWorkdays4w: numbers('labor.regularWorkdays4w'),
  publicHolidays: new Set(PUBLIC_HOLIDAYS),
  // 5 to 29 people: from 2022; 30 and more had them one, 300 and more two years earlier (law 15513, addenda 1(4)).
  publicHolidaysFrom: 20220101,
  serviceInterestFrom: 20251023,
  finalPayDays: 14,
}
