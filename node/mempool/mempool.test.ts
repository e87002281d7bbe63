// Owns: tests of the mempool: every refusal, order, fairness, what a block leaves behind.
import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import type { Failure } from '../../core/base/errors.ts'
import type { CheckedTransaction } from '../../core/execution/check.ts'
import { verdictOf } from './admission.ts'
import { MempoolError } from './errors.ts'
import { createMempool } from './mempool.ts'

const LIMITS = { countMax: 10, bytesMax: 1_000, perLaneMax: 4, perAccountMax: 5 }

type Parts = {
  sender?: string
  lane?: number
  bytes?: number
  validUntil?: number
  blockLane?: string
  id?: string
  operations?: number
}

function tx(nonce: number, parts: Parts = {}): CheckedTransaction {
  const {
    sender = 'a',
    lane = 0,
    bytes = 10,
    validUntil = 100,
    blockLane,
    id = `${sender}.${lane}.${nonce}`,
    operations = 1,
  } = parts
  return {
    tx: { id, bytes: new Uint8Array(bytes), body: { sender, lane, nonce: BigInt(nonce), validUntil } },
    definition: { blockLane },
    operations,
  } as unknown as CheckedTransaction
}

const codeOf = (failure: Failure | null): string | null => (failure === null ? null : failure.code)
const idsOf = (txs: Iterable<CheckedTransaction>): readonly string[] => [...txs].map((checked) => checked.tx.id)

describe('a refusal', () => {
  it('MEMPOOL_DUPLICATE is for the same transaction', () => {
    const pool = createMempool(LIMITS)
    expect(pool.addTransaction(tx(0), 0n)).toBeNull()
    expect(codeOf(pool.addTransaction(tx(0), 0n))).toBe(MempoolError.DUPLICATE.code)
    expect(pool.count()).toBe(1)
  })

  it('MEMPOOL_NONCE_TAKEN is for another one with its nonce', () => {
    const pool = createMempool(LIMITS)
    pool.addTransaction(tx(0), 0n)
    expect(codeOf(pool.addTransaction(tx(0, { id: 'other' }), 0n))).toBe(MempoolError.NONCE_TAKEN.code)
    expect(pool.has('other' as never)).toBe(false)
  })

  it('MEMPOOL_ACCOUNT_FULL is for a lane, an account, or a nonce too far ahead', () => {
    const pool = createMempool(LIMITS)
    for (let nonce = 0; nonce < 4; nonce++) expect(pool.addTransaction(tx(nonce), 0n)).toBeNull()
    expect(codeOf(pool.addTransaction(tx(4), 0n))).toBe(MempoolError.ACCOUNT_FULL.code)
    expect(pool.addTransaction(tx(0, { lane: 1 }), 0n)).toBeNull()
    expect(codeOf(pool.addTransaction(tx(1, { lane: 1 }), 0n))).toBe(MempoolError.ACCOUNT_FULL.code)
    expect(codeOf(pool.addTransaction(tx(4, { sender: 'b' }), 0n))).toBe(MempoolError.ACCOUNT_FULL.code)
  })

  it('MEMPOOL_FULL is for the count and for the bytes of all', () => {
    const pool = createMempool({ ...LIMITS, countMax: 2 })
    pool.addTransaction(tx(0), 0n)
    pool.addTransaction(tx(1), 0n)
    expect(codeOf(pool.addTransaction(tx(2), 0n))).toBe(MempoolError.FULL.code)
    const small = createMempool({ ...LIMITS, bytesMax: 100 })
    expect(small.addTransaction(tx(0, { bytes: 60 }), 0n)).toBeNull()
    expect(codeOf(small.addTransaction(tx(1, { bytes: 41 }), 0n))).toBe(MempoolError.FULL.code)
    expect(small.addTransaction(tx(1, { bytes: 40 }), 0n)).toBeNull()
    expect(small.bytes()).toBe(100)
  })

  it('is never a reason to reject a peer; only what can never be valid is', () => {
    for (const definition of Object.values(MempoolError)) expect(verdictOf({ failure: true, ...definition })).toBe('ignore')
    expect(verdictOf(null)).toBe('accept')
    expect(verdictOf({ failure: true, ...MempoolError.FULL, class: 'failed' })).toBe('ignore')
    expect(verdictOf({ failure: true, ...MempoolError.FULL, class: 'malformed' })).toBe('reject')
  })
})

describe('selection', () => {
  it('takes nonces in order whatever order they came in, and stops at a gap', () => {
    const pool = createMempool(LIMITS)
    for (const nonce of [3, 1, 0]) pool.addTransaction(tx(nonce), 0n)
    expect(idsOf(pool.selectTransactions())).toEqual(['a.0.0', 'a.0.1'])
    expect(pool.nextNonce('a', 0)).toBe(2n)
    pool.addTransaction(tx(2), 0n)
    expect(idsOf(pool.selectTransactions())).toEqual(['a.0.0', 'a.0.1', 'a.0.2', 'a.0.3'])
    expect(pool.nextNonce('a', 0)).toBe(4n)
  })

  it('lets senders take turns, so that a crowd of one does not keep another waiting', () => {
    const pool = createMempool(LIMITS)
    for (let nonce = 0; nonce < 4; nonce++) pool.addTransaction(tx(nonce), 0n)
    pool.addTransaction(tx(0, { sender: 'b' }), 0n)
    expect(idsOf(pool.selectTransactions())).toEqual(['a.0.0', 'b.0.0', 'a.0.1', 'a.0.2', 'a.0.3'])
  })

  it('shares a block between what costs little and what costs much, each in turns of its senders', () => {
    const pool = createMempool({ ...LIMITS, countMax: 100 })
    for (const sender of ['v', 'w', 'x']) pool.addTransaction(tx(0, { sender, operations: 8 }), 0n)
    for (let nonce = 0; nonce < 4; nonce++) {
      for (const sender of ['a', 'b', 'c', 'd', 'e']) pool.addTransaction(tx(nonce, { sender }), 0n)
    }
    const order = idsOf(pool.selectTransactions())
      .map((id) => (id.match(/^[vwx]/) ? id[0] : '.'))
      .join('')
    expect(order).toBe('.v........w........x...')
    expect([...order].filter((letter) => letter === '.')).toHaveLength(20)
  })

  it('keeps the nonces of a lane in order where it changes between little and much', () => {
    const pool = createMempool(LIMITS)
    for (const [nonce, operations] of [8, 1, 8, 1].entries()) pool.addTransaction(tx(nonce, { operations }), 0n)
    pool.addTransaction(tx(0, { sender: 'b' }), 0n)
    expect(idsOf(pool.selectTransactions())).toEqual(['b.0.0', 'a.0.0', 'a.0.1', 'a.0.2', 'a.0.3'])
  })

  it('takes authorities first, then the urgent', () => {
    const pool = createMempool(LIMITS)
    pool.addTransaction(tx(0), 0n)
    pool.addTransaction(tx(0, { sender: 'b', blockLane: 'urgent' }), 0n)
    pool.addTransaction(tx(0, { sender: 'c', blockLane: 'authority' }), 0n)
    expect(idsOf(pool.selectTransactions())).toEqual(['c.0.0', 'b.0.0', 'a.0.0'])
  })

  it('is no reason for a block while every lane lacks its next nonce', () => {
    const pool = createMempool(LIMITS)
    pool.addTransaction(tx(1), 0n)
    expect(pool.hasReady()).toBe(false)
    expect(pool.nextNonce('a', 0)).toBeNull()
    pool.removeCommitted([tx(0)], 1)
    expect(pool.hasReady()).toBe(true)
  })
})

describe('after a block', () => {
  it('what it holds goes; what another transaction made stale goes too and is named', () => {
    const pool = createMempool(LIMITS)
    for (const nonce of [0, 1, 2]) pool.addTransaction(tx(nonce), 0n)
    expect(pool.removeCommitted([tx(0), tx(1, { id: 'another' })], 1)).toEqual({ expired: [], stale: ['a.0.1'] })
    expect(idsOf(pool.selectTransactions())).toEqual(['a.0.2'])
    expect([pool.count(), pool.bytes()]).toEqual([1, 10])
  })

  it('what may stand in no later block goes and is named', () => {
    const pool = createMempool(LIMITS)
    pool.addTransaction(tx(0, { validUntil: 7 }), 0n)
    pool.addTransaction(tx(1, { validUntil: 8 }), 0n)
    expect(pool.removeCommitted([], 6)).toEqual({ expired: [], stale: [] })
    expect(pool.removeCommitted([], 7)).toEqual({ expired: ['a.0.0'], stale: [] })
    expect(pool.hasReady()).toBe(false)
    expect(pool.removeCommitted([], 8)).toEqual({ expired: ['a.0.1'], stale: [] })
    expect([pool.count(), pool.bytes()]).toEqual([0, 0])
  })

  it('one that turned out impossible goes with those behind it, and all are named', () => {
    const pool = createMempool(LIMITS)
    for (const nonce of [0, 1, 2]) pool.addTransaction(tx(nonce), 0n)
    expect(pool.remove('a.0.1' as never)).toEqual(['a.0.1', 'a.0.2'])
    expect(pool.remove('a.0.1' as never)).toEqual([])
    expect([pool.count(), pool.has('a.0.0' as never)]).toEqual([1, true])
  })
})

describe('whatever happens', () => {
  const action = fc.oneof(
    fc.record({
      kind: fc.constant('add' as const),
      sender: fc.constantFrom('a', 'b', 'c'),
      lane: fc.nat(1),
      nonce: fc.nat(6),
      id: fc.nat(1),
      validUntil: fc.integer({ min: 1, max: 9 }),
    }),
    fc.record({ kind: fc.constant('commit' as const), height: fc.integer({ min: 1, max: 9 }) }),
    fc.record({ kind: fc.constant('remove' as const), at: fc.nat(9) }),
  )

  it('the counts are those of what waits, the bounds hold, and a selection has no gap', () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
        const pool = createMempool(LIMITS)
        for (const step of actions) {
          if (step.kind === 'add') {
            const { sender, lane, nonce, validUntil } = step
            pool.addTransaction(tx(nonce, { sender, lane, validUntil, id: `${sender}.${lane}.${nonce}.${step.id}` }), 0n)
          } else if (step.kind === 'commit') pool.removeCommitted([...pool.selectTransactions()].slice(0, 2), step.height)
          else pool.remove(pool.ids(10)[step.at] ?? ('none' as never))
          const ids = pool.ids(100)
          expect(pool.count()).toBe(ids.length)
          expect(pool.bytes()).toBe(ids.length * 10)
          expect(pool.count()).toBeLessThanOrEqual(LIMITS.countMax)
          const selected = [...pool.selectTransactions()]
          expect(pool.hasReady()).toBe(selected.length > 0)
          const lanes = new Map<string, bigint>()
          for (const { tx: found } of selected) {
            const key = `${found.body.sender}.${found.body.lane}`
            const before = lanes.get(key)
            if (before !== undefined) expect(found.body.nonce).toBe(before + 1n)
            lanes.set(key, found.body.nonce)
          }
        }
      }),
    )
  })
})
