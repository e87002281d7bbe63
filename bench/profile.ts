// Owns: where the CPU of a loaded network goes: profiles of all nodes, microseconds per final transaction and node.
// Not here: reading a profile (cpu-profile.ts), latency and rates (end-to-end.ts).
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { addProfile } from './cpu-profile.ts'
import type { Costs, CpuProfile } from './cpu-profile.ts'
import { runLoad } from './load.ts'
import type { Say } from './measure.ts'
import { startNetwork } from './network.ts'
import type { BenchNetwork } from './network.ts'
import { printReport } from './report.ts'
import type { BenchRow } from './report.ts'

/** The load whose cost is asked for. */
export type ProfileOptions = {
  readonly n?: number
  readonly ratePerSecond?: number
  readonly seconds?: number
  readonly nodeArgs?: readonly string[]
  readonly say?: Say
}

const ROOT = join(import.meta.dirname, '..')
const PLACES_SHOWN = 15

/** Profiles every node under load and names what a final transaction costs each of them. */
export async function runProfile(options: ProfileOptions = {}): Promise<readonly BenchRow[]> {
  const { n = 4, ratePerSecond = 1_000, seconds = 15, nodeArgs = [], say = () => undefined } = options
  const profiles = mkdtempSync(join(tmpdir(), 'naru-profile-'))
  const network = await startNetwork({
    ...{ n, accountCount: 1_000, blockIntervalMs: 200 },
    nodeArgs: [...nodeArgs, '--cpu-prof', `--cpu-prof-dir=${profiles}`],
  })
  try {
    say(`profiling ${n} nodes at ${ratePerSecond}/s for ${seconds} s`)
    const { rpcUrls, genesisHash, accounts } = network
    const before = cpuOf(network)
    const load = await runLoad({ rpcUrls, genesisHash, accounts, nonces: accounts.map(() => 0n), ratePerSecond, seconds })
    const after = cpuOf(network)
    say('writing profiles')
    await network.end()
    const costs: Costs = { byPlace: new Map(), byName: new Map() }
    const files = readdirSync(profiles).filter((name) => name.endsWith('.cpuprofile'))
    if (files.length < n) throw new Error(`${files.length} of ${n} nodes wrote a profile`)
    for (const file of files) {
      addProfile(costs, JSON.parse(readFileSync(join(profiles, file), 'utf8')) as CpuProfile, load.window, ROOT)
    }
    const cpu = { main: after.main - before.main, others: after.others - before.others }
    const rate = Math.round(load.finalPerSecond)
    const note = `${load.final} of ${load.submitted} final at ${rate}/s in ${load.heights} blocks, ${n} validators`
    return describe(costs, cpu, n * Math.max(1, load.final), note)
  } finally {
    await network.stop()
    rmSync(profiles, { recursive: true, force: true })
  }
}

type Cpu = { readonly main: number; readonly others: number }

// Seconds of all nodes so far: of the threads that run JavaScript, and of all others (LevelDB, garbage collection, file access).
function cpuOf(network: BenchNetwork): Cpu {
  const sum = { main: 0, others: 0 }
  for (const { cpuSeconds, mainSeconds } of network.usage()) {
    sum.main += mainSeconds
    sum.others += cpuSeconds - mainSeconds
  }
  return sum
}

function describe(costs: Costs, cpu: Cpu, shares: number, note: string): readonly BenchRow[] {
  const sampled = [...costs.byName.values()].reduce((sum, us) => sum + us, 0)
  // Samples count the time of the wall, also while another process had the core: their shares are right, their sum is not.
  const main = cpu.main > 0 ? cpu.main * 1e6 : sampled
  const total = main + cpu.others * 1e6
  const row = (name: string, us: number): BenchRow => {
    return { name, unit: 'us', value: us / shares, note: `${((us * 100) / total).toFixed(1)} %` }
  }
  const rowsOf = (kind: string, costsBy: ReadonlyMap<string, number>, count: number): BenchRow[] =>
    [...costsBy]
      .sort((a, b) => b[1] - a[1])
      .slice(0, count)
      .map(([name, us]) => row(`${kind}: ${name}`, (us * main) / sampled))
  return [
    { name: 'profile: CPU of one node per final transaction', unit: 'us', value: total / shares, note },
    row('profile: of that, other threads (LevelDB, file access, garbage collection, the profiler)', cpu.others * 1e6),
    ...rowsOf('cost', costs.byName, costs.byName.size),
    ...rowsOf('place', costs.byPlace, PLACES_SHOWN),
  ]
}

if (import.meta.main) {
  const [n = '4', rate = '1000', seconds = '15', ...nodeArgs] = process.argv.slice(2)
  printReport(await runProfile({ n: Number(n), ratePerSecond: Number(rate), seconds: Number(seconds), nodeArgs }))
}
