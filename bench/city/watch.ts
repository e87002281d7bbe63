// Owns: what a load did to the chain: how deep the mempool was, how full blocks were, which receipts failed.
// Not here: latency (../open-loop.ts), memory and CPU (../network.ts).
import { setTimeout as sleep } from 'node:timers/promises'
import { callMethod } from '../json-rpc.ts'
import type { OpenLoopResult } from '../open-loop.ts'

/** Transactions that waited at the first node, sampled. */
export type Depth = { readonly mean: number; readonly max: number; readonly samples: number }

const SAMPLE_MS = 250

/** Samples a node's mempool until ended. */
export function watchMempool(url: string): { readonly end: () => Promise<Depth> } {
  let ended = false
  const counts: number[] = []
  const watch = async (): Promise<void> => {
    while (!ended) {
      try {
        counts.push((await callMethod<{ count: number }>(url, 'mempool_status', {})).count)
      } catch {
        // A node that is too busy to say how full it is leaves a hole among the samples.
      }
      await sleep(SAMPLE_MS)
    }
  }
  const watching = watch()
  return {
    end: async () => {
      ended = true
      await watching
      const mean = counts.length === 0 ? 0 : counts.reduce((sum, count) => sum + count, 0) / counts.length
      return { mean, max: Math.max(0, ...counts), samples: counts.length }
    },
  }
}

/** Blocks of a load: transactions and bytes of each that held any, and failed receipts by `kind CODE`. */
export type Blocks = {
  readonly txs: readonly number[]
  readonly bytes: readonly number[]
  readonly failed: Readonly<Record<string, number>>
}

type BlockJson = {
  readonly value: {
    readonly header: { readonly txCount: number; readonly bodyBytes: number }
    readonly txs: readonly { readonly hash: string }[]
    readonly receipts: readonly { readonly code: number; readonly error?: string }[]
  }
}

/** Reads every block of a load, after it, so that reading costs the load nothing. */
export async function countReceipts(
  url: string,
  { fromHeight, heights }: OpenLoopResult,
  kinds: ReadonlyMap<string, string>,
): Promise<Blocks> {
  const blocks = { txs: [] as number[], bytes: [] as number[], failed: {} as Record<string, number> }
  for (let height = fromHeight + 1; height <= fromHeight + heights; height++) {
    const { value } = await callMethod<BlockJson>(url, 'chain_getBlock', { height })
    const { header, txs, receipts } = value
    if (header.txCount === 0) continue
    blocks.txs.push(header.txCount)
    blocks.bytes.push(header.bodyBytes)
    txs.forEach(({ hash }, i) => {
      const receipt = receipts[i]
      if (receipt === undefined || receipt.code === 0) return
      const name = `${kinds.get(hash) ?? 'other'} ${receipt.error ?? receipt.code}`
      blocks.failed[name] = (blocks.failed[name] ?? 0) + 1
    })
  }
  return blocks
}
