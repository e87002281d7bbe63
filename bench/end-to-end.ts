// Owns: submit to final over real processes: idle latency, sustained rate, memory, CPU, disk. Not here: single parts (codec.ts, ...).
import { runLoad } from './load.ts'
import type { BenchRow } from './report.ts'
import { printReport } from './report.ts'
import { startNetwork } from './network.ts'

export type EndToEndOptions = { readonly n: number; readonly ratePerSecond: number; readonly seconds: number; readonly nodeArgs?: readonly string[]; readonly blockIntervalMs?: number }

/** Runs a light load, then the sustained one, on a fresh network. */
export async function runEndToEnd(options: EndToEndOptions): Promise<readonly BenchRow[]> {
  const { n, ratePerSecond, seconds } = options
  const network = await startNetwork({ n, accountCount: 1_000, blockIntervalMs: options.blockIntervalMs ?? 200, ...(options.nodeArgs === undefined ? {} : { nodeArgs: options.nodeArgs }) })
  const nonces = network.accounts.map(() => 0n)
  const common = { rpcUrls: network.rpcUrls, genesisHash: network.genesisHash, accounts: network.accounts, nonces }
  try {
    const idleUsage = network.usage()
    const light = await runLoad({ ...common, ratePerSecond: 5, seconds: 10 })
    const before = network.usage()
    const bytesBefore = network.storeBytes()
    const load = await runLoad({ ...common, ratePerSecond, seconds })
    const after = network.usage()
    const cpu = after.map((use, i) => use.cpuSeconds - (before[i]?.cpuSeconds ?? 0))
    const name = (text: string): string => `${n} validator${n === 1 ? '' : 's'}: ${text}`
    return [
      { name: name('spawn to first final block on every node'), unit: 'ms', value: network.readyMs },
      { name: name('light load, submit to final p50'), unit: 'ms', value: light.p50Ms, note: `${light.final} of ${light.submitted} transfers at 5/s` },
      { name: name('light load, submit to final p99'), unit: 'ms', value: light.p99Ms },
      { name: name('final transfers per second'), unit: '1/s', value: load.finalPerSecond, note: `offered ${ratePerSecond}/s for ${seconds} s; ${load.final} of ${load.submitted} final, ${load.refused} refused ${JSON.stringify(load.errors)}, ${load.failedReceipts} failed in every tenth block` },
      { name: name('loaded, submit to final p50'), unit: 'ms', value: load.p50Ms },
      { name: name('loaded, submit to final p99'), unit: 'ms', value: load.p99Ms, note: `${load.heights} blocks` },
      { name: name('idle memory per node'), unit: 'MB', value: Math.max(...idleUsage.map((use) => use.rssBytes)) / 1e6 },
      { name: name('memory per node after load'), unit: 'MB', value: Math.max(...after.map((use) => use.rssBytes)) / 1e6 },
      { name: name('CPU per final transfer, all nodes'), unit: 'us', value: (cpu.reduce((a, b) => a + b, 0) * 1e6) / Math.max(1, load.final) },
      { name: name('bytes on disk per transfer, one node'), unit: 'B', value: (network.storeBytes() - bytesBefore) / Math.max(1, load.final) },
    ]
  } finally {
    await network.stop()
  }
}

if (import.meta.main) {
  const [n = '4', rate = '1000', seconds = '60', interval = '200', ...nodeArgs] = process.argv.slice(2)
  printReport(await runEndToEnd({ n: Number(n), ratePerSecond: Number(rate), seconds: Number(seconds), blockIntervalMs: Number(interval), nodeArgs }))
}
