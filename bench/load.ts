// Owns: an open-loop load of signed transfers and what became of it: finality by the nodes' own blocks. Not here: the network.
import { setTimeout as sleep } from 'node:timers/promises'
import { toHex } from '../core/base/bytes.ts'
import { callMethod, post, readHeadHeight } from './json-rpc.ts'
import { quantile } from './measure.ts'
import { signTransfers } from './transfers.ts'
import type { Payers } from './transfers.ts'

/** Times in ms; `finalPerSecond` counts from the first submission to the last transaction seen final. */
export type LoadResult = {
  readonly submitted: number
  readonly refused: number
  readonly final: number
  /** Receipts with a failure in every tenth block of the load. */
  readonly failedReceipts: number
  readonly seconds: number
  readonly finalPerSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly maxMs: number
  readonly heights: number
  /** How often each error code came, connections that broke included. */
  readonly errors: Readonly<Record<string, number>>
  /** Monotonic microseconds at which the load began and its last transaction was seen final, on the clock of CPU profiles. */
  readonly window: { readonly fromUs: number; readonly toUs: number }
}

/** What to submit, where, and how fast. */
export type LoadOptions = Payers & {
  readonly rpcUrls: readonly string[]
  readonly ratePerSecond: number
  readonly seconds: number
}

type Signed = { readonly id: string; readonly hex: string }

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
/** Blocks that a transaction of the load may wait; the parameters allow 600. */
const VALID_BLOCKS = 590

/** Submits at a fixed rate whatever the answers, follows the blocks, and waits until all is final or the drain time is over. */
export async function runLoad(options: LoadOptions): Promise<LoadResult> {
  const url = options.rpcUrls[0] as string
  const count = Math.round(options.ratePerSecond * options.seconds)
  const fromHeight = await readHeadHeight(url)
  // Everything is signed before the clock starts.
  const txs = signTransfers(options, { first: 0, count, validUntil: fromHeight + VALID_BLOCKS }).map((tx) => ({
    id: `0x${tx.id}`,
    hex: `0x${toHex(tx.bytes)}`,
  }))
  const state: LoadState = { submittedAt: new Map(), latencies: [], errors: {}, refused: 0, lastFinalAt: 0, stopped: false }
  const followed = followBlocks(url, fromHeight, state)
  const begun = performance.now()
  state.lastFinalAt = begun
  const fromUs = monotonicUs()
  await submitAll(options, txs, state)
  const drainUntil = performance.now() + DRAIN_MS
  while (state.submittedAt.size > 0 && performance.now() < drainUntil) await sleep(20)
  const toUs = monotonicUs() - (performance.now() - state.lastFinalAt) * 1_000
  state.stopped = true
  const heights = await followed
  const seconds = (state.lastFinalAt - begun) / 1_000
  const sorted = Float64Array.from(state.latencies).sort()
  return {
    submitted: count,
    refused: state.refused,
    final: sorted.length,
    failedReceipts: await countFailed(url, fromHeight, heights),
    seconds,
    finalPerSecond: seconds === 0 ? 0 : sorted.length / seconds,
    p50Ms: quantile(sorted, 0.5),
    p99Ms: quantile(sorted, 0.99),
    maxMs: quantile(sorted, 1),
    heights,
    errors: state.errors,
    window: { fromUs, toUs },
  }
}

function monotonicUs(): number {
  return Number(process.hrtime.bigint() / 1_000n)
}

// Resolves once every submission has its answer; a broken connection is counted and never thrown.
async function submitAll(options: LoadOptions, txs: readonly Signed[], state: LoadState): Promise<void> {
  const { rpcUrls, ratePerSecond, accounts } = options
  const begun = performance.now()
  const pending: Promise<void>[] = []
  let sent = 0
  while (sent < txs.length) {
    const due = Math.min(txs.length, Math.floor(((performance.now() - begun) / 1_000) * ratePerSecond))
    // One account's transactions go to one node, so that their nonces arrive in order.
    const perNode: Signed[][] = rpcUrls.map(() => [])
    for (; sent < due; sent++) perNode[(sent % accounts.length) % rpcUrls.length]?.push(txs[sent] as Signed)
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

async function submitBatch(url: string, list: readonly Signed[], state: LoadState): Promise<void> {
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
    state.submittedAt.delete((list[answer.id] as Signed).id)
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

async function countFailed(url: string, from: number, heights: number): Promise<number> {
  let failed = 0
  for (let height = from + 1; height <= from + heights; height += 10) {
    const block = await callMethod<{ value: { receipts?: readonly { code: number }[] } }>(url, 'chain_getBlock', { height })
    for (const receipt of block.value.receipts ?? []) if (receipt.code !== 0) failed++
  }
  return failed
}
