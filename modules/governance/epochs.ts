// Owns: the validators by height: one record per set, found by halving. Not here: how a set comes to be (succession.ts).
import type { Height } from '../../core/base/ids.ts'
import type { Validator } from '../../core/chain/validator-set.ts'
import type { ReadView } from '../../core/state/view.ts'
import { epochs, successions } from './set-store.ts'

/** One set and the heights that it signs: from `from` until the next epoch begins; `until` is null for the newest. */
export type Epoch = {
  readonly number: number
  readonly from: Height
  readonly until: Height | null
  readonly validators: readonly Validator[]
}

/** The set that signs a height up to the next one; null below the first block. */
export function epochAt(view: ReadView, height: Height): Epoch | null {
  const newest = successions.mustGet(view, null).epoch
  let low = 0
  let high = newest
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (epochs.mustGet(view, middle).from <= height) low = middle
    else high = middle - 1
  }
  const { from, validators } = epochs.mustGet(view, low)
  const until = low === newest ? null : epochs.mustGet(view, low + 1).from
  return from <= height ? { number: low, from, until, validators } : null
}

/** The validators that sign a height up to the next one; null below the first block. */
export function readValidatorsAt(view: ReadView, height: Height): readonly Validator[] | null {
  return epochAt(view, height)?.validators ?? null
}
