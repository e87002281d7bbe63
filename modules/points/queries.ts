// Owns: what can be read of points over JSON-RPC. Not here: the rules.
import { addDays, kstDate, monthOf } from '../../core/base/civil-time.ts'
import type { CivilDate } from '../../core/base/civil-time.ts'
import { failure } from '../../core/base/errors.ts'
import type { Address } from '../../core/base/ids.ts'
import { list, option, struct } from '../../core/codec/compound.ts'
import { address, bool, code, hash32, u16, u32, u53, u64 } from '../../core/codec/fields.ts'
import { defineQuery } from '../../core/execution/module.ts'
import type { ReadView } from '../../core/state/view.ts'
import { findClawback } from './clawback.ts'
import { PointsError } from './errors.ts'
import { readPerson } from './grant-rules.ts'
import { readOwner } from './lots.ts'
import { findProgramme } from './programme.ts'
import { leftOf } from './rules.ts'
import { BooksSchema, ClawbackSchema, GrantSchema, PersonSchema, ProgrammeSchema, SpendSchema } from './schema.ts'
import { clawbacks, grants, lots, owners, pages, persons, programmeBooks, programmes, spends } from './store.ts'
import { dueOf } from './settle.ts'

const PAGE_MAX = 200
const LotResult = struct({
  lotId: u53,
  programmeId: code(32),
  eventId: hash32,
  points: u64,
  left: u64,
  expiresOn: u32,
  state: code(16),
  extended: u16,
})

type Entry = { readonly lotId: number; readonly expiresOn: CivilDate; readonly points: bigint }

// Entries of an owner in spending order, those that expire between two days.
function* entriesOf(view: ReadView, owner: Address, from: CivilDate, until: CivilDate): Iterable<Entry> {
  for (const { month, points } of readOwner(view, owner).months) {
    if (points === 0n || month < monthOf(from) || month > monthOf(until)) continue
    for (const entry of pages.mustGet(view, { owner, month }).lots)
      if (entry.expiresOn >= from && entry.expiresOn <= until) yield entry
  }
}

const DAY_MIN: CivilDate = 20000101
const DAY_MAX: CivilDate = 99991231

/** Points that can be spent. */
export const pointsBalance = defineQuery({
  name: 'points_balance',
  about: 'Points that an account can spend on a day, today by default, and those of them that expire in the day’s month.',
  params: struct({ account: address, asOf: option(u32) }),
  result: struct({ balance: u64, expiringThisMonth: u64, asOf: u32 }),
  run: (view, { account, asOf }, block) => {
    const day = asOf ?? kstDate(block.time)
    let balance = 0n
    let expiringThisMonth = 0n
    for (const { month, points } of readOwner(view, account).months) {
      if (month > monthOf(day)) balance += points
    }
    for (const { points, expiresOn } of entriesOf(view, account, day, DAY_MAX)) {
      if (monthOf(expiresOn) > monthOf(day)) break
      expiringThisMonth += points
    }
    return { balance: balance + expiringThisMonth, expiringThisMonth, asOf: day }
  },
  keyOf: ({ account }) => owners.keyOf(account),
})

/** Lots with points left. */
export const pointsLots = defineQuery({
  name: 'points_lots',
  about: 'An account’s lots with points left, in the order in which they are spent; `after` goes on behind so many.',
  params: struct({ account: address, after: option(u32) }),
  result: struct({ lots: list(LotResult, PAGE_MAX), more: bool }),
  run: (view, { account, after }, block) => {
    const today = kstDate(block.time)
    const found = []
    let skip = after ?? 0
    for (const { lotId } of entriesOf(view, account, DAY_MIN, DAY_MAX)) {
      if (skip-- > 0) continue
      if (found.length === PAGE_MAX) return { lots: found, more: true }
      const lot = lots.mustGet(view, lotId)
      const { programmeId, eventId, points, expiresOn, extended } = lot
      const state = expiresOn < today ? 'EXPIRED' : 'ACTIVE'
      found.push({ lotId, programmeId, eventId, points, left: leftOf(lot), expiresOn, state, extended })
    }
    return { lots: found, more: false }
  },
})

/** What is about to expire. */
export const pointsExpiring = defineQuery({
  name: 'points_expiring',
  about: 'Points of an account that expire within so many days, by day.',
  params: struct({ account: address, withinDays: u16 }),
  result: struct({ points: u64, days: list(struct({ day: u32, points: u64 }), 366) }),
  run: (view, { account, withinDays }, block) => {
    const today = kstDate(block.time)
    const days: { day: CivilDate; points: bigint }[] = []
    let sum = 0n
    for (const { expiresOn, points } of entriesOf(view, account, today, addDays(today, Math.min(withinDays, 365)))) {
      const last = days.at(-1)
      if (last?.day === expiresOn) last.points += points
      else days.push({ day: expiresOn, points })
      sum += points
    }
    return { points: sum, days }
  },
})

/** A programme. */
export const pointsProgramme = defineQuery({
  name: 'points_programme',
  about: 'A programme: rule, caps, time, budget, state.',
  params: struct({ programmeId: code(32) }),
  result: ProgrammeSchema,
  run: (view, { programmeId }) => findProgramme(view, programmeId),
  keyOf: ({ programmeId }) => programmes.keyOf(programmeId),
})

/** A programme's sums. */
export const pointsProgrammeStats = defineQuery({
  name: 'points_programmeStats',
  about: 'A programme’s sums: granted, active, spent, burned, clawed back, expired, settled; won in the reserve.',
  params: struct({ programmeId: code(32) }),
  result: BooksSchema,
  run: (view, { programmeId }) =>
    programmeBooks.get(view, programmeId) ?? failure(PointsError.PROGRAMME_UNKNOWN, { programmeId }),
  keyOf: ({ programmeId }) => programmeBooks.keyOf(programmeId),
})

/** A grant. */
export const pointsGrant = defineQuery({
  name: 'points_grant',
  about: 'The grant of a programme for an event.',
  params: struct({ programmeId: code(32), eventId: hash32 }),
  result: GrantSchema,
  run: (view, key) => grants.get(view, key) ?? failure(PointsError.GRANT_UNKNOWN),
  keyOf: (key) => grants.keyOf(key),
})

/** What a person got. */
export const pointsCapUsage = defineQuery({
  name: 'points_capUsage',
  about: 'What a person got of a programme: in all, by year, by day of the event.',
  params: struct({ programmeId: code(32), personTag: hash32 }),
  result: PersonSchema,
  run: (view, { programmeId, personTag }) => readPerson(view, programmeId, personTag),
  keyOf: (key) => persons.keyOf(key),
})

/** What a person owes. */
export const pointsDebt = defineQuery({
  name: 'points_debt',
  about: 'Points that a person owes a programme; its next grants go against them first.',
  params: struct({ programmeId: code(32), personTag: hash32 }),
  result: struct({ debt: u64 }),
  run: (view, { programmeId, personTag }) => ({ debt: readPerson(view, programmeId, personTag).debt }),
  keyOf: (key) => persons.keyOf(key),
})

/** What a payment took. */
export const pointsSpend = defineQuery({
  name: 'points_spend',
  about: 'The lots that a payment took points from, and what went back.',
  params: struct({ payId: hash32 }),
  result: SpendSchema,
  run: (view, { payId }) => spends.get(view, payId) ?? failure(PointsError.SPEND_UNKNOWN),
  keyOf: ({ payId }) => spends.keyOf(payId),
})

/** A clawback. */
export const pointsClawback = defineQuery({
  name: 'points_clawback',
  about: 'A clawback: of which grant, how much, how far.',
  params: struct({ caseId: hash32 }),
  result: ClawbackSchema,
  run: (view, { caseId }) => findClawback(view, caseId),
  keyOf: ({ caseId }) => clawbacks.keyOf(caseId),
})

/** What a settlement would pay. */
export const pointsDue = defineQuery({
  name: 'points_due',
  about: 'What a settlement of a merchant’s day would pay from a programme’s reserve now, and what it would carry on.',
  params: struct({ programmeId: code(32), merchantId: code(15), day: u32 }),
  result: struct({ points: u64, carried: u64 }),
  run: (view, key) => {
    const { points, carried } = dueOf(view, key)
    return { points, carried }
  },
})

/** Every read of the room. */
export const POINTS_QUERIES = [
  ...[pointsBalance, pointsLots, pointsExpiring, pointsProgramme, pointsProgrammeStats, pointsGrant, pointsCapUsage],
  ...[pointsDebt, pointsSpend, pointsClawback, pointsDue],
]
