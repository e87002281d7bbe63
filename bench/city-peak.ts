// Owns: `city-peak`: a city at its busiest on real processes: payments, points, identities of many accounts, beside plain
// transfers on the same network. Not here: what people do (city/), submitting (open-loop.ts).
import { parseArgs } from 'node:util'
import { createDesk } from './city/desk.ts'
import type { Desk } from './city/desk.ts'
import { addOffices } from './city/document.ts'
import { CITY_MIX, TRANSFERS_ONLY } from './city/mix.ts'
import { CITY_SEED, citySizeOf } from './city/people.ts'
import type { CitySize } from './city/people.ts'
import { copyTables, installStore, prepareStore } from './city/store.ts'
import { describeCity, describeRatios } from './city/rows.ts'
import type { CityRun } from './city/rows.ts'
import { signTraffic } from './city/traffic.ts'
import { countReceipts, watchMempool } from './city/watch.ts'
import { readHeadHeight } from './json-rpc.ts'
import { VALID_BLOCKS } from './load.ts'
import type { Say } from './measure.ts'
import { launchNetwork } from './network.ts'
import type { RunningNetwork } from './network.ts'
import { runOpenLoop } from './open-loop.ts'
import { printReport } from './report.ts'
import type { BenchRow } from './report.ts'

/** Which cities on how many validators, and how much load; rates are transactions per second by number of validators. */
export type CityPeakOptions = {
  readonly accounts?: readonly number[]
  readonly validators?: readonly number[]
  readonly rates?: Readonly<Record<number, number>>
  readonly seconds?: number
  /** Seconds at three times the rate after it: what the network finalises when more is offered. */
  readonly peakSeconds?: number
  /** Seconds of plain transfers after both, for the ratio. */
  readonly transferSeconds?: number
  readonly nodeArgs?: readonly string[]
  readonly say?: Say
}

const RATES: Readonly<Record<number, number>> = { 1: 1_000, 4: 400 }
const PEAK_FACTOR = 3
const WARM_SECONDS = 6
const BLOCK_MS = 200
const SEED = 20_261_127
/** Payments may be refunded this many seconds of load after they were submitted. */
const REFUND_LAG_SECONDS = 4
const READY_MS = 300_000
/** A store of a million accounts takes the time of a start. */
const HEAP_ARGS = ['--max-old-space-size=6144'] as const

/** Runs every combination; one that fails is told in a row and stops no other. */
export async function runCityPeak(options: CityPeakOptions = {}): Promise<readonly BenchRow[]> {
  const { accounts = [10_000, 1_000_000], validators = [1, 4], say = () => undefined } = options
  const rows: BenchRow[] = []
  const runs: CityRun[] = []
  for (const count of accounts) {
    for (const n of validators) {
      const name = `${count} accounts, ${n} validator${n === 1 ? '' : 's'}`
      const sayOf: Say = (text) => say(`${name}: ${text}`)
      try {
        const run = await runCity(citySizeOf(count), n, { ...options, say: sayOf })
        runs.push(run)
        rows.push(...describeCity(name, run))
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error)
        sayOf(`failed: ${reason}`)
        rows.push({ name: `${name}: did not finish`, unit: '', value: Number.NaN, note: reason.slice(0, 200) })
      }
    }
  }
  return [...rows, ...describeRatios(runs)]
}

async function runCity(size: CitySize, n: number, options: CityPeakOptions & { say: Say }): Promise<CityRun> {
  const { seconds = 30, peakSeconds = 15, transferSeconds = 8, say, nodeArgs = [] } = options
  const ratePerSecond = options.rates?.[n] ?? RATES[n] ?? 500
  const prepared = await prepareStore(size, say)
  say(prepared.isKept ? `${prepared.records} records kept from an earlier run` : 'starting')
  const network = await launchNetwork({
    ...{ n, blockIntervalMs: BLOCK_MS, seed: CITY_SEED, change: addOffices, readyMs: READY_MS },
    nodeArgs: [...HEAP_ARGS, ...nodeArgs],
    prepare: async (genesis, [first = '', ...others]) => {
      await installStore(prepared, { genesis, storeDir: first })
      for (const storeDir of others) copyTables(first, storeDir)
    },
  })
  try {
    const url = network.rpcUrls[0] as string
    const idle = network.usage()
    const base = { size, n, network, ratePerSecond, say }
    const valid = { until: 0 }
    const desk = createDesk({ genesisHash: network.genesisHash, nodes: n, validUntil: () => valid.until })
    const refresh = async (): Promise<void> => {
      valid.until = (await readHeadHeight(url)) + VALID_BLOCKS
    }
    await refresh()
    // Unmeasured: compiled code, warm caches, the compaction of a store that was just copied.
    await runPhase({ ...base, desk, ratePerSecond: ratePerSecond / 2, seconds: WARM_SECONDS, mix: CITY_MIX, seed: SEED - 1 })
    await refresh()
    const storeBefore = network.storeBytes()
    const city = await runPhase({ ...base, desk, mix: CITY_MIX, seconds, seed: SEED })
    const stored = network.storeBytes() - storeBefore
    await refresh()
    const more = {
      ...base,
      desk,
      ratePerSecond: ratePerSecond * PEAK_FACTOR,
      seconds: peakSeconds,
      mix: CITY_MIX,
      seed: SEED + 1,
    }
    const peak = peakSeconds === 0 ? null : await runPhase(more)
    await refresh()
    const transfers = { ...base, desk, seconds: transferSeconds, mix: TRANSFERS_ONLY, seed: SEED + 2 }
    const plain = transferSeconds === 0 ? null : await runPhase(transfers)
    const { readyMs } = network
    const load = { size, n, ratePerSecond, seconds, readyMs, records: prepared.records }
    return { ...load, storeBefore, stored, idle, city, peak, plain }
  } finally {
    await network.stop()
  }
}

type Phase = {
  readonly size: CitySize
  readonly n: number
  readonly network: RunningNetwork
  readonly desk: Desk
  readonly mix: Parameters<typeof signTraffic>[0]['mix']
  readonly ratePerSecond: number
  readonly seconds: number
  readonly seed: number
  readonly say: Say
}

async function runPhase(phase: Phase): Promise<CityRun['city']> {
  const { size, network, desk, mix, ratePerSecond, seconds, seed, say } = phase
  const { rpcUrls } = network
  const url = rpcUrls[0] as string
  const count = Math.round(ratePerSecond * seconds)
  const lag = ratePerSecond * REFUND_LAG_SECONDS
  const { txs, kinds } = signTraffic({ size, desk, mix, count, lag, seed, nowMs: Date.now(), say })
  say(`offering ${ratePerSecond}/s for ${seconds} s`)
  const before = network.usage()
  const mempool = watchMempool(url)
  const load = await runOpenLoop({ rpcUrls, ratePerSecond, txs })
  const after = network.usage()
  const depth = await mempool.end()
  const cpuSeconds = after.map((use, i) => use.cpuSeconds - (before[i]?.cpuSeconds ?? 0))
  const blocks = await countReceipts(url, load, new Map(txs.map(({ id }, i) => [id, kinds[i] ?? ''])))
  say(`${load.latencies.length} of ${count} final in ${load.seconds.toFixed(1)} s`)
  return { load, ratePerSecond, seconds, submitted: count, cpuSeconds, after, depth, blocks }
}

const OPTIONS = {
  accounts: { type: 'string', multiple: true },
  validators: { type: 'string', multiple: true },
  rate: { type: 'string' },
  seconds: { type: 'string' },
} as const

if (import.meta.main) {
  const { values } = parseArgs({ options: OPTIONS })
  const say: Say = (text) => void process.stderr.write(`city-peak: ${text}\n`)
  const validators = (values.validators ?? ['1', '4']).map(Number)
  const rates = values.rate === undefined ? {} : { rates: Object.fromEntries(validators.map((n) => [n, Number(values.rate)])) }
  const seconds = values.seconds === undefined ? {} : { seconds: Number(values.seconds) }
  const accounts = (values.accounts ?? ['10000', '1000000']).map(Number)
  printReport(await runCityPeak({ accounts, validators, ...rates, ...seconds, say }))
}
