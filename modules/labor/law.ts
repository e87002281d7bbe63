// Owns: whether agreed terms are lawful on the day they begin: breaks, hours, minors, clauses, minimum wage (domain.md 8.2).
// Not here: whether they are complete (terms-shape.ts), what was really worked (shift-flags.ts).
import type { CivilDate } from '../../core/base/civil-time.ts'
import { failure } from '../../core/base/errors.ts'
import type { Failure } from '../../core/base/errors.ts'
import type { BlockEnv } from '../../core/execution/module.ts'
import type { ReadView } from '../../core/state/view.ts'
import { paramOn } from '../governance/keeper.ts'
import { LaborError } from './errors.ts'
import { readLaw } from './law-params.ts'
import type { Minor } from './schema.ts'
import type { Terms, Times } from './terms-schema.ts'
import { hasOrderedBreaks } from './terms-shape.ts'
import { floorWage, valueOn } from './wage/law.ts'
import { rateOn } from './wage/rate.ts'
import { breakMinutes, netMinutes, nightMinutes } from './wage/shift-minutes.ts'

/** Names of weekdays, from 0. */
export const WEEKDAYS = ['MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT', 'SUN'] as const

/** Terms that two parties want to agree on, and from when. */
export type Proposal = {
  readonly terms: Terms
  readonly minor: Minor | null
  readonly from: CivilDate
  /** Whether the law's limits for five and more people hold, whatever the terms say. */
  readonly isLarge: boolean
  readonly block: BlockEnv
}

type Limits = (key: string) => number

/** The first law that the proposal breaks, or null. */
export function checkLaw(view: ReadView, proposal: Proposal): Failure | null {
  const limits: Limits = (key) => Number(paramOn(view, key, proposal.from))
  return (
    checkClauses(proposal) ??
    checkPremium(view, proposal) ??
    checkBreaks(proposal, limits) ??
    checkMinor(proposal, limits) ??
    checkHours(proposal, limits) ??
    checkWage(view, proposal)
  )
}

function checkClauses({ terms }: Proposal): Failure | null {
  const [clause] = terms.forbiddenClauses
  return clause === undefined ? null : failure(LaborError.FORBIDDEN_CLAUSE, { clause })
}

function checkPremium(view: ReadView, { terms, from }: Proposal): Failure | null {
  const least = valueOn(readLaw(view).premiumPpm, from) ?? 0
  if (terms.premiumPpm >= least) return null
  return failure(LaborError.BELOW_MIN_WAGE, { field: 'premiumPpm', needs: least, got: terms.premiumPpm })
}

function checkBreaks({ terms }: Proposal, limits: Limits): Failure | null {
  for (const [dow, times] of terms.schedule.entries()) {
    if (times === null) continue
    const day = WEEKDAYS[dow] ?? ''
    if (!hasOrderedBreaks(times)) return failure(LaborError.BREAK_SHORT, { day, needs: 'breaks in order inside of the day' })
    const needs = breakNeeded(times, limits)
    const got = breakMinutes(times)
    if (got < needs) return failure(LaborError.BREAK_SHORT, { day, needs, got })
  }
  return null
}

// LSA 54(1): so much within so many hours of work.
function breakNeeded(times: Times, limits: Limits): number {
  const work = netMinutes(times)
  if (work >= limits('labor.longDayMin')) return limits('labor.longBreakMin')
  return work >= limits('labor.halfDayMin') ? limits('labor.halfBreakMin') : 0
}

function weekOf({ terms }: Proposal): number {
  return terms.schedule.reduce((sum, times) => sum + (times === null ? 0 : netMinutes(times)), 0)
}

// LSA 50; a workplace of fewer than five is free of it (LSA 11, decree table 1).
function checkHours(proposal: Proposal, limits: Limits): Failure | null {
  const { terms, isLarge } = proposal
  if (terms.headcount === 'LT5' && !isLarge) return null
  return checkWithin(proposal, {
    day: limits('labor.dayMaxMin'),
    week: limits('labor.weekMaxMin'),
    error: LaborError.HOURS_LIMIT,
  })
}

function checkWithin(
  proposal: Proposal,
  { day, week, error }: { day: number; week: number; error: (typeof LaborError)['HOURS_LIMIT'] },
): Failure | null {
  for (const [dow, times] of proposal.terms.schedule.entries()) {
    const got = times === null ? 0 : netMinutes(times)
    if (got > day) return failure(error, { day: WEEKDAYS[dow] ?? '', limit: day, got })
  }
  const got = weekOf(proposal)
  return got > week ? failure(error, { day: 'week', limit: week, got }) : null
}

// LSA 64, 69, 70. These hold at workplaces of every size.
function checkMinor(proposal: Proposal, limits: Limits): Failure | null {
  const { terms, minor } = proposal
  if (minor === null) return null
  if (minor.needsPermit && minor.permitCommit === null) return failure(LaborError.MINOR_PERMIT)
  for (const [dow, times] of terms.schedule.entries()) {
    const night = times === null ? 0 : nightMinutes(times)
    if (night > 0) return failure(LaborError.MINOR_LIMIT, { day: WEEKDAYS[dow] ?? '', limit: '06:00 to 22:00', got: night })
  }
  const limit = { day: limits('labor.minorDayMaxMin'), week: limits('labor.minorWeekMaxMin') }
  return checkWithin(proposal, { ...limit, error: LaborError.MINOR_LIMIT })
}

function checkWage(view: ReadView, { terms, minor, from }: Proposal): Failure | null {
  const law = readLaw(view)
  const { startOn, endOn } = terms
  const version = { effectiveFrom: from, isMinor: minor !== null, terms }
  const { isFloor } = rateOn(
    { contract: { startOn, endOn, versions: [version], headcounts: [] }, shifts: [], law },
    version,
    from,
  )
  if (!isFloor) return null
  const least = floorWage(law, from, { ...terms, startOn })
  return failure(LaborError.BELOW_MIN_WAGE, { day: from, least: least.toString() })
}
