// Owns: `npm run bench`: runs the benchmarks in order, prints one table, writes JSON and the reference page.
// Not here: the measurements (one file each), how they are shown (report.ts, page.ts).
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { runBallotBench } from './ballot-checks.ts'
import { runCityPeak } from './city-peak.ts'
import { runCodecBench } from './codec.ts'
import { runEndToEnd } from './end-to-end.ts'
import { runExecuteBench } from './execute-block.ts'
import { runLightBench } from './light.ts'
import { measureVerifyRate, readMachine } from './measure.ts'
import type { Say } from './measure.ts'
import { runMonthEnd } from './month-end.ts'
import { CITY_PEAK, writePage } from './page.ts'
import { runProfile } from './profile.ts'
import { formatReport } from './report.ts'
import type { BenchRow, Report, Section } from './report.ts'
import { runRpcBench } from './rpc.ts'
import { runStateTreeBench } from './state-tree.ts'
import { runVerifyBench } from './verify.ts'
import { runVoteBench } from './votes.ts'

type Run = {
  readonly quick: boolean
  readonly say: Say
  /** Sizes of the city-peak's city and numbers of its validators, where they are said. */
  readonly accounts?: readonly number[]
  readonly validators?: readonly number[]
}

type Benchmark = {
  readonly name: string
  readonly about: string
  readonly run: (options: Run) => readonly BenchRow[] | Promise<readonly BenchRow[]>
  /** Runs only when it is named: it takes too long to run along. */
  readonly onDemand?: boolean
}

const CITY_ABOUT =
  'Real processes, open loop over JSON-RPC, 200 ms blocks: 70 % payments (static, dynamic and signed codes, payers’ own ' +
  'codes, refunds; a quarter part points), 20 % points (grants, batches of 20, transfers), 10 % identities and transfers ' +
  'between people; shops by Zipf’s law with exponent 1; one seed. The store with its accounts is prepared before.'

const BENCHMARKS: readonly Benchmark[] = [
  { name: 'verify', about: 'Ed25519 on one thread.', run: ({ quick }) => runVerifyBench(quick ? 150 : 1_500) },
  { name: 'codec', about: 'Bytes of one transfer, best of five.', run: ({ quick }) => runCodecBench(quick ? 100 : 750) },
  { name: 'light', about: 'A light client on one thread.', run: ({ quick }) => runLightBench(quick ? 100 : 750) },
  {
    name: 'ballots',
    about: 'Checking ballots on one thread, and a poll of 10,000 from sealing to the recount.',
    run: ({ quick, say }) => runBallotBench({ quick, say }),
  },
  {
    name: 'state-tree',
    about: 'The sparse Merkle tree in memory; a round is stage and commit.',
    run: ({ quick }) => runStateTreeBench(quick ? { sizes: [10_000, 100_000], rounds: 5 } : {}),
  },
  {
    name: 'execute-block',
    about: 'One process, stage by stage, microseconds per transfer with a real LevelDB.',
    run: ({ quick, say }) => runExecuteBench(quick ? { sizes: [10_000], blocks: 5, say } : { say }),
  },
  {
    name: 'rpc',
    about: 'One node process, 16 kept connections, each with one open request; the client has the other core.',
    run: ({ quick, say }) => runRpcBench(quick ? { seconds: 1, submissions: 2_000, say } : { say }),
  },
  {
    name: 'end-to-end-4',
    about: 'Four processes, open loop over JSON-RPC, 200 ms blocks.',
    run: ({ quick, say }) =>
      runEndToEnd({ n: 4, ratePerSecond: 1_050, seconds: quick ? 5 : 60, lightSeconds: quick ? 4 : 20, say }),
  },
  {
    name: 'peak-4',
    about: 'Four processes, offered more than they are known to finalise.',
    run: ({ quick, say }) => runEndToEnd({ n: 4, ratePerSecond: 2_000, seconds: quick ? 5 : 30, lightSeconds: 0, say }),
  },
  {
    name: 'end-to-end-1',
    about: 'One validator process, open loop over JSON-RPC, 200 ms blocks.',
    run: ({ quick, say }) =>
      runEndToEnd({ n: 1, ratePerSecond: 3_150, seconds: quick ? 5 : 60, lightSeconds: quick ? 4 : 20, say }),
  },
  {
    name: 'peak-1',
    about: 'One process, offered more than it is known to finalise.',
    run: ({ quick, say }) => runEndToEnd({ n: 1, ratePerSecond: 5_000, seconds: quick ? 5 : 30, lightSeconds: 0, say }),
  },
  {
    name: 'votes-4',
    about: 'Four processes: ballots, and payments under floods of ballots; 200 ms blocks.',
    run: ({ quick, say }) => runVoteBench(quick ? { seconds: 4, ballots: 100, say } : { say }),
  },
  {
    name: 'profile',
    about: 'Four processes under load with V8’s sampling profiler, which costs some speed itself; all nodes together.',
    run: ({ quick, say }) => runProfile({ seconds: quick ? 5 : 20, say }),
  },
  {
    name: CITY_PEAK,
    about: CITY_ABOUT,
    run: ({ quick, say, accounts, validators }) =>
      runCityPeak({
        ...(accounts === undefined ? (quick ? { accounts: [10_000] } : {}) : { accounts }),
        ...(validators === undefined ? {} : { validators }),
        ...(quick ? { seconds: 5, peakSeconds: 3, transferSeconds: 3 } : {}),
        say,
      }),
    onDemand: true,
  },
  {
    name: 'month-end',
    about: 'Payslips of a payday in one process with its state in memory: execution alone, no disk, tree or network.',
    run: ({ accounts, say }) => runMonthEnd({ contracts: accounts ?? [1_000], say }),
    onDemand: true,
  },
]

const HELP = `npm run bench -- [names] [options]

  --only NAME        run this benchmark, as a bare name does; may be given several times
  --quick            short loads and small states: a smoke test, not a measurement
  --accounts N       city-peak: size of the city, 10000 and 1000000 unless given; month-end: contracts, 1000 unless given
  --validators N     city-peak: validators, 1 and 4 unless given; may be given several times
  --json FILE        write the report as JSON
  --page FILE        write the figures between the markers of docs/reference/benchmarks.md
  --help             this text

Benchmarks: ${BENCHMARKS.filter(({ onDemand }) => onDemand !== true)
  .map(({ name }) => name)
  .join(', ')}
Only when named: ${BENCHMARKS.filter(({ onDemand }) => onDemand === true)
  .map(({ name }) => name)
  .join(', ')} (about ten minutes; with a million accounts it wants 16 GiB of memory and 4 GB of disk)
Progress goes to stderr, the report to stdout. All others take about twelve minutes; leave the machine alone meanwhile.
`

const OPTIONS = {
  only: { type: 'string', multiple: true },
  quick: { type: 'boolean', default: false },
  accounts: { type: 'string', multiple: true },
  validators: { type: 'string', multiple: true },
  json: { type: 'string' },
  page: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const

function readOptions() {
  const { values, positionals } = parseArgs({ options: OPTIONS, allowPositionals: true })
  const named = [...(values.only ?? []), ...positionals]
  const unknown = named.find((name) => !BENCHMARKS.some((benchmark) => benchmark.name === name))
  if (unknown !== undefined) throw new Error(`there is no benchmark ${unknown}; --help lists them`)
  const chosen = BENCHMARKS.filter(({ name, onDemand }) => (named.length === 0 ? onDemand !== true : named.includes(name)))
  const accounts = readCounts('accounts', values.accounts, 1_000, 1_000_000)
  const validators = readCounts('validators', values.validators, 1, 16)
  return {
    ...values,
    chosen,
    sizes: { ...(accounts === undefined ? {} : { accounts }), ...(validators === undefined ? {} : { validators }) },
  }
}

// Whole numbers within bounds; undefined where none are said.
function readCounts(name: string, texts: readonly string[] | undefined, min: number, max: number): readonly number[] | undefined {
  const counts = texts?.map(Number)
  const wrong = texts?.find((_, i) => !Number.isInteger(counts?.[i]) || Number(counts?.[i]) < min || Number(counts?.[i]) > max)
  if (wrong !== undefined) throw new Error(`--${name} takes whole numbers from ${min} to ${max}, not ${wrong}`)
  return counts
}

async function runSection({ name, about, run }: Benchmark, options: Run): Promise<Section> {
  const verifyPerSecond = measureVerifyRate(300)
  options.say(`verify ${Math.round(verifyPerSecond)}/s`)
  const begun = performance.now()
  const rows = await run(options)
  return { name, about, verifyPerSecond, seconds: (performance.now() - begun) / 1_000, rows }
}

async function runAll(chosen: readonly Benchmark[], options: Omit<Run, 'say'>): Promise<Report> {
  const machine = readMachine()
  const sections: Section[] = []
  for (const [index, benchmark] of chosen.entries()) {
    const say: Say = (text) => void process.stderr.write(`[${index + 1}/${chosen.length}] ${benchmark.name}: ${text}\n`)
    sections.push(await runSection(benchmark, { ...options, say }))
  }
  return { version: 1, quick: options.quick, machine, sections }
}

async function main(): Promise<void> {
  const { chosen, help, json, page, quick, sizes } = readOptions()
  if (help) {
    process.stdout.write(HELP)
    return
  }
  const report = await runAll(chosen, { quick, ...sizes })
  process.stdout.write(formatReport(report))
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(report, null, 2)}\n`)
  if (page !== undefined) writePage(page, report)
}

// Ends through the exit handlers, which remove the networks’ files; the nodes end with this process.
process.once('SIGINT', () => process.exit(130))
process.once('SIGTERM', () => process.exit(143))

try {
  await main()
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}
