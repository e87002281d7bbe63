import { expect, test } from 'vitest'
import { CodecError, NodeError } from '../core/base/errors.ts'
import { LightError, RpcError } from '../sdk/errors.ts'
import { CliError, EXIT, exitCodeOf, renderError } from './errors.ts'

test('each fault has its documented exit code', () => {
  const codes = {
    CONFIG_INVALID: 3,
    KEY_PASSPHRASE: 3,
    GENESIS_MISMATCH: 22,
    KEY_DEV_ON_REAL_CHAIN: 20,
    DATA_DIR_LOCKED: 20,
    JOURNAL_MISSING: 20,
    JOURNAL_IO: 22,
    STORE_CORRUPT: 22,
    STORE_IO: 22,
    LOCK_IO: 22,
    WAL_CORRUPT: 22,
    RPC_UNREACHABLE: 4,
    RPC_TIMEOUT: 6,
    SOMETHING_ELSE: 1,
  }
  for (const [code, exit] of Object.entries(codes)) expect([code, exitCodeOf(new NodeError(code, 'x'))]).toEqual([code, exit])
})

test('a payload that does not fit is a wrong call, anything unforeseen is 1', () => {
  expect(exitCodeOf(new CodecError('x'))).toBe(2)
  expect(exitCodeOf(new LightError('LIGHT_REFUSED', 'x'))).toBe(12)
  expect(exitCodeOf(new RpcError(1101, 'x'))).toBe(5)
  expect(exitCodeOf(new TypeError('x'))).toBe(1)
  expect(exitCodeOf('thrown text')).toBe(1)
})

test('the document of an error names code, message, exit code and detail', () => {
  expect(renderError(new CliError(EXIT.timeout, 'TIMEOUT', 'too late', { txId: '0x1' }))).toEqual({
    error: { code: 'TIMEOUT', message: 'too late', exitCode: 6, detail: { txId: '0x1' } },
  })
  expect(renderError(new TypeError('odd'))).toEqual({ error: { code: 'UNEXPECTED', message: 'odd', exitCode: 1 } })
})
