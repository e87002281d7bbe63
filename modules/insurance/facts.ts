// Owns: what a labor contract says that insurances ask: parties, hours, days, pay. Not here: the test itself (premium/duty.ts).
import { must } from '../../core/base/assert.ts'
import type { CivilDate } from '../../core/base/civil-time.ts'
import type { Address, Hash32 } from '../../core/base/ids.ts'
import { fromHex, utf8ToBytes } from '../../core/base/bytes.ts'
import { hashFields } from '../../core/crypto/hash.ts'
import type { ReadView } from '../../core/state/view.ts'
import { readContract, readTermsOn } from '../labor/keeper.ts'
import type { DutyFacts } from './premium/duty.ts'

type Terms = NonNullable<ReturnType<typeof readTermsOn>>

/** Weekdays of a contract in a month, by the ratio of 365 days to 84 months of a week (domain.md 8.4). */
const DAYS_IN_YEARS = 365
const WEEKS_IN_MONTHS = 84

/** The two parties and the dates of a contract that was ever in force; null for any other. */
export function readParties(view: ReadView, contractId: Hash32): Parties | null {
  const contract = readContract(view, contractId)
  if (contract === null || contract.version === 0) return null
  const { employer, worker, workplaceId, startOn, endOn, state } = contract
  return { employer, worker, workplaceId, startOn, endOn, isOver: state !== 'ACTIVE' && state !== 'NOTICE' }
}

/** What insurances need of the contract itself. */
export type Parties = {
  readonly employer: Address
  readonly worker: Address
  readonly workplaceId: string
  readonly startOn: CivilDate
  readonly endOn: CivilDate | null
  readonly isOver: boolean
}

/** The facts of the duty test by the terms that stand on a day, of a contract that was ever in force. */
export function readFacts(view: ReadView, { contractId, on }: { contractId: Hash32; on: CivilDate }): DutyFacts {
  const { startOn, endOn } = must(readContract(view, contractId), 'an insured contract exists')
  const terms = termsOn(view, contractId, on)
  const { monthlyScheduledMin: monthlyMin, ageBand: age, pensionOptIn } = terms
  const monthlyDays = monthlyDaysOf(terms)
  const monthlyPay = monthlyPayOf(terms, monthlyDays)
  return { age, startOn, endOn, monthlyMin, weeklyMin: weeklyMinOf(terms), monthlyDays, monthlyPay, pensionOptIn }
}

function termsOn(view: ReadView, contractId: Hash32, on: CivilDate): Terms {
  return must(readTermsOn(view, contractId, on), 'an insured contract has terms')
}

/** Net scheduled minutes of a week. */
function weeklyMinOf({ schedule }: Terms): number {
  return schedule.reduce((sum, day) => {
    if (day === null) return sum
    return sum + day.endMin - day.startMin - day.breaks.reduce((rest, span) => rest + span.endMin - span.startMin, 0)
  }, 0)
}

function monthlyDaysOf({ schedule }: Terms): number {
  const days = schedule.filter((day) => day !== null).length
  return Math.floor((days * DAYS_IN_YEARS) / WEEKS_IN_MONTHS)
}

// Pay for the scheduled hours of a month; what hours bring beyond them is on the payslip.
function monthlyPayOf({ wageKind, fixedPay, ordinaryHourly, monthlyScheduledMin }: Terms, monthlyDays: number): bigint {
  if (wageKind === 'MONTHLY') return fixedPay
  if (wageKind === 'DAILY') return fixedPay * BigInt(monthlyDays)
  return (ordinaryHourly * BigInt(monthlyScheduledMin)) / 60n
}

/**
 * Unguessable bytes for a sealed record: from the salted commitment inside the contract's terms, which are sealed themselves, and
 * from what tells the record apart.
 */
export function blindOf(view: ReadView, { contractId, on, what }: { contractId: Hash32; on: CivilDate; what: string }): Hash32 {
  const { docCommit } = termsOn(view, contractId, on)
  return hashFields('naru/insurance-blind/v1', fromHex(docCommit), utf8ToBytes(what))
}
