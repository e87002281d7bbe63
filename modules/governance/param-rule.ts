// Owns: what a rule of a legal parameter is, and which of its steps of law is in force on a day.
// Not here: which parameters there are (param-keys.ts), values that a council sets (store.ts).
import type { CivilDate } from '../../core/base/civil-time.ts'

/** A value that the law itself has from a day on. */
export type ParamStep = { readonly from: CivilDate; readonly value: bigint }

/** Rule of one parameter. A `family` also takes members: the key, a dot and a code, such as `payment.netDebitCap.004`. */
export type ParamRule = {
  readonly key: string
  readonly min: bigint
  readonly max: bigint
  /** In force until a council sets another and no step has begun. */
  readonly initial: bigint
  readonly family?: true
  /** What the law has from which day on, in rising order; an entry of a council with the same or a later day comes first. */
  readonly steps?: readonly ParamStep[]
  /** Last day for which the steps say something; beyond it only a council's entry decides. Left out: they hold on. */
  readonly knownUntil?: CivilDate
  readonly about: string
}

/** The step of law in force on a day, or null. */
export function stepOn(rule: ParamRule, date: CivilDate): ParamStep | null {
  return rule.steps?.findLast(({ from }) => from <= date) ?? null
}
