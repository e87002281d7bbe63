// Owns: the life of a redemption: queued, released, and given back by block time when its bank keeps silent.
// Not here: who asks (redeem-*.ts).
import { HOUR_MS } from '../../core/base/civil-time.ts'
import { failure } from '../../core/base/errors.ts'
import type { Failure } from '../../core/base/errors.ts'
import type { Address, TimeMs, TxId } from '../../core/base/ids.ts'
import type { ApplyContext, BlockEnv } from '../../core/execution/module.ts'
import type { ReadView, WriteView } from '../../core/state/view.ts'
import { paramAt } from '../governance/keeper.ts'
import { PaymentError } from './errors.ts'
import { RedeemRejected } from './events.ts'
import { requireBank } from './ledger.ts'
import type { Redemption } from './schema.ts'
import { queue, queueEnds, redemptions, wallets } from './store.ts'

/** Queue entries that one block looks at. */
export const QUEUE_STEPS_MAX = 100
/** Redemptions that one block gives back: their events share one receipt with those of every other room. */
export const EXPIRIES_MAX = 32

const EMPTY_QUEUE = { head: 0, tail: 0 }

/** Appends a redemption to the queue. */
export function enqueueRedemption(view: WriteView, reqId: TxId): void {
  const { head, tail } = queueEnds.get(view, null) ?? EMPTY_QUEUE
  queue.set(view, tail, { reqId })
  queueEnds.set(view, null, { head, tail: tail + 1 })
}

/** PAYMENT_REQ_UNKNOWN, PAYMENT_REQ_STATE, or why the sender is not the bank that decides this redemption. */
export function checkDecision(view: ReadView, decision: { reqId: TxId; sender: Address; block: BlockEnv }): Failure | null {
  const redemption = redemptions.get(view, decision.reqId)
  if (redemption === null) return failure(PaymentError.REQ_UNKNOWN)
  const stranger = requireBank(view, redemption.bank, decision.sender, decision.block)
  if (stranger !== null) return stranger
  return redemption.status === 'pending' ? null : failure(PaymentError.REQ_STATE, { status: redemption.status })
}

/** Gives the locked won back to its holder and closes the redemption. */
export function giveBack(
  context: ApplyContext,
  decision: { reqId: TxId; status: 'rejected' | 'expired'; reasonCode: string; time: TimeMs },
): void {
  const { view } = context
  const { reqId, status, reasonCode, time } = decision
  const redemption = redemptions.mustGet(view, reqId)
  const { account, amount } = redemption
  const wallet = wallets.mustGet(view, account)
  wallets.set(view, account, { ...wallet, balance: wallet.balance + amount, locked: wallet.locked - amount })
  redemptions.set(view, reqId, { ...redemption, status, decidedAt: time })
  context.emit(RedeemRejected, { reqId, account, amount, reasonCode })
}

/** Takes decided redemptions off the head of the queue and gives back those that waited too long. */
export function expireRedemptions(context: ApplyContext, block: BlockEnv): void {
  const { view } = context
  const ends = queueEnds.get(view, null) ?? EMPTY_QUEUE
  if (ends.head === ends.tail) return
  const waitMs = Number(paramAt(view, 'payment.redeemHours', block)) * HOUR_MS
  const last = Math.min(ends.tail, ends.head + QUEUE_STEPS_MAX)
  let head = ends.head
  let expired = 0
  while (head < last && expired < EXPIRIES_MAX) {
    const { reqId } = queue.mustGet(view, head)
    const redemption = redemptions.mustGet(view, reqId)
    if (isWaiting(redemption, block.time - waitMs)) break
    if (redemption.status === 'pending') {
      giveBack(context, { reqId, status: 'expired', reasonCode: 'TIMEOUT', time: block.time })
      expired += 1
    }
    queue.remove(view, head)
    head += 1
  }
  if (head > ends.head) queueEnds.set(view, null, { head, tail: ends.tail })
}

function isWaiting({ status, requestedAt }: Redemption, before: TimeMs): boolean {
  return status === 'pending' && requestedAt > before
}
