// Owns: which events a filter wants. Not here: streams (subscriptions.test.ts).
import { expect, test } from 'vitest'
import { isWanted } from './feed.ts'

test('an event is wanted by name, by account and by merchant, all of which must hold', () => {
  const alice = 'a'.repeat(40) as never
  const event = { text: '', name: 'payment.paid', accounts: new Set([alice]), merchantId: '100000000000017' }
  const any = { names: null, account: null }
  expect(isWanted(event, any)).toBe(true)
  expect(isWanted(event, { ...any, merchant: '100000000000017' })).toBe(true)
  expect(isWanted(event, { ...any, merchant: '100000000000025' })).toBe(false)
  expect(isWanted({ ...event, merchantId: null }, { ...any, merchant: '100000000000017' })).toBe(false)
  expect(isWanted(event, { names: ['payment.*'], account: alice, merchant: '100000000000017' })).toBe(true)
  expect(isWanted(event, { names: ['points.spent'], account: null, merchant: '100000000000017' })).toBe(false)
})
