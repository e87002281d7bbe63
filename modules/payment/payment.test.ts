import { describe, expect, it } from 'vitest'
import { HOUR_MS, kstMidnight } from '../../core/base/civil-time.ts'
import { asHash32 } from '../../core/base/ids.ts'
import type { Address } from '../../core/base/ids.ts'
import { encode } from '../../core/codec/schema.ts'
import { createRoomBench, accountOf, genesisDocument, textOf } from '../../test/room-bench.ts'
import type { Outcome, RoomBench } from '../../test/room-bench.ts'
import { REGISTRY } from '../registry.ts'
import { freeze } from './freeze.ts'
import { mint } from './mint.ts'
import { getBalance, getBank, getPositions, getRedemption } from './queries.ts'
import { redeemConfirm } from './redeem-confirm.ts'
import { redeemReject } from './redeem-reject.ts'
import { redeemRequest } from './redeem-request.ts'
import { EXPIRIES_MAX } from './redemption.ts'
import { signedWon } from './schema.ts'
import { bankTotals, queueEnds, wallets } from './store.ts'
import { transfer } from './transfer.ts'
import { unfreeze } from './unfreeze.ts'

const [alice, bob, carol, dave, shop] = ['alice', 'bob', 'carol', 'dave', 'shop'].map(accountOf) as [
  Address,
  Address,
  Address,
  Address,
  Address,
]
const [bankA, bankB, cityhall] = ['bankA', 'bankB', 'cityhall'].map(accountOf) as [Address, Address, Address]

const bench = (): RoomBench => createRoomBench(REGISTRY)
const codeOf = (outcome: Outcome): string | null => outcome.failure?.code ?? null
const balanceOf = (city: RoomBench, account: Address): bigint => wallets.get(city.view, account)?.balance ?? 0n
const pay = (city: RoomBench, from: Address, to: Address, amount: bigint): Outcome =>
  city.run(transfer, { sender: from, payload: { to, amount, memoCommit: null } })
const mintTo = (city: RoomBench, bank: Address, to: Address, amount: bigint, bankRef: string): Outcome =>
  city.run(mint, { sender: bank, payload: { to, amount, bankRef } })
const request = (city: RoomBench, sender: Address, amount: bigint): Outcome =>
  city.run(redeemRequest, { sender, payload: { amount } })

describe('payment.transfer', () => {
  it('moves won inside a bank and leaves the bank’s totals untouched', () => {
    const city = bench()
    const before = city.view.get(bankTotals.keyOf('004'))
    const { failure, events } = pay(city, alice, carol, 120_000n)
    expect(failure).toBe(null)
    expect([balanceOf(city, alice), balanceOf(city, carol)]).toEqual([380_000n, 120_000n])
    expect(city.view.get(bankTotals.keyOf('004'))).toBe(before)
    expect(city.view.diff().map(({ key }) => key)).toEqual([wallets.keyOf(alice), wallets.keyOf(carol)].sort())
    const payload = { from: alice, to: carol, amount: 120_000n, fromBank: '004', toBank: '004', memoCommit: null }
    expect(events).toEqual([{ name: 'payment.transferred', payload }])
  })

  it('burns at one bank, mints at the other and moves the position between them', () => {
    const city = bench()
    expect(codeOf(pay(city, alice, bob, 200_000n))).toBe(null)
    expect(bankTotals.get(city.view, '004')).toEqual({ outstanding: 300_000n, net: 200_000n })
    expect(bankTotals.get(city.view, '088')).toEqual({ outstanding: 2_500_000n, net: -200_000n })
    expect(city.ask(getPositions, {})).toEqual({ positions: [{ from: '004', to: '088', amount: '200000' }] })
    expect(codeOf(pay(city, bob, alice, 450_000n))).toBe(null)
    expect(city.ask(getPositions, {})).toEqual({ positions: [{ from: '088', to: '004', amount: '250000' }] })
    expect(city.broken()).toEqual([])
  })

  it('gives a receiver without a record the sender’s bank as home', () => {
    const city = bench()
    expect(codeOf(pay(city, bob, dave, 1n))).toBe(null)
    expect(wallets.get(city.view, dave)?.bank).toBe('088')
    expect(city.ask(getPositions, {})).toEqual({ positions: [] })
  })

  it('PAYMENT_AMOUNT_ZERO: refuses nothing', () => {
    expect(codeOf(pay(bench(), alice, bob, 0n))).toBe('PAYMENT_AMOUNT_ZERO')
  })

  it('PAYMENT_AMOUNT_TOO_LARGE: refuses more than 10^12 won', () => {
    expect(codeOf(pay(bench(), alice, bob, 10n ** 12n + 1n))).toBe('PAYMENT_AMOUNT_TOO_LARGE')
    expect(codeOf(pay(bench(), alice, bob, 10n ** 12n))).toBe('PAYMENT_INSUFFICIENT')
  })

  it('PAYMENT_SELF_TRANSFER: refuses a transfer to oneself', () => {
    expect(codeOf(pay(bench(), alice, alice, 1n))).toBe('PAYMENT_SELF_TRANSFER')
  })

  it('PAYMENT_INSUFFICIENT: refuses one won too many and takes the last won', () => {
    const city = bench()
    expect(codeOf(pay(city, alice, carol, 500_001n))).toBe('PAYMENT_INSUFFICIENT')
    expect(codeOf(pay(city, dave, carol, 1n))).toBe('PAYMENT_INSUFFICIENT')
    expect(codeOf(pay(city, alice, carol, 500_000n))).toBe(null)
    expect(balanceOf(city, alice)).toBe(0n)
  })

  it('PAYMENT_HOLD_LIMIT: an account holds exactly 1,000,000 won, not one more; an exempt one holds any', () => {
    const city = bench()
    expect(codeOf(pay(city, shop, alice, 500_001n))).toBe('PAYMENT_HOLD_LIMIT')
    expect(codeOf(pay(city, shop, alice, 500_000n))).toBe(null)
    expect(codeOf(pay(city, alice, shop, 1_000_000n))).toBe(null)
    expect(balanceOf(city, shop)).toBe(2_500_000n)
  })

  it('PAYMENT_HOLD_LIMIT: won locked for redemption still counts as held', () => {
    const city = bench()
    expect(codeOf(request(city, alice, 500_000n))).toBe(null)
    expect(codeOf(pay(city, shop, alice, 500_001n))).toBe('PAYMENT_HOLD_LIMIT')
  })

  it('PAYMENT_DAILY_LIMIT: 2,000,000 won a Korean day, anew at midnight in Seoul', () => {
    const city = bench()
    for (let i = 0; i < 4; i++) {
      expect(codeOf(pay(city, alice, shop, 500_000n))).toBe(null)
      expect(codeOf(pay(city, shop, alice, 500_000n))).toBe(null)
    }
    expect(codeOf(pay(city, alice, shop, 1n))).toBe('PAYMENT_DAILY_LIMIT')
    city.advanceTo(kstMidnight(20261124) - 1)
    expect(codeOf(pay(city, alice, shop, 1n))).toBe('PAYMENT_DAILY_LIMIT')
    city.advance(1)
    expect(codeOf(pay(city, alice, shop, 1n))).toBe(null)
    expect(city.ask(getBalance, { account: textOf('alice') })).toMatchObject({ spentToday: '1', balance: '499999' })
  })

  it('PAYMENT_BANK_CAP: a bank’s customers cannot make it owe more than its cap', () => {
    const document = genesisDocument()
    const rooms = document.rooms as { governance: Record<string, unknown> }
    const cap = {
      key: 'payment.netDebitCap.004',
      effectiveFrom: 202611,
      value: { kind: 'number', value: '100000' },
      sourceRef: 'test',
    }
    rooms.governance = { ...rooms.governance, legalParams: [cap] }
    const city = createRoomBench(REGISTRY, document)
    expect(codeOf(pay(city, alice, bob, 100_001n))).toBe('PAYMENT_BANK_CAP')
    expect(codeOf(pay(city, alice, bob, 100_000n))).toBe(null)
    expect(codeOf(pay(city, alice, bob, 1n))).toBe('PAYMENT_BANK_CAP')
    expect(codeOf(pay(city, alice, carol, 1n))).toBe(null)
    expect(codeOf(pay(city, bob, alice, 50_000n))).toBe(null)
    expect(codeOf(pay(city, alice, bob, 50_000n))).toBe(null)
    expect(city.ask(getBank, { bankCode: '004' })).toMatchObject({ net: '100000', netDebitCap: '100000', outstanding: '400000' })
    expect(city.ask(getBank, { bankCode: '088' })).toMatchObject({ net: '-100000', netDebitCap: '10000000000' })
  })
})

describe('payment.mint', () => {
  it('issues tokens of the sender’s bank, once per reference', () => {
    const city = bench()
    const { events } = mintTo(city, bankA, dave, 700_000n, 'D-1')
    expect(events).toEqual([{ name: 'payment.minted', payload: { bank: '004', to: dave, amount: 700_000n, bankRef: 'D-1' } }])
    expect(bankTotals.get(city.view, '004')?.outstanding).toBe(1_200_000n)
    expect(bankTotals.get(city.view, '088')?.outstanding).toBe(2_300_000n)
    expect(wallets.get(city.view, dave)).toMatchObject({ bank: '004', balance: 700_000n, converted: 700_000n, convertedIn: 2026 })
    expect(city.broken()).toEqual([])
  })

  it('PAYMENT_BANKREF_USED: refuses a used reference of the same bank, not of another', () => {
    const city = bench()
    expect(codeOf(mintTo(city, bankA, alice, 1n, 'D-1'))).toBe(null)
    expect(codeOf(mintTo(city, bankA, alice, 1n, 'D-1'))).toBe('PAYMENT_BANKREF_USED')
    expect(codeOf(mintTo(city, bankB, bob, 1n, 'D-1'))).toBe(null)
  })

  it('PAYMENT_CONVERT_LIMIT: 5,000,000 won in a calendar year, anew at New Year in Seoul', () => {
    const city = bench()
    for (let i = 0; i < 10; i++) {
      expect(codeOf(mintTo(city, bankA, alice, 500_000n, `D-${i}`))).toBe(null)
      expect(codeOf(mintTo(city, bankA, alice, 500_001n, 'over'))).toBe('PAYMENT_HOLD_LIMIT')
      city.advance(24 * HOUR_MS)
      expect(codeOf(pay(city, alice, shop, 1_000_000n))).toBe(null)
      city.advance(24 * HOUR_MS)
      expect(codeOf(pay(city, shop, alice, 500_000n))).toBe(null)
    }
    expect(codeOf(mintTo(city, bankA, alice, 1n, 'next'))).toBe('PAYMENT_CONVERT_LIMIT')
    city.advanceTo(kstMidnight(20270101))
    expect(codeOf(mintTo(city, bankA, alice, 1n, 'next'))).toBe(null)
    expect(city.broken()).toEqual([])
  })

  it('PAYMENT_BANK_MISMATCH: refuses an account whose home is another bank', () => {
    expect(codeOf(mintTo(bench(), bankA, bob, 1n, 'D-1'))).toBe('PAYMENT_BANK_MISMATCH')
  })

  it('PAYMENT_BANK_UNKNOWN: refuses a sender that is no bank', () => {
    expect(codeOf(mintTo(bench(), alice, alice, 1n, 'D-1'))).toBe('PAYMENT_BANK_UNKNOWN')
    expect(bench().ask(getBank, { bankCode: '999' })).toBe('PAYMENT_BANK_UNKNOWN')
  })

  it('refuses a bank whose role ended', () => {
    const document = genesisDocument()
    const rooms = document.rooms as { governance: { roles: Record<string, unknown>[] } }
    rooms.governance.roles = [{ role: 'BANK', did: textOf('bankA'), scope: '004', validUntil: 20261123 }]
    const city = createRoomBench(REGISTRY, document)
    expect(codeOf(mintTo(city, bankA, alice, 1n, 'D-1'))).toBe(null)
    city.advanceTo(kstMidnight(20261124))
    expect(codeOf(mintTo(city, bankA, alice, 1n, 'D-2'))).toBe('GOVERNANCE_NOT_AUTHORIZED')
    expect(codeOf(mintTo(city, bankB, bob, 1n, 'D-2'))).toBe('GOVERNANCE_NOT_AUTHORIZED')
  })

  it('PAYMENT_OUTSTANDING_LIMIT: refuses what would take a bank over 10^17 won', () => {
    const document = genesisDocument()
    const rooms = document.rooms as { payment: { accounts: Record<string, unknown>[] } }
    rooms.payment.accounts = [
      { account: textOf('shop'), bank: '088', amount: (10n ** 17n).toString(), exempt: true },
      { account: textOf('alice'), bank: '004', amount: '100', exempt: true },
    ]
    const city = createRoomBench(REGISTRY, document)
    expect(codeOf(mintTo(city, bankB, shop, 1n, 'D-1'))).toBe('PAYMENT_OUTSTANDING_LIMIT')
    expect(codeOf(pay(city, alice, shop, 1n))).toBe('PAYMENT_OUTSTANDING_LIMIT')
    expect(codeOf(pay(city, shop, alice, 1n))).toBe(null)
    expect(codeOf(pay(city, alice, shop, 1n))).toBe(null)
  })
})

describe('payment.redeem', () => {
  it('locks, then burns on the bank’s word', () => {
    const city = bench()
    const { txId: reqId, events } = request(city, alice, 200_000n)
    expect(events).toEqual([
      { name: 'payment.redeemRequested', payload: { reqId, account: alice, bank: '004', amount: 200_000n } },
    ])
    expect(wallets.get(city.view, alice)).toMatchObject({ balance: 300_000n, locked: 200_000n })
    expect(city.broken()).toEqual([])
    const confirmed = city.run(redeemConfirm, { sender: bankA, payload: { reqId, bankRef: 'R-1' } })
    expect(confirmed.events.map(({ name }) => name)).toEqual(['payment.redeemed'])
    expect(wallets.get(city.view, alice)).toMatchObject({ balance: 300_000n, locked: 0n })
    expect(bankTotals.get(city.view, '004')?.outstanding).toBe(300_000n)
    expect(city.ask(getRedemption, { reqId: `0x${reqId}` })).toMatchObject({
      status: 'confirmed',
      bankRef: 'R-1',
      amount: '200000',
    })
    expect(city.broken()).toEqual([])
  })

  it('gives the won back when the bank refuses', () => {
    const city = bench()
    const { txId: reqId } = request(city, alice, 200_000n)
    const rejected = city.run(redeemReject, { sender: bankA, payload: { reqId, reasonCode: 'ACCOUNT_CLOSED' } })
    expect(rejected.events).toEqual([
      { name: 'payment.redeemRejected', payload: { reqId, account: alice, amount: 200_000n, reasonCode: 'ACCOUNT_CLOSED' } },
    ])
    expect(wallets.get(city.view, alice)).toMatchObject({ balance: 500_000n, locked: 0n })
  })

  it('gives the won back after exactly 24 hours of silence, in the order of the requests', () => {
    const city = bench()
    const first = request(city, alice, 100_000n).txId
    const second = request(city, bob, 50_000n).txId
    city.advance(HOUR_MS)
    const third = request(city, alice, 1n).txId
    expect(codeOf(city.run(redeemConfirm, { sender: bankB, payload: { reqId: second, bankRef: null } }))).toBe(null)
    expect(city.advance(23 * HOUR_MS - 1)).toEqual([])
    expect(city.advance(1)).toEqual([
      { name: 'payment.redeemRejected', payload: { reqId: first, account: alice, amount: 100_000n, reasonCode: 'TIMEOUT' } },
    ])
    expect(city.ask(getRedemption, { reqId: `0x${first}` })).toMatchObject({ status: 'expired' })
    expect(queueEnds.get(city.view, null)).toEqual({ head: 2, tail: 3 })
    expect(wallets.get(city.view, alice)).toMatchObject({ balance: 499_999n, locked: 1n })
    expect(city.advance(HOUR_MS).map(({ payload }) => (payload as { reqId: string }).reqId)).toEqual([third])
    expect(queueEnds.get(city.view, null)).toEqual({ head: 3, tail: 3 })
    expect(city.broken()).toEqual([])
  })

  it('gives back a bounded number in one block and the rest in the next', () => {
    const city = bench()
    for (let i = 0; i < EXPIRIES_MAX + 3; i++) request(city, alice, 1n)
    expect(city.advance(24 * HOUR_MS)).toHaveLength(EXPIRIES_MAX)
    expect(city.advance(0)).toHaveLength(3)
    expect(wallets.get(city.view, alice)).toMatchObject({ balance: 500_000n, locked: 0n })
  })

  it('PAYMENT_REQ_UNKNOWN: no such redemption', () => {
    const reqId = asHash32('ab'.repeat(32))
    const city = bench()
    expect(codeOf(city.run(redeemConfirm, { sender: bankA, payload: { reqId, bankRef: null } }))).toBe('PAYMENT_REQ_UNKNOWN')
    expect(city.ask(getRedemption, { reqId: `0x${reqId}` })).toBe('PAYMENT_REQ_UNKNOWN')
  })

  it('PAYMENT_REQ_STATE: a redemption is decided once', () => {
    const city = bench()
    const { txId: reqId } = request(city, alice, 1n)
    city.run(redeemReject, { sender: bankA, payload: { reqId, reasonCode: 'X' } })
    expect(codeOf(city.run(redeemConfirm, { sender: bankA, payload: { reqId, bankRef: null } }))).toBe('PAYMENT_REQ_STATE')
    expect(codeOf(city.run(redeemReject, { sender: bankA, payload: { reqId, reasonCode: 'X' } }))).toBe('PAYMENT_REQ_STATE')
  })

  it('another bank cannot decide it, a used reference cannot confirm it', () => {
    const city = bench()
    mintTo(city, bankA, alice, 1n, 'D-1')
    const { txId: reqId } = request(city, alice, 1n)
    expect(codeOf(city.run(redeemConfirm, { sender: bankB, payload: { reqId, bankRef: null } }))).toBe('PAYMENT_BANK_MISMATCH')
    expect(codeOf(city.run(redeemConfirm, { sender: bankA, payload: { reqId, bankRef: 'D-1' } }))).toBe('PAYMENT_BANKREF_USED')
    expect(codeOf(city.run(redeemReject, { sender: alice, payload: { reqId, reasonCode: 'X' } }))).toBe('PAYMENT_BANK_UNKNOWN')
  })
})

describe('payment.freeze', () => {
  const freezeIt = (city: RoomBench, sender: Address, account: Address, amount: bigint | null): Outcome =>
    city.run(freeze, { sender, payload: { account, amount, reasonCode: 'COURT' } })
  const lift = (city: RoomBench, sender: Address, account: Address): Outcome =>
    city.run(unfreeze, { sender, payload: { account, reasonCode: 'LIFTED' } })

  it('PAYMENT_ACCOUNT_FROZEN: nothing leaves a frozen account, money still comes in', () => {
    const city = bench()
    expect(freezeIt(city, bankA, alice, null).events).toEqual([
      { name: 'payment.frozen', payload: { account: alice, amount: null, by: 'bank', reasonCode: 'COURT' } },
    ])
    expect(codeOf(pay(city, alice, carol, 1n))).toBe('PAYMENT_ACCOUNT_FROZEN')
    expect(codeOf(request(city, alice, 1n))).toBe('PAYMENT_ACCOUNT_FROZEN')
    expect(codeOf(pay(city, bob, alice, 1n))).toBe(null)
    expect(city.ask(getBalance, { account: textOf('alice') })).toMatchObject({ balance: '500001', available: '0' })
    expect(lift(city, bankA, alice).events.map(({ name }) => name)).toEqual(['payment.unfrozen'])
    expect(codeOf(pay(city, alice, carol, 1n))).toBe(null)
  })

  it('keeps a part back and lets the rest go', () => {
    const city = bench()
    freezeIt(city, cityhall, alice, 450_000n)
    expect(codeOf(pay(city, alice, carol, 50_001n))).toBe('PAYMENT_ACCOUNT_FROZEN')
    expect(codeOf(pay(city, alice, carol, 50_000n))).toBe(null)
    expect(codeOf(freezeIt(city, cityhall, alice, 0n))).toBe('PAYMENT_AMOUNT_ZERO')
  })

  it('a bank neither replaces nor lifts the city’s freeze; strangers neither set nor lift any', () => {
    const city = bench()
    freezeIt(city, cityhall, alice, null)
    expect(codeOf(freezeIt(city, bankA, alice, 1n))).toBe('GOVERNANCE_NOT_AUTHORIZED')
    expect(codeOf(lift(city, bankA, alice))).toBe('GOVERNANCE_NOT_AUTHORIZED')
    expect(codeOf(lift(city, bankB, alice))).toBe('PAYMENT_BANK_MISMATCH')
    expect(codeOf(freezeIt(city, alice, bob, null))).toBe('PAYMENT_BANK_UNKNOWN')
    expect(codeOf(lift(city, cityhall, alice))).toBe(null)
  })

  it('PAYMENT_ACCOUNT_UNKNOWN: an account without money cannot be frozen', () => {
    expect(codeOf(freezeIt(bench(), bankA, dave, null))).toBe('PAYMENT_ACCOUNT_UNKNOWN')
  })

  it('PAYMENT_NOT_FROZEN: there is nothing to lift', () => {
    expect(codeOf(lift(bench(), bankA, alice))).toBe('PAYMENT_NOT_FROZEN')
  })
})

describe('the payment room', () => {
  it('counts first balances as minted', () => {
    const city = bench()
    expect(bankTotals.get(city.view, '004')).toEqual({ outstanding: 500_000n, net: 0n })
    expect(bankTotals.get(city.view, '088')).toEqual({ outstanding: 2_300_000n, net: 0n })
    expect(city.broken()).toEqual([])
  })

  it('refuses a genesis document that names a bank or an account twice, or no bank', () => {
    const twist = (change: (payment: { banks: object[]; accounts: object[] }) => void) => () => {
      const document = genesisDocument()
      change((document.rooms as { payment: { banks: object[]; accounts: object[] } }).payment)
      return createRoomBench(REGISTRY, document)
    }
    expect(twist((section) => section.banks.push(...section.banks))).toThrow(
      'payment.banks[2].bankCode: 004 stands in the list twice',
    )
    expect(twist((section) => section.accounts.push(...section.accounts))).toThrow(
      'payment.accounts[4].account: stands in the list twice',
    )
    const lost = { account: textOf('dave'), bank: '999', amount: '1', exempt: false }
    expect(twist((section) => section.accounts.push(lost))).toThrow('payment.accounts[4].bank: 999 is no bank of this document')
    const shop = {
      ...{ owner: textOf('shop'), psp: textOf('psp'), brn: '2208162517', mcc: '5814', nameAscii: 'COFFEE', nameKo: '커피' },
      ...{ cityAscii: 'SEOUL', guCode: '11440', tier: 'SMALL_A', qrKey: null },
    }
    const withShops = (...shops: object[]) => twist((section) => Object.assign(section, { merchants: shops }))
    expect(withShops({ ...shop, brn: '2208162518' })).toThrow('payment.merchants[0].brn: The last digit')
    expect(withShops(shop, shop)).toThrow('payment.merchants[1].brn: stands in the list twice')
    expect(withShops({ ...shop, guCode: '00000' })).toThrow('payment.merchants[0].guCode: 00000 is no gu of Seoul')
    expect(withShops({ ...shop, owner: textOf('dave') })).toThrow('payment.merchants[0].owner: has no account')
    expect(withShops(shop)().broken()).toEqual([])
  })

  it('answers zeros for an account that never held money', () => {
    expect(bench().ask(getBalance, { account: textOf('dave') })).toEqual({
      bank: null,
      balance: '0',
      locked: '0',
      available: '0',
      exempt: false,
      spentToday: '0',
      freeze: null,
    })
  })

  it('notices broken books', () => {
    const city = bench()
    const wallet = wallets.mustGet(city.view, alice)
    wallets.set(city.view, alice, { ...wallet, balance: wallet.balance + 1n, locked: 1n })
    expect(city.broken()).toEqual([
      'bank 004: accounts hold 500002 won, 500000 are outstanding',
      `account ${alice}: 1 won locked, redemptions say 0`,
    ])
    bankTotals.set(city.view, '088', { outstanding: 2_300_000n, net: 5n })
    expect(city.broken()).toContain('bank 088: owes 5 won, its pairs say 0')
    expect(city.broken()).toContain('banks owe each other 5 won in sum')
  })

  it('writes signed won in one form', () => {
    for (const value of [0n, 5n, -5n]) {
      expect(signedWon.fromPlain(signedWon.toPlain(value))).toBe(value)
      expect(signedWon.fromJson(signedWon.toJson(value, null as never), null as never, '$')).toBe(value)
    }
    expect(() => signedWon.fromPlain([true, 0n])).toThrow('zero without a sign')
    expect(() => signedWon.fromJson('-0', null as never, '$')).toThrow('expected')
    expect(encode(signedWon, -1n)).toHaveLength(11)
  })
})
