// Owns: programmes and their sums as state: finding one, who acts for it, changing its books, its reserve's account.
// Not here: the transactions (prog-*.ts).
import { utf8ToBytes } from '../../core/base/bytes.ts'
import { failure } from '../../core/base/errors.ts'
import type { Failure } from '../../core/base/errors.ts'
import { asAddress } from '../../core/base/ids.ts'
import type { Address } from '../../core/base/ids.ts'
import { hashFields } from '../../core/crypto/hash.ts'
import type { ApplyContext, BlockEnv } from '../../core/execution/module.ts'
import type { ReadView, WriteView } from '../../core/state/view.ts'
import { requireRole } from '../governance/keeper.ts'
import { PointsError } from './errors.ts'
import { ProgrammeChanged } from './events.ts'
import type { Books, Programme } from './schema.ts'
import { programmeBooks, programmes } from './store.ts'

/** Won for a point: a payment's total counts both alike, so it is no parameter. */
export const WON_PER_POINT = 1n

/** Books of a programme that has done nothing. */
export const NO_BOOKS: Books = {
  ...{ granted: 0n, active: 0n, spent: 0n, burned: 0n, clawed: 0n, expired: 0n },
  ...{ settled: 0n, reserve: 0n, funded: 0n, grants: 0, offset: 0n, debt: 0n },
}

/** The account that holds a programme's reserve: no key signs for it, only the rules of this room move its won. */
export function reserveAccount(programmeId: string): Address {
  return asAddress(hashFields('naru/points/reserve/v1', utf8ToBytes(programmeId)).slice(0, 40))
}

/** The programme, or POINTS_PROGRAMME_UNKNOWN. */
export function findProgramme(view: ReadView, programmeId: string): Programme | Failure {
  return programmes.get(view, programmeId) ?? failure(PointsError.PROGRAMME_UNKNOWN, { programmeId })
}

/** POINTS_PROGRAMME_STATE unless the programme is in one of these states. */
export function checkProgrammeState(programme: Programme, allowed: readonly Programme['state'][]): Failure | null {
  const { state } = programme
  return allowed.includes(state) ? null : failure(PointsError.PROGRAMME_STATE, { state, needs: allowed.join(' or ') })
}

/** GOVERNANCE_NOT_AUTHORIZED unless the account holds the role for this programme. */
export function requireProgrammeRole(
  view: ReadView,
  question: { account: Address; role: 'PROG_OP' | 'TREASURY' | 'AUDITOR'; programmeId: string; block: BlockEnv },
): Failure | null {
  const { account, role, programmeId, block } = question
  return requireRole(view, { account, role, scope: programmeId, block })
}

/** What changes in a programme's books; the rest stays. */
export type BooksChange = { readonly [K in Exclude<keyof Books, 'grants'>]?: bigint } & { readonly grants?: number }

/** Adds the changes to a programme's books. */
export function changeBooks(view: WriteView, programmeId: string, change: BooksChange): void {
  const b = programmeBooks.mustGet(view, programmeId)
  programmeBooks.set(view, programmeId, {
    granted: b.granted + (change.granted ?? 0n),
    active: b.active + (change.active ?? 0n),
    spent: b.spent + (change.spent ?? 0n),
    burned: b.burned + (change.burned ?? 0n),
    clawed: b.clawed + (change.clawed ?? 0n),
    expired: b.expired + (change.expired ?? 0n),
    settled: b.settled + (change.settled ?? 0n),
    reserve: b.reserve + (change.reserve ?? 0n),
    funded: b.funded + (change.funded ?? 0n),
    grants: b.grants + (change.grants ?? 0),
    offset: b.offset + (change.offset ?? 0n),
    debt: b.debt + (change.debt ?? 0n),
  })
}

/** Points by programme in the order they were added. */
export type Sums = { programmeId: string; points: bigint }[]

/** Adds points to the sum of a programme. */
export function addSum(sums: Sums, programmeId: string, points: bigint): void {
  const known = sums.find((sum) => sum.programmeId === programmeId)
  if (known === undefined) sums.push({ programmeId, points })
  else known.points += points
}

/** Writes a programme and tells. */
export function changeProgramme(
  { view, emit }: ApplyContext,
  change: { programmeId: string; more: Partial<Programme>; reasonCode: string | null },
): void {
  const { programmeId, more, reasonCode } = change
  const programme = { ...programmes.mustGet(view, programmeId), ...more }
  programmes.set(view, programmeId, programme)
  emit(ProgrammeChanged, { programmeId, state: programme.state, budget: programme.budget, reasonCode })
}
