// Owns: acts that the city council decides word by word before they are sent. Not here: how it decides (governance).
import type { Failure } from '../../core/base/errors.ts'
import { encode } from '../../core/codec/schema.ts'
import type { Schema } from '../../core/codec/schema.ts'
import type { TxCall } from '../../core/execution/module.ts'
import type { ReadView, WriteView } from '../../core/state/view.ts'
import { requireMandate, spendMandate } from '../governance/keeper.ts'

/** A transaction type that needs a mandate: number and payload schema. */
export type CouncilAct<P> = { readonly type: number; readonly payload: Schema<P> }

/** GOVERNANCE_MANDATE_MISSING unless the city council decided exactly this payload for this sender. */
export function checkMandate<P>(view: ReadView, act: CouncilAct<P>, call: TxCall<P>): Failure | null {
  return requireMandate(view, mandateOf(act, call), call.block.height)
}

/** Uses the mandate up. */
export function applyMandate<P>(view: WriteView, act: CouncilAct<P>, call: TxCall<P>): void {
  spendMandate(view, mandateOf(act, call))
}

function mandateOf<P>(act: CouncilAct<P>, { sender, payload }: TxCall<P>) {
  return { sender, txType: act.type, payload: encode(act.payload, payload) }
}
