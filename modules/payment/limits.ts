// Owns: the limit of what leaves an account on one Korean day. Not here: holding and minting (wallet.ts, mint.ts).
import { kstDate } from '../../core/base/civil-time.ts'
import { failure } from '../../core/base/errors.ts'
import type { Failure } from '../../core/base/errors.ts'
import type { BlockEnv } from '../../core/execution/module.ts'
import type { ReadView } from '../../core/state/view.ts'
import { paramAt } from '../governance/keeper.ts'
import { PaymentError } from './errors.ts'
import type { Wallet } from './schema.ts'
import { spentOn } from './wallet.ts'

/** PAYMENT_DAILY_LIMIT unless the account may spend this much more on the block's Korean day. */
export function checkDay(view: ReadView, spending: { wallet: Wallet; amount: bigint; block: BlockEnv }): Failure | null {
  const { wallet, amount, block } = spending
  if (wallet.exempt) return null
  const limit = paramAt(view, 'payment.dailyLimit', block)
  const spent = spentOn(wallet, kstDate(block.time))
  const detail = { limit: limit.toString(), spent: spent.toString() }
  return spent + amount > limit ? failure(PaymentError.DAILY_LIMIT, detail) : null
}
