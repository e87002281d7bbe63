// Owns: finding what the rooms declare as restricted, by name of what it restricts. Not here: the declarations' type (module.ts),
// who asks (rpc/read-desk.ts), how an answer is cut (rpc/render.ts), any room's own rule.
import { assert } from '../base/assert.ts'
import type { ModuleDefinition, RestrictedPart, Restriction } from './module.ts'

/** A restriction where it applies. */
export type Found<T> = T & { readonly restriction: Restriction }

/** Restrictions of all rooms, by what they restrict. */
export type Restrictions = {
  readonly all: readonly Restriction[]
  readonly ofTransaction: (name: string) => Found<RestrictedPart> | null
  readonly ofEvent: (name: string) => Found<RestrictedPart> | null
  readonly ofQuery: (name: string) => Found<{ readonly refOf: (params: unknown) => string | null }> | null
  readonly ofKey: (key: string) => Found<{ readonly ref: string | null }> | null
  /** Whether a room, by its number, keeps restricted records: then its refusals may tell of them too. */
  readonly hasRoom: (number: number) => boolean
}

/** Indexes the rooms' declarations; what they name must exist, and nothing is restricted twice. */
export function buildRestrictions(modules: readonly ModuleDefinition[]): Restrictions {
  const all = modules.flatMap((room) => room.restricted ?? [])
  const rooms = new Set(modules.filter((room) => (room.restricted ?? []).length > 0).map((room) => room.number))
  const known = {
    transactions: new Set(modules.flatMap((room) => room.transactions.map(({ name }) => name))),
    events: new Set(modules.flatMap((room) => room.events.map(({ name }) => name))),
    queries: new Set(modules.flatMap((room) => room.queries.map(({ name }) => name))),
  }
  const index = <T>(kind: keyof typeof known, read: (restriction: Restriction) => Readonly<Record<string, T>>) => {
    const found = new Map<string, { readonly restriction: Restriction; readonly entry: T }>()
    for (const restriction of all) {
      for (const [name, entry] of Object.entries(read(restriction))) {
        assert(known[kind].has(name), `${restriction.name} restricts ${name}, which exists`)
        assert(!found.has(name), `${name} is restricted once`)
        found.set(name, { restriction, entry })
      }
    }
    return found
  }
  const transactions = index('transactions', (restriction) => restriction.transactions)
  const events = index('events', (restriction) => restriction.events)
  const queries = index('queries', (restriction) => restriction.queries)
  const part = (found: { restriction: Restriction; entry: RestrictedPart } | undefined): Found<RestrictedPart> | null =>
    found === undefined ? null : { ...found.entry, restriction: found.restriction }
  return {
    all,
    ofTransaction: (name) => part(transactions.get(name)),
    ofEvent: (name) => part(events.get(name)),
    ofQuery(name) {
      const found = queries.get(name)
      return found === undefined ? null : { restriction: found.restriction, refOf: found.entry }
    },
    ofKey(key) {
      const restriction = all.find(({ prefixes }) => prefixes.some((prefix) => key.startsWith(prefix)))
      return restriction === undefined ? null : { restriction, ref: restriction.refOfKey(key) }
    },
    hasRoom: (number) => rooms.has(number),
  }
}
