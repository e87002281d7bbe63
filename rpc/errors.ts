// Owns: the one table of JSON-RPC error codes, and the error object of every failure and fault (interfaces.md 2.4).
// Not here: the rooms' own failures (each room's errors.ts).
import { type CodecError, NodeError } from '../core/base/errors.ts'
import type { Failure } from '../core/base/errors.ts'
import type { Json } from '../core/codec/schema.ts'

type Row = readonly [code: number, retryable: boolean, text: string]

/** Stable code, whether the same call may succeed later, and the sentence for people. A code never changes its meaning. */
export const RPC_ERRORS = {
  PARSE_ERROR: [-32700, false, 'The text is not JSON in UTF-8 within the allowed depth.'],
  INVALID_REQUEST: [-32600, false, 'The JSON is not a JSON-RPC 2.0 request.'],
  METHOD_NOT_FOUND: [-32601, false, 'There is no such method here; rpc_methods lists them.'],
  INVALID_PARAMS: [-32602, false, 'A parameter is missing, unknown or of another form.'],
  INTERNAL: [-32603, true, 'The node failed to answer; its log has the reason.'],
  MALFORMED: [1000, false, 'The bytes are not a canonical transaction of a known version and type.'],
  BAD_SIGNATURE: [1001, false, 'A signature does not verify under the named key.'],
  NONCE_TOO_LOW: [1002, false, 'The nonce of this lane is already used.'],
  NONCE_GAP: [1003, true, 'An earlier nonce of this lane is missing.'],
  EXPIRED: [1004, false, 'validUntil lies below the next height.'],
  INSUFFICIENT_BALANCE: [1005, false, 'The balance does not cover the amount.'],
  DUPLICATE: [1006, false, 'The transaction is known already. Never sent as an error: the answer is its status.'],
  MEMPOOL_FULL: [1007, true, 'The mempool is full; send the transaction again later.'],
  WRONG_CHAIN: [1008, false, 'The transaction was made for another chain.'],
  NOT_FOUND: [1101, false, 'There is no such thing on this chain.'],
  PRUNED: [1102, false, 'This node no longer holds that height; ask an archive.'],
  NODE_BEHIND: [1103, true, 'This node has not reached that height yet.'],
  CURSOR_INVALID: [1104, false, 'The cursor is not one of this method and filter.'],
  PROOF_UNAVAILABLE: [1105, false, 'No proof can be given for this answer.'],
  RATE_LIMITED: [1201, true, 'Too many calls; wait retryAfterMs.'],
  TOO_LARGE: [1202, false, 'The request or its answer is above a bound of rpc_limits.'],
  DEADLINE: [1203, true, 'The answer was not ready in time.'],
  DEV_ONLY: [1401, false, 'This method exists on development networks only.'],
  READ_RESTRICTED: [
    1501,
    false,
    'Not everybody may read this; sign the request (member auth) with a key of an account that may.',
  ],
  READ_SIGNATURE_INVALID: [
    1502,
    false,
    'The signature of the request does not hold; sign method, parameters, time and nonce anew.',
  ],
  READ_EXPIRED: [
    1503,
    true,
    'The signed time is not within the window of this node’s clock; sign again with the time of node_time.',
  ],
  READ_REPLAYED: [1504, false, 'A request with this nonce was answered already; sign again with a fresh nonce.'],
  READ_NOT_PERMITTED: [1505, false, 'This account may not read this: it is no party, and has no open case about it.'],
  READ_LOG_FAILED: [1506, true, 'The read could not be written to the access log, and so nothing is shown.'],
} as const satisfies Readonly<Record<string, Row>>

/** Name of a row of the table: the stable text in `error.data.code`. */
export type RpcErrorName = keyof typeof RPC_ERRORS

/** Failures that have a code of their own; every other one of a room has 10000 + its number. */
export const FAILURE_CODES: Readonly<Record<string, RpcErrorName>> = {
  BAD_SIGNATURE: 'BAD_SIGNATURE',
  NONCE_TOO_LOW: 'NONCE_TOO_LOW',
  NONCE_GAP: 'NONCE_GAP',
  EXPIRED: 'EXPIRED',
  PAYMENT_INSUFFICIENT: 'INSUFFICIENT_BALANCE',
  MEMPOOL_FULL: 'MEMPOOL_FULL',
  WRONG_CHAIN: 'WRONG_CHAIN',
  MALFORMED: 'MALFORMED',
  UNKNOWN_TYPE: 'MALFORMED',
  BAD_PAYLOAD: 'MALFORMED',
}

/** Added to the number of a failure without a code of its own. */
export const FAILURE_CODE_BASE = 10_000

/** Facts for programs beside the message. */
export type ErrorDetail = { readonly [key: string]: Json }

/** The `error` member of a reply. */
export type ErrorObject = { readonly code: number; readonly message: string; readonly data: ErrorDetail }

/** A refusal of a call by name, with its facts; `dispatch` turns it into the reply. */
export class RpcError extends Error {
  override readonly name = 'RpcError'
  readonly error: ErrorObject

  constructor(error: ErrorObject) {
    super(error.message)
    this.error = error
  }
}

/** Error object of a row of the table. */
export function buildError(name: RpcErrorName, message?: string, detail: ErrorDetail = {}): ErrorObject {
  const [code, retryable, text] = RPC_ERRORS[name]
  return { code, message: message ?? text, data: { ...detail, code: name, retryable, docs: `/errors#${code}` } }
}

/** The same as something to throw. */
export function refuseCall(name: RpcErrorName, message?: string, detail: ErrorDetail = {}): never {
  throw new RpcError(buildError(name, message, detail))
}

/** Code of a failure: its row's, or 10000 + its number. */
export function codeOfFailure(failure: Pick<Failure, 'code' | 'number'>): number {
  const name = Object.hasOwn(FAILURE_CODES, failure.code) ? FAILURE_CODES[failure.code] : undefined
  return name === undefined ? FAILURE_CODE_BASE + failure.number : RPC_ERRORS[name][0]
}

/** Error object of a failure; `data.code` is the failure's stable text. */
export function buildFailureError(failure: Failure): ErrorObject {
  const code = codeOfFailure(failure)
  const retryable = failure.class === 'early' || failure.code === 'MEMPOOL_FULL'
  return {
    code,
    message: failure.text,
    data: { ...failure.detail, code: failure.code, retryable, class: failure.class, docs: `/errors#${code}` },
  }
}

const CODEC_MESSAGE = /^([^:]*): expected (.*), got (.*)$/s

/** Error object of a parameter that does not fit its schema: field, what was expected, what came. */
export function buildParamsError(error: CodecError): ErrorObject {
  const [, path, expected, found] = CODEC_MESSAGE.exec(error.message) ?? []
  if (path === undefined || expected === undefined || found === undefined) return buildError('INVALID_PARAMS', error.message)
  const field = path.replace(/^\$\.?/, '')
  return buildError('INVALID_PARAMS', `${field}: expected ${expected}, got ${found}`, { field, expected, got: found })
}

/** Error object of anything thrown; null when it is our own fault, which is for the log and not for the caller. */
export function buildThrownError(thrown: unknown): ErrorObject | null {
  if (thrown instanceof RpcError) return thrown.error
  if (thrown instanceof NodeError && Object.hasOwn(RPC_ERRORS, thrown.code)) {
    return buildError(thrown.code as RpcErrorName, thrown.message)
  }
  return null
}
