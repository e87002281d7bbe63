// Owns: what one node serves over JSON-RPC: requests per second, p99, CPU per request. Not here: submit to final (end-to-end.ts).
import { toHex } from '../core/base/bytes.ts'
import { quantile } from './measure.ts'
import type { Say } from './measure.ts'
import { startNetwork } from './network.ts'
import type { BenchNetwork } from './network.ts'
import { runLoop } from './raw-http.ts'
import type { LoopResult } from './raw-http.ts'
import { readHeadHeight } from './json-rpc.ts'
import { printReport } from './report.ts'
import type { BenchRow } from './report.ts'
import { signTransfers } from './transfers.ts'

/** How long each read is asked, over how many connections, and how many transfers are submitted. */
export type RpcBenchOptions = {
  readonly seconds?: number
  readonly connections?: number
  readonly submissions?: number
  readonly say?: Say
}

const ACCOUNTS = 1_000
const BATCH = 100

/** Measures reads and submissions against a real one-node process. */
export async function runRpcBench(options: RpcBenchOptions = {}): Promise<readonly BenchRow[]> {
  const { seconds = 4, connections = 16, submissions = 8_000, say = () => undefined } = options
  const network = await startNetwork({ n: 1, accountCount: ACCOUNTS, blockIntervalMs: 200 })
  try {
    const accountAt = (i: number): string => (network.accounts[i % ACCOUNTS] as (typeof network.accounts)[number]).id
    const reads: readonly (readonly [name: string, method: string, params: (i: number) => unknown])[] = [
      ['chain_head', 'chain_head', () => ({})],
      ['account_get', 'account_get', (i) => ({ account: accountAt(i) })],
      ['account_get with a proof', 'account_get', (i) => ({ account: accountAt(i), prove: true })],
      ['payment_getBalance', 'payment_getBalance', (i) => ({ account: accountAt(i) })],
      ['payment_getBalance with a proof', 'payment_getBalance', (i) => ({ account: accountAt(i), prove: true })],
    ]
    const rows: BenchRow[] = []
    const ask = { network, connections }
    for (const [name, method, params] of reads) {
      say(name)
      await askFor({ ...ask, seconds: seconds / 4, bodyOf: (i) => callText(method, params(i)) })
      rows.push(...rowsOf(name, await askFor({ ...ask, seconds, bodyOf: (i) => callText(method, params(i)) })))
    }
    say(`${BATCH} reads in a batch`)
    const batchOf = (i: number): string =>
      `[${Array.from({ length: BATCH }, (_, k) => callText('account_get', { account: accountAt(i * BATCH + k) })).join(',')}]`
    const batches = Array.from({ length: 10 }, (_, i) => batchOf(i))
    const batched = await askFor({ ...ask, connections: 4, seconds, bodyOf: (i) => batches[i % batches.length] as string })
    rows.push(...rowsOf(`account_get, ${BATCH} in a batch`, batched, BATCH))
    say('tx_submit')
    rows.push(...(await measureSubmissions(network, connections, submissions)))
    return rows
  } finally {
    await network.stop()
  }
}

function callText(method: string, params: unknown): string {
  return JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })
}

type Asked = LoopResult & { readonly cpuSeconds: number }

type Asking = {
  readonly network: BenchNetwork
  readonly connections: number
  readonly bodyOf: (index: number) => string | null
  readonly seconds: number
}

async function askFor({ network, connections, bodyOf, seconds }: Asking): Promise<Asked> {
  const cpuNow = (): number => network.usage()[0]?.cpuSeconds ?? 0
  const cpuBefore = cpuNow()
  const until = performance.now() + seconds * 1_000
  let index = 0
  const result = await runLoop({
    url: network.rpcUrls[0] as string,
    connections,
    nextBody: () => (performance.now() < until ? bodyOf(index++) : null),
    checkAnswer: (body) => {
      if (body.includes('"error"')) throw new Error(`the node refused: ${body.slice(0, 200)}`)
    },
  })
  return { ...result, cpuSeconds: cpuNow() - cpuBefore }
}

async function measureSubmissions(network: BenchNetwork, connections: number, count: number): Promise<readonly BenchRow[]> {
  const { genesisHash, accounts } = network
  const height = await readHeadHeight(network.rpcUrls[0] as string)
  const payers = { genesisHash, accounts, nonces: accounts.map(() => 0n) }
  const txs = signTransfers(payers, { first: 0, count, validUntil: height + 590 })
  const bodies = txs.map((tx) => callText('tx_submit', { tx: `0x${toHex(tx.bytes)}` }))
  const bodyOf = (index: number): string | null => bodies[index] ?? null
  return rowsOf('tx_submit', await askFor({ network, connections, seconds: 60, bodyOf }))
}

function rowsOf(name: string, asked: Asked, callsEach = 1): readonly BenchRow[] {
  const calls = asked.answers * callsEach
  const cpuNote =
    asked.cpuSeconds > 0 ? { note: `${((asked.cpuSeconds * 1e6) / calls).toFixed(1)} us CPU of the node a call` } : {}
  return [
    { name: `rpc: ${name}`, unit: '1/s', value: calls / asked.seconds, ...cpuNote },
    { name: `rpc: ${name}, p99`, unit: 'ms', value: quantile(asked.latenciesMs, 0.99) },
  ]
}

if (import.meta.main) printReport(await runRpcBench())
