// Owns: labor.escrow.fund and labor.escrow.release: won that an employer sets aside for wages.
// Not here: paying from it (payday.ts, pay.ts).
import { failure, isFailure } from '../../core/base/errors.ts'
import { KEY_PURPOSES, defineTransaction } from '../../core/execution/module.ts'
import type { ReadView } from '../../core/state/view.ts'
import { availableWon, checkWonMove, moveWon } from '../payment/keeper.ts'
import { checkSide, findContract, findContractIn } from './contract.ts'
import { LaborError } from './errors.ts'
import { escrowAccount } from './escrow-account.ts'
import { unsettledOf } from './life.ts'
import { EscrowFundPayload } from './pay-schema.ts'
import { ContractRefPayload } from './schema.ts'
import type { Contract } from './schema.ts'
import type { ContractId } from './store.ts'
import { checkAmount } from './terms-shape.ts'

/** Paydays pay from it first; it goes back when the contract is settled. */
export const escrowFund = defineTransaction({
  type: 0x0518,
  name: 'labor.escrow.fund',
  about: 'The employer sets won aside for a contract’s wages; paydays pay from it by themselves.',
  payload: EscrowFundPayload,
  keyPurpose: KEY_PURPOSES.authentication,

  checkStateless: ({ payload }) => checkAmount(payload.amount),

  checkStateful: (view, { payload, sender, block }) => {
    const { contractId, amount } = payload
    const contract = findContractIn(view, contractId, ['OFFERED', 'ACTIVE', 'NOTICE', 'ENDED'])
    if (isFailure(contract)) return contract
    const move = { from: sender, to: escrowAccount(contractId), amount, block }
    return checkSide(contract, sender, 'EMPLOYER') ?? checkWonMove(view, move)
  },

  apply: (context, { payload, sender, block }) =>
    moveWon(context, { from: sender, to: escrowAccount(payload.contractId), amount: payload.amount, block }),
})

// Offers that came to nothing, and contracts that owe nothing any more.
function isHeld(view: ReadView, contractId: ContractId, { state, version }: Contract): boolean {
  if (state === 'SETTLED' || state === 'ARCHIVED') return false
  if (version === 0) return state === 'OFFERED'
  return state !== 'VOID' || unsettledOf(view, contractId) !== null
}

/** Takes back what no wage can need any more. */
export const escrowRelease = defineTransaction({
  type: 0x0519,
  name: 'labor.escrow.release',
  about: 'The employer takes back what was set aside, once the contract is settled or came to nothing.',
  payload: ContractRefPayload,
  keyPurpose: KEY_PURPOSES.authentication,

  checkStateless: () => null,

  checkStateful: (view, { payload, sender, block }) => {
    const { contractId } = payload
    const contract = findContract(view, contractId)
    if (isFailure(contract)) return contract
    const stranger = checkSide(contract, sender, 'EMPLOYER')
    if (stranger !== null) return stranger
    if (isHeld(view, contractId, contract)) return failure(LaborError.ESCROW_HELD, { state: contract.state })
    const from = escrowAccount(contractId)
    const amount = availableWon(view, from)
    return checkAmount(amount) ?? checkWonMove(view, { from, to: sender, amount, block })
  },

  apply: (context, { payload, sender, block }) => {
    const from = escrowAccount(payload.contractId)
    moveWon(context, { from, to: sender, amount: availableWon(context.view, from), block })
  },
})
