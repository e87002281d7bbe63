// Owns: what a caller of the SDK can catch. Not here: faults of the way to the node, which are NodeError (core/base/errors.ts).
import type { Json } from '../core/codec/schema.ts'
import type { ForkEvidence } from './fork.ts'

/** Facts of a refusal; `code` is stable text, `retryable` tells whether the same call may succeed later. */
export type RpcErrorData = { readonly code?: string; readonly retryable?: boolean; readonly [key: string]: Json | undefined }

/** The node answered a call with an error. `code` and `data` are API, the message is for people. */
export class RpcError extends Error {
  override readonly name = 'RpcError'
  readonly code: number
  readonly data: RpcErrorData

  constructor(code: number, message: string, data: RpcErrorData = {}) {
    super(message)
    this.code = code
    this.data = data
  }
}

/** A transaction did not end as asked for: `code` is PENDING, EXPIRED, the failure's text or the receipt's error. */
export class TransactionError extends Error {
  override readonly name = 'TransactionError'
  readonly code: string
  /** `0x` hash of the transaction. */
  readonly txId: string

  constructor(code: string, txId: string, message: string) {
    super(message)
    this.code = code
    this.txId = txId
  }
}

/** Why a light client believes nothing: nothing shown holds, trust is too old, the node is behind, the chain forked. */
export type LightErrorCode = 'LIGHT_REFUSED' | 'LIGHT_TRUST_EXPIRED' | 'LIGHT_BEHIND' | 'LIGHT_FORK'

/** A light client could not verify what it was asked for; nothing of the answer is believed. */
export class LightError extends Error {
  override readonly name = 'LightError'
  readonly code: LightErrorCode
  /** The two certificates of a LIGHT_FORK, else null. */
  readonly evidence: ForkEvidence | null

  constructor(code: LightErrorCode, message: string, evidence: ForkEvidence | null = null) {
    super(message)
    this.code = code
    this.evidence = evidence
  }
}

/** The error of a reply's `error` member; anything else than an error object gives code -32603. */
export function buildRpcError(error: unknown): RpcError {
  const { code, message, data } = (typeof error === 'object' && error !== null ? error : {}) as Record<string, unknown>
  const facts = typeof data === 'object' && data !== null && !Array.isArray(data) ? (data as RpcErrorData) : {}
  const isCode = typeof code === 'number' && Number.isSafeInteger(code)
  const text = typeof message === 'string' ? message : 'The node answered with an unreadable error.'
  return new RpcError(isCode ? code : -32603, text, facts)
}
