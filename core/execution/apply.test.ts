// Owns: what one transaction does to the state when it stands, fails or may not stand. Not here: why envelopes are refused (check.test.ts).
import { describe, expect, it } from 'vitest'
import { isFailure, NodeError } from '../base/errors.ts'
import { CITY_PARAMS } from '../chain/params.ts'
import type { ChainParams } from '../chain/params.ts'
import { decodeTrusted } from '../codec/schema.ts'
import { accounts, creditsLeft, FRESH_ACCOUNT, readAccount } from '../state/accounts.ts'
import type { Overlay } from '../state/overlay.ts'
import {
  arrive,
  put,
  refuse,
  tell,
  Told,
  ToyError,
  toyAccount,
  toyBlock,
  toyChecked,
  toyEnv,
  toys,
  toySigner,
  toyState,
} from '../../test/helpers/toy-chain.ts'
import { applyTransaction } from './apply.ts'
import { checkTransaction } from './check.ts'
import type { CheckedTransaction } from './check.ts'
import type { RoomFault } from './room-fault.ts'
import { EnvelopeError } from './errors.ts'
import type { BlockEnv } from './module.ts'

// Capacities by which an hour divides without a remainder, so that what is left is to the unit.
const CITIZEN: ChainParams['creditClasses'][number] = { bytes: 60_000, operations: 400, stateBytes: 18_000, refillMs: 3_600_000 }
const AGENCY = { ...CITIZEN, bytes: 6_000_000, stateBytes: 1_800_000 }
const PARAMS: ChainParams = { ...CITY_PARAMS, creditClasses: [CITIZEN, CITIZEN, AGENCY] }
const FULL = { bytes: CITIZEN.bytes, operations: CITIZEN.operations, stateBytes: CITIZEN.stateBytes }

const run = (view: Overlay, checked: CheckedTransaction, block: BlockEnv = toyBlock(1, PARAMS)) =>
  applyTransaction(toyEnv(view, block), checked)
const left = (view: Overlay, who: string, block: BlockEnv = toyBlock(1, PARAMS)) =>
  creditsLeft(readAccount(view, toyAccount(who)), block.params.creditClasses, block.time)
const nonceOf = (view: Overlay, who: string): bigint => readAccount(view, toyAccount(who)).lanes[0]?.nextNonce ?? 0n

describe('a transaction that succeeds', () => {
  it('writes, tells, spends its nonce and pays for bytes, operations and state', () => {
    const view = toyState()
    const checked = toyChecked('alice', put, { name: 'x', size: 100 })
    const receipt = run(view, checked)
    expect(receipt).toMatchObject({ txId: checked.tx.id, code: 0, events: [{ type: Told.type }] })
    expect(toys.get(view, 'x')?.blob.length).toBe(100)
    expect(nonceOf(view, 'alice')).toBe(1n)
    // The key toy/box/x has 9 characters, the record 1 byte of tuple, 2 of header and 100 of contents.
    expect(left(view, 'alice')).toEqual({
      bytes: FULL.bytes - checked.tx.bytes.length,
      operations: FULL.operations - 1,
      stateBytes: FULL.stateBytes - 112,
    })
  })

  it('pays no state credits for what replaces or removes', () => {
    const view = toyState()
    run(view, toyChecked('alice', put, { name: 'x', size: 100 }))
    run(view, toyChecked('alice', put, { name: 'x', size: 100 }, { nonce: 1n }))
    expect(left(view, 'alice').stateBytes).toBe(FULL.stateBytes - 112)
    run(view, toyChecked('alice', put, { name: 'x', size: 0 }, { nonce: 2n }))
    expect(left(view, 'alice').stateBytes).toBe(FULL.stateBytes - 112)
    expect(toys.has(view, 'x')).toBe(false)
  })

  it('cannot be run a second time', () => {
    const view = toyState()
    const checked = toyChecked('alice', put, { name: 'x', size: 1 })
    run(view, checked)
    const before = view.diff()
    expect(run(view, checked)).toMatchObject({ failure: true, code: 'NONCE_TOO_LOW' })
    expect(view.diff()).toEqual(before)
  })

  it('of a sponsor charges the sponsor alone and spends the sender’s nonce alone', () => {
    const view = toyState()
    const checked = toyChecked('alice', put, { name: 'x', size: 100 }, { sponsor: 'bob' })
    expect(run(view, checked)).toMatchObject({ code: 0 })
    expect(left(view, 'alice')).toEqual(FULL)
    expect(nonceOf(view, 'alice')).toBe(1n)
    expect(nonceOf(view, 'bob')).toBe(0n)
    expect(left(view, 'bob')).toEqual({
      bytes: FULL.bytes - checked.tx.bytes.length,
      operations: FULL.operations - 2,
      stateBytes: FULL.stateBytes - 112,
    })
  })

  it('sponsored by its own sender is charged once', () => {
    const view = toyState()
    const checked = toyChecked('alice', put, { name: 'x', size: 100 }, { sponsor: 'alice' })
    expect(run(view, checked)).toMatchObject({ code: 0 })
    expect(nonceOf(view, 'alice')).toBe(1n)
    expect(left(view, 'alice')).toMatchObject({ bytes: FULL.bytes - checked.tx.bytes.length, operations: FULL.operations - 2 })
  })

  it('of a newcomer gives it its keys, at its sponsor’s cost', () => {
    const view = toyState()
    const payload = { publicKey: toySigner('carol').publicKey }
    expect(run(view, toyChecked('carol', arrive, payload, { sponsor: 'office' }))).toMatchObject({ code: 0 })
    expect(nonceOf(view, 'carol')).toBe(1n)
    expect(left(view, 'carol')).toEqual(FULL)
    expect(left(view, 'office').operations).toBe(FULL.operations - 2)
    expect(run(view, toyChecked('carol', put, { name: 'c', size: 1 }, { nonce: 1n }))).toMatchObject({ code: 0 })
  })

  it('moves its own lane only', () => {
    const view = toyState()
    for (const [lane, nonce] of [
      [7, 0n],
      [0, 0n],
      [7, 1n],
      [255, 0n],
    ] as const)
      expect(run(view, toyChecked('alice', tell, { count: 0 }, { lane, nonce }))).toMatchObject({ code: 0 })
    expect(readAccount(view, toyAccount('alice')).lanes).toEqual([
      { lane: 0, nextNonce: 1n },
      { lane: 7, nextNonce: 2n },
      { lane: 255, nextNonce: 1n },
    ])
  })
})

describe('a transaction that fails', () => {
  it('spends its nonce and pays for bytes and operations, and changes nothing else', () => {
    const view = toyState()
    const before = view.diff()
    const checked = toyChecked('alice', refuse, { as: 'failed', isStateless: false })
    expect(run(view, checked)).toEqual({ txId: checked.tx.id, code: ToyError.FAILED.number, events: [] })
    expect(view.diff().filter(({ key }) => key !== accounts.keyOf(toyAccount('alice')))).toEqual(before)
    expect(nonceOf(view, 'alice')).toBe(1n)
    expect(left(view, 'alice')).toEqual({
      bytes: FULL.bytes - checked.tx.bytes.length,
      operations: FULL.operations - 1,
      stateBytes: FULL.stateBytes,
    })
  })

  it('STATE_CREDIT_EXHAUSTED: adds more than the payer’s state credits, and is reverted whole', () => {
    const view = toyState()
    const before = view.diff()
    // 13 bytes of key, 1 of tuple and 3 of header come to the contents.
    const fits = FULL.stateBytes - 17
    const checked = toyChecked('alice', put, { name: 'large', size: fits + 1 })
    expect(run(view, checked)).toEqual({ txId: checked.tx.id, code: EnvelopeError.STATE_CREDIT_EXHAUSTED.number, events: [] })
    expect(view.diff().filter(({ key }) => key !== accounts.keyOf(toyAccount('alice')))).toEqual(before)
    expect(nonceOf(view, 'alice')).toBe(1n)
    expect(left(view, 'alice')).toMatchObject({ stateBytes: FULL.stateBytes, operations: FULL.operations - 1 })
    expect(run(view, toyChecked('alice', put, { name: 'large', size: fits }, { nonce: 1n }))).toMatchObject({ code: 0 })
    expect(left(view, 'alice').stateBytes).toBe(0)
  })

  it('STATE_CREDIT_EXHAUSTED: the sponsor’s state credits count where there is one', () => {
    const view = toyState()
    accounts.set(view, toyAccount('bob'), { ...FRESH_ACCOUNT, creditClass: 2 })
    const size = FULL.stateBytes * 2
    expect(run(view, toyChecked('alice', put, { name: 'a', size }, { sponsor: 'bob' }))).toMatchObject({ code: 0 })
    expect(run(view, toyChecked('bob', put, { name: 'b', size }, { sponsor: 'alice' }))).toMatchObject({
      code: EnvelopeError.STATE_CREDIT_EXHAUSTED.number,
    })
    expect(toys.has(view, 'b')).toBe(false)
  })
})

describe('a transaction that may not stand in the block', () => {
  it.each([
    ['malformed', 'TOY_MALFORMED'],
    ['stale', 'TOY_STALE'],
    ['early', 'TOY_EARLY'],
  ] as const)('because its room calls it %s leaves no trace', (as, code) => {
    const view = toyState()
    const before = view.diff()
    const outcome = run(view, toyChecked('alice', refuse, { as, isStateless: false }))
    expect(isFailure(outcome) && outcome.code).toBe(code)
    expect(view.diff()).toEqual(before)
  })

  it('because of its envelope leaves no trace', () => {
    for (const other of [{ nonce: 1n }, { validUntil: 0 }, { by: 'bob' }, { keyId: 'k8' }]) {
      const view = toyState()
      const before = view.diff()
      expect(isFailure(run(view, toyChecked('alice', put, { name: 'x', size: 1 }, other)))).toBe(true)
      expect(view.diff()).toEqual(before)
    }
  })
})

describe('credits over blocks', () => {
  it('run out, come back with block time, and the transaction stands then', () => {
    const view = toyState()
    const params = { ...CITY_PARAMS, creditClasses: [{ ...CITIZEN, operations: 2, refillMs: 10_000 }, CITIZEN, CITIZEN] }
    const at = (height: number): BlockEnv => toyBlock(height, params)
    const next = (nonce: bigint): CheckedTransaction => toyChecked('alice', tell, { count: 0 }, { nonce })
    expect(run(view, next(0n), at(1))).toMatchObject({ code: 0 })
    expect(run(view, next(1n), at(1))).toMatchObject({ code: 0 })
    for (const height of [1, 2, 5])
      expect(run(view, next(2n), at(height))).toMatchObject({ failure: true, code: 'CREDIT_EXHAUSTED' })
    // One of two operations is back after five of ten seconds.
    expect(run(view, next(2n), at(6))).toMatchObject({ code: 0 })
    expect(run(view, next(3n), at(6))).toMatchObject({ failure: true, code: 'CREDIT_EXHAUSTED' })
    expect(run(view, next(3n), at(11))).toMatchObject({ code: 0 })
  })
})

describe('events', () => {
  it('of a transaction are at most 64, told in order', () => {
    const receipt = run(toyState(), toyChecked('alice', tell, { count: 64 }))
    if (isFailure(receipt)) throw new Error(receipt.code)
    expect(receipt.events.map(({ payload }) => decodeTrusted(Told.payload, payload).n)).toEqual(
      Array.from({ length: 64 }, (_, n) => n),
    )
  })
})

describe('a room whose own code throws', () => {
  it('fails the transaction, undoes what it wrote, spends nonce and credits, and tells the log where and what (R17)', () => {
    const view = toyState()
    const faults: RoomFault[] = []
    const checked = toyChecked('alice', tell, { count: 65 })
    const receipt = applyTransaction({ ...toyEnv(view, toyBlock(1, PARAMS)), onFault: (fault) => faults.push(fault) }, checked)
    expect(receipt).toEqual({ txId: checked.tx.id, code: EnvelopeError.EXECUTION_FAULT.number, events: [] })
    expect(nonceOf(view, 'alice')).toBe(1n)
    expect(left(view, 'alice').bytes).toBe(FULL.bytes - checked.tx.bytes.length)
    expect(faults).toEqual([{ roomFault: true, where: 'toy.tell', text: 'AssertionFault: at most 64 events are told here' }])
    expect(run(view, toyChecked('alice', put, { name: 'x', size: 1 }, { nonce: 1n }))).toMatchObject({ code: 0 })
  })

  it('fails it too when a check throws, in the block and in the mempool', () => {
    const view = toyState()
    const checked = toyChecked('alice', put, { name: 'x', size: 1 })
    const throws = () => {
      throw new TypeError('no such thing')
    }
    const broken = { ...checked, definition: { ...checked.definition, checkStateful: throws } }
    expect(checkTransaction(toyEnv(view, toyBlock(1, PARAMS)), broken, 'exact')).toMatchObject({ code: 'EXECUTION_FAULT' })
    expect(run(view, broken)).toMatchObject({ code: EnvelopeError.EXECUTION_FAULT.number })
    expect(toys.get(view, 'x')).toBeNull()
  })

  it('lets a fault of the disk through: nothing is decided on state that was not read', () => {
    const view = toyState()
    const checked = toyChecked('alice', put, { name: 'x', size: 1 })
    const fails = () => {
      throw new NodeError('STORE_IO', 'the disk is gone')
    }
    const broken = { ...checked, definition: { ...checked.definition, apply: fails } }
    expect(() => run(view, broken)).toThrow('the disk is gone')
  })
})
