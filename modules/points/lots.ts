// Owns: lots, and the index by which an owner's are found without a range scan: a page per month of expiry, in spending order.
// Not here: why points move (grant.ts, port.ts, transfer.ts, pay-tax.ts, expiry.ts).
import { assert } from '../../core/base/assert.ts'
import { monthOf } from '../../core/base/civil-time.ts'
import type { CivilDate, CivilMonth } from '../../core/base/civil-time.ts'
import { failure } from '../../core/base/errors.ts'
import type { Failure } from '../../core/base/errors.ts'
import type { Address } from '../../core/base/ids.ts'
import type { ReadView, WriteView } from '../../core/state/view.ts'
import { PointsError } from './errors.ts'
import { enqueueExpiry } from './expiry-queue.ts'
import type { Sums } from './programme.ts'
import { addSum, changeBooks } from './programme.ts'
import { leftOf } from './rules.ts'
import { MONTHS_MAX, TAKES_MAX } from './schema.ts'
import type { Lot, Owner } from './schema.ts'
import { lotCount, lots, owners, pages } from './store.ts'

const NO_OWNER: Owner = { months: [], sentOn: 0, sent: 0n, gotOn: 0, got: 0 }
const GOT_MAX = 0xffff

/** Points taken from one lot. */
export type Take = { readonly lotId: number; readonly points: bigint }
/** What a withdrawal takes: `missing` is what unexpired lots do not cover. */
export type Plan = { readonly takes: readonly Take[]; readonly missing: bigint; readonly tooMany: boolean }

/** The index record of an owner, empty for one without points. */
export function readOwner(view: ReadView, owner: Address): Owner {
  return owners.get(view, owner) ?? NO_OWNER
}

/** The lots to take from, in the order (expiresOn, lotId); of one programme when it is named. Reads no more than it needs. */
export function planTakes(
  view: ReadView,
  want: { owner: Address; points: bigint; today: CivilDate; programmeId?: string },
): Plan {
  const { owner, points, today, programmeId } = want
  const takes: Take[] = []
  let missing = points
  for (const { month, points: held } of readOwner(view, owner).months) {
    if (held === 0n || month < monthOf(today)) continue
    for (const entry of pages.mustGet(view, { owner, month }).lots) {
      if (entry.expiresOn < today) continue
      if (programmeId !== undefined && lots.mustGet(view, entry.lotId).programmeId !== programmeId) continue
      if (takes.length === TAKES_MAX) return { takes, missing, tooMany: true }
      const taken = entry.points < missing ? entry.points : missing
      takes.push({ lotId: entry.lotId, points: taken })
      missing -= taken
      if (missing === 0n) return { takes, missing, tooMany: false }
    }
  }
  return { takes, missing, tooMany: false }
}

/** POINTS_INSUFFICIENT, POINTS_EXPIRED or POINTS_TOO_MANY_LOTS unless the plan covers what was wanted. */
export function checkPlan(view: ReadView, plan: Plan, want: { owner: Address; points: bigint }): Failure | null {
  if (plan.tooMany) return failure(PointsError.TOO_MANY_LOTS)
  if (plan.missing === 0n) return null
  const held = readOwner(view, want.owner).months.reduce((sum, { points }) => sum + points, 0n)
  const available = (want.points - plan.missing).toString()
  return failure(held >= want.points ? PointsError.EXPIRED : PointsError.INSUFFICIENT, { available })
}

/** Where points of a lot went. */
export type LotField = 'spent' | 'burned' | 'moved' | 'clawed' | 'expired'

/** Takes points out of lots of one owner; gives the sums by programme. */
export function applyTakes(
  view: WriteView,
  taking: { owner: Address; takes: readonly Take[]; field: LotField; today: CivilDate },
): Sums {
  const { owner, takes, field, today } = taking
  const sums: Sums = []
  const byMonth: { month: CivilMonth; takes: Take[] }[] = []
  for (const take of takes) {
    const lot = lots.mustGet(view, take.lotId)
    assert(leftOf(lot) >= take.points && lot.owner === owner, 'a lot gives what it has')
    lots.set(view, take.lotId, { ...lot, [field]: lot[field] + take.points })
    addSum(sums, lot.programmeId, take.points)
    const month = monthOf(lot.expiresOn)
    const group = byMonth.find((entry) => entry.month === month)
    if (group === undefined) byMonth.push({ month, takes: [take] })
    else group.takes.push(take)
  }
  for (const group of byMonth) takeFromPage(view, { owner, today, ...group })
  for (const { programmeId, points } of sums) {
    if (field === 'moved') continue
    changeBooks(view, programmeId, { active: -points, [field]: points })
  }
  return sums
}

function takeFromPage(
  view: WriteView,
  { owner, month, takes, today }: { owner: Address; month: CivilMonth; takes: readonly Take[]; today: CivilDate },
): void {
  const page = pages.mustGet(view, { owner, month })
  const left = [...page.lots]
  let sum = 0n
  for (const { lotId, points } of takes) {
    const at = left.findIndex((entry) => entry.lotId === lotId)
    const entry = left[at]
    assert(entry !== undefined && entry.points >= points, 'a page knows its lots')
    sum += points
    if (entry.points === points) left.splice(at, 1)
    else left[at] = { ...entry, points: entry.points - points }
  }
  if (left.length === 0) pages.remove(view, { owner, month })
  else pages.set(view, { owner, month }, { lots: left })
  changeMonth(view, { owner, month, points: -sum, lots: 0, today })
}

/** Puts points of a lot onto its owner's page: of a new lot, or of one that gets points back. */
export function putOnPage(
  view: WriteView,
  put: { owner: Address; lotId: number; expiresOn: CivilDate; points: bigint; isNew: boolean; today: CivilDate },
): void {
  const { owner, lotId, expiresOn, points, isNew, today } = put
  const month = monthOf(expiresOn)
  const entries = [...(pages.get(view, { owner, month })?.lots ?? [])]
  const known = entries.findIndex((entry) => entry.lotId === lotId)
  const old = entries[known]
  if (old !== undefined) entries[known] = { ...old, points: old.points + points }
  else {
    const after = entries.findIndex((e) => e.expiresOn > expiresOn || (e.expiresOn === expiresOn && e.lotId > lotId))
    entries.splice(after < 0 ? entries.length : after, 0, { lotId, expiresOn, points })
  }
  pages.set(view, { owner, month }, { lots: entries })
  changeMonth(view, { owner, month, points, lots: isNew ? 1 : 0, today })
}

// Months that are over and empty leave the index whenever it is written.
function changeMonth(
  view: WriteView,
  {
    owner,
    month,
    points,
    lots: more,
    today,
  }: { owner: Address; month: CivilMonth; points: bigint; lots: number; today: CivilDate },
): void {
  const record = readOwner(view, owner)
  const months = record.months.filter((entry) => entry.month === month || entry.points > 0n || entry.month >= monthOf(today))
  const at = months.findIndex((entry) => entry.month >= month)
  const old = months[at]
  if (old !== undefined && old.month === month) months[at] = { month, lots: old.lots + more, points: old.points + points }
  else months.splice(at < 0 ? months.length : at, 0, { month, lots: more, points })
  const got = more === 0 ? record.got : Math.min(GOT_MAX, more + (record.gotOn === today ? record.got : 0))
  owners.set(view, owner, { ...record, months, gotOn: more === 0 ? record.gotOn : today, got })
}

/** POINTS_LOT_LIMIT unless the owner may get so many more lots of this month; `max` bounds what one month may ever get. */
export function checkRoom(
  view: ReadView,
  { owner, month, lots: more, max }: { owner: Address; month: CivilMonth; lots: number; max: number },
): Failure | null {
  const { months } = readOwner(view, owner)
  const known = months.find((entry) => entry.month === month)
  if (known === undefined) return months.length < MONTHS_MAX && more <= max ? null : failure(PointsError.LOT_LIMIT, { month })
  return known.lots + more <= max ? null : failure(PointsError.LOT_LIMIT, { month })
}

/** Writes a new lot where it is found, and where its day finds it. The programme's books are the caller's. */
export function addLot(
  view: WriteView,
  lot: Pick<Lot, 'owner' | 'programmeId' | 'eventId' | 'expiresOn' | 'points' | 'extended'>,
  today: CivilDate,
): number {
  const lotId = lotCount.get(view, null)?.count ?? 0
  lotCount.set(view, null, { count: lotId + 1 })
  lots.set(view, lotId, { ...lot, spent: 0n, burned: 0n, moved: 0n, clawed: 0n, expired: 0n })
  putOnPage(view, { owner: lot.owner, lotId, expiresOn: lot.expiresOn, points: lot.points, isNew: true, today })
  enqueueExpiry(view, lot.expiresOn, lotId)
  return lotId
}
