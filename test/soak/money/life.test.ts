// Owns: that the long run of money judges, and that a short part of it is sound. Not here: the long run (../money.ts).
import { describe, expect, it } from 'vitest'
import { REGISTRY } from '../../../modules/registry.ts'
import { wallets } from '../../../modules/payment/store.ts'
import { accountNamed, openMoneyCity } from './city.ts'
import { openMoneyLife } from './life.ts'
import type { Tally } from './life.ts'
import { openShadow } from './shadow.ts'

const newTally = (): Tally => ({ types: new Map(), codes: new Map(), events: new Map() })

describe('a random life of money', () => {
  it('keeps every invariant and the books beside after every block, and meets every type of both rooms', () => {
    const tally = newTally()
    for (const seed of [1, 2]) {
      const city = openMoneyLife(seed, tally)
      for (let block = 0; block < 60; block++) expect(city.block(50)).toEqual([])
    }
    const types = REGISTRY.modules
      .filter(({ name }) => name === 'payment' || name === 'points')
      .flatMap(({ transactions }) => transactions.map(({ name }) => name))
    expect(types.filter((name) => !tally.types.has(name))).toEqual([])
  })

  it('does the same again for the same seed', () => {
    const [first, second] = [newTally(), newTally()]
    const records = [first, second].map((tally) => {
      const city = openMoneyLife(3, tally)
      for (let block = 0; block < 10; block++) city.block(40)
      return city.records()
    })
    expect(records[0]).toBe(records[1])
    expect(first).toEqual(second)
  })
})

describe('what judges a life', () => {
  it('notices a won that nobody issued, by the rooms and by the books beside', () => {
    const city = openMoneyCity()
    const shadow = openShadow(city)
    const account = accountNamed('person-1')
    const wallet = wallets.mustGet(city.view, account)
    wallets.set(city.view, account, { ...wallet, balance: wallet.balance + 1n })
    expect(city.broken()).toEqual([expect.stringMatching(/^bank 088: accounts hold \d+ won, \d+ are outstanding$/)])
    expect(shadow.hear(city.view, [{ name: 'payment.minted', payload: { amount: 5n } }])).toEqual([])
    expect(shadow.compare(city.view)).toEqual([expect.stringMatching(/won are outstanding, \d+ were issued and not redeemed$/)])
  })

  it('notices what served twice and what gave back too much', () => {
    const city = openMoneyCity()
    const shadow = openShadow(city)
    const done = { code: null, txId: accountNamed('x') as never, events: [] }
    expect([shadow.useOnce('code 1', done), shadow.useOnce('code 1', { ...done, code: 'NO' })]).toEqual([[], []])
    expect(shadow.useOnce('code 1', done)).toEqual(['code 1 was used twice'])
    const told = (name: string, payload: Record<string, unknown>) => shadow.hear(city.view, [{ name, payload }])
    expect(told('payment.paid', { payId: 'a', total: 10n })).toEqual([])
    expect(told('payment.refunded', { payId: 'a', amount: 10n })).toEqual([])
    expect(told('payment.refunded', { payId: 'a', amount: 1n })).toEqual(['payment a gave back 11, more than was paid'])
  })
})
