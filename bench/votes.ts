// Owns: polls over real processes: ballots that become final in a second, and what payments and blocks suffer from
// floods of them. Not here: polls and ballots (polls.ts), sending them (ballot-load.ts), payments (load.ts).
import { castBallots, castForgeries } from './ballot-load.ts'
import type { BallotLoad, BallotResult } from './ballot-load.ts'
import { callMethod, readHeadHeight } from './json-rpc.ts'
import { runLoad } from './load.ts'
import type { LoadResult } from './load.ts'
import { quantile } from './measure.ts'
import type { Say } from './measure.ts'
import type { BenchNetwork } from './network.ts'
import { forgeOne, openPolls, orderOf, ringOrder, sealOne, startVoteNetwork } from './polls.ts'
import type { BenchPoll, CastPayload, Order, PollWish } from './polls.ts'
import { printReport } from './report.ts'
import type { BenchRow } from './report.ts'

/** How long each flood lasts, and how many ballots are sealed beforehand for each; a flood ends early when they are used up. */
export type VoteBenchOptions = { readonly seconds?: number; readonly ballots?: number; readonly say?: Say }

const ACCOUNTS = 400
/** Carriers with one ballot on its way each; the other accounts pay. */
const CARRIERS = 256
const PAYMENTS_PER_SECOND = 5
const FORGERIES_PER_BALLOT = 3

type Bench = {
  readonly network: BenchNetwork
  readonly seconds: number
  readonly nonces: bigint[]
  readonly say: Say
}

/** Measures ballots of two and five options, then payments on an idle network and under floods of valid and of forged ballots. */
export async function runVoteBench(options: VoteBenchOptions = {}): Promise<readonly BenchRow[]> {
  const { seconds = 25, ballots = 1_500, say = () => undefined } = options
  const network = await startVoteNetwork(ACCOUNTS)
  try {
    const bench: Bench = { network, seconds, say, nonces: Array.from({ length: ACCOUNTS }, () => 0n) }
    const wishes = [
      { pollId: 'two-options', options: 2, voters: ballots },
      { pollId: 'five-options', options: 5, voters: Math.ceil(ballots / 2) },
      { pollId: 'flood', options: 2, voters: ballots },
    ]
    const [two, five, flood, ...rings] = (await openPolls(network, [...wishes, ...ringWishes()], say)) as [
      ...[BenchPoll, BenchPoll, BenchPoll],
      ...BenchPoll[],
    ]
    const rows: BenchRow[] = []
    for (const [poll, count] of [
      [two, 2],
      [five, 5],
    ] as const) {
      const sealed = sealAll(bench, poll)
      say(`${sealed.length} ballots of ${count} options`)
      rows.push(rateRow(`${count} options`, await castBallots(loadOf(bench, sealed.map(orderOf)))))
    }
    rows.push(...(await measureRings(bench, rings, ballots)))
    return [...rows, ...(await measureFloods(bench, flood))]
  } finally {
    await network.stop()
  }
}

function sealAll({ say }: Bench, poll: BenchPoll): readonly CastPayload[] {
  const all = poll.secrets.length
  return poll.secrets.map((_, rollIndex) => {
    if (rollIndex % Math.ceil(all / 5) === 0) say(`sealing ${rollIndex} of ${all} ballots of ${poll.pollId}`)
    return sealOne(poll, rollIndex)
  })
}

function loadOf({ network, seconds, nonces }: Bench, orders: readonly Order[]): BallotLoad {
  let at = 0
  const { rpcUrls, genesisHash, accounts } = network
  const carriers = accounts.slice(0, CARRIERS)
  return { rpcUrls, genesisHash, carriers, nonces, seconds, next: () => orders[at++] ?? null }
}

// Each carrier takes the ballots of one voter, one after the other.
function ringLoadOf(bench: Bench, queues: readonly (readonly Order[])[]): BallotLoad {
  const places = queues.map(() => 0)
  const next = (carrier: number): Order | null => {
    const at = places[carrier] ?? 0
    places[carrier] = at + 1
    return queues[carrier]?.[at] ?? null
  }
  return { ...loadOf(bench, []), carriers: bench.network.accounts.slice(0, queues.length), next }
}

/** Sizes of rings; as many polls of each as make 64 voters, who vote again and again. */
const RINGS = [4, 16, 64] as const
const RING_VOTERS = 64

const ringWishes = (): readonly PollWish[] =>
  RINGS.flatMap((size) =>
    Array.from({ length: RING_VOTERS / size }, (_, i) => ({
      ...{ pollId: `ring-${size}-${i}`, options: 2, voters: size, isRing: true },
    })),
  )

async function measureRings(bench: Bench, polls: readonly BenchPoll[], ballots: number): Promise<readonly BenchRow[]> {
  const rows: BenchRow[] = []
  for (const size of RINGS) {
    const own = polls.filter(({ pollId }) => pollId.startsWith(`ring-${size}-`))
    const each = Math.max(1, Math.ceil(ballots / 4 / RING_VOTERS / Math.sqrt(size / 4)))
    bench.say(`signing ${each * RING_VOTERS} ballots for rings of ${size}`)
    const queues = own.flatMap((poll) =>
      poll.secrets.map((_, voter) => Array.from({ length: each }, (_none, i) => ringOrder(poll, voter, i + 1))),
    )
    rows.push(rateRow(`2 options, ring of ${size}`, await castBallots(ringLoadOf(bench, queues))))
  }
  return rows
}

function rateRow(name: string, result: BallotResult): BenchRow {
  const errors = Object.entries(result.errors).map(([code, times]) => `${times} ${code}`)
  const note = `${result.final} of ${result.sent} final in ${result.seconds.toFixed(1)} s, ${errors.join(', ') || 'none refused'}`
  return { name: `${name}: ballots final per second`, unit: '1/s', value: result.final / Math.max(1e-3, result.seconds), note }
}

async function measureFloods(bench: Bench, poll: BenchPoll): Promise<readonly BenchRow[]> {
  const { say, seconds } = bench
  const valid = sealAll(bench, poll)
  const forged = Array.from({ length: valid.length * FORGERIES_PER_BALLOT }, (_, mark) =>
    forgeOne(poll, valid[mark % valid.length] as CastPayload, mark),
  )
  say(`payments on an idle network for ${seconds} s`)
  const idle = await watch(bench, async () => null)
  say(`payments during a flood of forged ballots for ${seconds} s`)
  const lies = await watch(bench, () => castForgeries(loadOf(bench, forged)))
  say(`payments during a flood of valid ballots for ${seconds} s`)
  const busy = await watch(bench, () => castBallots(loadOf(bench, valid.map(orderOf))))
  const flood = busy.flood === null ? [] : [rateRow('flood, 2 options', busy.flood)]
  return [
    ...watchRows('idle', idle),
    ...watchRows('flood of valid ballots', busy),
    ...flood,
    ...watchRows('flood of forged ballots', lies),
    ...(lies.flood === null ? [] : [forgeryRow(lies.flood)]),
  ]
}

function forgeryRow({ sent, seconds, errors }: BallotResult): BenchRow {
  const note = Object.entries(errors).map(([code, times]) => `${times} ${code}`)
  return { name: 'flood of forged ballots: answered per second', unit: '1/s', value: sent / seconds, note: note.join(', ') }
}

type Watched = {
  readonly payments: LoadResult
  readonly flood: BallotResult | null
  readonly blocks: number
  readonly longestGapMs: number
  readonly middleGapMs: number
  readonly failedRounds: number
  readonly missingVotes: number
}

// Payments at a low rate while something goes on, and what the chain went through meanwhile.
async function watch(bench: Bench, flood: () => Promise<BallotResult | null>): Promise<Watched> {
  const { network, nonces, seconds } = bench
  const { rpcUrls, genesisHash, accounts } = network
  const url = rpcUrls[0] as string
  const from = await readHeadHeight(url)
  const before = await Promise.all(network.metricsUrls.map(readCounters))
  const payers = { genesisHash, accounts: accounts.slice(CARRIERS), nonces: nonces.slice(CARRIERS) }
  const [payments, result] = await Promise.all([
    runLoad({ ...payers, rpcUrls, ratePerSecond: PAYMENTS_PER_SECOND, seconds }),
    flood(),
  ])
  for (const [i, nonce] of payers.nonces.entries()) nonces[CARRIERS + i] = nonce
  const after = await Promise.all(network.metricsUrls.map(readCounters))
  const times = await readTimes(url, from, await readHeadHeight(url))
  const gaps = Float64Array.from(times.slice(1).map((time, i) => time - (times[i] as number))).sort()
  const most = (name: keyof Counters): number => Math.max(...after.map((end, i) => end[name] - (before[i]?.[name] ?? 0)))
  return {
    ...{ payments, flood: result, blocks: times.length },
    ...{ longestGapMs: quantile(gaps, 1), middleGapMs: quantile(gaps, 0.5) },
    ...{ failedRounds: most('failedRounds'), missingVotes: most('missingVotes') },
  }
}

type Counters = { readonly failedRounds: number; readonly missingVotes: number }

async function readCounters(url: string): Promise<Counters> {
  const text = await (await fetch(url)).text()
  const counterOf = (name: string): number =>
    Number(
      text
        .split('\n')
        .find((line) => line.startsWith(`${name} `))
        ?.split(' ')[1] ?? 0,
    )
  return {
    failedRounds: counterOf('naru_consensus_rounds_total{outcome="failed"}'),
    missingVotes: counterOf('naru_consensus_own_votes_missing_total'),
  }
}

async function readTimes(url: string, from: number, to: number): Promise<readonly number[]> {
  const times: number[] = []
  for (let height = from + 1; height <= to; height++) {
    times.push((await callMethod<{ value: { time: number } }>(url, 'chain_getHeader', { height })).value.time)
  }
  return times
}

function watchRows(name: string, seen: Watched): readonly BenchRow[] {
  const { payments } = seen
  const errors = Object.entries(payments.errors).map(([code, times]) => `${times} ${code}`)
  const told = `${payments.final} of ${payments.submitted} payments at ${PAYMENTS_PER_SECOND}/s`
  const note = [told, ...errors].join(', ')
  const rounds = `${seen.blocks} blocks, ${seen.failedRounds} rounds failed, ${seen.missingVotes} votes missing at most on a node`
  return [
    { name: `${name}: payment, submit to final p50`, unit: 'ms', value: payments.p50Ms, note },
    {
      name: `${name}: payment, submit to final p99`,
      unit: 'ms',
      value: payments.p99Ms,
      note: `longest ${Math.round(payments.maxMs)} ms`,
    },
    { name: `${name}: time between blocks p50`, unit: 'ms', value: seen.middleGapMs, note: rounds },
    { name: `${name}: longest time between blocks`, unit: 'ms', value: seen.longestGapMs },
  ]
}

if (import.meta.main) {
  const [seconds = '25', ballots = '1500'] = process.argv.slice(2)
  const say: Say = (text) => void process.stderr.write(`votes: ${text}\n`)
  printReport(await runVoteBench({ seconds: Number(seconds), ballots: Number(ballots), say }))
}
