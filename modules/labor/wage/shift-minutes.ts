// Owns: minutes of one shift: work, night, breaks. Not here: what a day or week makes of them (days.ts).
import type { WageSpan, WageTimes } from './types.ts'

/** Minutes of a day. */
export const DAY_MIN = 1_440

/** Night, 22:00 to 06:00 (LSA 56(3)), in minutes of the start date and the day after. */
const NIGHTS: readonly WageSpan[] = [
  { startMin: 0, endMin: 360 },
  { startMin: 1_320, endMin: 1_800 },
  { startMin: 2_760, endMin: 2_880 },
]

function overlap(a: WageSpan, b: WageSpan): number {
  return Math.max(0, Math.min(a.endMin, b.endMin) - Math.max(a.startMin, b.startMin))
}

function nightOf(span: WageSpan): number {
  return NIGHTS.reduce((sum, night) => sum + overlap(span, night), 0)
}

/** Minutes of the breaks. */
export function breakMinutes({ breaks }: WageTimes): number {
  return breaks.reduce((sum, pause) => sum + pause.endMin - pause.startMin, 0)
}

/** Minutes of work: from start to end without the breaks that were taken. A break not given is work. */
export function netMinutes(times: WageTimes): number {
  return times.endMin - times.startMin - breakMinutes(times)
}

/** Minutes of work between 22:00 and 06:00. */
export function nightMinutes(times: WageTimes): number {
  return times.breaks.reduce((sum, pause) => sum - nightOf(pause), nightOf(times))
}

/** The break that the law asks for in so much work of a day (LSA 54(1)): 30 minutes from 4 hours, 60 from 8. */
export function statutoryBreakMinutes(workMin: number): number {
  return workMin >= 480 ? 60 : workMin >= 240 ? 30 : 0
}

/** Minutes of break that a day's shifts lack; a gap between two shifts is a break. */
export function missingBreakMinutes(shifts: readonly WageTimes[]): number {
  const ordered = [...shifts].sort((a, b) => a.startMin - b.startMin)
  let [work, rest, end] = [0, 0, 0]
  for (const [at, times] of ordered.entries()) {
    work += netMinutes(times)
    rest += breakMinutes(times) + (at === 0 ? 0 : Math.max(0, times.startMin - end))
    end = Math.max(end, times.endMin)
  }
  return Math.max(0, statutoryBreakMinutes(work) - rest)
}
