// Owns: points inside payments: spending from lots, giving back to the same lots, a merchant's takings. Not here: payments.
import { addDays, kstDate, monthOf } from '../../core/base/civil-time.ts'
import type { CivilDate } from '../../core/base/civil-time.ts'
import type { Failure } from '../../core/base/errors.ts'
import type { ApplyContext } from '../../core/execution/module.ts'
import type { ReadView, WriteView } from '../../core/state/view.ts'
import { paramAt } from '../governance/keeper.ts'
import type { PointsMove, PointsPort, PointsSpend } from '../payment/keeper.ts'
import { tellOfMerchant } from './alarms.ts'
import { PointsRestored, PointsSpent } from './events.ts'
import { emitExpired, expireLot } from './expiry.ts'
import { enqueueExpiry } from './expiry-queue.ts'
import { applyTakes, checkPlan, planTakes, putOnPage, readOwner } from './lots.ts'
import { addSum, changeBooks } from './programme.ts'
import type { Sums } from './programme.ts'
import { addMonths } from './rules.ts'
import { ALL_MONTHS_MAX, PAGE_LOTS_MAX } from './schema.ts'
import type { Takings } from './schema.ts'
import { lots, pages, spends, takings } from './store.ts'

/** Lots that one event names. */
export const LOTS_PER_EVENT = 128
const NO_TAKINGS: Takings = { spent: 0n, back: 0n, seenSpent: 0n, seenBack: 0n }

function checkSpend(view: ReadView, { owner, points, block }: PointsMove): Failure | null {
  const today = kstDate(block.time)
  const plan = planTakes(view, { owner, points, today })
  return checkPlan(view, plan, { owner, points })
}

function spend(context: ApplyContext, { payId, owner, merchantId, points, won, block }: PointsSpend): void {
  const { view, emit } = context
  const today = kstDate(block.time)
  const { takes } = planTakes(view, { owner, points, today })
  const sums = applyTakes(view, { owner, takes, field: 'spent', today })
  spends.set(view, payId, { owner, lots: takes.map((take) => ({ ...take, back: 0n })) })
  book(view, { merchantId, day: today, sums, isBack: false })
  for (let at = 0, part = 0; at < takes.length; at += LOTS_PER_EVENT, part++)
    emit(PointsSpent, { payId, owner, merchantId, points, part, lots: takes.slice(at, at + LOTS_PER_EVENT) })
  tellOfMerchant(context, { merchantId, points, won, block })
}

function book(
  view: WriteView,
  { merchantId, day, sums, isBack }: { merchantId: string; day: CivilDate; sums: Sums; isBack: boolean },
): void {
  for (const { programmeId, points } of sums) {
    const key = { merchantId, day, programmeId }
    const old = takings.get(view, key) ?? NO_TAKINGS
    takings.set(view, key, isBack ? { ...old, back: old.back + points } : { ...old, spent: old.spent + points })
  }
}

type Back = { lotId: number; points: bigint; extendedTo: CivilDate | null }

// What was taken last goes back first: a part refund leaves the lots as if less had been spent.
function restore(context: ApplyContext, { payId, owner, merchantId, points, block }: PointsMove): void {
  const { view, emit } = context
  const today = kstDate(block.time)
  const record = spends.mustGet(view, payId)
  const entries = [...record.lots]
  const backs: Back[] = []
  const sums: Sums = []
  let left = points
  for (let at = entries.length - 1; at >= 0 && left > 0n; at--) {
    const entry = entries[at]
    if (entry === undefined || entry.back === entry.points) continue
    const open = entry.points - entry.back
    const back = open < left ? open : left
    left -= back
    entries[at] = { ...entry, back: entry.back + back }
    addSum(sums, lots.mustGet(view, entry.lotId).programmeId, back)
    backs.push({
      lotId: entry.lotId,
      points: back,
      extendedTo: putBack(context, { lotId: entry.lotId, points: back, block, today }),
    })
  }
  spends.set(view, payId, { ...record, lots: entries })
  for (const sum of sums) changeBooks(view, sum.programmeId, { active: sum.points, spent: -sum.points })
  book(view, { merchantId, day: today, sums, isBack: true })
  for (let at = 0, part = 0; at < backs.length; at += LOTS_PER_EVENT, part++)
    emit(PointsRestored, { payId, owner, points, part, lots: backs.slice(at, at + LOTS_PER_EVENT) })
}

// Into the lot itself. One that expired meanwhile lives again for a fixed time, what had expired of it stays expired.
function putBack(
  context: ApplyContext,
  { lotId, points, block, today }: { lotId: number; points: bigint; block: PointsMove['block']; today: CivilDate },
): CivilDate | null {
  const { view } = context
  const isOver = lots.mustGet(view, lotId).expiresOn < today
  if (isOver) {
    const gone = expireLot(view, lotId, today)
    if (gone !== null) emitExpired(context, [gone])
  }
  const lot = lots.mustGet(view, lotId)
  const { owner } = lot
  const grace = addDays(today, Number(paramAt(view, 'points.refundGraceDays', block)))
  const expiresOn = isOver ? roomyDay(view, lot.owner, grace) : lot.expiresOn
  const extended = isOver ? Math.min(lot.extended + 1, 0xffff) : lot.extended
  lots.set(view, lotId, { ...lot, spent: lot.spent - points, expiresOn, extended })
  putOnPage(view, { owner, lotId, expiresOn, points, isNew: false, today })
  if (isOver) enqueueExpiry(view, expiresOn, lotId)
  return isOver ? expiresOn : null
}

// A page that is full to the brim sends the lot to the same day of a later month: nobody loses points to a bound.
function roomyDay(view: ReadView, owner: PointsMove['owner'], day: CivilDate): CivilDate {
  let at = day
  for (let month = 1; month < ALL_MONTHS_MAX && isFull(view, owner, at); month++) at = addMonths(day, month)
  return at
}

function isFull(view: ReadView, owner: PointsMove['owner'], day: CivilDate): boolean {
  const month = monthOf(day)
  if (!readOwner(view, owner).months.some((entry) => entry.month === month)) return false
  return (pages.get(view, { owner, month })?.lots.length ?? 0) >= PAGE_LOTS_MAX
}

/** The points of this chain, for payments. */
export const POINTS_PORT: PointsPort = { checkSpend, spend, restore }
