// Owns: the figures of a city's load as rows, and what they are to each other. Not here: measuring (../city-peak.ts).
import { CITY_PARAMS } from '../../core/chain/params.ts'
import { quantile } from '../measure.ts'
import type { Usage } from '../network.ts'
import type { OpenLoopResult } from '../open-loop.ts'
import type { BenchRow } from '../report.ts'
import type { CitySize } from './people.ts'
import type { Blocks, Depth } from './watch.ts'

/** What one load did. */
export type PhaseResult = {
  readonly load: OpenLoopResult
  readonly ratePerSecond: number
  readonly seconds: number
  readonly submitted: number
  /** Of each node. */
  readonly cpuSeconds: readonly number[]
  readonly after: readonly Usage[]
  readonly depth: Depth
  readonly blocks: Blocks
}

/** One city on so many validators. */
export type CityRun = {
  readonly size: CitySize
  readonly n: number
  readonly ratePerSecond: number
  readonly seconds: number
  readonly readyMs: number
  readonly records: number
  readonly storeBefore: number
  readonly stored: number
  readonly idle: readonly Usage[]
  readonly city: PhaseResult
  /** The same at a multiple of the rate. */
  readonly peak: PhaseResult | null
  readonly plain: PhaseResult | null
}

/** Final transactions per second, the drain included. */
export function finalRate({ load }: PhaseResult): number {
  return load.seconds === 0 ? 0 : load.latencies.length / load.seconds
}

/** CPU of one node per final transaction, microseconds. */
export function cpuEach({ load, cpuSeconds }: PhaseResult): number {
  const sum = cpuSeconds.reduce((a, b) => a + b, 0)
  return (sum * 1e6) / cpuSeconds.length / Math.max(1, load.latencies.length)
}

/** The rows of one run. */
export function describeCity(name: string, run: CityRun): readonly BenchRow[] {
  const { city, plain, size } = run
  const { load, blocks, depth, submitted } = city
  const row = (what: string, unit: string, value: number, note?: string): BenchRow => {
    return { name: `${name}: ${what}`, unit, value, ...(note === undefined ? {} : { note }) }
  }
  const failed = Object.values(blocks.failed).reduce((a, b) => a + b, 0)
  const final = load.latencies.length
  const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / Math.max(1, values.length)
  const share = (bytes: number): string => `${((bytes * 100) / CITY_PARAMS.blockBytesMax).toFixed(0)} %`
  const rss = (usage: readonly Usage[]): number => Math.max(...usage.map(({ rssBytes }) => rssBytes)) / 1e6
  return [
    row('spawn to first final block on every node', 'ms', run.readyMs, `${run.records} records at the start`),
    row(
      `offered ${run.ratePerSecond}/s for ${run.seconds} s, final per second`,
      '1/s',
      finalRate(city),
      `${final} of ${submitted} final; refused: ${told(load.errors)}`,
    ),
    row(
      'of these succeeded',
      '1/s',
      (finalRate(city) * (final - failed)) / Math.max(1, final),
      `failed receipts: ${told(blocks.failed)}`,
    ),
    row('submit to final p50', 'ms', quantile(load.latencies, 0.5)),
    row('submit to final p95', 'ms', quantile(load.latencies, 0.95)),
    row('submit to final p99', 'ms', quantile(load.latencies, 0.99), `${load.heights} blocks`),
    row('transactions in a block', '', mean(blocks.txs), `at most ${Math.max(0, ...blocks.txs)} of ${CITY_PARAMS.blockTxsMax}`),
    row(
      'bytes in a block',
      'B',
      mean(blocks.bytes),
      `${share(mean(blocks.bytes))} of the limit, at most ${share(Math.max(0, ...blocks.bytes))}`,
    ),
    row('waiting in the mempool', '', depth.mean, `at most ${depth.max}, ${depth.samples} samples`),
    row('CPU of one node per final transaction', 'us', cpuEach(city)),
    row('CPU of all nodes', 'cores', city.cpuSeconds.reduce((a, b) => a + b, 0) / Math.max(0.001, load.seconds)),
    row('memory of a node while idle', 'MB', rss(run.idle)),
    row('memory of a node after load', 'MB', rss(city.after)),
    row(
      'store of a node before the load',
      'MB',
      run.storeBefore / 1e6,
      `${size.accounts} accounts, ${size.merchants} shops, ${size.holders} hold points`,
    ),
    row(
      'bytes on disk per transaction',
      'B',
      run.stored > 0 ? run.stored / Math.max(1, final) : Number.NaN,
      'a compaction may hide some, or give more back',
    ),
    ...(run.peak === null ? [] : describePeak(row, run.peak)),
    ...(plain === null ? [] : describePlain(row, city, plain)),
  ]
}

function describePeak(row: MakeRow, peak: PhaseResult): readonly BenchRow[] {
  const { load, blocks, depth, submitted, ratePerSecond, seconds } = peak
  const final = load.latencies.length
  const note = `${final} of ${submitted} final; refused: ${told(load.errors)}; failed receipts: ${told(blocks.failed)}`
  return [
    row(`offered ${ratePerSecond}/s for ${seconds} s more, final per second`, '1/s', finalRate(peak), note),
    row('submit to final p50 then', 'ms', quantile(load.latencies, 0.5)),
    row('submit to final p99 then', 'ms', quantile(load.latencies, 0.99), `${depth.max} waited at most`),
    row('transactions in the largest block then', '', Math.max(0, ...blocks.txs), `of ${CITY_PARAMS.blockTxsMax}`),
  ]
}

type MakeRow = (what: string, unit: string, value: number, note?: string) => BenchRow

function told(counts: Readonly<Record<string, number>>): string {
  const parts = Object.entries(counts).map(([code, times]) => `${times} ${code}`)
  return parts.length === 0 ? 'none' : parts.join(', ')
}

function describePlain(row: MakeRow, city: PhaseResult, plain: PhaseResult): readonly BenchRow[] {
  return [
    row(
      'transfers alone, CPU of one node per final transfer',
      'us',
      cpuEach(plain),
      `${Math.round(finalRate(plain))}/s on the same network, right after`,
    ),
    row('a transaction of the city in transfers, by CPU', 'x', cpuEach(city) / Math.max(1, cpuEach(plain))),
  ]
}

/** What the runs are to each other: the larger city to the smaller, many validators to one. */
export function describeRatios(runs: readonly CityRun[]): readonly BenchRow[] {
  const rows: BenchRow[] = []
  const add = (name: string, over: CityRun, under: CityRun): void => {
    const ratio = (of: (run: CityRun) => number): number => of(over) / Math.max(1e-9, of(under))
    rows.push(
      { name: `ratio, ${name}: final per second`, unit: 'x', value: ratio(({ city }) => finalRate(city)) },
      { name: `ratio, ${name}: submit to final p50`, unit: 'x', value: ratio(({ city }) => quantile(city.load.latencies, 0.5)) },
      { name: `ratio, ${name}: CPU of one node per final transaction`, unit: 'x', value: ratio(({ city }) => cpuEach(city)) },
    )
  }
  const smallest = runs[0]
  for (const run of runs) {
    if (smallest === undefined || run === smallest) continue
    const sibling = runs.find((other) => other.n === run.n)
    if (sibling !== undefined && sibling !== run)
      add(`${run.size.accounts} to ${sibling.size.accounts} accounts, ${run.n} validators`, run, sibling)
    const single = runs.find((other) => other.size.accounts === run.size.accounts)
    if (single !== undefined && single !== run && single.n !== run.n)
      add(`${run.n} to ${single.n} validators, ${run.size.accounts} accounts`, run, single)
  }
  return rows
}
