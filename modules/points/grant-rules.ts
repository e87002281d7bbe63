// Owns: whether a grant may be made, and what it writes. Not here: who may grant (grant.ts, grant-batch.ts, claim.ts).
import { addDays, kstDate, monthOf, yearOf } from '../../core/base/civil-time.ts'
import type { CivilDate } from '../../core/base/civil-time.ts'
import { failure } from '../../core/base/errors.ts'
import type { Failure } from '../../core/base/errors.ts'
import type { BlockEnv } from '../../core/execution/module.ts'
import type { ReadView, WriteView } from '../../core/state/view.ts'
import { PointsError } from './errors.ts'
import { addLot, checkRoom } from './lots.ts'
import type { GrantItem } from './payloads.ts'
import { changeBooks, WON_PER_POINT } from './programme.ts'
import { addMonths } from './rules.ts'
import { GRANTED_LOTS_MAX } from './schema.ts'
import type { Person, Programme } from './schema.ts'
import { grants, persons, programmeBooks, programmes } from './store.ts'

/** Days for which an event can be granted. */
export const EVENT_DAYS = 90
const NO_PERSON: Person = { total: 0n, years: [], days: [], debt: 0n }

/** A grant of a programme on a block's day. */
export type GrantCall = { readonly programmeId: string; readonly item: GrantItem; readonly block: BlockEnv }

/** What a person got of a programme and owes it. */
export function readPerson(view: ReadView, programmeId: string, personTag: GrantItem['personTag']): Person {
  return persons.get(view, { programmeId, personTag }) ?? NO_PERSON
}

/** Why a programme that is active does not make this grant, or null. */
export function checkGrant(view: ReadView, { programmeId, item, block }: GrantCall): Failure | null {
  const programme = programmes.mustGet(view, programmeId)
  const { eventId, personTag, points } = item
  if (grants.has(view, { programmeId, eventId })) return failure(PointsError.DUPLICATE_EVENT, { eventId })
  const today = kstDate(block.time)
  const person = readPerson(view, programmeId, personTag)
  const refused = checkRule(programme, item) ?? checkDate(programme, item.eventDate, today) ?? checkCaps(programme, item, person)
  if (refused !== null) return refused
  const fresh = points - minOf(person.debt, points)
  if (fresh === 0n) return null
  const month = monthOf(addMonths(today, programme.expiryMonths))
  return (
    checkCover(view, { programmeId, programme, points: fresh }) ??
    checkRoom(view, { owner: item.to, month, lots: 1, max: GRANTED_LOTS_MAX })
  )
}

function checkRule({ table }: Programme, { tier, eventKind, points }: GrantItem): Failure | null {
  const row = table[tier]
  if (row !== undefined && row.kind === eventKind && row.points === points) return null
  return failure(PointsError.RULE_MISMATCH, { tier, expected: row?.kind === eventKind ? row.points.toString() : 'none' })
}

function checkDate({ startOn, endOn }: Programme, eventDate: CivilDate, today: CivilDate): Failure | null {
  const from = Math.max(startOn, addDays(today, -EVENT_DAYS))
  const until = Math.min(endOn, today)
  return eventDate >= from && eventDate <= until ? null : failure(PointsError.EVENT_DATE, { from, until })
}

function checkCaps({ capDay, capYear, capTotal }: Programme, { points, eventDate }: GrantItem, person: Person): Failure | null {
  const year = yearOf(eventDate)
  const today = person.days.find(({ day }) => day === eventDate)?.points ?? 0n
  const thisYear = person.years.find((entry) => entry.year === year)?.points ?? 0n
  const over = (cap: bigint, before: bigint): boolean => cap > 0n && before + points > cap
  if (over(capDay, today)) return failure(PointsError.CAP_DAY, { cap: capDay.toString(), had: today.toString() })
  if (over(capYear, thisYear)) return failure(PointsError.CAP_YEAR, { cap: capYear.toString(), had: thisYear.toString() })
  if (over(capTotal, person.total))
    return failure(PointsError.CAP_TOTAL, { cap: capTotal.toString(), had: person.total.toString() })
  return null
}

function checkCover(
  view: ReadView,
  { programmeId, programme, points }: { programmeId: string; programme: Programme; points: bigint },
): Failure | null {
  const books = programmeBooks.mustGet(view, programmeId)
  if (books.granted + points > programme.budget)
    return failure(PointsError.BUDGET_EXCEEDED, { left: (programme.budget - books.granted).toString() })
  if (programme.reserve === 'BUDGET') return null
  const needed = (books.active + books.spent - books.settled + points) * WON_PER_POINT
  return books.reserve >= needed ? null : failure(PointsError.RESERVE_SHORT, { short: (needed - books.reserve).toString() })
}

/** What a checked grant did. */
export type Granted = { readonly lotId: number | null; readonly offset: bigint; readonly expiresOn: CivilDate }

/** Writes a checked grant: debt first, the rest as a lot. */
export function applyGrant(view: WriteView, { programmeId, item, block }: GrantCall): Granted {
  const { to, personTag, eventId, eventKind, eventDate, points, evidenceCommit } = item
  const programme = programmes.mustGet(view, programmeId)
  const today = kstDate(block.time)
  const person = readPerson(view, programmeId, personTag)
  const offset = minOf(person.debt, points)
  const fresh = points - offset
  const expiresOn = addMonths(today, programme.expiryMonths)
  const lotId =
    fresh === 0n ? null : addLot(view, { owner: to, programmeId, eventId, expiresOn, points: fresh, extended: 0 }, today)
  persons.set(view, { programmeId, personTag }, countGrant(person, { points, offset, eventDate, today }))
  const grant = { to, personTag, eventKind, eventDate, points, offset, grantedOn: today, claimed: 0n, owed: 0n, evidenceCommit }
  grants.set(view, { programmeId, eventId }, { ...grant, lots: lotId === null ? [] : [lotId] })
  changeBooks(view, programmeId, { granted: fresh, active: fresh, offset, debt: -offset, grants: 1 })
  return { lotId, offset, expiresOn }
}

// Days stay while an event of them can still be granted; years while one of their days can.
function countGrant(
  person: Person,
  { points, offset, eventDate, today }: { points: bigint; offset: bigint; eventDate: CivilDate; today: CivilDate },
): Person {
  const oldest = addDays(today, -EVENT_DAYS)
  const year = yearOf(eventDate)
  const days = person.days.filter(({ day }) => day >= oldest)
  const years = person.years.filter((entry) => entry.year >= yearOf(oldest))
  const dayAt = days.findIndex(({ day }) => day === eventDate)
  const yearAt = years.findIndex((entry) => entry.year === year)
  if (dayAt < 0) days.push({ day: eventDate, points })
  else days[dayAt] = { day: eventDate, points: (days[dayAt]?.points ?? 0n) + points }
  if (yearAt < 0) years.push({ year, points })
  else years[yearAt] = { year, points: (years[yearAt]?.points ?? 0n) + points }
  return { total: person.total + points, years, days, debt: person.debt - offset }
}

function minOf(a: bigint, b: bigint): bigint {
  return a < b ? a : b
}
