// Owns: making, signing and sending a transaction from the command line. Not here: where keys come from (target.ts).
import { setTimeout as sleep } from 'node:timers/promises'
import { fromHex, toHex } from '../core/base/bytes.ts'
import { NETWORKS } from '../core/crypto/address.ts'
import type { NetworkName } from '../core/crypto/address.ts'
import { signMessage } from '../core/crypto/keys.ts'
import { assembleTransaction, TX_VERSION, txSigningBytes } from '../core/chain/transaction.ts'
import type { TxBody } from '../core/chain/transaction.ts'
import { encode } from '../core/codec/schema.ts'
import { textContextOf } from '../core/execution/init-genesis.ts'
import { REGISTRY } from '../modules/registry.ts'
import { findNearest } from '../rpc/nearest.ts'
import { CliError, EXIT, refuseUsage } from './errors.ts'
import { callRpc } from './rpc-client.ts'
import type { RpcAddress } from './rpc-client.ts'

/** Who signs: an account as text, the name of its key, and the key's seed. */
export type Wallet = { readonly account: string; readonly keyId: string; readonly seed: Uint8Array }

/** A transaction to be: type by name and payload in JSON. */
export type TxOrder = {
  readonly type: string
  readonly payload: unknown
  readonly lane?: number
  readonly nonce?: bigint
  readonly validUntil?: number
  readonly sponsor?: { readonly account: string; readonly keyId: string }
}

type ChainId = {
  readonly chainId: string
  readonly network: NetworkName
  readonly genesisHash: string
  readonly chainTag: string
}

/** State of a transaction as a node tells it. */
export type TxStatus = {
  readonly hash: string
  readonly status: 'unknown' | 'pending' | 'final' | 'rejected' | 'expired'
  readonly height?: number
  readonly receipt?: {
    readonly code: number
    readonly error?: string
    readonly message?: string
    readonly events: readonly unknown[]
  }
  readonly error?: { readonly message: string; readonly data?: { readonly code?: string } }
}

/** What a command prints of a final transaction. */
export type SentTx = { readonly txId: string; readonly height: number; readonly status: 'final' }

// Enough for any queue, and short enough that a lost transaction is known to be lost within minutes.
const VALID_AHEAD = 300

/** The declaration of a transaction type. Throws a usage error with the nearest name. */
export function findTransactionType(name: string) {
  const found = REGISTRY.transactionByName.get(name)
  if (found !== undefined) return found
  const nearest = findNearest(name, REGISTRY.transactionByName.keys())
  return refuseUsage(`there is no transaction ${name}${nearest === null ? '' : `; did you mean ${nearest}?`}`)
}

/** The unsigned body: nonce and last height come from the node where they are not given. */
export async function buildBody(rpc: RpcAddress, sender: { account: string; keyId: string }, order: TxOrder): Promise<TxBody> {
  const definition = findTransactionType(order.type)
  const [chain, head, nonce] = await Promise.all([
    callRpc<ChainId>(rpc, 'chain_id'),
    order.validUntil === undefined ? callRpc<{ context: { height: number } }>(rpc, 'chain_head') : null,
    order.nonce === undefined
      ? callRpc<{ value: { next: string } }>(rpc, 'account_getNonce', { account: sender.account, lane: order.lane ?? 0 })
      : null,
  ])
  const text = textContextOf(chain.network)
  const address = (account: string) =>
    text.parseAddress(account) ??
    refuseUsage(`${account} is no account of a ${chain.network} network (${NETWORKS[chain.network].hrp}1…)`)
  const { sponsor } = order
  return {
    version: TX_VERSION,
    chainTag: fromHex(chain.chainTag.slice(2)),
    type: definition.type,
    sender: address(sender.account),
    keyId: sender.keyId,
    lane: order.lane ?? 0,
    nonce: order.nonce ?? BigInt(nonce?.value.next ?? '0'),
    validUntil: order.validUntil ?? (head?.context.height ?? 0) + VALID_AHEAD,
    payload: encode(definition.payload, definition.payload.fromJson(order.payload, text, order.type)),
    sponsor: sponsor === undefined ? null : { account: address(sponsor.account), keyId: sponsor.keyId },
  }
}

/** Bytes of the signed transaction as `0x` hex. */
export function signBody(body: TxBody, seeds: readonly Uint8Array[]): string {
  const message = txSigningBytes(body)
  return `0x${toHex(
    assembleTransaction(
      body,
      seeds.map((seed) => signMessage(seed, message)),
    ).bytes,
  )}`
}

/** Builds, signs, sends and waits. Throws CliError: 5 when refused, failed or expired, 6 when not final in time. */
export async function sendOrder(rpc: RpcAddress, wallet: Wallet, order: TxOrder, timeoutMs: number): Promise<SentTx> {
  const body = await buildBody(rpc, wallet, order)
  return submitAndWait(rpc, signBody(body, [wallet.seed]), timeoutMs)
}

/** Sends signed bytes and waits; errors as `sendOrder`. */
export async function submitAndWait(rpc: RpcAddress, tx: string, timeoutMs: number): Promise<SentTx> {
  const status = await callRpc<TxStatus>(
    rpc,
    'tx_submitAndWait',
    { tx, timeoutMs: Math.min(timeoutMs, 60_000) },
    timeoutMs + 2_000,
  )
  return settleStatus(status, timeoutMs)
}

/** Waits for a transaction by hash; errors as `sendOrder`. */
export async function waitForTx(rpc: RpcAddress, hash: string, timeoutMs: number): Promise<SentTx> {
  const deadline = performance.now() + timeoutMs
  for (;;) {
    const leftMs = Math.max(0, Math.round(deadline - performance.now()))
    const status = await callRpc<TxStatus>(rpc, 'tx_wait', { hash, timeoutMs: Math.min(leftMs, 60_000) }, leftMs + 2_000)
    const isOpen = status.status === 'pending' || status.status === 'unknown'
    if (!isOpen || performance.now() >= deadline) return settleStatus(status, timeoutMs)
    await sleep(50)
  }
}

function settleStatus(status: TxStatus, timeoutMs: number): SentTx {
  const { hash, receipt } = status
  if (status.status === 'final' && receipt?.code === 0) return { txId: hash, height: status.height ?? 0, status: 'final' }
  if (status.status === 'final') {
    const text = `the transaction is final in block ${status.height} and failed: ${receipt?.message ?? 'no reason given'}`
    throw new CliError(EXIT.nodeError, receipt?.error ?? 'FAILED', text, { txId: hash, height: status.height, status: 'final' })
  }
  if (status.status === 'rejected') {
    const text = `the transaction was rejected: ${status.error?.message ?? 'no reason given'}`
    throw new CliError(EXIT.nodeError, status.error?.data?.code ?? 'REJECTED', text, { txId: hash, status: 'rejected' })
  }
  if (status.status === 'expired')
    throw new CliError(EXIT.nodeError, 'EXPIRED', 'the transaction expired; send it again', { txId: hash, status: 'expired' })
  throw new CliError(
    EXIT.timeout,
    'TIMEOUT',
    `the transaction is ${status.status} after ${timeoutMs} ms; naru tx wait goes on waiting`,
    {
      txId: hash,
      status: status.status,
    },
  )
}
