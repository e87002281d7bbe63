// Owns: the weekly holiday of a week: whether it is paid, when, how much (LSA 55(1), decree 30(1)). Not here: its line
// (lines.ts).
import { must } from '../../../core/base/assert.ts'
import type { DayFacts, WeekFacts } from './days.ts'
import { restMinutes, workdays4wOn } from './rate.ts'
import type { WageLaw, WageWeek, WeekStatus } from './types.ts'

function isKept({ holiday, attendance }: DayFacts): boolean {
  if (holiday !== null) return holiday !== 'WEEKLY'
  return attendance === 'WORKED' || attendance === 'LEAVE'
}

function statusOf(week: WeekFacts, scheduled: readonly DayFacts[], absent: DayFacts | undefined): WeekStatus {
  if (!week.isWhole) return 'PARTIAL_WEEK'
  if (week.isShort) return 'UNDER_15_HOURS'
  if (scheduled.length === 0) return 'NOTHING_SCHEDULED'
  if (absent !== undefined) return 'ABSENT'
  return scheduled.some(isKept) ? 'PAID' : 'NOTHING_ATTENDED'
}

/** The account of a week's holiday. Late is not absent; leave, closure and holidays are not either. */
export function judgeWeek(week: WeekFacts, law: WageLaw): WageWeek {
  const { days, contractedMin, weeks, holidayOn } = week
  const scheduled = days.filter(({ plannedMin }) => plannedMin > 0)
  const absent = scheduled.find(({ holiday, attendance }) => holiday === null && attendance === 'NONE')
  const status = statusOf(week, scheduled, absent)
  const lastScheduled = scheduled.at(-1)?.date ?? holidayOn
  return {
    ...{
      from: must(days[0], 'seven days').date,
      to: must(days.at(-1), 'seven days').date,
      holidayOn,
      status,
      contractedMin,
      weeks,
    },
    bookedOn: Math.max(lastScheduled, holidayOn),
    absentOn: status === 'ABSENT' ? must(absent, 'a day was missed').date : null,
    restMin: restMinutes({ contractedMin, weeks, workdays4w: workdays4wOn(law, holidayOn) }),
  }
}
