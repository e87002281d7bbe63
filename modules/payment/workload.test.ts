import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Address, TxId } from '../../core/base/ids.ts'
import { accountOf, createRoomBench } from '../../test/room-bench.ts'
import type { Outcome, RoomBench } from '../../test/room-bench.ts'
import { REGISTRY } from '../registry.ts'
import { freeze } from './freeze.ts'
import { mint } from './mint.ts'
import { redeemConfirm } from './redeem-confirm.ts'
import { redeemReject } from './redeem-reject.ts'
import { redeemRequest } from './redeem-request.ts'
import { bankTotals, wallets } from './store.ts'
import { transfer } from './transfer.ts'
import { unfreeze } from './unfreeze.ts'

const HOLDERS = ['alice', 'bob', 'carol', 'dave', 'shop'].map(accountOf)
const BANKS = ['bankA', 'bankB'].map(accountOf)
const OFFICES = [...BANKS, accountOf('cityhall')]

const holder = fc.constantFrom(...HOLDERS)
const bank = fc.constantFrom(...BANKS)
const amount = fc.oneof(fc.bigInt({ min: 1n, max: 400_000n }), fc.constantFrom(1n, 500_000n, 1_000_000n, 10n ** 12n))
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('transfer' as const), from: holder, to: holder, amount }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('mint' as const), bank, to: holder, amount, ref: fc.nat(30) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('request' as const), from: holder, amount }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('confirm' as const), bank, pick: fc.nat(9), ref: fc.option(fc.nat(30)) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('reject' as const), bank, pick: fc.nat(9) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('freeze' as const),
      by: fc.constantFrom(...OFFICES),
      account: holder,
      amount: fc.option(amount),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('unfreeze' as const), by: fc.constantFrom(...OFFICES), account: holder }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 30 * 3_600_000 }) }) },
)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

function perform(city: RoomBench, requests: TxId[], move: Exclude<Step, { kind: 'wait' }>): Outcome | null {
  switch (move.kind) {
    case 'transfer':
      return city.run(transfer, { sender: move.from, payload: { to: move.to, amount: move.amount, memoCommit: null } })
    case 'mint':
      return city.run(mint, { sender: move.bank, payload: { to: move.to, amount: move.amount, bankRef: `R${move.ref}` } })
    case 'request': {
      const outcome = city.run(redeemRequest, { sender: move.from, payload: { amount: move.amount } })
      if (outcome.failure === null) requests.push(outcome.txId)
      return outcome
    }
    case 'freeze':
      return city.run(freeze, { sender: move.by, payload: { account: move.account, amount: move.amount, reasonCode: 'X' } })
    case 'unfreeze':
      return city.run(unfreeze, { sender: move.by, payload: { account: move.account, reasonCode: 'X' } })
    default: {
      const reqId = requests[move.pick % Math.max(requests.length, 1)]
      if (reqId === undefined) return null
      if (move.kind === 'reject') return city.run(redeemReject, { sender: move.bank, payload: { reqId, reasonCode: 'X' } })
      const bankRef = move.ref === null ? null : `R${move.ref}`
      return city.run(redeemConfirm, { sender: move.bank, payload: { reqId, bankRef } })
    }
  }
}

const outstandingOf = (city: RoomBench): readonly bigint[] =>
  ['004', '088'].map((code) => bankTotals.mustGet(city.view, code).outstanding)
const sum = (values: readonly bigint[]): bigint => values.reduce((a, b) => a + b, 0n)
const changedBanks = (before: readonly bigint[], after: readonly bigint[]): number =>
  after.filter((won, i) => won !== before[i]).length

describe('a random day of payments', () => {
  it('keeps the books to the won after every step', () => {
    let succeeded = 0
    fc.assert(
      fc.property(fc.array(step, { minLength: 20, maxLength: 60 }), (steps) => {
        const city = createRoomBench(REGISTRY)
        const requests: TxId[] = []
        for (const move of steps) {
          const before = outstandingOf(city)
          if (move.kind === 'wait') {
            city.advance(move.ms)
            expect(outstandingOf(city)).toEqual(before)
          } else {
            const stateBefore = city.view.diff()
            const outcome = perform(city, requests, move)
            const after = outstandingOf(city)
            if (outcome === null || outcome.failure !== null) expect(city.view.diff()).toEqual(stateBefore)
            else {
              succeeded += 1
              if (move.kind === 'mint') expect([sum(after) - sum(before), changedBanks(before, after)]).toEqual([move.amount, 1])
              else if (move.kind === 'confirm') expect([sum(after) < sum(before), changedBanks(before, after)]).toEqual([true, 1])
              else expect(sum(after)).toBe(sum(before))
            }
          }
          expect(city.broken()).toEqual([])
          checkLimits(city)
        }
      }),
      { numRuns: 40 },
    )
    expect(succeeded).toBeGreaterThan(200)
  })
})

function checkLimits(city: RoomBench): void {
  for (const account of HOLDERS as readonly Address[]) {
    const wallet = wallets.get(city.view, account)
    if (wallet === null || wallet.exempt) continue
    expect(wallet.balance + wallet.locked).toBeLessThanOrEqual(1_000_000n)
    expect(wallet.spent).toBeLessThanOrEqual(2_000_000n)
    expect(wallet.converted).toBeLessThanOrEqual(5_000_000n)
  }
}
