// Owns: tx_* methods that submit, wait and look up. Not here: building and decoding (tx-build.ts).
import { isFailure } from '../../core/base/errors.ts'
import { LIMITS } from '../../core/base/limits.ts'
import type { Hash32 } from '../../core/base/ids.ts'
import { HeaderSchema } from '../../core/chain/block.ts'
import { CertificateSchema } from '../../core/chain/certificate.ts'
import { receiptHash, ReceiptSchema } from '../../core/chain/receipt.ts'
import type { Receipt } from '../../core/chain/receipt.ts'
import type { Transaction } from '../../core/chain/transaction.ts'
import { option, struct } from '../../core/codec/compound.ts'
import { bytes, hash32, u32 } from '../../core/codec/fields.ts'
import { encode } from '../../core/codec/schema.ts'
import type { Json, JsonSchema } from '../../core/codec/schema.ts'
import { buildFailureError, refuseCall, RpcError } from '../errors.ts'
import { defineMethod, READ_ERRORS } from '../method.ts'
import type { Call, Method } from '../method.ts'
import type { ListProof, TxInBlock } from '../node-api.ts'
import {
  isEventHidden,
  isHidden,
  readTransaction,
  renderBytes,
  renderHash,
  renderReceipt,
  renderStatus,
  renderTransaction,
} from '../render.ts'

const STATUS: JsonSchema = {
  type: 'object',
  properties: {
    hash: hash32.jsonSchema,
    status: { enum: ['unknown', 'pending', 'final', 'rejected', 'expired'] },
    height: { type: 'integer' },
    index: { type: 'integer' },
    validUntil: { type: 'integer' },
    receipt: { type: 'object', description: 'code (0 is success), error and message of any other code, events' },
    error: { type: 'object', description: 'why it was rejected: code, message, data' },
  },
  required: ['hash', 'status'],
}

const ADMISSION = [
  'MALFORMED',
  'BAD_SIGNATURE',
  'NONCE_TOO_LOW',
  'NONCE_GAP',
  'EXPIRED',
  'INSUFFICIENT_BALANCE',
  'MEMPOOL_FULL',
  'WRONG_CHAIN',
] as const

const TX_BYTES = bytes(LIMITS.txBytesMax)
const TIMEOUT = option(u32)

/** Bound of a wait in ms. Throws RpcError above the bound. */
function timeoutOf(call: Call, timeoutMs: number | null): number {
  const { waitMsMax, waitMsDefault } = call.limits
  if (timeoutMs === null) return waitMsDefault
  if (timeoutMs <= waitMsMax) return timeoutMs
  return refuseCall('INVALID_PARAMS', `timeoutMs is at most ${waitMsMax}.`, {
    field: 'timeoutMs',
    expected: waitMsMax,
    got: timeoutMs,
  })
}

/** Hands the bytes to the node. One that waits or is final already is no error: submitting twice is the same as once. */
async function submit(call: Call, wire: Uint8Array): Promise<Hash32> {
  const result = await call.node.submitTransaction(wire)
  if (!isFailure(result)) return result.txId
  const { id } = readTransaction(wire)
  const { status } = call.node.txStatus(id)
  if (status === 'pending' || status === 'final') return id
  throw new RpcError(buildFailureError(result))
}

function findFinal(call: Call, hash: Hash32): TxInBlock {
  const found = call.node.findTransaction(hash)
  if (found !== null) return found
  const { status } = call.node.txStatus(hash)
  return refuseCall('NOT_FOUND', `No final transaction has this hash; its status is ${status}.`, {
    hash: renderHash(hash),
    status,
  })
}

const submitMethods: readonly Method[] = [
  defineMethod({
    name: 'tx_submit',
    about: 'Hands a signed transaction to the node and answers once it is in the mempool. The same bytes again give its status.',
    params: struct({ tx: TX_BYTES }),
    result: STATUS,
    errors: ADMISSION,
    cost: 2,
    run: async (call, { tx }) => {
      const hash = await submit(call, tx)
      return renderStatus(hash, call.node.txStatus(hash), call.forms)
    },
  }),
  defineMethod({
    name: 'tx_submitAndWait',
    about: 'Submits a signed transaction and answers when it is final, rejected or expired, or with its state after timeoutMs.',
    params: struct({ tx: TX_BYTES, timeoutMs: TIMEOUT }),
    result: STATUS,
    errors: ADMISSION,
    cost: 3,
    waits: true,
    run: async (call, { tx, timeoutMs }) => {
      const boundMs = timeoutOf(call, timeoutMs)
      const hash = await submit(call, tx)
      return renderStatus(hash, await call.node.waitForTransaction(hash, boundMs), call.forms)
    },
  }),
  defineMethod({
    name: 'tx_wait',
    about: 'Answers when the transaction is final, rejected or expired, or with its state after timeoutMs.',
    params: struct({ hash: hash32, timeoutMs: TIMEOUT }),
    result: STATUS,
    waits: true,
    run: async (call, { hash, timeoutMs }) =>
      renderStatus(hash, await call.node.waitForTransaction(hash, timeoutOf(call, timeoutMs)), call.forms),
  }),
]

function renderListProof(proof: ListProof, leaf: Hash32): Json {
  return { index: proof.index, count: proof.count, leaf: renderHash(leaf), siblings: proof.siblings.map(renderHash) }
}

// A proof is made of whole bytes: it goes to those alone who may read all of them.
function guardBytes({ forms, session }: Call, tx: Transaction, receipt: Receipt): void {
  const hasHidden = isHidden(tx, forms) || receipt.events.some((event) => isEventHidden(event, forms))
  if (hasHidden)
    refuseCall(session.reader === null ? 'READ_RESTRICTED' : 'READ_NOT_PERMITTED', undefined, { hash: renderHash(tx.id) })
}

const lookupMethods: readonly Method[] = [
  defineMethod({
    name: 'tx_getStatus',
    about: 'Where a transaction is in its life: unknown, pending, final, rejected or expired.',
    params: struct({ hash: hash32 }),
    result: STATUS,
    run: (call, { hash }) => renderStatus(hash, call.node.txStatus(hash), call.forms),
  }),
  defineMethod({
    name: 'tx_get',
    about: 'A final transaction, decoded, with its place and receipt.',
    params: struct({ hash: hash32 }),
    result: {
      type: 'object',
      description: 'hash, height, index, tx (decoded), bytes (as signed; null where part of it is restricted), receipt',
    },
    errors: ['NOT_FOUND'],
    run: (call, { hash }) => {
      const { tx, height, index, receipt } = findFinal(call, hash)
      const place = { hash: renderHash(hash), height, index }
      const decoded = renderTransaction(tx, call.forms)
      // The bytes of a transaction that is not shown whole would show it.
      const bytes = isHidden(tx, call.forms) ? null : renderBytes(tx.bytes)
      return { ...place, tx: decoded, bytes, receipt: renderReceipt(receipt, call.forms) }
    },
  }),
  defineMethod({
    name: 'tx_getReceipt',
    about: 'What a final transaction did: code and events.',
    params: struct({ hash: hash32 }),
    result: { type: 'object', description: 'hash, height, index, receipt' },
    errors: ['NOT_FOUND'],
    run: (call, { hash }) => {
      const { height, index, receipt } = findFinal(call, hash)
      return { hash: renderHash(hash), height, index, receipt: renderReceipt(receipt, call.forms) }
    },
  }),
  defineMethod({
    name: 'tx_getProof',
    about: 'Everything that proves a transaction and its receipt final to someone who knows the validators, with no other call.',
    params: struct({ hash: hash32 }),
    result: {
      type: 'object',
      description: 'hash, height, spec, bytes, receiptBytes, tx and receipt (list proofs), header, commit',
    },
    errors: ['NOT_FOUND', 'PROOF_UNAVAILABLE', ...READ_ERRORS],
    cost: 5,
    run: (call, { hash }) => {
      const { tx, height, receipt } = findFinal(call, hash)
      guardBytes(call, tx, receipt)
      const proof = call.node.proveTransaction(hash)
      if (proof === null) return refuseCall('PROOF_UNAVAILABLE', undefined, { hash: renderHash(hash), height })
      const receiptBytes = encode(ReceiptSchema, receipt)
      return {
        hash: renderHash(hash),
        height,
        spec: 'naru-list-1',
        bytes: renderBytes(tx.bytes),
        receiptBytes: renderBytes(receiptBytes),
        tx: renderListProof(proof.tx, tx.wireHash),
        receipt: renderListProof(proof.receipt, receiptHash(receipt)),
        header: renderBytes(encode(HeaderSchema, proof.header)),
        commit: renderBytes(encode(CertificateSchema, proof.commit)),
      }
    },
  }),
]

/** tx_submit, tx_submitAndWait, tx_wait, tx_getStatus, tx_get, tx_getReceipt, tx_getProof. */
export const txMethods: readonly Method[] = [...submitMethods, ...lookupMethods]
