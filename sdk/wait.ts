// Owns: submitting a transaction and waiting for its end. Not here: building it (transaction.ts), many at a time (sender.ts).
import { toHex } from '../core/base/bytes.ts'
import type { Transaction } from '../core/chain/transaction.ts'
import type { Client } from './client.ts'
import { TransactionError } from './errors.ts'
import type { TxStatusJson } from './methods.ts'

/** Time to wait for an end, in ms. */
export type WaitOptions = { readonly timeoutMs?: number }

/** A transaction in a final block whose receipt has code 0. */
export type FinalTransaction = Extract<TxStatusJson, { status: 'final' }>

/** Time to wait where a call does not say, in ms. */
export const WAIT_TIMEOUT_MS = 30_000
/** Longest time one request waits at the node, in ms; below the bound of nodes and of most proxies. */
const WAIT_STEP_MS = 20_000
/** Time for the answer to travel, on top of the wait, in ms. */
const TRAVEL_MS = 10_000

/** `0x` and the hex of the signed bytes, as tx_submit takes them. */
export function formatTransaction(tx: Transaction): string {
  return `0x${toHex(tx.bytes)}`
}

/** Hands a transaction to the node; its hash as `0x` hex once it is admitted. Throws RpcError when it is refused. */
export async function submitTransaction(client: Client, tx: Transaction): Promise<string> {
  const { hash } = await client.call('tx_submit', { tx: formatTransaction(tx) })
  return hash
}

/**
 * Submits and waits: final (its receipt may tell of a failure), rejected, expired, or pending after the time. Throws RpcError
 * when refused.
 */
export async function submitAndWait(
  client: Client,
  tx: Transaction,
  { timeoutMs = WAIT_TIMEOUT_MS }: WaitOptions = {},
): Promise<TxStatusJson> {
  const startedMs = performance.now()
  const stepMs = Math.min(WAIT_STEP_MS, timeoutMs)
  const params = { tx: formatTransaction(tx), timeoutMs: stepMs }
  const status = await client.call('tx_submitAndWait', params, { timeoutMs: stepMs + TRAVEL_MS })
  const leftMs = timeoutMs - Math.ceil(performance.now() - startedMs)
  return isEnd(status) || leftMs <= 0 ? status : waitForEnd(client, status.hash, { timeoutMs: leftMs })
}

/** The status at its end: final, rejected or expired; or the present one after the time. `txId` is `0x` hex. */
export async function waitForEnd(
  client: Client,
  txId: string,
  { timeoutMs = WAIT_TIMEOUT_MS }: WaitOptions = {},
): Promise<TxStatusJson> {
  const deadlineMs = performance.now() + timeoutMs
  for (;;) {
    const stepMs = Math.max(0, Math.min(WAIT_STEP_MS, Math.ceil(deadlineMs - performance.now())))
    const status = await client.call('tx_wait', { hash: txId, timeoutMs: stepMs }, { timeoutMs: stepMs + TRAVEL_MS })
    if (isEnd(status) || performance.now() >= deadlineMs) return status
  }
}

/** Waits until the transaction is final and has succeeded. Throws TransactionError with the reason otherwise. */
export async function waitForFinal(client: Client, txId: string, options: WaitOptions = {}): Promise<FinalTransaction> {
  return requireFinal(await waitForEnd(client, txId, options))
}

/** The status as a success. Throws TransactionError: the receipt's or the failure's code, EXPIRED, or PENDING. */
export function requireFinal(status: TxStatusJson): FinalTransaction {
  const { hash } = status
  if (status.status === 'final') {
    const { code, error, message } = status.receipt
    if (code === 0) return status
    throw new TransactionError(error ?? 'FAILED', hash, message ?? `the transaction failed with code ${code}`)
  }
  if (status.status === 'rejected') throw new TransactionError(status.error.data?.code ?? 'REJECTED', hash, status.error.message)
  if (status.status === 'expired') {
    throw new TransactionError('EXPIRED', hash, `no block up to validUntil held it, as of height ${status.height}; build it anew`)
  }
  throw new TransactionError('PENDING', hash, `it is ${status.status} still; wait longer, it ends by its validUntil height`)
}

function isEnd({ status }: TxStatusJson): boolean {
  return status === 'final' || status === 'rejected' || status === 'expired'
}
