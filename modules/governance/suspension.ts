// Owns: what follows when a validator is proved to have signed against the rules: out of the set two blocks on, without a vote
// (consensus.md 4, G9). Not here: the proof.
import type { Address } from '../../core/base/ids.ts'
import type { ApplyContext, BlockEnv } from '../../core/execution/module.ts'
import type { ReadView } from '../../core/state/view.ts'
import { countOnline } from './attendance.ts'
import { barSeat, countSuspended, isBarred } from './sanction-list.ts'
import { ValidatorBarred } from './set-events.ts'
import { projectedValidators, quorumOf, scheduleChange, scheduleUrgently } from './succession.ts'

/**
 * `suspended`: never proposes again and leaves the set, at the height after the next or, where too many seats change around it,
 * with a later activation. `barred`: stays in the count, since fewer would be less safe, and never proposes until the council
 * replaces it. `none`: has no seat, or leaves it already.
 */
export type Suspension = 'suspended' | 'barred' | 'none'

/** Suspends the seat of an authority, or bars it where the set may not become smaller. Safe to call twice. */
export function suspend(context: ApplyContext, authority: Address, block: BlockEnv): Suspension {
  const { view } = context
  const set = projectedValidators(view)
  if (!set.some((validator) => validator.authority === authority)) return 'none'
  barProposer(context, authority)
  if (!maySpare(view, authority, block)) return 'barred'
  const change = { kind: 'suspend', authority } as const
  if (scheduleUrgently(context, change, block) === null) scheduleChange(context, change, block)
  return 'suspended'
}

/** The seat keeps voting and counting, and never proposes from the next block on. */
export function barProposer(context: ApplyContext, authority: Address): void {
  if (isBarred(context.view, authority)) return
  barSeat(context.view, authority)
  context.emit(ValidatorBarred, { authority })
}

function maySpare(view: ReadView, authority: Address, block: BlockEnv): boolean {
  const rest = projectedValidators(view).filter((validator) => validator.authority !== authority)
  const registered = rest.length + 1 + countSuspended(view)
  const floor = Math.max(block.params.validatorsMin, Math.ceil((2 * registered) / 3))
  return rest.length >= floor && countOnline(view, rest, block.height) >= quorumOf(rest.length)
}
