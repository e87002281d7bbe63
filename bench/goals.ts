// Owns: what the node is to reach and which measured row tells how far it is. Not here: measuring (the other files of bench/).
import type { BenchRow, Report } from './report.ts'

/** A figure to reach: `row` starts the name of the row that measures it; `better` says in which direction. */
export type Goal = {
  readonly work: string
  readonly row: string
  readonly unit: string
  readonly better: 'more' | 'less'
  readonly first: number
  readonly goal: number
}

/** First what the running chain must do, then where it is going. */
export const GOALS: readonly Goal[] = [
  goal('4 validators, final transfers per second', 'best of 4 validators', '1/s', 'more', 1_000, 3_400),
  goal('1 validator, final transfers per second', 'best of 1 validator', '1/s', 'more', 3_000, 7_500),
  goal('4 validators, light load, submit to final p50', '4 validators: light load, submit to final p50', 'ms', 'less', 400, 300),
  goal(
    '4 validators, light load, submit to final p99',
    '4 validators: light load, submit to final p99',
    'ms',
    'less',
    1_000,
    700,
  ),
  goal('state updates per second at a million keys', 'state-tree 1000000: updates', '1/s', 'more', 30_000, 60_000),
  goal('RPC reads per second, one core', 'best RPC read', '1/s', 'more', 8_000, 15_000),
  goal('memory of an idle validator', '4 validators: memory of a node while idle', 'MB', 'less', 250, 150),
  goal('four nodes from spawn to their first final block', '4 validators: spawn to first', 'ms', 'less', 5_000, 3_000),
]

function goal(work: string, row: string, unit: string, better: Goal['better'], first: number, far: number): Goal {
  return { work, row, unit, better, first, goal: far }
}

/** The measured value of a goal, or null where this run did not measure it. */
export function measuredOf(report: Report, { row }: Goal): number | null {
  const rows = report.sections.flatMap((section) => section.rows)
  const best = (matches: (found: BenchRow) => boolean): number | null => {
    const values = rows.filter(matches).map((found) => found.value)
    return values.length === 0 ? null : Math.max(...values)
  }
  if (row.startsWith('best of ')) {
    const prefix = row.slice('best of '.length)
    return best(({ name }) => name.startsWith(prefix) && name.endsWith('final per second'))
  }
  if (row === 'best RPC read') return best(({ name }) => name === 'rpc: account_get')
  return rows.find(({ name }) => name.startsWith(row))?.value ?? null
}

/** Whether a value reaches a bound. */
export function reaches({ better }: Goal, value: number, bound: number): boolean {
  return better === 'more' ? value >= bound : value <= bound
}
