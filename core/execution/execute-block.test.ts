// Owns: blocks: order, due work, refusal of a bad transaction, the same result everywhere. Not here: headers (node/executor.ts).
import { describe, expect, it } from 'vitest'
import { toHex } from '../base/bytes.ts'
import { isFailure } from '../base/errors.ts'
import { ZERO_HASH } from '../base/ids.ts'
import { receiptsRoot } from '../chain/receipt.ts'
import { decodeTrusted } from '../codec/schema.ts'
import { verifySignature } from '../crypto/keys.ts'
import type { Overlay } from '../state/overlay.ts'
import {
  change,
  put,
  refuse,
  schedule,
  tell,
  Told,
  toyBlock,
  toyChecked,
  toyDue,
  TOYS,
  toys,
  toyState,
} from '../../test/helpers/toy-chain.ts'
import type { CheckedTransaction } from './check.ts'
import { beginBlock, executeBlock } from './execute-block.ts'

const execute = (base: Overlay, txs: readonly CheckedTransaction[], height = 1) => {
  const result = executeBlock({
    registry: TOYS,
    base,
    block: toyBlock(height),
    facts: null,
    checkSignature: verifySignature,
    txs,
  })
  if (isFailure(result)) throw new Error(result.code)
  return result
}
const numbers = (events: readonly { payload: Uint8Array }[]): number[] =>
  events.map(({ payload }) => decodeTrusted(Told.payload, payload).n)

describe('a block', () => {
  it('of nothing changes nothing', () => {
    const { receipts, changes } = execute(toyState(), [])
    expect([receipts, changes]).toEqual([[], []])
    expect(receiptsRoot(receipts)).toBe(receiptsRoot([]))
  })

  it('runs its transactions in order, each on what the one before left', () => {
    const first = toyChecked('alice', put, { name: 'x', size: 5 })
    const second = toyChecked('alice', put, { name: 'x', size: 0 }, { nonce: 1n })
    const third = toyChecked('bob', put, { name: 'y', size: 7 })
    const base = toyState()
    const { receipts, changes, view } = execute(base, [first, second, third])
    expect(receipts.map(({ txId }) => txId)).toEqual([first, second, third].map(({ tx }) => tx.id))
    expect([toys.has(view, 'x'), toys.get(view, 'y')?.blob.length]).toEqual([false, 7])
    expect(toys.has(base, 'y')).toBe(false)
    const keys = changes.map(({ key }) => key)
    expect(keys).toEqual([...keys].sort())
    expect(changes.find(({ key }) => key === 'toy/box/x')).toEqual({ key: 'toy/box/x', value: null })
  })

  it('keeps failed transactions with their receipts', () => {
    const failing = toyChecked('alice', refuse, { as: 'failed', isStateless: false })
    const { receipts } = execute(toyState(), [failing, toyChecked('alice', tell, { count: 2 }, { nonce: 1n })])
    expect(receipts.map(({ code, events }) => [code, events.length])).toEqual([
      [0x0904, 0],
      [0, 2],
    ])
  })

  it('with one transaction that may not stand is invalid as a whole', () => {
    const good = toyChecked('alice', put, { name: 'x', size: 5 })
    const bad = [
      [good, 'NONCE_TOO_LOW'],
      [toyChecked('alice', put, { name: 'y', size: 5 }, { nonce: 2n }), 'NONCE_GAP'],
      [toyChecked('bob', put, { name: 'y', size: 5 }, { validUntil: 0 }), 'EXPIRED'],
      [toyChecked('bob', put, { name: 'y', size: 5 }, { by: 'alice' }), 'BAD_SIGNATURE'],
      [toyChecked('bob', change, {}), 'WRONG_KEY_PURPOSE'],
      [toyChecked('bob', refuse, { as: 'early', isStateless: false }), 'TOY_EARLY'],
    ] as const
    for (const [second, code] of bad) {
      const base = toyState()
      const before = base.diff()
      const start = { registry: TOYS, base, block: toyBlock(), facts: null, checkSignature: verifySignature, txs: [good, second] }
      expect(executeBlock(start)).toMatchObject({ failure: true, code })
      expect(base.diff()).toEqual(before)
    }
  })

  it('in the making leaves out what may not stand and goes on', () => {
    const run = beginBlock({ registry: TOYS, base: toyState(), block: toyBlock(), facts: null, checkSignature: verifySignature })
    const good = toyChecked('alice', tell, { count: 1 })
    expect(run.add(good)).toMatchObject({ code: 0 })
    expect(run.add(good)).toMatchObject({ code: 'NONCE_TOO_LOW' })
    expect(run.add(toyChecked('alice', tell, { count: 1 }, { nonce: 1n }))).toMatchObject({ code: 0 })
    const made = run.finish()
    const executed = execute(toyState(), [good, toyChecked('alice', tell, { count: 1 }, { nonce: 1n })])
    expect([made.receipts, made.changes]).toEqual([executed.receipts, executed.changes])
  })
})

describe('what falls due by time', () => {
  // How many events fall due, and how many each of the block's last receipts tells.
  it.each([
    [0, []],
    [1, [1]],
    [64, [64]],
    [65, [64, 1]],
    [130, [64, 64, 2]],
  ])('tells %i events in receipts of %j under the zero id, after all transactions', (count, sizes) => {
    const base = toyState()
    toyDue.set(base, null, { count })
    const tx = toyChecked('alice', tell, { count: 3 })
    const { receipts, view } = execute(base, [tx])
    expect(receipts[0]?.txId).toBe(tx.tx.id)
    const due = receipts.slice(1)
    expect(due.map(({ txId, code, events }) => [txId, code, events.length])).toEqual(sizes.map((size) => [ZERO_HASH, 0, size]))
    expect(due.flatMap(({ events }) => numbers(events))).toEqual(Array.from({ length: count }, (_, n) => n))
    expect(count === 0 || !toyDue.has(view, null)).toBe(true)
  })

  it('runs before the transactions of its block', () => {
    const base = toyState()
    toyDue.set(base, null, { count: 2 })
    const { receipts, view } = execute(base, [toyChecked('alice', schedule, { count: 5 })])
    expect(receipts.map(({ events }) => events.length)).toEqual([0, 2])
    expect(toyDue.get(view, null)).toEqual({ count: 5 })
  })

  it('is undone where a room’s code throws, here beyond the bound of events, and the block goes on without it (R17)', () => {
    const base = toyState()
    toyDue.set(base, null, { count: 4_097 })
    const result = execute(base, [toyChecked('alice', put, { name: 'x', size: 5 })])
    expect(result.faults).toEqual([{ roomFault: true, where: 'toy', text: 'AssertionFault: at most 4096 events are told here' }])
    expect(result.receipts.map(({ code, events }) => [code, events.length])).toEqual([[0, 1]])
    expect(toyDue.get(result.view, null)).toEqual({ count: 4_097 })
  })
})

describe('executing the same block', () => {
  it('gives the same bytes from records in any order of insertion, decoded before or not', () => {
    const txs = () => [
      toyChecked('alice', put, { name: 'x', size: 5 }),
      toyChecked('bob', put, { name: 'w', size: 6 }),
      toyChecked('alice', tell, { count: 9 }, { nonce: 1n }),
    ]
    const warm = toyState()
    const first = execute(warm, txs())
    const again = execute(warm, txs())
    // Fresh arrays with the same contents, in reverse: nothing decoded is remembered for them.
    const records = new Map([...toyState().diff()].reverse().map(({ key, value }) => [key, value?.slice() ?? null]))
    const cold = executeBlock({
      registry: TOYS,
      base: { get: (key) => records.get(key)?.slice() ?? null },
      block: toyBlock(),
      facts: null,
      checkSignature: verifySignature,
      txs: txs(),
    })
    if (isFailure(cold)) throw new Error(cold.code)
    const bytesOf = ({ changes }: typeof first) => changes.map(({ key, value }) => `${key}=${value === null ? '' : toHex(value)}`)
    for (const other of [again, cold]) {
      expect(other.receipts).toEqual(first.receipts)
      expect(bytesOf(other)).toEqual(bytesOf(first))
    }
  })
})
