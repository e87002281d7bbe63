// Owns: many transactions of one lane in flight at once: nonces, heights, what happens after a refusal.
// Not here: one transaction (wait.ts).
import { NodeError } from '../core/base/errors.ts'
import type { Transaction } from '../core/chain/transaction.ts'
import type { ChainRef } from './chain.ts'
import type { Client } from './client.ts'
import { RpcError } from './errors.ts'
import type { TxStatusJson } from './methods.ts'
import { buildTransaction, signTransaction } from './transaction.ts'
import type { Action } from './transaction.ts'
import { formatTransaction, requireFinal, waitForEnd } from './wait.ts'
import type { FinalTransaction, WaitOptions } from './wait.ts'
import type { Wallet } from './wallet.ts'

/** `sponsor` signs every transaction and pays its credits; `lane` is 0 where left out. */
export type SenderOptions = {
  readonly client: Client
  readonly chain: ChainRef
  readonly wallet: Wallet
  readonly lane?: number
  readonly sponsor?: Wallet
}

/** A transaction that the node has admitted. `txId` is `0x` hex. */
export type Submitted = { readonly txId: string; readonly nonce: bigint }

/**
 * Sends the transactions of one wallet in one lane, in the order of the calls, without waiting for one to be final before the
 * next.
 */
export type Sender = {
  /** Resolves once admitted. Throws RpcError when refused, and what `buildTransaction` and `call` throw. */
  readonly submit: <P>(action: Action<P>) => Promise<Submitted>
  /** The same for up to 100 in one request; a refused one gives its RpcError as a value. */
  readonly submitBatch: (actions: readonly Action[]) => Promise<readonly (Submitted | RpcError)[]>
  /** Submits and waits for success. Throws TransactionError with the reason otherwise. */
  readonly send: <P>(action: Action<P>, options?: WaitOptions) => Promise<FinalTransaction>
  /** Signs the next transaction and leaves sending it to the caller, who must. */
  readonly sign: <P>(action: Action<P>) => Promise<Transaction>
}

/** Time for which a height is taken as the present one, in ms. */
const HEAD_AGE_MS = 5_000
/** Tries of a submission whose outcome is unknown; the same bytes twice are the same as once. */
const ATTEMPTS = 3
const RETRY_MS = 200

type Lane = {
  readonly options: SenderOptions
  /** Null until read, and again after a refusal: the nonces above the refused one may have been held or dropped. */
  nonce: bigint | null
  inFlight: number
  height: number
  readAtMs: number
  aheadMax: number
  /** The reading of nonce or height under way, which later calls wait for in order. */
  turn: Promise<unknown>
}

/** A sender that begins at the nonce that the node expects. Only one sender may use a lane at a time. */
export function createSender(options: SenderOptions): Sender {
  const lane: Lane = {
    options,
    nonce: null,
    inFlight: 0,
    height: 0,
    readAtMs: Number.NEGATIVE_INFINITY,
    aheadMax: 0,
    turn: Promise.resolve(),
  }
  const sign = async <P>(action: Action<P>): Promise<Transaction> => (await takeTurn(lane, [action as Action]))[0] as Transaction
  const submit = async <P>(action: Action<P>): Promise<Submitted> => {
    const [outcome] = await submitAll(lane, [action as Action])
    if (outcome instanceof RpcError) throw outcome
    return outcome as Submitted
  }
  return {
    sign,
    submit,
    submitBatch: (actions) => submitAll(lane, actions),
    send: async (action, waitOptions) => {
      const { txId } = await submit(action)
      return requireFinal(await waitForEnd(options.client, txId, waitOptions))
    },
  }
}

/** Signs the actions with the next nonces; calls are served in order. */
function takeTurn(lane: Lane, actions: readonly Action[]): Promise<readonly Transaction[]> {
  const run = lane.turn.then(() => signNext(lane, actions))
  lane.turn = run.catch(() => undefined)
  return run
}

async function signNext(lane: Lane, actions: readonly Action[]): Promise<readonly Transaction[]> {
  const { chain, wallet, lane: number = 0, sponsor } = lane.options
  if (performance.now() - lane.readAtMs > HEAD_AGE_MS) await readHead(lane)
  const first = lane.nonce ?? (await readNonce(lane))
  const envelope = {
    chain,
    sender: wallet.account,
    keyId: wallet.keyId,
    lane: number,
    validUntil: lane.height + Math.max(1, Math.floor(lane.aheadMax / 2)),
    sponsor: sponsor === undefined ? null : { account: sponsor.account, keyId: sponsor.keyId },
  }
  // A payload that does not build throws here, before any nonce is taken.
  const txs = actions.map((action, index) =>
    signTransaction(buildTransaction({ ...envelope, ...action, nonce: first + BigInt(index) }), wallet, sponsor ?? null),
  )
  lane.nonce = first + BigInt(txs.length)
  return txs
}

async function readHead(lane: Lane): Promise<void> {
  const { client } = lane.options
  if (lane.aheadMax === 0) lane.aheadMax = (await client.call('chain_getParams')).value.validUntilAheadMax
  lane.height = (await client.call('chain_head')).value.height
  lane.readAtMs = performance.now()
}

async function readNonce(lane: Lane): Promise<bigint> {
  const { client, wallet, lane: number = 0 } = lane.options
  // What is still on its way would be counted wrongly.
  while (lane.inFlight > 0) await pause(10)
  const { value } = await client.call('account_getNonce', { account: wallet.address, lane: number })
  return BigInt(value.next)
}

async function submitAll(lane: Lane, actions: readonly Action[]): Promise<readonly (Submitted | RpcError)[]> {
  const txs = await takeTurn(lane, actions)
  if (txs.length === 0) return []
  lane.inFlight += 1
  try {
    const answers = await callRepeatedly(lane.options.client, txs)
    const outcomes = answers.map((answer, index) => outcomeOf(answer, txs[index] as Transaction))
    if (outcomes.some((outcome) => outcome instanceof RpcError)) lane.nonce = null
    return outcomes
  } catch (cause) {
    lane.nonce = null
    throw cause
  } finally {
    lane.inFlight -= 1
  }
}

function outcomeOf(answer: unknown, tx: Transaction): Submitted | RpcError {
  if (answer instanceof RpcError) return answer
  const { hash } = answer as TxStatusJson
  return { txId: hash, nonce: tx.body.nonce }
}

async function callRepeatedly(client: Client, txs: readonly Transaction[]): Promise<readonly unknown[]> {
  const calls = txs.map((tx) => ({ method: 'tx_submit', params: { tx: formatTransaction(tx) } }))
  for (let attempt = 1; ; attempt++) {
    try {
      if (calls.length > 1) return await client.batch(calls)
      return [await client.call('tx_submit', { tx: formatTransaction(txs[0] as Transaction) })]
    } catch (cause) {
      if (cause instanceof RpcError && calls.length === 1) return [cause]
      const isUnknown = cause instanceof NodeError && (cause.code === 'RPC_TIMEOUT' || cause.code === 'RPC_UNREACHABLE')
      if (!isUnknown || attempt === ATTEMPTS) throw cause
      await pause(RETRY_MS * attempt)
    }
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms)
  })
}
