// Owns: what payments need of points, as types: the room of points comes later and is handed in by modules/registry.ts.
// Not here: points (modules/points).
import { failure } from '../../core/base/errors.ts'
import type { Failure } from '../../core/base/errors.ts'
import type { Address, TxId } from '../../core/base/ids.ts'
import type { ApplyContext, BlockEnv } from '../../core/execution/module.ts'
import type { ReadView } from '../../core/state/view.ts'
import { PaymentError } from './errors.ts'

/** Points that a payer spends at a merchant, or that a refund gives back. */
export type PointsMove = {
  readonly payId: TxId
  readonly owner: Address
  readonly merchantId: string
  readonly points: bigint
  readonly block: BlockEnv
}

/** Points that a payer spends, with the won of the same payment. */
export type PointsSpend = PointsMove & { readonly won: bigint }

/** The points of this chain as payments see them. Amounts are above zero. */
export type PointsPort = {
  /** Why the owner cannot spend so many points now, or null. */
  readonly checkSpend: (view: ReadView, spend: PointsMove) => Failure | null
  /** Spends them first in first out and remembers from which lots, by the payment. */
  readonly spend: (context: ApplyContext, spend: PointsSpend) => void
  /** Gives so many of a payment's points back to the lots they came from. */
  readonly restore: (context: ApplyContext, restore: PointsMove) => void
}

/** A chain without points: payments with points are refused, and so none is ever there to give back. */
export const NO_POINTS: PointsPort = {
  checkSpend: () => failure(PaymentError.POINTS_ABSENT),
  spend: () => undefined,
  restore: () => undefined,
}
