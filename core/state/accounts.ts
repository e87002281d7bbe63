// Owns: the one record that the envelope owns per account: nonce lanes, credit class, credit buckets.
// Not here: keys (identity), money (payment).
import { list, struct } from '../codec/compound.ts'
import { u8, u53, u64 } from '../codec/fields.ts'
import type { Infer } from '../codec/schema.ts'
import type { Address, TimeMs } from '../base/ids.ts'
import { defineStore } from './store.ts'
import type { ReadView, WriteView } from './view.ts'

/** Capacity of an account class's three buckets and the time in which an empty one fills up; the chain's parameters give them. */
export type CreditRow = {
  readonly bytes: number
  readonly operations: number
  readonly stateBytes: number
  readonly refillMs: number
}

/** Each `*FullAt` is the block time in microseconds at which that bucket is full again: a virtual schedule, exact in integers. */
export const AccountSchema = struct({
  lanes: list(struct({ lane: u8, nextNonce: u64 }), 256),
  creditClass: u8,
  bytesFullAt: u53,
  operationsFullAt: u53,
  stateFullAt: u53,
})

export type Account = Infer<typeof AccountSchema>

/** What a transaction costs: its size, its verification units, the bytes it adds to the state. */
export type CreditCost = { readonly bytes: number; readonly operations: number; readonly stateBytes: number }

/** Accounts by address; one that never sent anything has no record. */
export const accounts = defineStore<Address, Account>({ prefix: 'account', key: (address) => address, value: AccountSchema })

/** An account that never sent anything: full buckets, class 0, nonce 0 in every lane. */
export const FRESH_ACCOUNT: Account = { lanes: [], creditClass: 0, bytesFullAt: 0, operationsFullAt: 0, stateFullAt: 0 }

/** The account's record, or a fresh one. */
export function readAccount(view: ReadView, address: Address): Account {
  return accounts.get(view, address) ?? FRESH_ACCOUNT
}

/** The nonce that this lane takes next. */
export function nextNonce(account: Account, lane: number): bigint {
  for (const entry of account.lanes) if (entry.lane === lane) return entry.nextNonce
  return 0n
}

/** The account with one nonce of the lane spent; lanes stay sorted. */
export function spendNonce(account: Account, lane: number): Account {
  const rest = account.lanes.filter((entry) => entry.lane !== lane)
  const lanes = [...rest, { lane, nextNonce: nextNonce(account, lane) + 1n }].sort((a, b) => a.lane - b.lane)
  return { ...account, lanes }
}

/** Puts an account into a credit class: 0 citizen, 1 organisation, 2 agency. */
export function setAccountClass(view: WriteView, address: Address, creditClass: number): void {
  accounts.set(view, address, { ...readAccount(view, address), creditClass })
}

/** The account after paying, or null when a bucket does not cover the cost at this block time. */
export function payCredits(payment: {
  account: Account
  classes: readonly CreditRow[]
  cost: CreditCost
  time: TimeMs
}): Account | null {
  const { account, classes, cost, time } = payment
  const row = classes[account.creditClass] ?? (classes[0] as CreditRow)
  const pay = (fullAt: number, units: number, capacity: number): number =>
    drain({ fullAt, units, capacity, refillMs: row.refillMs, time })
  const bytesFullAt = pay(account.bytesFullAt, cost.bytes, row.bytes)
  const operationsFullAt = pay(account.operationsFullAt, cost.operations, row.operations)
  const stateFullAt = pay(account.stateFullAt, cost.stateBytes, row.stateBytes)
  if (bytesFullAt === -1 || operationsFullAt === -1 || stateFullAt === -1) return null
  return { ...account, bytesFullAt, operationsFullAt, stateFullAt }
}

// A bucket of `capacity` units that fills in `refillMs` is kept as the moment it will be full. Taking units pushes that moment
// back; it may never lie more than one refill ahead. Products stay below 2^53: units <= 2^20, refill <= 2^32 us.
function drain(bucket: { fullAt: number; units: number; capacity: number; refillMs: number; time: TimeMs }): number {
  const nowUs = bucket.time * 1_000
  const refillUs = bucket.refillMs * 1_000
  if (bucket.units === 0) return bucket.fullAt
  if (bucket.capacity === 0 || bucket.units > bucket.capacity) return -1
  const from = Math.max(bucket.fullAt, nowUs)
  const cost = Number((BigInt(bucket.units) * BigInt(refillUs) + BigInt(bucket.capacity) - 1n) / BigInt(bucket.capacity))
  const fullAt = from + cost
  return fullAt - nowUs > refillUs ? -1 : fullAt
}

/** Units left in each bucket at a block time, for people and wallets. */
export function creditsLeft(account: Account, classes: readonly CreditRow[], time: TimeMs): CreditCost {
  const row = classes[account.creditClass] ?? (classes[0] as CreditRow)
  const left = (fullAt: number, capacity: number): number => {
    const behindUs = BigInt(fullAt > time * 1_000 ? fullAt - time * 1_000 : 0)
    const refillUs = BigInt(row.refillMs) * 1_000n
    return Number((BigInt(capacity) * (refillUs - (behindUs > refillUs ? refillUs : behindUs))) / refillUs)
  }
  return {
    bytes: left(account.bytesFullAt, row.bytes),
    operations: left(account.operationsFullAt, row.operations),
    stateBytes: left(account.stateFullAt, row.stateBytes),
  }
}
