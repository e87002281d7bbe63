// Owns: the comparison of the wage engine with its second implementation, case by case. Not here: either of them.
import { computePeriod } from '../modules/labor/wage/period.ts'
import type { WageBreakdown, WageFlagCode, WageLine, WageLineCode } from '../modules/labor/wage/types.ts'
import { createWageCase } from './wage-cases.ts'
import { WageOracle } from './wage-oracle.ts'

function byCode(lines: readonly WageLine[]): Partial<Record<WageLineCode, bigint>> {
  const sums: Partial<Record<WageLineCode, bigint>> = {}
  for (const { code, won } of lines) if (won > 0n) sums[code] = (sums[code] ?? 0n) + won
  return sums
}

function flagMinutes({ flags }: WageBreakdown): Partial<Record<WageFlagCode, number>> {
  const sums: Partial<Record<WageFlagCode, number>> = {}
  for (const { code, minutes } of flags) sums[code] = (sums[code] ?? 0) + minutes
  return sums
}

/** A text that is equal where two answers are. */
function textOf(answer: { gross: bigint; won: object; flags: object; weeks: readonly string[] }): string {
  const sorted = (value: object): string =>
    Object.entries(value)
      .map(([key, entry]) => `${key}=${String(entry)}`)
      .sort()
      .join(' ')
  return [`gross=${answer.gross}`, sorted(answer.won), sorted(answer.flags), answer.weeks.join(' ')].join(' | ')
}

/** What the two say of a seed, and what the case had in it. */
export type WageVerdict = {
  readonly engine: string
  readonly oracle: string
  readonly codes: readonly string[]
  /** Time that the engine took. */
  readonly engineMs: number
}

/** Computes one random case both ways. */
export function judgeWageCase(seed: number): WageVerdict {
  const { input, period } = createWageCase(seed)
  const started = performance.now()
  const found = computePeriod(input, period)
  const engineMs = performance.now() - started
  const lines = byCode([...found.lines, ...found.cuts])
  const flags = flagMinutes(found)
  const weeks = found.weeks.map(({ from, status }) => `${from} ${status}`)
  return {
    engineMs,
    engine: textOf({ gross: found.gross, won: lines, flags, weeks }),
    oracle: textOf(new WageOracle(input).compute(period)),
    codes: [...new Set([...Object.keys(lines), ...Object.keys(flags), ...found.weeks.map(({ status }) => status)])],
  }
}
