// Owns: createNodeApi: what rpc/ may ask, answered from the running chain. Not here: JSON, methods, sockets (rpc).
import { failure, isFailure } from '../core/base/errors.ts'
import { toHex } from '../core/base/bytes.ts'
import { asHash32 } from '../core/base/ids.ts'
import type { Height, TxId } from '../core/base/ids.ts'
import { receiptHash } from '../core/chain/receipt.ts'
import { assembleTransaction } from '../core/chain/transaction.ts'
import type { TxBody } from '../core/chain/transaction.ts'
import { sha256, sha256Bytes } from '../core/crypto/hash.ts'
import { proveMerkle } from '../core/crypto/merkle.ts'
import { checkStatelessly } from '../core/execution/check.ts'
import { beginBlock } from '../core/execution/execute-block.ts'
import { encodeTreeProof } from '../core/state/tree-proof.ts'
import type { AccessLog, NodeApi, TxInBlock, TxStatus } from '../rpc/node-api.ts'
import { blockIdOf } from '../core/chain/block.ts'
import { must } from '../core/base/assert.ts'
import { NO_ACCESS_LOG } from './access-log.ts'
import type { ChainNode } from './chain-node.ts'
import { nextBlockEnv } from './chain-head.ts'
import type { Candidate } from './executor.ts'
import { diagnose } from './diagnosis/diagnose.ts'
import { lookAround } from './diagnosis/look.ts'
import { buildHealth, createReadiness, listPeers } from './health.ts'
import { createLightApi } from './light.ts'
import { MempoolError } from './mempool/errors.ts'
import { KEYS } from './storage/keys.ts'
import { headerWithId } from './storage/chain-store.ts'
import type { Place } from './storage/chain-store.ts'
import { createTxTimer } from './tx-timer.ts'
import type { TxTimer } from './tx-timer.ts'
import { createTxWaiters } from './tx-waiters.ts'

/** Builds the API over a chain node. `genesisJson` is the document as the operator gave it. */
export function createNodeApi(node: ChainNode, genesisJson: unknown, accessLog: AccessLog = NO_ACCESS_LOG): NodeApi {
  const { chain, options, head } = node
  const { registry, genesis, clock, version } = options
  const txStatus = (txId: TxId): TxStatus => statusOf(node, txId)
  const isFinal = (height: Height): boolean => height <= head().height
  const waiters = createTxWaiters({ clock, txStatus })
  const timer = createTxTimer(clock, (ms) => options.metrics.txFinal.observe(ms / 1_000))
  node.onCommit((candidate) => tellEnds(candidate, [timer, waiters]))
  return {
    chainId: genesis.chainId,
    network: genesis.network,
    genesisHash: genesis.hash,
    genesisJson: () => genesisJson,
    registry,
    version,
    nowMs: clock.nowMs,
    head: () => ({ header: head().header, blockId: head().blockId, commit: head().certificate }),
    params: () => head().params,
    validators: (height = head().height + 1) => (height <= head().height + 1 ? node.sets.at(height) : null),
    ...createLightApi(node),
    blockAt(height) {
      const block = isFinal(height) ? chain.blockAt(height) : null
      return block === null ? null : { block, blockId: blockIdOf(block.header) }
    },
    headerAt: (height) => (isFinal(height) ? headerWithId(chain, height) : null),
    heightOf(blockId) {
      const height = chain.heightOf(blockId)
      return height !== null && isFinal(height) ? height : null
    },
    certificateAt: (height) => (isFinal(height) ? chain.certificateAt(height) : null),
    recoveryAt: (height) => (isFinal(height) ? chain.recoveryAt(height) : null),
    receiptsAt: (height) => (isFinal(height) ? chain.receiptsAt(height) : null),
    state: () => node.state,
    proveState(key) {
      const { header, certificate } = head()
      const commit = must(certificate, 'a chain without blocks has no proof')
      return { key, value: node.state.get(key), proof: encodeTreeProof(node.tree.prove(sha256Bytes(key))), header, commit }
    },
    submitTransaction: (bytes) => submit(node, bytes, timer),
    submitEvidence: node.offerEvidence,
    simulate: (body) => simulate(node, body),
    txStatus,
    findTransaction: (txId) => findTransaction(node, txId),
    proveTransaction: (txId) => proveTransaction(node, txId),
    waitForTransaction: waiters.wait,
    accountHistory: (account, page) => readHistory(node, account, page),
    eventsBetween: (from, to) => readEvents(node, from, to),
    accessLog,
    onCommit: (listener) => node.onCommit((candidate) => listener({ height: candidate.block.header.height })),
    ...buildOperation(node),
  }
}

async function submit(node: ChainNode, bytes: Uint8Array, timer: TxTimer): ReturnType<NodeApi['submitTransaction']> {
  const [outcome] = (await node.intake.take('client', [bytes])) ?? [failure(MempoolError.FULL)]
  if (outcome === undefined) return failure(MempoolError.FULL)
  if (!isFailure(outcome)) {
    timer.begin(outcome.tx.id)
    node.publishTransaction(outcome.tx.id, outcome.tx.bytes)
    return { txId: outcome.tx.id }
  }
  // The second submission of the same transaction is not an error: it gets the same answer (interfaces.md 2.2).
  if (outcome.code !== MempoolError.DUPLICATE.code) return outcome
  return { txId: asHash32(String(outcome.detail?.['txId'] ?? '').slice(2)) }
}

type EndListener = { readonly onCommit: (txIds: readonly TxId[]) => void }

function tellEnds({ txs }: Candidate, listeners: readonly EndListener[]): void {
  const ids = txs.map((checked) => checked.tx.id)
  for (const listener of listeners) listener.onCommit(ids)
}

type Operation = Pick<NodeApi, 'mempool' | 'mempoolIds' | 'pendingNonce' | 'peers' | 'syncState' | 'health' | 'diagnose'>

function buildOperation(node: ChainNode): Operation {
  const { mempool, head, sync, desk } = node
  const { countMax, bytesMax } = node.options.mempoolLimits
  const readiness = createReadiness(node.options.clock.monotonicMs)
  return {
    mempool: () => ({ count: mempool.count(), bytes: mempool.bytes(), countMax, bytesMax }),
    mempoolIds: mempool.ids,
    pendingNonce: (account, lane) => mempool.nextNonce(account, lane) ?? desk.nextNonce(account, lane),
    peers: () => listPeers(node),
    syncState: () => ({
      syncing: sync.isBehind(),
      height: head().height,
      bestPeerHeight: Math.max(head().height, sync.bestPeerHeight()),
      oldestHeight: head().height === 0 ? 0 : node.chain.oldestHeight(),
    }),
    health: () => readiness(buildHealth(node)),
    diagnose: () => diagnose(lookAround(node)),
  }
}

function statusOf(node: ChainNode, txId: TxId): TxStatus {
  const found = findTransaction(node, txId)
  if (found !== null) return { status: 'final', height: found.height, index: found.index, receipt: found.receipt }
  const waiting = node.mempool.get(txId)
  if (waiting !== null) return { status: 'pending', validUntil: waiting.tx.body.validUntil }
  const ending = node.desk.endingOf(txId)
  if (ending === null) return { status: 'unknown' }
  return ending.kind === 'expired'
    ? { status: 'expired', height: ending.height }
    : { status: 'rejected', failure: ending.failure }
}

// The store shows a batch a moment before it is durable; nothing above the head is final yet.
function finalPlaceOf(node: ChainNode, txId: TxId): Place | null {
  const place = node.chain.placeOf(txId)
  return place !== null && place.height <= node.head().height ? place : null
}

function findTransaction(node: ChainNode, txId: TxId): TxInBlock | null {
  const place = finalPlaceOf(node, txId)
  if (place === null) return null
  const { registry, genesis } = node.options
  const block = must(node.chain.blockAt(place.height), 'an indexed transaction stands in a stored block')
  const receipts = must(node.chain.receiptsAt(place.height), 'a stored block has receipts')
  const checked = checkStatelessly(registry, genesis.hash, must(block.txs[place.index], 'the index is inside the block'))
  if (isFailure(checked)) return null
  return { tx: checked.tx, ...place, receipt: must(receipts[place.index], 'a receipt per transaction') }
}

function proveTransaction(node: ChainNode, txId: TxId): ReturnType<NodeApi['proveTransaction']> {
  const place = finalPlaceOf(node, txId)
  if (place === null) return null
  const block = must(node.chain.blockAt(place.height), 'an indexed transaction stands in a stored block')
  const receipts = must(node.chain.receiptsAt(place.height), 'a stored block has receipts')
  return {
    header: block.header,
    commit: must(node.chain.certificateAt(place.height), 'a stored block has its certificate'),
    tx: proveMerkle(block.txs.map(sha256), place.index),
    receipt: proveMerkle(receipts.map(receiptHash), place.index),
  }
}

function simulate(node: ChainNode, body: TxBody): ReturnType<NodeApi['simulate']> {
  const { registry, genesis, clock } = node.options
  const signatures = body.sponsor === null ? [new Uint8Array(64)] : [new Uint8Array(64), new Uint8Array(64)]
  const checked = checkStatelessly(registry, genesis.hash, assembleTransaction(body, signatures).bytes)
  if (isFailure(checked)) return checked
  const head = node.head()
  const block = nextBlockEnv(head, genesis, Math.max(clock.nowMs(), head.header.time + 1))
  const receipt = beginBlock({ registry, base: node.state, block, facts: null, checkSignature: () => true }).add(checked)
  return isFailure(receipt) ? receipt : { receipt }
}

async function readHistory(
  node: ChainNode,
  account: string,
  page: { before: string | null; limit: number },
): ReturnType<NodeApi['accountHistory']> {
  const prefix = KEYS.accountHistoryPrefix(account as Parameters<typeof KEYS.accountHistoryPrefix>[0])
  const lt = page.before === null ? `${prefix}~` : prefix + page.before
  const found: Awaited<ReturnType<NodeApi['accountHistory']>>[number][] = []
  for await (const [key, value] of node.options.store.range({ gte: prefix, lt, reverse: true, limit: page.limit })) {
    const cursor = key.slice(prefix.length)
    const [height, index] = cursor.split('.')
    found.push({
      txId: asHash32(toHex(value)),
      height: Number.parseInt(height as string, 16),
      index: Number.parseInt(index as string, 16),
      cursor,
    })
  }
  return found
}

function readEvents(node: ChainNode, from: Height, to: Height): ReturnType<NodeApi['eventsBetween']> {
  const last = Math.min(to, node.head().height)
  const events: ReturnType<NodeApi['eventsBetween']>[number][] = []
  for (let height = Math.max(1, from); height <= last; height++) {
    const receipts = node.chain.receiptsAt(height) ?? []
    for (const [txIndex, receipt] of receipts.entries()) {
      for (const [eventIndex, event] of receipt.events.entries())
        events.push({ height, txIndex, eventIndex, txId: receipt.txId, event })
    }
  }
  return events
}
