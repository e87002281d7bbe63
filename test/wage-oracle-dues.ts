// Owns: interest, due dates, leave and severance a second time, day by day, to judge the engine by. Not here: wages (wage-oracle.ts).
import type { LatePayment } from '../modules/labor/wage/due.ts'
import type { WageInput, WageLaw } from '../modules/labor/wage/types.ts'
import { dow, later, WageOracle } from './wage-oracle.ts'

/** The first won amount that is not below the sum of each day's interest. */
export function oracleInterest(law: WageLaw, late: LatePayment): bigint {
  // Won x 10^6 x 365, so that every day's part is whole.
  let parts = 0n
  for (let day = later(late.dueOn, 1); day <= late.paidOn; day = later(day, 1)) {
    const isFree = (late.excepted ?? []).some(({ from, to }) => from <= day && day <= to)
    const wasInService = late.leftOn === null || day <= later(late.leftOn, law.finalPayDays)
    if (isFree || (late.dueOn < law.serviceInterestFrom && wasInService)) continue
    let ppm = 0
    for (const step of law.arrearsPpm) if (step.from <= day) ppm = step.value
    parts += late.principal * BigInt(ppm)
  }
  let won = parts / 365_000_000n
  while (won * 365_000_000n < parts) won += 1n
  return won
}

/** The payday by walking: to the month, to the day or the month's last, back over holidays. */
export function oracleDueDate(law: WageLaw, month: number, payDay: number, offset: number, endOn: number | null): number {
  let day = month * 100 + 1
  for (let skipped = 0; skipped < offset; ) {
    day = later(day, 1)
    if (day % 100 === 1) skipped += 1
  }
  while (day % 100 < payDay && later(day, 1) % 100 !== 1) day = later(day, 1)
  while (dow(day) === 6 || day % 10_000 === 501 || law.publicHolidays.has(day)) day = later(day, -1)
  const final = endOn === null ? day : later(endOn, law.finalPayDays)
  return Math.min(final, day)
}

/** Hours of leave by counting up: the least whole hours that hold days x week x 8 / 2400. */
export function oracleLeave(years: number, fullMonths: number, isKept: boolean, weeklyMin: number, five: boolean): number {
  if (!five || weeklyMin < 900) return 0
  let days = 0
  if (years === 0) days = Math.min(11, fullMonths)
  else if (!isKept) days = Math.min(12, fullMonths)
  else {
    days = 15
    for (let year = 3; year <= years; year += 2) if (days < 25) days += 1
  }
  const week = Math.min(2_400, weeklyMin)
  let hours = 0
  while (hours * 2_400 < days * week * 8) hours += 1
  return hours
}

/** Severance by the day: which days count, the average of the last three months or the ordinary day, rounded up. */
export function oracleSeverance(input: WageInput, endOn: number): { won: bigint; serviceDays: number } {
  const oracle = new WageOracle(input)
  const { startOn } = input.contract
  let serviceDays = 0
  for (let day = startOn; day <= endOn; day = later(day, 1)) if (!oracle.isShort(oracle.weekOf(day))) serviceDays += 1
  // Three months back to the same day of the month, or its last.
  const after = later(endOn, 1)
  const months = Math.floor(after / 10_000) * 12 + (Math.floor(after / 100) % 100) - 1 - 3
  let from = (Math.floor(months / 12) * 100 + (months % 12) + 1) * 100 + 1
  while (from % 100 < after % 100 && later(from, 1) % 100 !== 1) from = later(from, 1)
  if (from < startOn) from = startOn
  let length = 0
  for (let day = from; day <= endOn; day = later(day, 1)) length += 1
  const { gross } = oracle.compute({ from, to: endOn })
  const start = oracle.weekOf(endOn)
  const [restNum, restDen] = oracle.rest(start, endOn)
  const { hourly } = oracle.money(endOn)
  const ordinary: readonly [bigint, bigint] = [hourly[0] * restNum, hourly[1] * restDen * 60n]
  const average: readonly [bigint, bigint] = [gross, BigInt(length)]
  const daily = average[0] * ordinary[1] > ordinary[0] * average[1] ? average : ordinary
  const year = Math.floor(startOn / 10_000)
  const isYear = later(endOn, 1) >= startOn + 10_000 || (startOn % 10_000 === 229 && later(endOn, 1) >= (year + 1) * 10_000 + 301)
  if (!isYear || serviceDays < 365) return { won: 0n, serviceDays }
  const [num, den] = [daily[0] * 30n * BigInt(serviceDays), daily[1] * 365n]
  return { won: (num + den - 1n) / den, serviceDays }
}
