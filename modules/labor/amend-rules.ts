// Owns: what a change may and may not do to a contract: dates, fixed terms, pay that is taken away (domain.md 8.2).
// Not here: the transactions (amend.ts).
import { addDays, kstDate } from '../../core/base/civil-time.ts'
import type { CivilDate } from '../../core/base/civil-time.ts'
import { failure } from '../../core/base/errors.ts'
import type { Failure } from '../../core/base/errors.ts'
import type { BlockEnv } from '../../core/execution/module.ts'
import type { ReadView } from '../../core/state/view.ts'
import { paramAt } from '../governance/keeper.ts'
import { versionsOf } from './contract.ts'
import { LaborError } from './errors.ts'
import type { Contract } from './schema.ts'
import type { ContractId } from './store.ts'
import type { Terms } from './terms-schema.ts'
import { agreedHourly } from './wage/rate.ts'
import { isLess } from './wage/fraction.ts'

/** A change that somebody proposes or accepts. */
export type Change = {
  readonly contractId: ContractId
  readonly contract: Contract
  readonly terms: Terms
  readonly effectiveFrom: CivilDate
  readonly block: BlockEnv
  /** When it was proposed; now unless given. */
  readonly proposedAt?: number
}

const fixed = (field: string): Failure => failure(LaborError.AMEND_FIXED, { field })

/** LABOR_AMEND_FIXED, or LABOR_RETROACTIVE_REDUCTION; null for a change that may be made. */
export function checkChange(view: ReadView, change: Change): Failure | null {
  const { contract, terms, effectiveFrom, block, proposedAt = block.time } = change
  const today = kstDate(block.time)
  if (terms.startOn !== contract.startOn) return fixed('startOn')
  if (contract.state === 'NOTICE' && terms.endOn !== contract.endOn) return fixed('endOn')
  if (contract.state === 'ACTIVE' && terms.endOn !== null && terms.endOn < today) return fixed('endOn')
  if ((terms.ageBand === 'UNDER_18') !== (contract.minor !== null)) return fixed('ageBand')
  const earliest = Math.max(contract.startOn, addDays(today, -Number(paramAt(view, 'labor.shiftBackDays', block))))
  if (effectiveFrom < earliest) return fixed('effectiveFrom')
  if (terms.endOn !== null && effectiveFrom > terms.endOn) return fixed('effectiveFrom')
  return isReduction(view, change, kstDate(proposedAt)) ? failure(LaborError.RETROACTIVE_REDUCTION) : null
}

const RANK = { LT5: 0, GE5: 1 } as const

// A change that goes back takes the place of every version that stood on a day behind it, not of the first one alone.
function isReduction(view: ReadView, { contractId, terms, effectiveFrom }: Change, proposedOn: CivilDate): boolean {
  let until = proposedOn
  for (const old of versionsOf(view, contractId).toReversed()) {
    const from = Math.max(old.effectiveFrom, effectiveFrom)
    if (from >= until) continue
    if (isBelow(terms, old.terms)) return true
    until = from
  }
  return false
}

// Every term that pay follows from stays or grows; a schedule that was to be worked is not made shorter behind it.
function isBelow(terms: Terms, old: Terms): boolean {
  const component = ({ components }: Terms, code: string, basis: string): bigint =>
    components.reduce((sum, one) => (one.code === code && one.basis === basis ? sum + one.krw : sum), 0n)
  return (
    terms.wageKind !== old.wageKind ||
    terms.ordinaryHourly < old.ordinaryHourly ||
    terms.fixedPay < old.fixedPay ||
    isLess(agreedHourly(terms, 20), agreedHourly(old, 20)) ||
    terms.premiumPpm < old.premiumPpm ||
    RANK[terms.headcount] < RANK[old.headcount] ||
    terms.weeklyHolidayDow !== old.weeklyHolidayDow ||
    old.components.some(({ code, basis }) => component(terms, code, basis) < component(old, code, basis)) ||
    !isSameSchedule(terms, old)
  )
}

function isSameSchedule(a: Terms, b: Terms): boolean {
  const textOf = ({ schedule }: Terms): string =>
    schedule
      .map((times) =>
        times === null
          ? '-'
          : [times.startMin, times.endMin, ...times.breaks.flatMap((one) => [one.startMin, one.endMin])].join(),
      )
      .join(';')
  return textOf(a) === textOf(b)
}
