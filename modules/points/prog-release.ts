// Owns: points.prog.release: won that a closed programme needs no more goes back to its treasury.
// Not here: closing (prog-state.ts).
import { failure, isFailure } from '../../core/base/errors.ts'
import { KEY_PURPOSES, defineTransaction } from '../../core/execution/module.ts'
import { checkWonMove, moveWon } from '../payment/keeper.ts'
import { PointsError } from './errors.ts'
import { ReserveReturned } from './events.ts'
import { FundPayload } from './payloads.ts'
import {
  changeBooks,
  checkProgrammeState,
  findProgramme,
  requireProgrammeRole,
  reserveAccount,
  WON_PER_POINT,
} from './programme.ts'
import { checkPoints } from './rules.ts'
import type { Books } from './schema.ts'
import { programmeBooks } from './store.ts'

/** Won in a reserve beyond what active points and merchants that are not paid yet may ask for. */
export function freeReserve({ reserve, active, spent, settled }: Books): bigint {
  const needed = (active + spent - settled) * WON_PER_POINT
  return reserve > needed ? reserve - needed : 0n
}

/** In parts: what active points hold back now comes free as they expire. */
export const programmeRelease = defineTransaction({
  type: 0x0413,
  name: 'points.prog.release',
  about: 'Moves won of a closed programme’s reserve back to the treasury, as far as no point needs it.',
  payload: FundPayload,
  keyPurpose: KEY_PURPOSES.authentication,

  checkStateless: ({ payload }) => checkPoints(payload.amount),

  checkStateful: (view, { payload, sender, block }) => {
    const { programmeId, amount } = payload
    const programme = findProgramme(view, programmeId)
    if (isFailure(programme)) return programme
    const refused =
      requireProgrammeRole(view, { account: sender, role: 'TREASURY', programmeId, block }) ??
      checkProgrammeState(programme, ['CLOSED'])
    if (refused !== null) return refused
    const free = freeReserve(programmeBooks.mustGet(view, programmeId))
    if (amount > free) return failure(PointsError.RESERVE_SHORT, { short: (amount - free).toString() })
    return checkWonMove(view, { from: reserveAccount(programmeId), to: programme.treasury ?? sender, amount, block })
  },

  apply: (context, { payload, sender, block }) => {
    const { view, emit } = context
    const { programmeId, amount } = payload
    const programme = findProgramme(view, programmeId)
    const to = isFailure(programme) ? sender : (programme.treasury ?? sender)
    moveWon(context, { from: reserveAccount(programmeId), to, amount, block })
    changeBooks(view, programmeId, { reserve: -amount })
    emit(ReserveReturned, { programmeId, to, amount, reserve: programmeBooks.mustGet(view, programmeId).reserve })
  },
})
