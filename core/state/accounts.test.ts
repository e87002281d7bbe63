// Owns: nonce lanes and the schedule of credits, worked out by hand. Not here: who must pay (core/execution/check.ts).
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { asAddress } from '../base/ids.ts'
import {
  accounts,
  creditsLeft,
  FRESH_ACCOUNT,
  nextNonce,
  payCredits,
  readAccount,
  setAccountClass,
  spendNonce,
} from './accounts.ts'
import type { Account, CreditRow } from './accounts.ts'
import { createOverlay } from './overlay.ts'

const WHO = asAddress('11'.repeat(20))
// 100 bytes, 10 operations, 50 state bytes in 1,000 s: a byte comes back every 10 s, an operation every 100 s.
const ROW: CreditRow = { bytes: 100, operations: 10, stateBytes: 50, refillMs: 1_000_000 }
const NOW = 1_795_392_000_000
const free = { bytes: 0, operations: 0, stateBytes: 0 }
const pay = (account: Account, cost: Partial<typeof free>, time = NOW, classes: readonly CreditRow[] = [ROW]): Account | null =>
  payCredits({ account, classes, cost: { ...free, ...cost }, time })
const left = (account: Account | null, time = NOW): readonly number[] => {
  if (account === null) return []
  const { bytes, operations, stateBytes } = creditsLeft(account, [ROW], time)
  return [bytes, operations, stateBytes]
}

describe('nonce lanes', () => {
  it('start at 0, count alone, and stay sorted', () => {
    let account = FRESH_ACCOUNT
    expect([nextNonce(account, 0), nextNonce(account, 255)]).toEqual([0n, 0n])
    for (const lane of [7, 0, 7, 255, 7, 3]) account = spendNonce(account, lane)
    expect(account.lanes).toEqual([
      { lane: 0, nextNonce: 1n },
      { lane: 3, nextNonce: 1n },
      { lane: 7, nextNonce: 3n },
      { lane: 255, nextNonce: 1n },
    ])
    expect([0, 1, 3, 7, 255].map((lane) => nextNonce(account, lane))).toEqual([1n, 0n, 1n, 3n, 1n])
  })

  it('fit into the record all 256', () => {
    const view = createOverlay({ get: () => null })
    let account = FRESH_ACCOUNT
    for (let lane = 255; lane >= 0; lane--) account = spendNonce(account, lane)
    accounts.set(view, WHO, account)
    expect(readAccount(view, WHO).lanes.map(({ lane }) => lane)).toEqual(Array.from({ length: 256 }, (_, lane) => lane))
  })
})

describe('an account', () => {
  it('without a record is fresh and of class 0', () => {
    const view = createOverlay({ get: () => null })
    expect(readAccount(view, WHO)).toEqual(FRESH_ACCOUNT)
    setAccountClass(view, WHO, 2)
    expect(readAccount(view, WHO)).toEqual({ ...FRESH_ACCOUNT, creditClass: 2 })
    accounts.set(view, WHO, spendNonce(readAccount(view, WHO), 0))
    setAccountClass(view, WHO, 1)
    expect(readAccount(view, WHO)).toEqual({ ...FRESH_ACCOUNT, lanes: [{ lane: 0, nextNonce: 1n }], creditClass: 1 })
  })
})

describe('credits', () => {
  it('of a fresh account are full', () => {
    expect(left(FRESH_ACCOUNT)).toEqual([100, 10, 50])
  })

  it('are kept as the moment at which the bucket is full again', () => {
    const after = pay(FRESH_ACCOUNT, { bytes: 30, operations: 1, stateBytes: 50 })
    expect(after).toEqual({
      ...FRESH_ACCOUNT,
      bytesFullAt: NOW * 1_000 + 300_000_000,
      operationsFullAt: NOW * 1_000 + 100_000_000,
      stateFullAt: NOW * 1_000 + 1_000_000_000,
    })
    expect(left(after)).toEqual([70, 9, 0])
  })

  // After paying 30 bytes, 1 operation and 50 state bytes at second 0.
  const REFILL: readonly (readonly [seconds: number, bytes: number, operations: number, stateBytes: number])[] = [
    [0, 70, 9, 0],
    [9, 70, 9, 0],
    [10, 71, 9, 0],
    [19.999, 71, 9, 0],
    [20, 72, 9, 1],
    [99.999, 79, 9, 4],
    [100, 80, 10, 5],
    [299, 99, 10, 14],
    [300, 100, 10, 15],
    [999, 100, 10, 49],
    [1_000, 100, 10, 50],
    [100_000, 100, 10, 50],
  ]
  it.each(REFILL)('after %d s are %i bytes, %i operations and %i state bytes', (seconds, bytes, operations, stateBytes) => {
    const after = pay(FRESH_ACCOUNT, { bytes: 30, operations: 1, stateBytes: 50 })
    expect(left(after, NOW + seconds * 1_000)).toEqual([bytes, operations, stateBytes])
  })

  it('of one bucket alone may be missing, and then nothing is paid', () => {
    expect(pay(FRESH_ACCOUNT, { bytes: 100, operations: 10, stateBytes: 50 })).not.toBeNull()
    expect(pay(FRESH_ACCOUNT, { bytes: 101 })).toBeNull()
    expect(pay(FRESH_ACCOUNT, { operations: 11 })).toBeNull()
    expect(pay(FRESH_ACCOUNT, { stateBytes: 51 })).toBeNull()
    const empty = pay(FRESH_ACCOUNT, { stateBytes: 50 }) as Account
    expect(pay(empty, { bytes: 1, stateBytes: 1 })).toBeNull()
    expect(pay(empty, { bytes: 1 })).not.toBeNull()
  })

  it('come back one by one: a byte after ten seconds and no millisecond earlier', () => {
    const empty = pay(FRESH_ACCOUNT, { bytes: 100 }) as Account
    expect(pay(empty, { bytes: 1 }, NOW + 9_999)).toBeNull()
    expect(pay(empty, { bytes: 1 }, NOW + 10_000)).not.toBeNull()
    expect(pay(empty, { bytes: 2 }, NOW + 19_999)).toBeNull()
    expect(pay(empty, { bytes: 100 }, NOW + 999_999)).toBeNull()
    expect(pay(empty, { bytes: 100 }, NOW + 1_000_000)).not.toBeNull()
  })

  it('round against the payer: a third of a unit is never won', () => {
    const thirds: CreditRow = { bytes: 3, operations: 3, stateBytes: 3, refillMs: 1_000 }
    let account: Account | null = FRESH_ACCOUNT
    account = pay(account, { bytes: 1 }, NOW, [thirds])
    expect(account?.bytesFullAt).toBe(NOW * 1_000 + 333_334)
    account = pay(account as Account, { bytes: 1 }, NOW, [thirds])
    expect(account?.bytesFullAt).toBe(NOW * 1_000 + 666_668)
    expect(pay(account as Account, { bytes: 1 }, NOW, [thirds])).toBeNull()
    expect(pay(account as Account, { bytes: 1 }, NOW + 1, [thirds])).not.toBeNull()
  })

  it('cost nothing where nothing is used, however empty the bucket', () => {
    const empty = pay(FRESH_ACCOUNT, { bytes: 100, operations: 10, stateBytes: 50 }) as Account
    expect(pay(empty, {})).toEqual(empty)
    const none: CreditRow = { bytes: 0, operations: 0, stateBytes: 0, refillMs: 1_000 }
    expect(pay(FRESH_ACCOUNT, {}, NOW, [none])).toEqual(FRESH_ACCOUNT)
    expect(pay(FRESH_ACCOUNT, { bytes: 1 }, NOW, [none])).toBeNull()
  })

  it('follow the class of the account, an unknown one counting as 0', () => {
    const rich: CreditRow = { bytes: 1_000, operations: 1_000, stateBytes: 1_000, refillMs: 1_000 }
    expect(pay({ ...FRESH_ACCOUNT, creditClass: 1 }, { bytes: 1_000 }, NOW, [ROW, rich])).not.toBeNull()
    expect(pay({ ...FRESH_ACCOUNT, creditClass: 2 }, { bytes: 1_000 }, NOW, [ROW, rich])).toBeNull()
  })

  it('of the city: a citizen sends 400 signatures at once, then one every nine seconds', () => {
    const citizen: CreditRow = { bytes: 65_536, operations: 400, stateBytes: 16_384, refillMs: 3_600_000 }
    let account: Account | null = FRESH_ACCOUNT
    for (let i = 0; i < 400; i++) account = pay(account as Account, { operations: 1 }, NOW, [citizen])
    expect(account).not.toBeNull()
    expect(pay(account as Account, { operations: 1 }, NOW + 8_999, [citizen])).toBeNull()
    expect(pay(account as Account, { operations: 1 }, NOW + 9_000, [citizen])).not.toBeNull()
  })

  it('that are left are exactly those that can be paid', () => {
    const row = fc.record({
      bytes: fc.integer({ min: 1, max: 4_294_967_295 }),
      operations: fc.integer({ min: 1, max: 1_000 }),
      stateBytes: fc.integer({ min: 1, max: 1_000 }),
      refillMs: fc.integer({ min: 1_000, max: 4_294_967_295 }),
    })
    const spending = fc.array(fc.record({ share: fc.nat(1_000), wait: fc.nat(10_000_000) }), { maxLength: 10 })
    fc.assert(
      fc.property(row, spending, (classRow, steps) => {
        let account: Account = FRESH_ACCOUNT
        let time = NOW
        for (const { share, wait } of steps) {
          time += wait
          const have = creditsLeft(account, [classRow], time).bytes
          expect(have).toBeLessThanOrEqual(classRow.bytes)
          expect(pay(account, { bytes: have + 1 }, time, [classRow])).toBeNull()
          const paid = pay(account, { bytes: Math.floor((have * share) / 1_000) }, time, [classRow])
          expect(paid).not.toBeNull()
          account = paid as Account
          expect(pay(account, { bytes: creditsLeft(account, [classRow], time).bytes }, time, [classRow])).not.toBeNull()
        }
      }),
    )
  })

  it('never give more than a full bucket and what came in since', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ bytes: fc.integer({ min: 1, max: 40 }), wait: fc.nat(200_000) }), { maxLength: 60 }),
        (steps) => {
          let account: Account = FRESH_ACCOUNT
          let time = NOW
          let spent = 0
          for (const { bytes, wait } of steps) {
            time += wait
            const paid = pay(account, { bytes }, time)
            if (paid === null) continue
            account = paid
            spent += bytes
            expect(spent).toBeLessThanOrEqual(100 + Math.floor((time - NOW) / 10_000))
          }
        },
      ),
    )
  })
})
