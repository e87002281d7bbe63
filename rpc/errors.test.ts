// Owns: the error table: codes, names, what failures and faults become. Not here: which method refuses what (methods.test.ts).
import { describe, expect, it } from 'vitest'
import { CodecError, failure, NodeError } from '../core/base/errors.ts'
import { EnvelopeError } from '../core/execution/errors.ts'
import {
  buildError,
  buildFailureError,
  buildParamsError,
  buildThrownError,
  codeOfFailure,
  FAILURE_CODES,
  refuseCall,
  RPC_ERRORS,
} from './errors.ts'

describe('the error table', () => {
  it('gives each name a code of its own', () => {
    const codes = Object.values(RPC_ERRORS).map(([code]) => code)
    expect(new Set(codes).size).toBe(codes.length)
  })

  it('keeps out of the range that JSON-RPC reserves, but for the five that JSON-RPC gives', () => {
    const reserved = Object.values(RPC_ERRORS).filter(([code]) => code < 0)
    expect(reserved.map(([code]) => code)).toEqual([-32700, -32600, -32601, -32602, -32603])
  })

  it('never changes a code', () => {
    const codes = Object.fromEntries(Object.entries(RPC_ERRORS).map(([name, [code]]) => [name, code]))
    expect(codes).toMatchObject({
      MALFORMED: 1000,
      BAD_SIGNATURE: 1001,
      NONCE_TOO_LOW: 1002,
      NONCE_GAP: 1003,
      EXPIRED: 1004,
      INSUFFICIENT_BALANCE: 1005,
      DUPLICATE: 1006,
      MEMPOOL_FULL: 1007,
      WRONG_CHAIN: 1008,
      NOT_FOUND: 1101,
      PRUNED: 1102,
      NODE_BEHIND: 1103,
      CURSOR_INVALID: 1104,
      PROOF_UNAVAILABLE: 1105,
      RATE_LIMITED: 1201,
      TOO_LARGE: 1202,
      DEADLINE: 1203,
      DEV_ONLY: 1401,
      READ_RESTRICTED: 1501,
      READ_SIGNATURE_INVALID: 1502,
      READ_EXPIRED: 1503,
      READ_REPLAYED: 1504,
      READ_NOT_PERMITTED: 1505,
      READ_LOG_FAILED: 1506,
    })
  })

  it('maps failures that exist to rows that exist', () => {
    for (const name of Object.values(FAILURE_CODES)) expect(RPC_ERRORS).toHaveProperty(name)
  })
})

describe('a failure as an error', () => {
  it('has its row’s code, its own stable text, its class and its facts', () => {
    expect(buildFailureError(failure(EnvelopeError.NONCE_GAP, { lane: 0, expected: '1' }))).toEqual({
      code: 1003,
      message: EnvelopeError.NONCE_GAP.text,
      data: { lane: 0, expected: '1', code: 'NONCE_GAP', retryable: true, class: 'early', docs: '/errors#1003' },
    })
  })

  it('of the envelope without a row has 10000 and its number', () => {
    expect(codeOfFailure(EnvelopeError.UNKNOWN_KEY)).toBe(10_000 + EnvelopeError.UNKNOWN_KEY.number)
  })

  it('cannot hide its code behind a fact of that name', () => {
    expect(buildFailureError(failure(EnvelopeError.EXPIRED, { code: 'other' })).data['code']).toBe('EXPIRED')
  })

  it('is looked up by its own name, not by what objects inherit', () => {
    expect(codeOfFailure({ code: 'constructor', number: 5 })).toBe(10_005)
  })
})

describe('something thrown', () => {
  it('by refuseCall keeps its error', () => {
    try {
      refuseCall('PRUNED', undefined, { oldest: 5 })
    } catch (thrown) {
      expect(buildThrownError(thrown)).toEqual(buildError('PRUNED', undefined, { oldest: 5 }))
    }
  })

  it('as a NodeError with a name of the table becomes that error', () => {
    expect(buildThrownError(new NodeError('PRUNED', 'gone'))).toMatchObject({ code: 1102, message: 'gone' })
  })

  it('as anything else is our own fault', () => {
    expect(buildThrownError(new NodeError('DISK_FULL', 'x'))).toBe(null)
    expect(buildThrownError(new Error('x'))).toBe(null)
    expect(buildThrownError(undefined)).toBe(null)
  })

  it('by a schema names field, expectation and what came', () => {
    const error = buildParamsError(new CodecError('$.filter.names[2]: expected text of at most 64 characters in NFC, got 5'))
    expect(error.data).toMatchObject({ field: 'filter.names[2]', expected: 'text of at most 64 characters in NFC', got: '5' })
    expect(buildParamsError(new CodecError('$.tx: expected text, got nothing')).message).toBe('tx: expected text, got nothing')
    expect(buildParamsError(new CodecError('odd')).message).toBe('odd')
  })
})
