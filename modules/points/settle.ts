// Owns: points.settle: the treasury pays a merchant from a programme's reserve for the points of a day, net of refunds.
// Not here: how points came to the merchant (port.ts).
import { addDays, isCivilDate, kstDate } from '../../core/base/civil-time.ts'
import type { CivilDate } from '../../core/base/civil-time.ts'
import { failure, isFailure } from '../../core/base/errors.ts'
import type { Failure } from '../../core/base/errors.ts'
import { KEY_PURPOSES, defineTransaction } from '../../core/execution/module.ts'
import type { BlockEnv } from '../../core/execution/module.ts'
import type { ReadView } from '../../core/state/view.ts'
import { paramAt } from '../governance/keeper.ts'
import { checkWonMove, moveWon, requireMerchant } from '../payment/keeper.ts'
import { PointsError } from './errors.ts'
import { MerchantSettled } from './events.ts'
import { SettlePayload } from './payloads.ts'
import { changeBooks, findProgramme, requireProgrammeRole, reserveAccount, WON_PER_POINT } from './programme.ts'
import { carries, programmeBooks, takings } from './store.ts'

/** A merchant's points of one programme on a Korean day. */
export type Takings = { readonly programmeId: string; readonly merchantId: string; readonly day: CivilDate }
/** What is due now, and what refunds of paid points leave for later settlements. */
export type Due = { readonly points: bigint; readonly carried: bigint; readonly isNew: boolean }

/** What a settlement of this day would pay now. */
export function dueOf(view: ReadView, key: Takings): Due {
  const record = takings.get(view, key)
  const before = carries.get(view, key)?.points ?? 0n
  if (record === null) return { points: 0n, carried: before, isNew: false }
  const net = record.spent - record.seenSpent - (record.back - record.seenBack) - before
  const isNew = record.spent > record.seenSpent || record.back > record.seenBack
  return { points: net > 0n ? net : 0n, carried: net > 0n ? 0n : -net, isNew }
}

/** `total` must be what the books say: the treasury and the chain count alike before won moves. */
export const settle = defineTransaction({
  type: 0x0410,
  name: 'points.settle',
  about: 'Pays a merchant from a programme’s reserve for the points it took on a day.',
  payload: SettlePayload,
  keyPurpose: KEY_PURPOSES.authentication,

  checkStateless: ({ payload }) => (isCivilDate(payload.period) ? null : failure(PointsError.RULE_INVALID, { field: 'period' })),

  checkStateful: (view, { payload, sender, block }) => {
    const { programmeId, merchantId, period, total } = payload
    const programme = findProgramme(view, programmeId)
    if (isFailure(programme)) return programme
    const merchant = requireMerchant(view, merchantId)
    if (isFailure(merchant)) return merchant
    const due = dueOf(view, { programmeId, merchantId, day: period })
    const refused =
      requireProgrammeRole(view, { account: sender, role: 'TREASURY', programmeId, block }) ??
      checkPeriod(view, period, { due, block })
    if (refused !== null) return refused
    if (due.points !== total) return failure(PointsError.SETTLE_MISMATCH, { due: due.points.toString() })
    if (total === 0n) return null
    const amount = total * WON_PER_POINT
    const { reserve } = programmeBooks.mustGet(view, programmeId)
    if (reserve < amount) return failure(PointsError.RESERVE_SHORT, { short: (amount - reserve).toString() })
    return checkWonMove(view, { from: reserveAccount(programmeId), to: merchant.owner, amount, block })
  },

  apply: (context, { payload, block }) => {
    const { view, emit } = context
    const { programmeId, merchantId, period, total } = payload
    const key = { programmeId, merchantId, day: period }
    const { carried } = dueOf(view, key)
    const merchant = requireMerchant(view, merchantId)
    const record = takings.mustGet(view, key)
    const amount = total * WON_PER_POINT
    if (amount > 0n && !isFailure(merchant))
      moveWon(context, { from: reserveAccount(programmeId), to: merchant.owner, amount, block })
    takings.set(view, key, { ...record, seenSpent: record.spent, seenBack: record.back })
    if (carried > 0n) carries.set(view, key, { points: carried })
    else carries.remove(view, key)
    changeBooks(view, programmeId, { settled: total, reserve: -amount })
    emit(MerchantSettled, { merchantId, period, programmeId, points: total, carried })
  },
})

function checkPeriod(view: ReadView, period: CivilDate, { due, block }: { due: Due; block: BlockEnv }): Failure | null {
  const from = addDays(period, Number(paramAt(view, 'points.settleDelayDays', block)))
  if (kstDate(block.time) < from) return failure(PointsError.SETTLE_PERIOD, { from })
  return due.isNew ? null : failure(PointsError.SETTLE_PERIOD, { points: 'none' })
}
