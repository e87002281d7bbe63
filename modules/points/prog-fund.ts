// Owns: points.prog.fund: a treasury puts won into a programme's reserve. Not here: what leaves it (settle.ts, pay-tax.ts).
import { isFailure } from '../../core/base/errors.ts'
import type { Address } from '../../core/base/ids.ts'
import { KEY_PURPOSES, defineTransaction } from '../../core/execution/module.ts'
import type { ApplyContext, BlockEnv } from '../../core/execution/module.ts'
import { checkWonMove, moveWon } from '../payment/keeper.ts'
import { ProgrammeFunded } from './events.ts'
import { FundPayload } from './payloads.ts'
import { changeBooks, findProgramme, requireProgrammeRole, reserveAccount } from './programme.ts'
import { checkPoints } from './rules.ts'
import { programmeBooks, programmes } from './store.ts'

/** The first treasury that funds a programme is the one that taxes paid with its points go to. */
export const programmeFund = defineTransaction({
  type: 0x0403,
  name: 'points.prog.fund',
  about: 'Moves won of the treasury into a programme’s reserve.',
  payload: FundPayload,
  keyPurpose: KEY_PURPOSES.authentication,

  checkStateless: ({ payload }) => checkPoints(payload.amount),

  checkStateful: (view, { payload, sender, block }) => {
    const { programmeId, amount } = payload
    const programme = findProgramme(view, programmeId)
    if (isFailure(programme)) return programme
    return (
      requireProgrammeRole(view, { account: sender, role: 'TREASURY', programmeId, block }) ??
      checkWonMove(view, { from: sender, to: reserveAccount(programmeId), amount, block })
    )
  },

  apply: (context, { payload, sender, block }) => fund(context, { ...payload, from: sender, block }),
})

/** Moves checked won into the reserve. */
export function fund(
  context: ApplyContext,
  { programmeId, amount, from, block }: { programmeId: string; amount: bigint; from: Address; block: BlockEnv },
): void {
  const { view, emit } = context
  moveWon(context, { from, to: reserveAccount(programmeId), amount, block })
  changeBooks(view, programmeId, { reserve: amount, funded: amount })
  const programme = programmes.mustGet(view, programmeId)
  if (programme.treasury === null) programmes.set(view, programmeId, { ...programme, treasury: from })
  emit(ProgrammeFunded, { programmeId, from, amount, reserve: programmeBooks.mustGet(view, programmeId).reserve })
}
