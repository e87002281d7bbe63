// Owns: submitting signed transactions by the clock whatever the answers, and what became of them by a node's own blocks.
// Not here: what is signed (load.ts, city/traffic.ts), the network.
import { setTimeout as sleep } from 'node:timers/promises'
import { callMethod, post, readHeadHeight } from './json-rpc.ts'

/** A signed transaction as hex, and the node that hears of it: one account's go to one, so that nonces arrive in order. */
export type SignedTx = { readonly id: string; readonly hex: string; readonly node: number }

/** What to submit, where, and how fast. */
export type OpenLoopOptions = {
  readonly rpcUrls: readonly string[]
  readonly ratePerSecond: number
  readonly txs: readonly SignedTx[]
}

/** Times in ms; `seconds` run from the first submission to the last transaction seen final. */
export type OpenLoopResult = {
  readonly refused: number
  /** Latency of each transaction that became final, sorted. */
  readonly latencies: Float64Array
  readonly seconds: number
  readonly fromHeight: number
  readonly heights: number
  /** How often each error code came, connections that broke included. */
  readonly errors: Readonly<Record<string, number>>
  /** Monotonic microseconds at which the load began and its last transaction was seen final, on the clock of CPU profiles. */
  readonly window: { readonly fromUs: number; readonly toUs: number }
}

type LoadState = {
  readonly submittedAt: Map<string, number>
  readonly latencies: number[]
  readonly errors: Record<string, number>
  refused: number
  lastFinalAt: number
  stopped: boolean
}

const BATCH_MS = 20
const BATCH_CALLS = 100
const FOLLOW_MS = 8
const DRAIN_MS = 30_000

/** Submits at a fixed rate, follows the first node's blocks, and waits until all is final or the drain time is over. */
export async function runOpenLoop(options: OpenLoopOptions): Promise<OpenLoopResult> {
  const url = options.rpcUrls[0] as string
  const fromHeight = await readHeadHeight(url)
  const state: LoadState = { submittedAt: new Map(), latencies: [], errors: {}, refused: 0, lastFinalAt: 0, stopped: false }
  const followed = followBlocks(url, fromHeight, state)
  const begun = performance.now()
  state.lastFinalAt = begun
  const fromUs = monotonicUs()
  await submitAll(options, state)
  const drainUntil = performance.now() + DRAIN_MS
  while (state.submittedAt.size > 0 && performance.now() < drainUntil) await sleep(20)
  const toUs = monotonicUs() - (performance.now() - state.lastFinalAt) * 1_000
  state.stopped = true
  return {
    refused: state.refused,
    latencies: Float64Array.from(state.latencies).sort(),
    seconds: (state.lastFinalAt - begun) / 1_000,
    fromHeight,
    heights: await followed,
    errors: state.errors,
    window: { fromUs, toUs },
  }
}

function monotonicUs(): number {
  return Number(process.hrtime.bigint() / 1_000n)
}

// Resolves once every submission has its answer; a broken connection is counted and never thrown.
async function submitAll({ rpcUrls, ratePerSecond, txs }: OpenLoopOptions, state: LoadState): Promise<void> {
  const begun = performance.now()
  const pending: Promise<void>[] = []
  let sent = 0
  while (sent < txs.length) {
    const due = Math.min(txs.length, Math.floor(((performance.now() - begun) / 1_000) * ratePerSecond))
    const perNode: SignedTx[][] = rpcUrls.map(() => [])
    for (; sent < due; sent++) {
      const tx = txs[sent] as SignedTx
      perNode[tx.node]?.push(tx)
    }
    for (const [node, list] of perNode.entries()) {
      for (let at = 0; at < list.length; at += BATCH_CALLS) {
        pending.push(submitBatch(rpcUrls[node] as string, list.slice(at, at + BATCH_CALLS), state))
      }
    }
    await sleep(BATCH_MS)
  }
  await Promise.all(pending)
}

type SubmitAnswer = {
  readonly id: number
  readonly error?: { readonly data?: { readonly code?: string }; readonly message: string }
}

async function submitBatch(url: string, list: readonly SignedTx[], state: LoadState): Promise<void> {
  const now = performance.now()
  for (const { id } of list) state.submittedAt.set(id, now)
  const calls = list.map(({ hex }, id) => ({ jsonrpc: '2.0', id, method: 'tx_submit', params: { tx: hex } }))
  let answers: unknown
  try {
    answers = await post(url, calls)
  } catch (error) {
    // What the node took before the connection broke is unknown: it stays awaited until the drain time is over.
    countError(state, (error as { code?: string }).code ?? 'CONNECTION')
    return
  }
  if (!Array.isArray(answers)) return countError(state, 'NO_BATCH_ANSWER')
  for (const answer of answers as readonly SubmitAnswer[]) {
    if (answer.error === undefined) continue
    state.refused++
    countError(state, answer.error.data?.code ?? answer.error.message)
    state.submittedAt.delete((list[answer.id] as SignedTx).id)
  }
}

function countError(state: LoadState, code: string): void {
  state.errors[code] = (state.errors[code] ?? 0) + 1
}

// Reads each new block's transaction ids until told to stop; gives the number of blocks seen.
async function followBlocks(url: string, fromHeight: number, state: LoadState): Promise<number> {
  let height = fromHeight
  while (!state.stopped) {
    try {
      const head = await readHeadHeight(url)
      const now = performance.now()
      for (; height < head; height++) {
        const block = await callMethod<{ value: { txs: readonly string[] } }>(url, 'chain_getBlock', {
          height: height + 1,
          full: false,
        })
        onFinal(state, block.value.txs, now)
      }
    } catch (error) {
      countError(state, (error as { code?: string }).code ?? 'READ_FAILED')
    }
    await sleep(FOLLOW_MS)
  }
  return height - fromHeight
}

function onFinal(state: LoadState, ids: readonly string[], now: number): void {
  for (const id of ids) {
    const at = state.submittedAt.get(id)
    if (at === undefined) continue
    state.submittedAt.delete(id)
    state.latencies.push(now - at)
    state.lastFinalAt = now
  }
}
