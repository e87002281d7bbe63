// Owns: points as arithmetic: which row an event earns, when a lot ends, a programme that makes sense. Not here: state.
import { dateOfDays, daysOf, isCivilDate } from '../../core/base/civil-time.ts'
import type { CivilDate } from '../../core/base/civil-time.ts'
import { failure } from '../../core/base/errors.ts'
import type { Failure } from '../../core/base/errors.ts'
import { PointsError } from './errors.ts'
import { EXPIRY_MONTHS_MAX, POINTS_MAX } from './schema.ts'
import type { Lot, ProgrammeSpec, Tier } from './schema.ts'

/** The day so many months later, clipped to the end of its month (Civil Act 157, 160: the first day is not counted). */
export function addMonths(date: CivilDate, count: number): CivilDate {
  const months = Math.floor(date / 10_000) * 12 + (Math.floor(date / 100) % 100) - 1 + count
  const first = (at: number): CivilDate => (Math.floor(at / 12) * 100 + (at % 12) + 1) * 100 + 1
  const lastDay = dateOfDays(daysOf(first(months + 1)) - 1)
  return Math.min(first(months) + (date % 100) - 1, lastDay)
}

/** Points of a lot that can still be spent, expiry aside. */
export function leftOf({ points, spent, burned, moved, clawed, expired }: Omit<Lot, 'owner'>): bigint {
  return points - spent - burned - moved - clawed - expired
}

/** The row that an event of this kind and measure earns: of those that begin at or below the measure the last; null for none. */
export function tierFor(table: readonly Tier[], event: { kind: string; measure: bigint }): number | null {
  const row = table.findLastIndex(({ kind, from }) => kind === event.kind && from <= event.measure)
  return row < 0 ? null : row
}

/** POINTS_AMOUNT_ZERO or POINTS_AMOUNT_TOO_LARGE. */
export function checkPoints(points: bigint): Failure | null {
  if (points === 0n) return failure(PointsError.AMOUNT_ZERO)
  return points > POINTS_MAX ? failure(PointsError.AMOUNT_TOO_LARGE, { points: points.toString() }) : null
}

/** POINTS_RULE_INVALID naming the field of a programme that cannot be meant. */
export function checkSpec(spec: ProgrammeSpec): Failure | null {
  const wrong = wrongField(spec)
  return wrong === null ? null : failure(PointsError.RULE_INVALID, { field: wrong })
}

function wrongField(spec: ProgrammeSpec): string | null {
  const { table, ruleKind, startOn, endOn, expiryMonths, budget, capDay, capYear, capTotal } = spec
  if (table.length === 0 || !isOrdered(table)) return 'table'
  if (ruleKind === 'FIXED' && table.some(({ from }) => from !== 0n)) return 'table'
  if (table.some(({ points }) => points === 0n || points > POINTS_MAX)) return 'table'
  if (!isCivilDate(startOn)) return 'startOn'
  if (!isCivilDate(endOn) || endOn < startOn) return 'endOn'
  if (expiryMonths === 0 || expiryMonths > EXPIRY_MONTHS_MAX) return 'expiryMonths'
  if (budget === 0n || budget > POINTS_MAX) return 'budget'
  if ([capDay, capYear, capTotal].some((cap) => cap > POINTS_MAX)) return 'capTotal'
  return null
}

// Rows of one kind stand in the order of their thresholds, none twice.
function isOrdered(table: readonly Tier[]): boolean {
  return table.every(({ kind, from }, at) => table.slice(0, at).every((row) => row.kind !== kind || row.from < from))
}
