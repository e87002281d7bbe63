// Owns: labor.decline and labor.withdraw: an offer that comes to nothing. Not here: offers that expire (life.ts).
import { failure, isFailure } from '../../core/base/errors.ts'
import type { Address, Hash32 } from '../../core/base/ids.ts'
import { KEY_PURPOSES, defineTransaction } from '../../core/execution/module.ts'
import type { ApplyContext } from '../../core/execution/module.ts'
import type { ReadView } from '../../core/state/view.ts'
import { checkSide, closeContract, findContractIn } from './contract.ts'
import { LaborError } from './errors.ts'
import { ContractRefPayload } from './schema.ts'
import type { Side } from './shift-schema.ts'
import { contracts, drafts } from './store.ts'

function checkAnswer(view: ReadView, { contractId, sender, side }: { contractId: Hash32; sender: Address; side: Side }) {
  const contract = findContractIn(view, contractId, ['OFFERED'])
  if (isFailure(contract)) return contract
  if (side === 'WORKER' && contract.minor?.guardian === sender) return failure(LaborError.GUARDIAN_CANNOT_SIGN)
  return checkSide(contract, sender, side)
}

/** Ends an offer; its terms are forgotten. */
export function dropOffer(context: ApplyContext, contractId: Hash32, state: 'DECLINED' | 'WITHDRAWN' | 'EXPIRED'): void {
  drafts.remove(context.view, contractId)
  closeContract(context, contractId, { ...contracts.mustGet(context.view, contractId), state })
}

/** The worker says no. */
export const decline = defineTransaction({
  type: 0x0504,
  name: 'labor.decline',
  about: 'The worker declines an offer.',
  payload: ContractRefPayload,
  keyPurpose: KEY_PURPOSES.authentication,
  checkStateless: () => null,
  checkStateful: (view, { payload, sender }) => checkAnswer(view, { contractId: payload.contractId, sender, side: 'WORKER' }),
  apply: (context, { payload }) => dropOffer(context, payload.contractId, 'DECLINED'),
})

/** The employer takes it back. */
export const withdraw = defineTransaction({
  type: 0x0505,
  name: 'labor.withdraw',
  about: 'The employer withdraws an offer that the worker has not signed.',
  payload: ContractRefPayload,
  keyPurpose: KEY_PURPOSES.authentication,
  checkStateless: () => null,
  checkStateful: (view, { payload, sender }) => checkAnswer(view, { contractId: payload.contractId, sender, side: 'EMPLOYER' }),
  apply: (context, { payload }) => dropOffer(context, payload.contractId, 'WITHDRAWN'),
})
