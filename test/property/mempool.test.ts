// Owns: the mempool against a model under random traffic, and that nobody starves. Not here: single refusals (node/mempool).
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { asAddress, asHash32 } from '../../core/base/ids.ts'
import type { CheckedTransaction } from '../../core/execution/check.ts'
import type { BlockLane } from '../../core/execution/module.ts'
import { createMempool } from '../../node/mempool/mempool.ts'
import type { Mempool } from '../../node/mempool/mempool.ts'

const LIMITS = { countMax: 60, bytesMax: 9_000, perLaneMax: 8, perAccountMax: 14 }

type Shape = {
  sender: number
  lane: number
  nonce: bigint
  validUntil?: number
  bytes?: number
  twin?: number
  blockLane?: BlockLane
}

// The mempool sees id, size, sender, lane, nonce, expiry and block lane; nothing else of a transaction matters to it.
function waiting({
  sender,
  lane,
  nonce,
  validUntil = 1_000,
  bytes = 100,
  twin = 0,
  blockLane = 'normal',
}: Shape): CheckedTransaction {
  const id = asHash32([sender, lane, Number(nonce), twin].map((part) => part.toString(16).padStart(16, '0')).join(''))
  const body = { sender: asAddress(sender.toString(16).padStart(40, '0')), lane, nonce, validUntil }
  const parts: unknown = { tx: { id, bytes: new Uint8Array(bytes), body }, definition: { blockLane }, payload: {}, operations: 1 }
  return parts as CheckedTransaction
}

const laneOf = ({ tx }: CheckedTransaction): string => `${tx.body.sender}.${tx.body.lane}`
const idsOf = (txs: Iterable<CheckedTransaction>): readonly string[] => [...txs].map(({ tx }) => tx.id)

// What should wait: per lane the nonce that the chain takes next, and transactions by nonce.
type Model = Map<string, { next: bigint; byNonce: Map<bigint, CheckedTransaction> }>

function laneIn(model: Model, checked: CheckedTransaction) {
  const found = model.get(laneOf(checked))
  if (found !== undefined) return found
  const fresh = { next: 0n, byNonce: new Map<bigint, CheckedTransaction>() }
  model.set(laneOf(checked), fresh)
  return fresh
}

const allIn = (model: Model): readonly CheckedTransaction[] => [...model.values()].flatMap(({ byNonce }) => [...byNonce.values()])

function readyIn(model: Model): readonly string[] {
  const ready: string[] = []
  for (const { next, byNonce } of model.values()) {
    for (let nonce = next, tx = byNonce.get(nonce); tx !== undefined; tx = byNonce.get(nonce)) {
      ready.push(tx.tx.id)
      nonce += 1n
    }
  }
  return ready
}

function compare(pool: Mempool, model: Model): void {
  const all = allIn(model)
  expect([...pool.ids(1_000)].sort()).toEqual([...idsOf(all)].sort())
  expect(pool.count()).toBe(all.length)
  expect(pool.bytes()).toBe(all.reduce((sum, { tx }) => sum + tx.bytes.length, 0))
  expect(pool.count()).toBeLessThanOrEqual(LIMITS.countMax)
  expect(pool.bytes()).toBeLessThanOrEqual(LIMITS.bytesMax)
  const perSender = new Map<string, number>()
  for (const { tx } of all) perSender.set(tx.body.sender, (perSender.get(tx.body.sender) ?? 0) + 1)
  expect(Math.max(0, ...perSender.values())).toBeLessThanOrEqual(LIMITS.perAccountMax)
  const selected = [...pool.selectTransactions()]
  expect([...idsOf(selected)].sort()).toEqual([...readyIn(model)].sort())
  expect(pool.hasReady()).toBe(selected.length > 0)
  const position = new Map<string, bigint>()
  for (const checked of selected) {
    expect(checked.tx.body.nonce).toBe(position.get(laneOf(checked)) ?? model.get(laneOf(checked))?.next)
    position.set(laneOf(checked), checked.tx.body.nonce + 1n)
    expect(pool.nextNonce(checked.tx.body.sender, checked.tx.body.lane)).not.toBeNull()
  }
  for (const [key, next] of position) {
    const [sender = '', lane = ''] = key.split('.')
    expect(pool.nextNonce(sender, Number(lane))).toBe(next)
  }
}

const sender = fc.nat(5)
const lane = fc.nat(2)
const step = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constant('add' as const),
      sender,
      lane,
      ahead: fc.oneof(fc.nat(3), fc.nat(10)),
      bytes: fc.oneof(fc.integer({ min: 50, max: 200 }), fc.constant(2_000)),
      lifetime: fc.integer({ min: 1, max: 30 }),
      twin: fc.nat(1),
      blockLane: fc.constantFrom('normal' as const, 'normal' as const, 'urgent' as const, 'authority' as const),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('block' as const), take: fc.nat(12), foreign: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('remove' as const), at: fc.nat(60) }) },
)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

function add(pool: Mempool, model: Model, height: number, move: Extract<Step, { kind: 'add' }>): string {
  const { ahead, lifetime, ...shape } = move
  const key = laneIn(model, waiting({ ...shape, nonce: 0n }))
  const nonce = key.next + BigInt(ahead)
  const checked = waiting({ ...shape, nonce, validUntil: height + lifetime })
  const all = allIn(model)
  const known = all.some(({ tx }) => tx.id === checked.tx.id)
  const refused = pool.addTransaction(checked, key.next)
  if (refused === null) {
    expect([known, key.byNonce.has(nonce)]).toEqual([false, false])
    key.byNonce.set(nonce, checked)
    return 'added'
  }
  // A refusal always has its ground.
  const ofAccount = all.filter(({ tx }) => tx.body.sender === checked.tx.body.sender).length
  const grounds = {
    MEMPOOL_DUPLICATE: known,
    MEMPOOL_NONCE_TAKEN: key.byNonce.has(nonce),
    MEMPOOL_FULL: all.length === LIMITS.countMax || pool.bytes() + checked.tx.bytes.length > LIMITS.bytesMax,
    MEMPOOL_ACCOUNT_FULL:
      ofAccount === LIMITS.perAccountMax || key.byNonce.size === LIMITS.perLaneMax || ahead >= LIMITS.perLaneMax,
  }
  expect(grounds).toMatchObject({ [refused.code]: true })
  return refused.code
}

function commit(pool: Mempool, model: Model, height: number, move: Extract<Step, { kind: 'block' }>): void {
  const selected = [...pool.selectTransactions()].slice(0, move.take)
  // Another proposer may have included another transaction of the same nonce, which we never saw.
  const committed = selected.map((checked) => {
    const { nonce, lane: at, sender: who } = checked.tx.body
    return move.foreign ? waiting({ sender: Number.parseInt(who, 16), lane: at, nonce, twin: 9 }) : checked
  })
  for (const checked of committed) {
    const key = laneIn(model, checked)
    key.next = checked.tx.body.nonce + 1n
    key.byNonce.delete(checked.tx.body.nonce)
  }
  const late = allIn(model).filter(({ tx }) => tx.body.validUntil <= height)
  for (const checked of late) laneIn(model, checked).byNonce.delete(checked.tx.body.nonce)
  const { expired, stale } = pool.removeCommitted(committed, height)
  expect([...expired].sort()).toEqual([...idsOf(late)].sort())
  expect(stale).toEqual(move.foreign ? idsOf(selected) : [])
}

describe('random traffic', () => {
  it('never breaks a bound, and selects each lane in nonce order without gaps', () => {
    const seen = new Map<string, number>()
    fc.assert(
      fc.property(fc.array(step, { maxLength: 150, size: 'max' }), (steps) => {
        const pool = createMempool(LIMITS)
        const model: Model = new Map()
        let height = 1
        for (const move of steps) {
          if (move.kind === 'add') {
            const outcome = add(pool, model, height, move)
            seen.set(outcome, (seen.get(outcome) ?? 0) + 1)
          } else if (move.kind === 'block') {
            height += 1
            commit(pool, model, height, move)
          } else {
            const target = allIn(model)[move.at]
            if (target !== undefined) {
              const { byNonce } = laneIn(model, target)
              const gone = [...byNonce].filter(([nonce]) => nonce >= target.tx.body.nonce)
              for (const [nonce] of gone) byNonce.delete(nonce)
              expect(pool.remove(target.tx.id)).toHaveLength(gone.length)
            }
          }
          compare(pool, model)
        }
      }),
      { numRuns: 60 },
    )
    expect([...seen.keys()].sort()).toEqual(
      ['MEMPOOL_ACCOUNT_FULL', 'MEMPOOL_DUPLICATE', 'MEMPOOL_FULL', 'MEMPOOL_NONCE_TAKEN', 'added'].sort(),
    )
  })
})

describe('fairness', () => {
  const crowd = fc.array(fc.integer({ min: 1, max: 8 }), { minLength: 2, maxLength: 6 })

  it('within a block: no lane is two ahead of another that still has something', () => {
    fc.assert(
      fc.property(crowd, (sizes) => {
        const pool = createMempool(LIMITS)
        sizes.forEach((size, i) => {
          for (let nonce = 0; nonce < size; nonce++)
            pool.addTransaction(waiting({ sender: i, lane: 0, nonce: BigInt(nonce) }), 0n)
        })
        const taken = new Map<string, number>(sizes.map((_, i) => [laneOf(waiting({ sender: i, lane: 0, nonce: 0n })), 0]))
        for (const checked of pool.selectTransactions()) {
          const mine = (taken.get(laneOf(checked)) ?? 0) + 1
          taken.set(laneOf(checked), mine)
          sizes.forEach((size, i) => {
            const theirs = taken.get(laneOf(waiting({ sender: i, lane: 0, nonce: 0n }))) ?? 0
            if (theirs < size) expect(mine - theirs).toBeLessThanOrEqual(1)
          })
        }
        expect([...taken.values()]).toEqual(sizes)
      }),
    )
  })

  it('over blocks: a newcomer behind a crowd that never ends is taken as soon as everyone had a turn', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 6 }), fc.integer({ min: 1, max: 4 }), (floodLanes, perBlock) => {
        const pool = createMempool(LIMITS)
        const next = new Array<bigint>(floodLanes).fill(0n)
        const refill = (): void =>
          next.forEach((nonce, i) => {
            for (let ahead = 0n; ahead < 6n; ahead++)
              pool.addTransaction(waiting({ sender: i, lane: 0, nonce: nonce + ahead }), nonce)
          })
        refill()
        const newcomer = waiting({ sender: 99, lane: 0, nonce: 0n })
        expect(pool.addTransaction(newcomer, 0n)).toBeNull()
        const patience = Math.ceil((floodLanes + 1) / perBlock)
        let blocks = 0
        while (pool.has(newcomer.tx.id)) {
          blocks += 1
          expect(blocks).toBeLessThanOrEqual(patience)
          const block = [...pool.selectTransactions()].slice(0, perBlock)
          for (const { tx } of block) {
            const index = Number.parseInt(tx.body.sender, 16)
            if (index < floodLanes) next[index] = tx.body.nonce + 1n
          }
          pool.removeCommitted(block, blocks)
          refill()
        }
      }),
    )
  })

  it('one urgent transaction does not carry the ordinary ones behind it past everybody', () => {
    const pool = createMempool(LIMITS)
    const citizen = (who: number, nonce: bigint, blockLane: BlockLane = 'normal') =>
      waiting({ sender: who, lane: 0, nonce, blockLane })
    const own = [citizen(1, 0n), citizen(1, 1n)]
    const urgent = citizen(2, 0n, 'urgent')
    const carried = [citizen(2, 1n), citizen(2, 2n), citizen(2, 3n, 'urgent')]
    const authority = citizen(3, 0n, 'authority')
    for (const checked of [...own, urgent, ...carried, authority]) expect(pool.addTransaction(checked, 0n)).toBeNull()
    const [first, second] = [...pool.selectTransactions()]
    expect([first?.tx.id, second?.tx.id]).toEqual([authority.tx.id, urgent.tx.id])
    const rest = idsOf(pool.selectTransactions()).slice(2)
    expect(rest).toEqual(idsOf([own[0], carried[0], own[1], carried[1], carried[2]].filter((tx) => tx !== undefined)))
  })
})
