// Owns: an open-loop load of signed transfers and what became of it: finality by the nodes' own blocks. Not here: the network.
import { Agent, request } from 'node:http'
import { fromHex } from '../core/base/bytes.ts'
import { TX_VERSION, assembleTransaction, txSigningBytes } from '../core/chain/transaction.ts'
import { encode } from '../core/codec/schema.ts'
import { createSigner } from '../core/crypto/keys.ts'
import { TransferPayload } from '../modules/payment/schema.ts'
import { transfer } from '../modules/payment/transfer.ts'
import { DEV_KEY_ID } from '../cli/devnet/accounts.ts'
import type { DevAccount } from '../cli/devnet/accounts.ts'

/** Times in ms; `finalPerSecond` counts from the first submission to the last transaction seen final. */
export type LoadResult = {
  readonly submitted: number
  readonly refused: number
  readonly final: number
  readonly failedReceipts: number
  readonly seconds: number
  readonly finalPerSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly maxMs: number
  readonly heights: number
  readonly errors: Readonly<Record<string, number>>
}

export type LoadOptions = {
  readonly rpcUrls: readonly string[]
  readonly genesisHash: string
  readonly accounts: readonly DevAccount[]
  readonly ratePerSecond: number
  readonly seconds: number
  /** Nonces already used per account, so that several loads may follow each other. */
  readonly nonces: bigint[]
}

type Signed = { readonly id: string; readonly hex: string }

const BATCH_MS = 20
const DRAIN_MS = 30_000
const agent = new Agent({ keepAlive: true, maxSockets: 64 })

/** One JSON-RPC call or batch over a kept connection. */
export function post(url: string, body: unknown): Promise<unknown> {
  const text = JSON.stringify(body)
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }
    const call = request(url, { method: 'POST', agent, headers }, (response) => {
      const parts: Buffer[] = []
      response.on('data', (part: Buffer) => parts.push(part))
      response.on('end', () => resolve(JSON.parse(Buffer.concat(parts).toString('utf8'))))
      response.on('error', reject)
    })
    call.on('error', reject)
    call.end(text)
  })
}

async function read<T>(url: string, method: string, params: unknown): Promise<T> {
  const answer = (await post(url, { jsonrpc: '2.0', id: 1, method, params })) as { result: T; error?: { message: string } }
  if (answer.error !== undefined) throw new Error(`${method}: ${answer.error.message}`)
  return answer.result
}

async function headHeight(url: string): Promise<number> {
  return (await read<{ value: { height: number } }>(url, 'chain_head', {})).value.height
}

/** Signs every transaction before the clock starts: accounts in turn, each to its neighbour. */
export function signTransfers(options: LoadOptions, count: number, validUntil: number): readonly Signed[] {
  const { accounts, nonces } = options
  const chainTag = fromHex(options.genesisHash.slice(0, 16))
  const signers = accounts.map((account) => createSigner(account.seed))
  return Array.from({ length: count }, (_, i) => {
    const at = i % accounts.length
    const to = (accounts[(at + 1) % accounts.length] as DevAccount).address
    const nonce = nonces[at] as bigint
    nonces[at] = nonce + 1n
    const body = {
      version: TX_VERSION,
      chainTag,
      type: transfer.type,
      sender: (accounts[at] as DevAccount).address,
      keyId: DEV_KEY_ID,
      lane: 0,
      nonce,
      validUntil,
      payload: encode(TransferPayload, { to, amount: 1n, memoCommit: null }),
      sponsor: null,
    }
    const signature = (signers[at] as ReturnType<typeof createSigner>).sign(txSigningBytes(body))
    const tx = assembleTransaction(body, [signature])
    return { id: `0x${tx.id}`, hex: `0x${Buffer.from(tx.bytes).toString('hex')}` }
  })
}

/** Submits at a fixed rate whatever the answers, follows the blocks, and waits until all is final or the drain time is over. */
export async function runLoad(options: LoadOptions): Promise<LoadResult> {
  const url = options.rpcUrls[0] as string
  const count = Math.round(options.ratePerSecond * options.seconds)
  const from = await headHeight(url)
  const txs = signTransfers(options, count, from + 590)
  const submittedAt = new Map<string, number>()
  const latencies: number[] = []
  const errors: Record<string, number> = {}
  let refused = 0
  let failedReceipts = 0
  let lastFinalAt = performance.now()
  let stopped = false

  const follow = async (): Promise<number> => {
    let height = from
    while (!stopped) {
      const head = await headHeight(url)
      const now = performance.now()
      for (; height < head; height++) {
        const block = await read<{ value: { txs: readonly string[] } }>(url, 'chain_getBlock', { height: height + 1, full: false })
        for (const id of block.value.txs) {
          const at = submittedAt.get(id)
          if (at === undefined) continue
          submittedAt.delete(id)
          latencies.push(now - at)
          lastFinalAt = now
        }
      }
      await new Promise((resolve) => setTimeout(resolve, 8))
    }
    return height - from
  }

  const followed = follow()
  const begun = performance.now()
  const pending: Promise<void>[] = []
  let sent = 0
  while (sent < count) {
    const due = Math.min(count, Math.floor(((performance.now() - begun) / 1_000) * options.ratePerSecond))
    // One account's transactions go to one node, so that their nonces arrive in order.
    const perNode: Signed[][] = options.rpcUrls.map(() => [])
    for (; sent < due; sent++) perNode[(sent % options.accounts.length) % options.rpcUrls.length]?.push(txs[sent] as Signed)
    perNode.forEach((list, node) => {
      for (let at = 0; at < list.length; at += 100) {
        pending.push(submit(options.rpcUrls[node] as string, list.slice(at, at + 100)))
      }
    })
    await new Promise((resolve) => setTimeout(resolve, BATCH_MS))
  }

  async function submit(nodeUrl: string, list: readonly Signed[]): Promise<void> {
    const now = performance.now()
    for (const { id } of list) submittedAt.set(id, now)
    const calls = list.map(({ hex }, id) => ({ jsonrpc: '2.0', id, method: 'tx_submit', params: { tx: hex } }))
    const answers = (await post(nodeUrl, calls)) as readonly { id: number; error?: { data?: { code?: string }; message: string } }[]
    for (const answer of answers) {
      if (answer.error === undefined) continue
      refused++
      const code = answer.error.data?.code ?? answer.error.message
      errors[code] = (errors[code] ?? 0) + 1
      submittedAt.delete((list[answer.id] as Signed).id)
    }
  }

  await Promise.all(pending)
  const drainUntil = performance.now() + DRAIN_MS
  while (submittedAt.size > 0 && performance.now() < drainUntil) await new Promise((resolve) => setTimeout(resolve, 20))
  stopped = true
  const heights = await followed
  const seconds = (lastFinalAt - begun) / 1_000
  latencies.sort((a, b) => a - b)
  const at = (share: number): number => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? 0
  failedReceipts = await countFailed(url, from, heights)
  return {
    submitted: count,
    refused,
    final: latencies.length,
    failedReceipts,
    seconds,
    finalPerSecond: latencies.length / seconds,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    maxMs: at(1),
    heights,
    errors,
  }
}

async function countFailed(url: string, from: number, heights: number): Promise<number> {
  let failed = 0
  for (let height = from + 1; height <= from + heights; height += 10) {
    const block = await read<{ value: { receipts?: readonly { code: number }[] } }>(url, 'chain_getBlock', { height })
    for (const receipt of block.value.receipts ?? []) if (receipt.code !== 0) failed++
  }
  return failed
}
