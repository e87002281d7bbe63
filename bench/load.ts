// Owns: an open-loop load of signed transfers and its figures. Not here: submitting and following (open-loop.ts), the network.
import { toHex } from '../core/base/bytes.ts'
import { callMethod, readHeadHeight } from './json-rpc.ts'
import { quantile } from './measure.ts'
import { runOpenLoop } from './open-loop.ts'
import type { OpenLoopResult } from './open-loop.ts'
import { signTransfers } from './transfers.ts'
import type { Payers } from './transfers.ts'

/** Times in ms; `finalPerSecond` counts from the first submission to the last transaction seen final. */
export type LoadResult = Pick<OpenLoopResult, 'refused' | 'seconds' | 'heights' | 'errors' | 'window'> & {
  readonly submitted: number
  readonly final: number
  /** Receipts with a failure in every tenth block of the load. */
  readonly failedReceipts: number
  readonly finalPerSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly maxMs: number
}

/** What to submit, where, and how fast. */
export type LoadOptions = Payers & {
  readonly rpcUrls: readonly string[]
  readonly ratePerSecond: number
  readonly seconds: number
}

/** Blocks that a transaction of a load may wait; the parameters allow 600. */
export const VALID_BLOCKS = 590

/** Submits at a fixed rate whatever the answers, follows the blocks, and waits until all is final or the drain time is over. */
export async function runLoad(options: LoadOptions): Promise<LoadResult> {
  const { rpcUrls, ratePerSecond, accounts } = options
  const url = rpcUrls[0] as string
  const count = Math.round(ratePerSecond * options.seconds)
  const validUntil = (await readHeadHeight(url)) + VALID_BLOCKS
  // Everything is signed before the clock starts.
  const txs = signTransfers(options, { first: 0, count, validUntil }).map((tx, i) => ({
    id: `0x${tx.id}`,
    hex: `0x${toHex(tx.bytes)}`,
    node: (i % accounts.length) % rpcUrls.length,
  }))
  const { latencies, fromHeight, ...rest } = await runOpenLoop({ rpcUrls, ratePerSecond, txs })
  const { seconds, heights } = rest
  return {
    ...rest,
    submitted: count,
    final: latencies.length,
    failedReceipts: await countFailed(url, fromHeight, heights),
    finalPerSecond: seconds === 0 ? 0 : latencies.length / seconds,
    p50Ms: quantile(latencies, 0.5),
    p99Ms: quantile(latencies, 0.99),
    maxMs: quantile(latencies, 1),
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
