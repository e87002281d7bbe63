// Owns: receipts that prove themselves: a transaction, what it did, and every change of validators up to its block.
// Not here: their file form (proof-file.ts), proofs under validators known already (verify.ts).
import { CodecError } from '../core/base/errors.ts'
import type { ChainRef } from './chain.ts'
import type { Client } from './client.ts'
import { beginAtCheckpoint, beginAtGenesis, decodeChange, followChange, trustAt } from './epochs.ts'
import type { Bootstrap, Checkpoint, TrustedChain } from './epochs.ts'
import { fetchTransactionProof } from './fetch-proof.ts'
import { readBootstrap } from './light-client.ts'
import { decodeFinality, formatHash, parseBytes } from './proof.ts'
import type { TransactionProof } from './proof.ts'
import type { Reader } from './signed-read.ts'
import type { Trust } from './trust.ts'
import { verifyTransactionProof } from './verify.ts'
import type { ProvenTransaction, Verdict } from './verify.ts'

/**
 * A transaction's proof with the way to its validators: from the genesis (`anchor` null) or a checkpoint, through the changes of
 * the set below its block, in their canonical bytes.
 */
export type ReceiptBundle = TransactionProof & { readonly anchor: Bootstrap | null; readonly changes: readonly Uint8Array[] }

/** Where the verifier's own belief begins: a genesis document's trust, or a checkpoint. */
export type Beginning = Trust | Checkpoint

/**
 * A bundle of a final transaction from a node, asked for as `as` where not everybody may read it; not verified yet.
 * Throws RpcError, NodeError and CodecError.
 */
export async function fetchReceipt(
  client: Client,
  chain: ChainRef,
  txId: string,
  from: Beginning,
  as?: Reader,
): Promise<ReceiptBundle> {
  const proof = await fetchTransactionProof(client, chain, txId, as)
  const { height } = decodeFinality(proof).header
  const isCheckpoint = 'blockId' in from
  const anchor = isCheckpoint
    ? readBootstrap(await client.call('light_getBootstrap', { checkpoint: formatHash(from.blockId) }))
    : null
  const changes: Uint8Array[] = []
  for (let next = isCheckpoint ? from.height + 1 : 1; next < height; ) {
    const answer = await client.call('light_getUpdates', { from: next, to: height - 1 })
    const page = answer.changes.map((change, at) => parseBytes(change, `changes[${at}]`))
    changes.push(...page)
    const last = page.at(-1)
    if (answer.more !== true || last === undefined) break
    next = decodeChange(last).header.height + 1
  }
  return { ...proof, anchor, changes }
}

/**
 * Verifies a bundle with nothing but the beginning: each change by the set before it, the header by the set of its height, then
 * transaction and receipt. Never throws for what is from outside. Nothing in the bundle may be idle.
 */
export function verifyReceiptBundle(claim: { from: Beginning; proof: ReceiptBundle }): Verdict<ProvenTransaction> {
  const { from, proof } = claim
  try {
    const { height } = decodeFinality(proof).header
    const chain = followBundle(from, proof, height)
    if (typeof chain === 'string') return { ok: false, reason: chain }
    const trust = trustAt(chain, height)
    if (trust === null)
      return { ok: false, reason: `the receipt is of height ${height}, below ${chain.epochs[0].from}, where trust begins` }
    return verifyTransactionProof({ trust, proof })
  } catch (cause) {
    if (cause instanceof CodecError || cause instanceof TypeError || cause instanceof RangeError)
      return { ok: false, reason: cause.message }
    throw cause
  }
}

function followBundle(from: Beginning, { anchor, changes }: ReceiptBundle, height: number): TrustedChain | string {
  const begun = begin(from, anchor)
  if (typeof begun === 'string') return begun
  let chain = begun
  for (const bytes of changes) {
    const change = decodeChange(bytes)
    if (change.header.height >= height) return `the change at height ${change.header.height} says nothing about height ${height}`
    const next = followChange(chain, change)
    if (typeof next === 'string') return next
    chain = next
  }
  return chain
}

function begin(from: Beginning, anchor: Bootstrap | null): TrustedChain | string {
  if (!('blockId' in from)) {
    return anchor === null ? beginAtGenesis(from, 0) : 'the receipt begins at a checkpoint: verify it with that checkpoint'
  }
  return anchor === null
    ? 'the receipt begins at the genesis: verify it with the genesis document'
    : beginAtCheckpoint(from, anchor)
}
