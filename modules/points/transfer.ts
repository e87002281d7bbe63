// Owns: points.transfer: points of one programme to somebody whom the programme allows; lots keep grant and expiry.
// Not here: who is a relative (family.ts).
import { kstDate, monthOf } from '../../core/base/civil-time.ts'
import type { CivilDate } from '../../core/base/civil-time.ts'
import { failure, isFailure } from '../../core/base/errors.ts'
import type { Failure } from '../../core/base/errors.ts'
import type { Address } from '../../core/base/ids.ts'
import { KEY_PURPOSES, defineTransaction } from '../../core/execution/module.ts'
import type { BlockEnv } from '../../core/execution/module.ts'
import type { ReadView } from '../../core/state/view.ts'
import { paramAt } from '../governance/keeper.ts'
import { tellOfReceivers } from './alarms.ts'
import { PointsError } from './errors.ts'
import { PointsTransferred } from './events.ts'
import { addLot, applyTakes, checkPlan, checkRoom, planTakes, readOwner } from './lots.ts'
import type { Take } from './lots.ts'
import { TransferPayload } from './payloads.ts'
import { LOTS_PER_EVENT } from './port.ts'
import { findProgramme } from './programme.ts'
import { checkPoints } from './rules.ts'
import { GRANT_LOTS_MAX, MONTHS_MAX, SENT_LOTS_MAX } from './schema.ts'
import { families, grants, lots, owners, programmes } from './store.ts'

/** Points that the account transferred on this Korean day. */
export function sentOn(view: ReadView, account: Address, day: CivilDate): bigint {
  const { sentOn: last, sent } = readOwner(view, account)
  return last === day ? sent : 0n
}

/** To anyone, to relatives or to nobody, as the programme says. */
export const transfer = defineTransaction({
  type: 0x040a,
  name: 'points.transfer',
  about: 'Gives points of one programme to another account; they keep their expiry.',
  payload: TransferPayload,
  keyPurpose: KEY_PURPOSES.authentication,

  checkStateless: ({ payload, sender }) =>
    payload.to === sender ? failure(PointsError.SELF_TRANSFER) : checkPoints(payload.points),

  checkStateful: (view, { payload, sender, block }) => {
    const { to, programmeId, points } = payload
    const today = kstDate(block.time)
    const refused = checkRule(view, { programmeId, from: sender, to }) ?? checkDay(view, { sender, points, block })
    if (refused !== null) return refused
    const plan = planTakes(view, { owner: sender, points, today, programmeId })
    return checkPlan(view, plan, { owner: sender, points }) ?? checkReceiver(view, to, plan.takes)
  },

  apply: (context, { payload, sender, block }) => {
    const { view, emit } = context
    const { to, programmeId, points } = payload
    const today = kstDate(block.time)
    const { takes } = planTakes(view, { owner: sender, points, today, programmeId })
    applyTakes(view, { owner: sender, takes, field: 'moved', today })
    const moved = takes.map(({ lotId, points: part }) => {
      const { eventId, expiresOn, extended } = lots.mustGet(view, lotId)
      const newLotId = addLot(view, { owner: to, programmeId, eventId, expiresOn, points: part, extended }, today)
      const grant = grants.mustGet(view, { programmeId, eventId })
      grants.set(view, { programmeId, eventId }, { ...grant, lots: [...grant.lots, newLotId] })
      return { lotId, newLotId, points: part }
    })
    const sent = sentOn(view, sender, today) + points
    owners.set(view, sender, { ...readOwner(view, sender), sentOn: today, sent })
    for (let at = 0, part = 0; at < moved.length; at += LOTS_PER_EVENT, part++)
      emit(PointsTransferred, { from: sender, to, programmeId, points, part, lots: moved.slice(at, at + LOTS_PER_EVENT) })
    tellOfReceivers(context, [{ account: to, lots: moved.length }], block)
  },
})

function checkRule(
  view: ReadView,
  { programmeId, from, to }: { programmeId: string; from: Address; to: Address },
): Failure | null {
  const programme = findProgramme(view, programmeId)
  if (isFailure(programme)) return programme
  const { transfer: rule } = programmes.mustGet(view, programmeId)
  const isAllowed = rule === 'ANY' || (rule === 'FAMILY' && families.has(view, { programmeId, a: from, b: to }))
  return isAllowed ? null : failure(PointsError.TRANSFER_FORBIDDEN, { rule })
}

function checkDay(
  view: ReadView,
  { sender, points, block }: { sender: Address; points: bigint; block: BlockEnv },
): Failure | null {
  const limit = paramAt(view, 'points.transferDaily', block)
  const sent = sentOn(view, sender, kstDate(block.time))
  const detail = { limit: limit.toString(), sent: sent.toString() }
  return sent + points > limit ? failure(PointsError.TRANSFER_LIMIT, detail) : null
}

// Room at the receiver for every month, and on every grant for its new lots.
function checkReceiver(view: ReadView, to: Address, takes: readonly Take[]): Failure | null {
  const byMonth = new Map<number, number>()
  const byGrant = new Map<string, number>()
  for (const { lotId } of takes) {
    const { programmeId, eventId, expiresOn } = lots.mustGet(view, lotId)
    const month = monthOf(expiresOn)
    byMonth.set(month, (byMonth.get(month) ?? 0) + 1)
    const more = (byGrant.get(eventId) ?? 0) + 1
    byGrant.set(eventId, more)
    const { length } = grants.mustGet(view, { programmeId, eventId }).lots
    if (length + more > GRANT_LOTS_MAX) return failure(PointsError.LOT_LIMIT, { eventId })
  }
  const { months } = readOwner(view, to)
  const fresh = [...byMonth.keys()].filter((month) => !months.some((entry) => entry.month === month))
  if (months.length + fresh.length > MONTHS_MAX) return failure(PointsError.LOT_LIMIT, { months: MONTHS_MAX })
  for (const [month, count] of byMonth) {
    const full = checkRoom(view, { owner: to, month, lots: count, max: SENT_LOTS_MAX })
    if (full !== null) return full
  }
  return null
}
