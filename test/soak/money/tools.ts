// Owns: what the acts of a life share: dice, what is remembered, who can be picked, how a payload is spoilt. Not here: the acts.
import type { Address, TxId } from '../../../core/base/ids.ts'
import type { TransactionDefinition } from '../../../core/execution/module.ts'
import type { Dice } from '../../../bench/city/dice.ts'
import { accountNamed, PEOPLE, SHOPS } from './city.ts'
import type { MoneyCity, Outcome, Shop } from './city.ts'
import type { Shadow } from './shadow.ts'

/** What a life remembers, so that later acts can refer to it. The newest stand last. */
export type Memory = {
  readonly shops: Shop[]
  readonly pays: { payId: TxId; owner: string; merchantId: string }[]
  readonly requests: { reqId: TxId; bank: string }[]
  readonly settlements: { cycleId: string; debtor: string; creditor: string; amount: bigint; sayer: string }[]
  readonly cases: { caseId: TxId; to: string }[]
  readonly events: { programmeId: string; event: string; to: string }[]
  readonly takings: { programmeId: string; merchantId: string; day: number }[]
  readonly codes: { authorisation: Uint8Array; max: bigint }[]
  readonly drafts: string[]
  readonly closed: string[]
}

/** Tools of the acts. */
export type Tools = {
  readonly city: MoneyCity
  readonly shadow: Shadow
  readonly dice: Dice
  readonly memory: Memory
  /** One of these. */
  readonly pick: <T>(items: readonly T[]) => T
  readonly person: () => string
  readonly amount: () => bigint
  /** A number that no other call gave. */
  readonly next: () => number
  /** Runs a transaction; now and then its payload or sender is spoilt first. Tells what it was. */
  readonly act: <P>(definition: TransactionDefinition<P>, sender: string, payload: P, once?: string) => Outcome
}

/** An act of a life: what came of it; null where there was nothing to act on. */
export type Act = () => Outcome | null
/** Acts with their weights. */
export type Acts = Readonly<Record<string, readonly [weight: number, act: Act]>>

const KEPT = 400
/** The first ones stay, so that windows of months close on somebody. */
const PINNED = 60
/** One in so many transactions is spoilt. */
const SPOILT = 14
const STRANGE = [0n, 1n, 10n ** 12n, 10n ** 12n + 1n, 2n ** 64n - 1n, 2n ** 64n] as const

/** Keeps what is new and the very first, and lets go of what lies between. */
export function remember<T>(list: T[], entry: T): void {
  list.push(entry)
  if (list.length > KEPT) list.splice(PINNED, list.length - KEPT)
}

/** Tools over a city. `tell` hears of each transaction by type. */
export function createTools(parts: {
  city: MoneyCity
  shadow: Shadow
  dice: Dice
  tell: (type: string, outcome: Outcome, breaches: readonly string[]) => void
}): Tools {
  const { city, shadow, dice, tell } = parts
  const shops = SHOPS.map((shop) => ({ ...shop }))
  const memory: Memory = {
    shops,
    pays: [],
    requests: [],
    settlements: [],
    cases: [],
    events: [],
    takings: [],
    codes: [],
    drafts: [],
    closed: [],
  }
  const pick = <T>(items: readonly T[]): T => items[dice(items.length)] as T
  let number = 0
  const strangers = [...PEOPLE, 'shop', 'bankA', 'office', 'cityhall', 'psp', 'nobody']
  return {
    ...{ city, shadow, dice, memory, pick },
    person: () => pick(PEOPLE),
    amount: () => BigInt(1 + dice(dice(3) === 0 ? 300 : 30_000)),
    next: () => number++,
    act(definition, sender, payload, once) {
      const isSpoilt = dice(SPOILT) === 0
      const isStrange = isSpoilt && dice(3) === 0
      const call = {
        sender: accountNamed(isStrange ? pick(strangers) : sender),
        payload: isSpoilt && !isStrange ? spoil(payload, dice) : payload,
      }
      const outcome = city.run(definition, call)
      const breaches = [...shadow.hear(city.view, outcome.events)]
      if (once !== undefined && !isSpoilt) breaches.push(...shadow.useOnce(once, outcome))
      tell(definition.name, outcome, breaches)
      return isSpoilt ? { ...outcome, code: outcome.code ?? 'SPOILT' } : outcome
    },
  }
}

// One field of the payload becomes something strange of its own kind.
function spoil<P>(payload: P, dice: Dice): P {
  const fields = Object.entries(payload as Record<string, unknown>)
  const [name, value] = fields[dice(fields.length)] ?? ['', null]
  return { ...payload, [name]: strange(value, dice) }
}

function strange(value: unknown, dice: Dice): unknown {
  if (typeof value === 'bigint') return STRANGE[dice(STRANGE.length)]
  if (typeof value === 'number') return dice(2) === 0 ? value + 1 : 20260230
  if (typeof value === 'boolean') return !value
  if (value instanceof Uint8Array) return value.slice(0, dice(value.length + 1))
  if (Array.isArray(value)) return value.slice(0, dice(value.length + 1))
  if (typeof value !== 'string') return value
  const at = dice(value.length + 1)
  return dice(2) === 0 ? value.slice(0, at) : `${value.slice(0, at)}${dice(10)}${value.slice(at + 1)}`
}

/** The account of somebody in the city. */
export function addressOf(name: string): Address {
  return accountNamed(name)
}
