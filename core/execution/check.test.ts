// Owns: one test for each way in which an envelope is refused, and what admits it. Not here: running it (apply.test.ts).
import { describe, expect, it } from 'vitest'
import { concatBytes, fromHex } from '../base/bytes.ts'
import { isFailure } from '../base/errors.ts'
import type { ErrorDefinition } from '../base/errors.ts'
import { LIMITS } from '../base/limits.ts'
import { CITY_PARAMS } from '../chain/params.ts'
import type { ChainParams } from '../chain/params.ts'
import { accounts, FRESH_ACCOUNT, spendNonce } from '../state/accounts.ts'
import type { Overlay } from '../state/overlay.ts'
import {
  arrive,
  change,
  name,
  put,
  refuse,
  tell,
  TOY_GENESIS,
  toil,
  ToyError,
  toyAccount,
  toyBlock,
  toyChecked,
  toyEnv,
  toyKeys,
  TOYS,
  toySigner,
  toyState,
  toyTransaction,
} from '../../test/helpers/toy-chain.ts'
import type { ToyEnvelope } from '../../test/helpers/toy-chain.ts'
import { checkEnvelope, checkStatelessly, checkTransaction } from './check.ts'
import type { CheckedTransaction } from './check.ts'
import { EnvelopeError } from './errors.ts'
import type { BlockEnv } from './module.ts'

const PUT = { name: 'x', size: 10 }
const refusedBytes = (bytes: Uint8Array, error: ErrorDefinition, detail?: object): void => {
  const outcome = checkStatelessly(TOYS, TOY_GENESIS, bytes)
  expect(outcome).toEqual({ failure: true, ...error, ...(detail === undefined ? {} : { detail }) })
}
const check = (checked: CheckedTransaction, view: Overlay = toyState(), block: BlockEnv = toyBlock()) =>
  checkEnvelope(toyEnv(view, block), checked, 'exact')
const refused = (checked: CheckedTransaction, error: ErrorDefinition, detail: object, view?: Overlay, block?: BlockEnv): void =>
  expect(check(checked, view, block)).toEqual({ failure: true, ...error, detail })
const putBy = (who: string, other: ToyEnvelope = {}): CheckedTransaction => toyChecked(who, put, PUT, other)
const classOf = (row: Partial<ChainParams['creditClasses'][number]>): ChainParams => {
  const [first, ...rest] = CITY_PARAMS.creditClasses
  if (first === undefined) throw new Error('no class')
  return { ...CITY_PARAMS, creditClasses: [{ ...first, ...row }, ...rest] }
}

describe('without any state', () => {
  it('a good transaction is decoded, with its costs counted', () => {
    const tx = toyTransaction('alice', toil, { units: 5 })
    const checked = checkStatelessly(TOYS, TOY_GENESIS, tx.bytes)
    expect(checked).toMatchObject({ tx: { id: tx.id }, payload: { units: 5 }, operations: 6 })
    expect(toyChecked('alice', toil, { units: 5 }, { sponsor: 'bob' }).operations).toBe(7)
    expect(toyChecked('alice', put, PUT).operations).toBe(1)
  })

  it('MALFORMED: bytes that are no canonical transaction', () => {
    const { bytes } = toyTransaction('alice', put, PUT)
    refusedBytes(new Uint8Array(), EnvelopeError.MALFORMED, { reason: 'cut short' })
    refusedBytes(concatBytes(bytes, Uint8Array.of(0)), EnvelopeError.MALFORMED, { reason: '1 bytes left over after the value' })
    refusedBytes(fromHex('80'), EnvelopeError.MALFORMED, { reason: 'type byte 0x80 is not part of the format' })
  })

  it('MALFORMED: a transaction beyond its size', () => {
    refusedBytes(new Uint8Array(LIMITS.txBytesMax + 1), EnvelopeError.MALFORMED, { reason: '65537 bytes, at most 65536 allowed' })
  })

  it('MALFORMED: another version, and another number of signatures', () => {
    const reason = 'transaction version 2, this node knows 1'
    refusedBytes(toyTransaction('alice', put, PUT, { version: 2 }).bytes, EnvelopeError.MALFORMED, { reason })
    const unsponsored = toyTransaction('alice', put, PUT, { sponsoredBy: 'bob' })
    refusedBytes(unsponsored.bytes, EnvelopeError.MALFORMED, { reason: '2 signatures, expected 1' })
  })

  it('WRONG_CHAIN: a transaction of another chain, replayed here', () => {
    const tx = toyTransaction('alice', put, PUT, { chainTag: fromHex('0123456789abcdee') })
    refusedBytes(tx.bytes, EnvelopeError.WRONG_CHAIN)
    expect(isFailure(checkStatelessly(TOYS, '0123456789abcdee'.repeat(4), tx.bytes))).toBe(false)
  })

  it('UNKNOWN_TYPE: a type that no room declares', () => {
    for (const type of [0, 0x0900, 0x09ff, 0xffff])
      refusedBytes(toyTransaction('alice', put, PUT, { type }).bytes, EnvelopeError.UNKNOWN_TYPE, { type })
  })

  it('BAD_PAYLOAD: a payload that is not the canonical one of its type', () => {
    const payloads = [
      ['92a17805c0', '1 bytes left over after the value'],
      ['91a178', 'wire: expected a tuple of 2 fields, got an array'],
      ['92a178cc05', 'a length or integer in a longer form than needed'],
      ['92a120cd0100', 'wire: expected 1 to 32 characters of A-Z a-z 0-9 _ . -, got " "'],
      ['', 'cut short'],
    ] as const
    for (const [payload, reason] of payloads)
      refusedBytes(toyTransaction('alice', put, PUT, { payload: fromHex(payload) }).bytes, EnvelopeError.BAD_PAYLOAD, { reason })
  })

  it('SPONSOR_REQUIRED: a newcomer without a sponsor', () => {
    const payload = { publicKey: toySigner('carol').publicKey }
    refusedBytes(toyTransaction('carol', arrive, payload).bytes, EnvelopeError.SPONSOR_REQUIRED)
    expect(toyChecked('carol', arrive, payload, { sponsor: 'office' }).operations).toBe(2)
  })

  it('a room may refuse for its own reasons', () => {
    refusedBytes(toyTransaction('alice', refuse, { as: 'malformed', isStateless: true }).bytes, ToyError.MALFORMED)
    refusedBytes(toyTransaction('alice', name, { account: toyAccount('bob') }).bytes, ToyError.MALFORMED)
    expect(toyChecked('alice', name, { account: toyAccount('alice') }).operations).toBe(1)
  })
})

describe('the time of a transaction', () => {
  it('EXPIRED: validUntil lies below the height; at the height it still stands', () => {
    refused(putBy('alice', { validUntil: 4 }), EnvelopeError.EXPIRED, { validUntil: 4, height: 5 }, toyState(), toyBlock(5))
    expect(check(putBy('alice', { validUntil: 5 }), toyState(), toyBlock(5))).toBeNull()
  })

  it('VALID_UNTIL_TOO_FAR: validUntil lies more than the parameter ahead', () => {
    refused(putBy('alice', { validUntil: 602 }), EnvelopeError.VALID_UNTIL_TOO_FAR, { validUntil: 602, latest: 601 })
    expect(check(putBy('alice', { validUntil: 601 }))).toBeNull()
    const block = toyBlock(1, { ...CITY_PARAMS, validUntilAheadMax: 10 })
    refused(
      putBy('alice', { validUntil: 12 }),
      EnvelopeError.VALID_UNTIL_TOO_FAR,
      { validUntil: 12, latest: 11 },
      toyState(),
      block,
    )
  })
})

describe('the nonce', () => {
  const used = (): Overlay => {
    const view = toyState()
    accounts.set(view, toyAccount('alice'), spendNonce(spendNonce(FRESH_ACCOUNT, 0), 0))
    return view
  }

  it('NONCE_TOO_LOW: a transaction of this chain, replayed', () => {
    const detail = { lane: 0, expected: '2', got: '1' }
    refused(putBy('alice', { nonce: 1n }), EnvelopeError.NONCE_TOO_LOW, detail, used())
    refused(putBy('alice'), EnvelopeError.NONCE_TOO_LOW, { ...detail, got: '0' }, used())
    expect(checkEnvelope(toyEnv(used()), putBy('alice', { nonce: 1n }), 'ahead')?.code).toBe('NONCE_TOO_LOW')
  })

  it('NONCE_GAP: an earlier one is missing, which only a mempool waits for', () => {
    const later = putBy('alice', { nonce: 3n })
    refused(later, EnvelopeError.NONCE_GAP, { lane: 0, expected: '2', got: '3' }, used())
    expect(checkEnvelope(toyEnv(used()), later, 'ahead')).toBeNull()
    expect(check(putBy('alice', { nonce: 2n }), used())).toBeNull()
  })

  it('counts in each lane alone', () => {
    expect(check(putBy('alice', { lane: 1 }), used())).toBeNull()
    refused(putBy('alice', { lane: 1, nonce: 2n }), EnvelopeError.NONCE_GAP, { lane: 1, expected: '0', got: '2' }, used())
    expect(check(putBy('bob'), used())).toBeNull()
  })
})

describe('the sender’s key', () => {
  const withKey = (key: { purposes?: number; live?: boolean }): Overlay => {
    const view = toyState()
    const { publicKey } = toySigner('alice')
    toyKeys.set(
      view,
      { account: toyAccount('alice'), keyId: 'k1' },
      { publicKey, purposes: 1, live: true, onboards: false, ...key },
    )
    return view
  }

  it('UNKNOWN_KEY: an account or key that is not there', () => {
    refused(putBy('carol'), EnvelopeError.UNKNOWN_KEY, { keyId: 'k1' })
    refused(putBy('alice', { keyId: 'k2' }), EnvelopeError.UNKNOWN_KEY, { keyId: 'k2' })
  })

  it('UNKNOWN_KEY: a key that was revoked', () => {
    const detail = { keyId: 'k1' }
    refused(putBy('alice'), EnvelopeError.UNKNOWN_KEY, detail, withKey({ live: false }))
  })

  it('WRONG_KEY_PURPOSE: a key that is not declared for this', () => {
    refused(putBy('alice', { keyId: 'k8' }), EnvelopeError.WRONG_KEY_PURPOSE, { keyId: 'k8', needs: 1, has: 8 })
    refused(toyChecked('alice', change, {}), EnvelopeError.WRONG_KEY_PURPOSE, { keyId: 'k1', needs: 8, has: 1 })
    expect(check(toyChecked('alice', change, {}, { keyId: 'k8' }))).toBeNull()
    expect(check(putBy('alice'), withKey({ purposes: 31 }))).toBeNull()
  })

  it('BAD_SIGNATURE: somebody else signed', () => {
    refused(putBy('alice', { by: 'bob' }), EnvelopeError.BAD_SIGNATURE, { keyId: 'k1' })
  })

  it('BAD_SIGNATURE: one bit of the signed bytes or of the signature changed', () => {
    const { bytes } = toyTransaction('alice', put, PUT)
    for (const at of [bytes.length - 1, bytes.length - 40]) {
      const changed = bytes.slice()
      changed[at] = (changed[at] as number) ^ 1
      const checked = checkStatelessly(TOYS, TOY_GENESIS, changed)
      if (isFailure(checked)) throw new Error(checked.code)
      refused(checked, EnvelopeError.BAD_SIGNATURE, { keyId: 'k1' })
    }
    const other = toyTransaction('alice', put, { ...PUT, size: 11 }).bytes.slice()
    other.set(bytes.subarray(-64), other.length - 64)
    const checked = checkStatelessly(TOYS, TOY_GENESIS, other)
    if (isFailure(checked)) throw new Error(checked.code)
    refused(checked, EnvelopeError.BAD_SIGNATURE, { keyId: 'k1' })
  })
})

describe('a sponsor', () => {
  const onboard = (other: ToyEnvelope = {}): CheckedTransaction =>
    toyChecked('carol', arrive, { publicKey: toySigner('carol').publicKey }, { sponsor: 'office', ...other })

  it('of anybody may pay for anybody', () => {
    expect(check(putBy('alice', { sponsor: 'bob' }))).toBeNull()
  })

  it('with the role brings in a newcomer, who signs with the key that it brings', () => {
    expect(check(onboard())).toBeNull()
    refused(onboard({ by: 'bob' }), EnvelopeError.BAD_SIGNATURE, { keyId: 'k1' })
    refused(onboard({ keyId: 'k2' }), EnvelopeError.UNKNOWN_KEY, { keyId: 'k2' })
  })

  it('SPONSOR_NOT_ALLOWED: a sponsor without the role brings in nobody', () => {
    expect(check(onboard({ sponsor: 'bob' }))).toEqual({ failure: true, ...EnvelopeError.SPONSOR_NOT_ALLOWED })
  })

  it('UNKNOWN_KEY: the sponsor has no such key', () => {
    refused(putBy('alice', { sponsor: 'dave' }), EnvelopeError.UNKNOWN_KEY, { keyId: 'k1' })
    const detail = { keyId: 'k9' }
    refused(putBy('alice', { sponsor: 'bob', sponsorKeyId: 'k9' }), EnvelopeError.UNKNOWN_KEY, detail)
  })

  it('WRONG_KEY_PURPOSE: the sponsor signs with a key for other things', () => {
    const checked = putBy('bob', { sponsor: 'alice', sponsorKeyId: 'k8' })
    refused(checked, EnvelopeError.WRONG_KEY_PURPOSE, { keyId: 'k8', needs: 1, has: 8 })
  })

  it('BAD_SIGNATURE: the sponsor did not sign, be it that the sender signed twice', () => {
    const detail = { keyId: 'k1', signer: 'sponsor' }
    refused(putBy('alice', { sponsor: 'bob', sponsoredBy: 'alice' }), EnvelopeError.BAD_SIGNATURE, detail)
    refused(putBy('alice', { sponsor: 'bob', sponsoredBy: 'carol' }), EnvelopeError.BAD_SIGNATURE, detail)
    refused(putBy('alice', { sponsor: 'bob', by: 'bob' }), EnvelopeError.BAD_SIGNATURE, { keyId: 'k1' })
  })
})

describe('credits', () => {
  const big = toyChecked('alice', tell, { count: 1 })

  it('CREDIT_EXHAUSTED: fewer bytes left than the transaction has', () => {
    const bytes = big.tx.bytes.length
    const block = toyBlock(1, classOf({ bytes: bytes - 1 }))
    refused(big, EnvelopeError.CREDIT_EXHAUSTED, { bytes, operations: 1 }, toyState(), block)
    expect(check(big, toyState(), toyBlock(1, classOf({ bytes })))).toBeNull()
  })

  it('CREDIT_EXHAUSTED: fewer operations left than it costs', () => {
    const checked = toyChecked('alice', toil, { units: 400 })
    refused(checked, EnvelopeError.CREDIT_EXHAUSTED, { bytes: checked.tx.bytes.length, operations: 401 })
    expect(check(toyChecked('alice', toil, { units: 399 }))).toBeNull()
  })

  it('are those of the sponsor where there is one', () => {
    const view = toyState()
    accounts.set(view, toyAccount('bob'), { ...FRESH_ACCOUNT, creditClass: 1 })
    expect(check(toyChecked('alice', toil, { units: 400 }, { sponsor: 'bob' }), view)).toBeNull()
    expect(check(toyChecked('bob', toil, { units: 400 }, { sponsor: 'alice' }), view)?.code).toBe('CREDIT_EXHAUSTED')
  })
})

describe('the order of checks', () => {
  it('asks for no signature before expiry, nonce and key are right', () => {
    let asked = 0
    const context = { ...toyEnv(toyState()), checkSignature: () => ++asked > 0 }
    for (const other of [{ validUntil: 0 }, { nonce: 5n }, { keyId: 'k2' }, { keyId: 'k8' }])
      expect(checkEnvelope(context, putBy('alice', other), 'exact')).not.toBeNull()
    expect(asked).toBe(0)
    expect(checkEnvelope(context, putBy('alice'), 'exact')).toBeNull()
    expect(asked).toBe(1)
  })

  it('asks the room last', () => {
    const context = toyEnv(toyState())
    const failing = toyChecked('alice', refuse, { as: 'failed', isStateless: false })
    expect(checkEnvelope(context, failing, 'exact')).toBeNull()
    expect(checkTransaction(context, failing, 'exact')?.code).toBe('TOY_FAILED')
    expect(checkTransaction(context, putBy('alice'), 'exact')).toBeNull()
    expect(checkTransaction(context, putBy('carol'), 'exact')?.code).toBe('UNKNOWN_KEY')
  })

  it('changes nothing', () => {
    const view = toyState()
    const before = view.diff()
    checkTransaction(toyEnv(view), putBy('alice'), 'exact')
    expect(view.diff()).toEqual(before)
  })
})
