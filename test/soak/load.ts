// Owns: `npm run soak:load`: a steady load on four validators for a long time, with heap, memory, disk and descriptors of each sampled
// and a straight line put through them. Not here: the fastest load (bench/end-to-end.ts), faults (kills.ts, outages.ts).
import { appendFileSync, existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { toHex } from '../../core/base/bytes.ts'
import { callMethod, post, readHeadHeight } from '../../bench/json-rpc.ts'
import { signTransfers } from '../../bench/transfers.ts'
import type { Payers } from '../../bench/transfers.ts'
import { nodeAddresses, nodePaths } from '../../cli/devnet/layout.ts'
import { livePid } from '../../cli/devnet/processes.ts'
import { findForks } from '../helpers/chain-check.ts'
import { createDevnet, waitForOneHeight } from '../helpers/devnet.ts'
import type { Devnet } from '../helpers/devnet.ts'
import { openRun, readState, RUN_EXIT, tellResult, writeState } from './run.ts'
import type { LongRun } from './run.ts'
import { drawPanels, fitLine } from './slope.ts'
import type { Point } from './slope.ts'

const HELP = `npm run soak:load -- [options]

Four validators take a steady load of transfers; heap after a full collection, resident memory, bytes on disk and open descriptors of
each are sampled, and their slopes computed over all but the first fifth of the time. Ctrl-C stops and tells what there is; the same
command goes on with the same chain, and slopes are those of the longest sitting, since a restart empties the heap.

  --minutes N    load in all (20)
  --rate N       transfers a second over all four nodes (520)
  --dir FOLDER   devnet, samples, result.json, plot.svg (.naru/soak/load)
  --fresh        forget what is in the folder
  --help         this text

Exit codes: 0 all transfers final and one chain, 12 not so, 130 stopped by a signal before the end.`

const NAMES = ['v1', 'v2', 'v3', 'v4'] as const
const ACCOUNTS = 1_000
const SAMPLE_MS = 5_000
const TICK_MS = 20
const BATCH_CALLS = 100
const VALID_BLOCKS = 500
const DRAIN_MS = 120_000
const PROBE = join(import.meta.dirname, 'heap-probe.ts')

type Sample = {
  readonly sitting: number
  readonly seconds: number
  readonly node: string
  readonly heapMb: number | null
  readonly rssMb: number
  readonly diskMb: number
  readonly descriptors: number
  readonly height: number
}
type State = {
  seconds: number
  sittings: number
  submitted: number
  refused: number
  unanswered: number
  final: number
  nonces: string[]
  errors: string[]
}
type Sending = { readonly sent: number; readonly stop: () => Promise<void> }

/** Submits at a fixed rate whatever the answers; one account's transfers go to one node, so that their nonces arrive in order. */
function startSending(urls: readonly string[], payers: Payers, rate: number, state: State): Sending {
  let isStopped = false
  let sent = 0
  const pending = new Set<Promise<void>>()
  const submit = async (url: string, hexes: readonly string[]): Promise<void> => {
    try {
      const calls = hexes.map((tx, id) => ({ jsonrpc: '2.0', id, method: 'tx_submit', params: { tx } }))
      const answers = (await post(url, calls)) as readonly { error?: { message: string } }[]
      for (const { error } of answers) {
        if (error === undefined) continue
        // Whether the node took it is unknown where it was too slow to say.
        if (/not ready in time/.test(error.message)) state.unanswered += 1
        else state.refused += 1
        if (state.errors.length < 20) state.errors.push(error.message)
      }
    } catch (error) {
      state.unanswered += hexes.length
      if (state.errors.length < 20) state.errors.push(String(error))
    }
  }
  const loop = async (): Promise<void> => {
    const begun = performance.now()
    let height = await readHeadHeight(urls[0] as string)
    let readAt = begun
    while (!isStopped) {
      if (performance.now() - readAt > 2_000) {
        readAt = performance.now()
        height = await readHeadHeight(urls[0] as string).catch(() => height)
      }
      const due = Math.floor(((performance.now() - begun) / 1_000) * rate) - sent
      const count = Math.min(due, BATCH_CALLS * urls.length)
      const txs = signTransfers(payers, { first: sent % ACCOUNTS, count, validUntil: height + VALID_BLOCKS })
      const perNode: string[][] = urls.map(() => [])
      for (const [i, tx] of txs.entries()) perNode[((sent + i) % ACCOUNTS) % urls.length]?.push(`0x${toHex(tx.bytes)}`)
      sent += count
      for (const [node, hexes] of perNode.entries()) {
        if (hexes.length === 0) continue
        const call = submit(urls[node] as string, hexes)
        pending.add(call)
        void call.finally(() => pending.delete(call))
      }
      await sleep(TICK_MS)
    }
  }
  const running = loop()
  return {
    get sent() {
      return sent
    },
    async stop() {
      isStopped = true
      await running
      await Promise.all(pending)
    },
  }
}

function readHeapMb(file: string): number | null {
  if (!existsSync(file)) return null
  const { heapUsed, external } = JSON.parse(readFileSync(file, 'utf8')) as { heapUsed: number; external: number }
  return (heapUsed + external) / 1e6
}

function folderBytes(dir: string): number {
  let bytes = 0
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    const path = join(dir, entry.name)
    // LevelDB removes files while we look.
    if (entry.isDirectory()) bytes += folderBytes(path)
    else if (existsSync(path)) bytes += statSync(path, { throwIfNoEntry: false })?.size ?? 0
  }
  return bytes
}

function sample(devnet: Devnet, name: string, at: { sitting: number; seconds: number; height: number }): Sample {
  const { home, data } = nodePaths(devnet.dir, name)
  const pid = livePid(devnet.dir, name)
  if (pid === null) throw new Error(`${name} is not running any more`)
  const rssKb = Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
  return {
    ...at,
    node: name,
    heapMb: readHeapMb(join(home, 'heap.json')),
    rssMb: rssKb / 1_000,
    diskMb: folderBytes(data) / 1e6,
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
  }
}

/** Transfers in the blocks after a height, counted on one node. */
async function countFinal(url: string, from: number, to: number): Promise<number> {
  let count = 0
  for (let height = from + 1; height <= to; height++) {
    const block = await callMethod<{ value: { txs: readonly string[] } }>(url, 'chain_getBlock', { height, full: false })
    count += block.value.txs.length
  }
  return count
}

async function runLoad(run: LongRun, devnet: Devnet, state: State): Promise<number> {
  const [minutes, rate] = [run.count('minutes', 20), run.count('rate', 520)]
  await devnet.start()
  const urls = NAMES.map((name) => nodeAddresses(devnet.dir, devnet.node(name)).rpc)
  const fromHeight = await waitForOneHeight(devnet, NAMES)
  const nonces = devnet.accounts.map((_, i) => BigInt(state.nonces[i] ?? '0'))
  const sending = startSending(urls, { genesisHash: devnet.genesisHash, accounts: devnet.accounts, nonces }, rate, state)
  state.sittings += 1
  const begun = performance.now()
  const secondsBefore = state.seconds
  for (let i = 1; state.seconds < minutes * 60 && !run.isStopping(); i++) {
    await sleep(SAMPLE_MS)
    state.seconds = secondsBefore + (performance.now() - begun) / 1_000
    const height = await devnet.height('v1')
    const samples = NAMES.map((name) => sample(devnet, name, { sitting: state.sittings, seconds: state.seconds, height }))
    appendFileSync(join(run.dir, 'samples.jsonl'), samples.map((entry) => `${JSON.stringify(entry)}\n`).join(''))
    if (i % 6 !== 0) continue
    const [first] = samples
    const use = `heap ${first?.heapMb?.toFixed(0) ?? '-'} MB, RSS ${first?.rssMb.toFixed(0)} MB, disk ${first?.diskMb.toFixed(0)} MB`
    run.say(`${(state.seconds / 60).toFixed(1)} of ${minutes} min, height ${height}, ${sending.sent} sent, v1: ${use}`)
  }
  await sending.stop()
  state.submitted += sending.sent
  state.nonces = nonces.map(String)
  return fromHeight
}

/** Waits until nothing waits any more and counts what became final since the height. */
async function drain(devnet: Devnet, state: State, from: number): Promise<number> {
  const urls = NAMES.map((name) => nodeAddresses(devnet.dir, devnet.node(name)).rpc)
  const until = performance.now() + DRAIN_MS
  for (;;) {
    const waiting = await Promise.all(urls.map((url) => callMethod<{ count: number }>(url, 'mempool_status', {})))
    if (waiting.every(({ count }) => count === 0) || performance.now() > until) break
    await sleep(200)
  }
  const height = await waitForOneHeight(devnet, NAMES, DRAIN_MS)
  state.final += await countFinal(urls[0] as string, from, height)
  return height
}

const MEASURES = [
  { key: 'heapMb', title: 'heap after full collection, MB' },
  { key: 'rssMb', title: 'resident memory, MB' },
  { key: 'diskMb', title: 'data directory, MB' },
  { key: 'descriptors', title: 'open descriptors' },
] as const

type Slope = {
  readonly measure: string
  readonly node: string
  readonly perHour: number
  readonly first: number
  readonly last: number
}

function report(run: LongRun, state: State, chain: { height: number; violations: readonly string[] }): void {
  const path = join(run.dir, 'samples.jsonl')
  const samples = existsSync(path)
    ? readFileSync(path, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Sample)
    : []
  const sizes = new Map<number, number>()
  for (const { sitting } of samples) sizes.set(sitting, (sizes.get(sitting) ?? 0) + 1)
  const longest = [...sizes].sort((a, b) => b[1] - a[1])[0]?.[0] ?? 1
  const ours = samples.filter(({ sitting }) => sitting === longest)
  const [from = 0, to = 0] = [ours[0]?.seconds, ours.at(-1)?.seconds]
  const slopes: Slope[] = []
  const panels = MEASURES.map(({ key, title }) => {
    const series = new Map<string, readonly Point[]>()
    for (const name of NAMES) {
      const points = ours.flatMap((entry) => {
        const y = entry.node === name ? entry[key] : null
        return y === null ? [] : [{ x: (entry.seconds - from) / 3_600, y }]
      })
      series.set(name, points)
      const settled = points.filter(({ x }) => x * 3_600 >= (to - from) / 5)
      slopes.push({
        measure: title,
        node: name,
        perHour: fitLine(settled).slope,
        first: settled[0]?.y ?? 0,
        last: settled.at(-1)?.y ?? 0,
      })
    }
    return { title, series }
  })
  writeFileSync(join(run.dir, 'plot.svg'), drawPanels(panels))
  const { seconds, sittings, submitted, refused, unanswered, final, errors } = state
  const disk = slopes.filter(({ measure }) => measure.startsWith('data'))
  const diskPerTransfer = disk.map(({ perHour }) => (perHour * 1e6) / 3_600 / run.count('rate', 520))
  const result = {
    seconds,
    sittings,
    submitted,
    refused,
    final,
    errors,
    ...chain,
    slopes,
    diskBytesPerTransferOffered: diskPerTransfer,
  }
  tellResult(run.dir, result, [
    ['time', `${(seconds / 60).toFixed(1)} min in ${sittings} sitting(s)`],
    ['transfers', `${submitted} submitted, ${refused} refused, ${unanswered} without an answer, ${final} final`],
    ['blocks', String(chain.height)],
    ...slopes.map(({ measure, node, perHour, first, last }) => [
      `${measure}, ${node}`,
      `${first.toFixed(1)} to ${last.toFixed(1)}, slope ${perHour.toFixed(1)} an hour`,
    ]),
    ['disk per transfer offered', diskPerTransfer.map((bytes) => `${bytes.toFixed(0)} B`).join(', ')],
    ['violations', String(chain.violations.length)],
  ])
  for (const violation of chain.violations) console.log(violation)
}

async function main(): Promise<number> {
  const run = openRun({ name: 'load', help: HELP, known: ['minutes', 'rate'] })
  const fresh: State = { seconds: 0, sittings: 0, submitted: 0, refused: 0, unanswered: 0, final: 0, nonces: [], errors: [] }
  const state = readState<State>(run.dir) ?? fresh
  const home = join(run.dir, 'devnet')
  const probe = (name: string): string => `file://${PROBE}?${encodeURIComponent(join(nodePaths(home, name).home, 'heap.json'))}`
  const devnet = await createDevnet({
    count: 4,
    accountCount: ACCOUNTS,
    dir: home,
    manner: (name) => ({ execArgv: ['--expose-gc', '--import', probe(name)] }),
  })
  const violations: string[] = []
  let height = -1
  try {
    const from = await runLoad(run, devnet, state)
    height = await drain(devnet, state, from)
    const { submitted, refused, unanswered, final } = state
    if (final > submitted - refused || final < submitted - refused - unanswered)
      violations.push(`${submitted} submitted, ${refused} refused, ${unanswered} without an answer, but ${final} final`)
    violations.push(...(await findForks(devnet, NAMES, height)))
  } catch (error) {
    violations.push(error instanceof Error ? (error.stack ?? error.message) : String(error))
  } finally {
    await devnet.destroy()
  }
  writeState(run.dir, state)
  report(run, state, { height, violations })
  if (violations.length > 0) return RUN_EXIT.violated
  return run.isStopping() ? RUN_EXIT.interrupted : RUN_EXIT.ok
}

process.exit(await main())
