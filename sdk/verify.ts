// Owns: verifying that a record, transaction or receipt is final, with nothing but trust in the validators.
// Not here: asking a node (fetch-proof.ts).
import { equalBytes, toHex } from '../core/base/bytes.ts'
import { CodecError } from '../core/base/errors.ts'
import { LIMITS } from '../core/base/limits.ts'
import type { Header } from '../core/chain/block.ts'
import { receiptHash, ReceiptSchema } from '../core/chain/receipt.ts'
import type { Receipt } from '../core/chain/receipt.ts'
import { decodeTransaction } from '../core/chain/transaction.ts'
import type { Transaction } from '../core/chain/transaction.ts'
import { decode } from '../core/codec/schema.ts'
import { sha256Bytes } from '../core/crypto/hash.ts'
import { verifyMerkle } from '../core/crypto/merkle.ts'
import { verifyTreeProof } from '../core/state/tree-proof.ts'
import { checkFinality } from './finality.ts'
import { chainTagOf, decodeFinality } from './proof.ts'
import type { ProofBase, ReceiptProof, StateProof, TransactionProof } from './proof.ts'
import type { Trust } from './trust.ts'

/** What was proven, or one sentence why nothing was. */
export type Verdict<T> = ({ readonly ok: true } & T) | { readonly ok: false; readonly reason: string }

/** A proven record: under `header.stateRoot` the key holds the value, or nothing where it is null. */
export type ProvenState = { readonly header: Header; readonly key: string; readonly value: Uint8Array | null }

/** A proven receipt; `index` is its place in the block. */
export type ProvenReceipt = { readonly header: Header; readonly receipt: Receipt; readonly index: number }

/** A proven transaction with its receipt. */
export type ProvenTransaction = ProvenReceipt & { readonly tx: Transaction }

const RECEIPT_BYTES_MAX = LIMITS.eventsPerTxMax * (LIMITS.eventBytesMax + 16) + 64

/** Runs a verification; bytes that are no encoding are a reason like any other. */
function judge<T>(verify: () => T | string): Verdict<T> {
  try {
    const result = verify()
    return typeof result === 'string' ? { ok: false, reason: result } : { ok: true, ...result }
  } catch (cause) {
    if (cause instanceof CodecError || cause instanceof TypeError || cause instanceof RangeError)
      return { ok: false, reason: cause.message }
    throw cause
  }
}

function proveHeader(trust: Trust, proof: ProofBase): Header | string {
  if (proof.chainId !== trust.chainId) return `the proof is of chain ${proof.chainId}, trusted is ${trust.chainId}`
  if (proof.genesisHash !== trust.genesisHash) return 'the proof is of a chain with another genesis'
  const { header, commit } = decodeFinality(proof)
  return checkFinality(trust, header, commit) ?? header
}

/**
 * Verifies a state proof: certificate by a quorum of the trusted validators under the strict signature rule, header, chain, and
 * the path of the key to the header's state root. With `key`, a proof of any other is refused. Never throws for what is from
 * outside.
 */
export function verifyStateProof(claim: { trust: Trust; proof: StateProof; key?: string }): Verdict<ProvenState> {
  const { trust, proof } = claim
  return judge(() => {
    if (claim.key !== undefined && claim.key !== proof.key) return `the proof is of ${proof.key}, asked for was ${claim.key}`
    const header = proveHeader(trust, proof)
    if (typeof header === 'string') return header
    const { key, value } = proof
    // Every key of the state is ASCII; other text could share its bytes with another text.
    if (!/^[\x21-\x7e]{1,512}$/.test(key)) return 'the key is no key of the state'
    const isProven = verifyTreeProof({
      rootHash: header.stateRoot,
      key: sha256Bytes(key),
      valueHash: value === null ? null : sha256Bytes(value),
      proof: proof.proof,
    })
    if (isProven) return { header, key, value }
    return value === null ? `the path does not show that ${key} is absent` : `the path does not show that ${key} holds this value`
  })
}

function proveReceipt(header: Header, proof: ReceiptProof): ProvenReceipt | string {
  const receipt = decode(ReceiptSchema, proof.receipt, RECEIPT_BYTES_MAX)
  const { receiptPath } = proof
  if (!verifyMerkle({ root: header.receiptsRoot, leaf: receiptHash(receipt), proof: receiptPath })) {
    return 'the path does not show the receipt under the header'
  }
  return { header, receipt, index: receiptPath.index }
}

/** Verifies that a receipt is final: what the transaction of its `txId` did. Never throws for any proof from outside. */
export function verifyReceipt({ trust, proof }: { trust: Trust; proof: ReceiptProof }): Verdict<ProvenReceipt> {
  return judge(() => {
    const header = proveHeader(trust, proof)
    return typeof header === 'string' ? header : proveReceipt(header, proof)
  })
}

/** Verifies that a transaction is final and that the receipt is its own. Never throws for any proof from outside. */
export function verifyTransactionProof({ trust, proof }: { trust: Trust; proof: TransactionProof }): Verdict<ProvenTransaction> {
  return judge(() => {
    const header = proveHeader(trust, proof)
    if (typeof header === 'string') return header
    const proven = proveReceipt(header, proof)
    if (typeof proven === 'string') return proven
    const tx = decodeTransaction(proof.tx)
    const { txPath } = proof
    if (!equalBytes(tx.body.chainTag, chainTagOf(trust.genesisHash)))
      return `the transaction carries the tag ${toHex(tx.body.chainTag)} of another chain`
    if (tx.id !== proven.receipt.txId) return 'the receipt is of another transaction'
    if (txPath.count !== header.txCount || txPath.index !== proven.index)
      return 'transaction and receipt do not stand at one place'
    if (!verifyMerkle({ root: header.txRoot, leaf: tx.wireHash, proof: txPath }))
      return 'the path does not show the transaction under the header'
    return { ...proven, tx }
  })
}
