// Owns: submit to final over real processes: idle latency, sustained rate, memory, CPU, disk.
// Not here: single parts (codec.ts, execute-block.ts), the processes (network.ts).
import { runLoad } from './load.ts'
import type { LoadResult } from './load.ts'
import type { Say } from './measure.ts'
import { startNetwork } from './network.ts'
import type { Usage } from './network.ts'
import { printReport } from './report.ts'
import type { BenchRow } from './report.ts'

/** How many validators and what load; `nodeArgs` are further flags of Node for the nodes. */
export type EndToEndOptions = {
  readonly n: number
  readonly ratePerSecond: number
  readonly seconds: number
  /** Seconds of the light load before it; 0 leaves it out. */
  readonly lightSeconds?: number
  readonly nodeArgs?: readonly string[]
  readonly blockIntervalMs?: number
  readonly say?: Say
}

const ACCOUNTS = 1_000
const LIGHT_RATE = 5
const LIGHT_SECONDS = 10

/** Runs a light load, then the sustained one, on a fresh network. */
export async function runEndToEnd(options: EndToEndOptions): Promise<readonly BenchRow[]> {
  const { n, ratePerSecond, seconds, lightSeconds = LIGHT_SECONDS, say = () => undefined } = options
  const nodeArgs = options.nodeArgs ?? []
  const network = await startNetwork({ n, accountCount: ACCOUNTS, blockIntervalMs: options.blockIntervalMs ?? 200, nodeArgs })
  try {
    const { rpcUrls, genesisHash, accounts } = network
    const common = { rpcUrls, genesisHash, accounts, nonces: accounts.map(() => 0n) }
    const name = (text: string): string => `${n} validator${n === 1 ? '' : 's'}: ${text}`
    const rows: BenchRow[] = [{ name: name('spawn to first final block on every node'), unit: 'ms', value: network.readyMs }]
    const idleBytes = peakBytes(network.usage())
    if (lightSeconds > 0) {
      say(`${n} nodes ready, light load for ${lightSeconds} s`)
      rows.push(...lightRows(name, await runLoad({ ...common, ratePerSecond: LIGHT_RATE, seconds: lightSeconds })))
    }
    say(`load of ${ratePerSecond}/s for ${seconds} s`)
    const before = network.usage()
    const bytesBefore = network.storeBytes()
    const load = await runLoad({ ...common, ratePerSecond, seconds })
    const after = network.usage()
    const cpuSeconds = after.reduce((sum, use, i) => sum + use.cpuSeconds - (before[i]?.cpuSeconds ?? 0), 0)
    const offered = name(`offered ${ratePerSecond}/s for ${seconds} s`)
    rows.push(...loadRows(offered, load), { name: name('memory of a node while idle'), unit: 'MB', value: idleBytes / 1e6 })
    return [
      ...rows,
      { name: name('memory of a node after load'), unit: 'MB', value: peakBytes(after) / 1e6 },
      { name: name('CPU of one node per final transfer'), unit: 'us', value: (cpuSeconds * 1e6) / n / Math.max(1, load.final) },
      {
        name: name('bytes on disk per transfer'),
        unit: 'B',
        value: (network.storeBytes() - bytesBefore) / Math.max(1, load.final),
      },
    ]
  } finally {
    await network.stop()
  }
}

function peakBytes(usage: readonly Usage[]): number {
  return Math.max(...usage.map((use) => use.rssBytes))
}

function lightRows(name: (text: string) => string, light: LoadResult): BenchRow[] {
  const note = `${light.final} of ${light.submitted} transfers at ${LIGHT_RATE}/s`
  return [
    { name: name('light load, submit to final p50'), unit: 'ms', value: light.p50Ms, note },
    { name: name('light load, submit to final p99'), unit: 'ms', value: light.p99Ms },
  ]
}

function loadRows(offered: string, load: LoadResult): BenchRow[] {
  const errors = Object.entries(load.errors).map(([code, times]) => `${times} ${code}`)
  const refused = errors.length === 0 ? 'none refused' : errors.join(', ')
  const note = `${load.final} of ${load.submitted} final, ${refused}, ${load.failedReceipts} failed receipts in every tenth block`
  return [
    { name: `${offered}, final per second`, unit: '1/s', value: load.finalPerSecond, note },
    { name: `${offered}, submit to final p50`, unit: 'ms', value: load.p50Ms },
    { name: `${offered}, submit to final p99`, unit: 'ms', value: load.p99Ms, note: `${load.heights} blocks` },
  ]
}

if (import.meta.main) {
  const [n = '4', rate = '1000', seconds = '60', interval = '200', ...nodeArgs] = process.argv.slice(2)
  const load = { n: Number(n), ratePerSecond: Number(rate), seconds: Number(seconds), blockIntervalMs: Number(interval) }
  printReport(await runEndToEnd({ ...load, nodeArgs }))
}
