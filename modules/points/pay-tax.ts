// Owns: points.payTax: points pay a tax or fee of the city and are gone. Not here: tax itself, which stays off chain.
import { kstDate } from '../../core/base/civil-time.ts'
import { KEY_PURPOSES, defineTransaction } from '../../core/execution/module.ts'
import type { ApplyContext, BlockEnv } from '../../core/execution/module.ts'
import { checkWonMove, moveWon } from '../payment/keeper.ts'
import { TaxPaid } from './events.ts'
import { applyTakes, checkPlan, planTakes } from './lots.ts'
import { PayTaxPayload } from './payloads.ts'
import { LOTS_PER_EVENT } from './port.ts'
import { changeBooks, reserveAccount, WON_PER_POINT } from './programme.ts'
import { checkPoints } from './rules.ts'
import { programmeBooks, programmes } from './store.ts'

/** The won that backed the points goes to the treasury that funded them. */
export const payTax = defineTransaction({
  type: 0x040b,
  name: 'points.payTax',
  about: 'Pays a tax or fee of the city with points; their reserve goes to the treasury.',
  payload: PayTaxPayload,
  keyPurpose: KEY_PURPOSES.authentication,

  checkStateless: ({ payload }) => checkPoints(payload.points),

  checkStateful: (view, { payload, sender, block }) => {
    const want = { owner: sender, points: payload.points }
    return checkPlan(view, planTakes(view, { ...want, today: kstDate(block.time) }), want)
  },

  apply: (context, { payload, sender, block }) => {
    const { view, emit } = context
    const { points, taxRefCommit } = payload
    const today = kstDate(block.time)
    const { takes } = planTakes(view, { owner: sender, points, today })
    const sums = applyTakes(view, { owner: sender, takes, field: 'burned', today })
    const credited = sums.reduce((sum, part) => sum + credit(context, part, block), 0n)
    for (let at = 0, part = 0; at < takes.length; at += LOTS_PER_EVENT, part++)
      emit(TaxPaid, { owner: sender, taxRefCommit, points, credited, part, lots: takes.slice(at, at + LOTS_PER_EVENT) })
  },
})

// A programme that is backed by its budget alone has no won for it; a frozen reserve keeps it.
function credit(
  context: ApplyContext,
  { programmeId, points }: { programmeId: string; points: bigint },
  block: BlockEnv,
): bigint {
  const { treasury, reserve } = programmes.mustGet(context.view, programmeId)
  const amount = points * WON_PER_POINT
  if (treasury === null || reserve === 'BUDGET') return 0n
  const move = { from: reserveAccount(programmeId), to: treasury, amount, block }
  if (programmeBooks.mustGet(context.view, programmeId).reserve < amount) return 0n
  if (checkWonMove(context.view, move) !== null) return 0n
  moveWon(context, move)
  changeBooks(context.view, programmeId, { reserve: -amount })
  return amount
}
