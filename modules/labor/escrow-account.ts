// Owns: the account that holds what an employer set aside for one contract's wages; no key signs for it.
// Not here: who may fund it (escrow.ts), paying from it (pay.ts).
import { fromHex } from '../../core/base/bytes.ts'
import { asAddress } from '../../core/base/ids.ts'
import type { Address, Hash32 } from '../../core/base/ids.ts'
import { hashFields } from '../../core/crypto/hash.ts'
import type { ApplyContext, BlockEnv } from '../../core/execution/module.ts'
import { availableWon, checkWonMove, moveWon } from '../payment/keeper.ts'
import { contracts } from './store.ts'

/** The account of a contract. */
export function escrowAccount(contractId: Hash32): Address {
  return asAddress(hashFields('naru/labor/escrow/v1', fromHex(contractId)).slice(0, 40))
}

/** Gives back to the employer what is left, unless its bank cannot take it now. */
export function releaseEscrow(context: ApplyContext, contractId: Hash32, block: BlockEnv): void {
  const { view } = context
  const from = escrowAccount(contractId)
  const amount = availableWon(view, from)
  if (amount === 0n) return
  const move = { from, to: contracts.mustGet(view, contractId).employer, amount, block }
  if (checkWonMove(view, move) === null) moveWon(context, move)
}
