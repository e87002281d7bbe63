// Owns: records of attendance in the state: finding, adding, changing one, letting one count; overlaps.
// Not here: the transactions (shift-*.ts), pay.
import { addDays, kstDate, kstMidnight } from '../../core/base/civil-time.ts'
import type { CivilDate } from '../../core/base/civil-time.ts'
import { must } from '../../core/base/assert.ts'
import { failure, isFailure } from '../../core/base/errors.ts'
import type { Failure } from '../../core/base/errors.ts'
import type { Hash32 } from '../../core/base/ids.ts'
import type { ApplyContext, BlockEnv } from '../../core/execution/module.ts'
import type { ReadView, WriteView } from '../../core/state/view.ts'
import { paramAt } from '../governance/keeper.ts'
import { covers, findContractIn } from './contract.ts'
import { LaborError } from './errors.ts'
import { ShiftDecided } from './events.ts'
import type { InsurancePort } from './insurance-port.ts'
import { refreshAround } from './payslip.ts'
import type { Contract } from './schema.ts'
import { flagWeek } from './shift-flags.ts'
import { SHIFTS_PER_DAY_MAX } from './shift-schema.ts'
import type { Shift, Side, Statement } from './shift-schema.ts'
import { books, days, openShifts } from './store.ts'
import type { Times } from './terms-schema.ts'
import { DAY_MIN, hasOrderedBreaks, isSpan } from './terms-shape.ts'

const MINUTE_MS = 60_000

/** Names a record. */
export type ShiftKey = { readonly contractId: Hash32; readonly date: CivilDate; readonly seq: number }

/** States in which hours can be recorded, the last ones after the end included. */
export const RECORDING: readonly Contract['state'][] = ['ACTIVE', 'NOTICE', 'ENDED']

/** States in which hours can be decided: work under a void contract stays to be paid. */
const DECIDING: readonly Contract['state'][] = [...RECORDING, 'VOID']

/** LABOR_SHIFT_INVALID unless times can be meant. */
export function checkTimes(times: Times): Failure | null {
  return isSpan(times) && hasOrderedBreaks(times) ? null : failure(LaborError.SHIFT_INVALID)
}

/** LABOR_SHIFT_INVALID unless a statement can be meant. */
export function checkStatement({ times }: Statement): Failure | null {
  return times === null ? null : checkTimes(times)
}

/** The record, or LABOR_SHIFT_UNKNOWN. */
export function findShift(view: ReadView, { contractId, date, seq }: ShiftKey): Shift | Failure {
  return days.get(view, { contractId, date })?.shifts[seq] ?? failure(LaborError.SHIFT_UNKNOWN, { date, seq })
}

/** The contract and a record of it in one of these states, or why there is none. */
export function findShiftIn(
  view: ReadView,
  key: ShiftKey,
  states: readonly Shift['state'][],
): { readonly contract: Contract; readonly shift: Shift } | Failure {
  const contract = findContractIn(view, key.contractId, DECIDING)
  if (isFailure(contract)) return contract
  const shift = findShift(view, key)
  if (isFailure(shift)) return shift
  if (states.includes(shift.state)) return { contract, shift }
  return failure(LaborError.SHIFT_STATE, { state: shift.state, needs: states.join(' or ') })
}

/** LABOR_SHIFT_OUTSIDE, LABOR_SHIFT_FUTURE or LABOR_SHIFT_TOO_OLD unless a record of this day may be made now. */
export function checkDay(
  view: ReadView,
  at: { contract: Contract; date: CivilDate; times: Times; block: BlockEnv },
): Failure | null {
  const { contract, date, times, block } = at
  if (!covers(contract, date)) return failure(LaborError.SHIFT_OUTSIDE, { date })
  if (kstMidnight(date) + times.endMin * MINUTE_MS > block.time) return failure(LaborError.SHIFT_FUTURE, { date })
  const oldest = addDays(kstDate(block.time), -Number(paramAt(view, 'labor.shiftBackDays', block)))
  return date < oldest ? failure(LaborError.SHIFT_TOO_OLD, { oldest }) : null
}

// What a record covers of a day's minutes, as one side or the other says; an open one has no end yet.
function* spansOf({ state, times, counter }: Shift): Iterable<readonly [from: number, to: number]> {
  if (state === 'SUPERSEDED') return
  if (times !== null) yield [times.startMin, state === 'OPEN' ? 2 * DAY_MIN : times.endMin]
  if (state === 'DISPUTED' && counter !== null && counter.times !== null) yield [counter.times.startMin, counter.times.endMin]
}

type Found = { readonly date: CivilDate; readonly seq: number; readonly shift: Shift }

// Other records of the contract that cover some of the minutes, on the day or its neighbours.
function* overlapsOf(view: ReadView, { contractId, date, seq }: ShiftKey, times: Times): Iterable<Found> {
  for (const step of [-1, 0, 1]) {
    const day = addDays(date, step)
    for (const [at, shift] of (days.get(view, { contractId, date: day })?.shifts ?? []).entries()) {
      if (step === 0 && at === seq) continue
      for (const [from, to] of spansOf(shift))
        if (from + step * DAY_MIN < times.endMin && times.startMin < to + step * DAY_MIN) yield { date: day, seq: at, shift }
    }
  }
}

/** LABOR_SHIFT_OVERLAP when another record of the contract, that does not give way, covers some of the minutes. */
export function checkOverlap(
  view: ReadView,
  key: ShiftKey,
  times: Times,
  givesWay: (shift: Shift) => boolean = () => false,
): Failure | null {
  for (const { date, seq, shift } of overlapsOf(view, key, times))
    if (!givesWay(shift)) return failure(LaborError.SHIFT_OVERLAP, { date, seq })
  return null
}

/** What an employer recorded and the worker did not answer: it stands in the way of no record of the worker's own. */
export function isEmployersWord({ recordedBy, state }: Shift): boolean {
  return recordedBy === 'EMPLOYER' && (state === 'PROPOSED' || state === 'OPEN')
}

/** The worker's record takes the place of what the employer said of the same minutes; that stays to be seen. */
export function supersedeEmployers(view: WriteView, key: ShiftKey, times: Times): void {
  for (const { date, seq, shift } of [...overlapsOf(view, key, times)]) {
    if (shift.state === 'OPEN') openShifts.remove(view, key.contractId)
    const supersededBy = date === key.date ? key.seq : null
    writeShift(view, { contractId: key.contractId, date, seq }, { ...shift, state: 'SUPERSEDED', supersededBy })
  }
}

/** LABOR_SHIFT_LIMIT when the day is full; for the employer when half of it is its own: the worker is never shut out. */
export function checkRoom(view: ReadView, { contractId, date }: Omit<ShiftKey, 'seq'>, by: Side | null = null): Failure | null {
  const shifts = days.get(view, { contractId, date })?.shifts ?? []
  const own = by === 'EMPLOYER' ? shifts.filter(({ recordedBy }) => recordedBy === by).length : 0
  return shifts.length < SHIFTS_PER_DAY_MAX && own < SHIFTS_PER_DAY_MAX / 2 ? null : failure(LaborError.SHIFT_LIMIT, { date })
}

/** The number that the next record of a day gets. */
export function nextSeq(view: ReadView, { contractId, date }: Omit<ShiftKey, 'seq'>): number {
  return days.get(view, { contractId, date })?.shifts.length ?? 0
}

/** Records that nobody has decided: they hold up the settlement. */
export const UNDECIDED: readonly Shift['state'][] = ['OPEN', 'PROPOSED', 'DISPUTED']

/** Writes a record at its place, the next free one for a new one; counts what is undecided. */
export function writeShift(view: WriteView, { contractId, date, seq }: ShiftKey, shift: Shift): void {
  const shifts = days.get(view, { contractId, date })?.shifts ?? []
  const before = shifts[seq] ?? null
  days.set(view, { contractId, date }, { shifts: [...shifts.slice(0, seq), shift, ...shifts.slice(seq + 1)] })
  const record = books.mustGet(view, contractId)
  const openShifts = record.openShifts + isUndecided(shift) - isUndecided(before)
  const disputes = record.disputes + isDisputed(shift) - isDisputed(before)
  if (openShifts !== record.openShifts || disputes !== record.disputes)
    books.set(view, contractId, { ...record, openShifts, disputes })
}

const isUndecided = (shift: Shift | null): number => (shift !== null && UNDECIDED.includes(shift.state) ? 1 : 0)
const isDisputed = (shift: Shift | null): number => (shift?.state === 'DISPUTED' ? 1 : 0)

/** A record comes to count: the law looks at its week, and payslips that were made follow. */
export function decideShift(
  context: ApplyContext,
  key: ShiftKey,
  { shift, port, block }: { shift: Shift; port: InsurancePort; block: BlockEnv },
): void {
  writeShift(context.view, key, { ...shift, decidedAt: block.time })
  const { contractId, date, seq } = key
  context.emit(ShiftDecided, { contractId, date, seq, state: shift.state })
  followShift(context, key, { port, block })
}

/** What follows from hours that came to count. */
export function followShift(context: ApplyContext, key: ShiftKey, at: { port: InsurancePort; block: BlockEnv }): void {
  flagWeek(context, key)
  refreshAround(context, key, at)
}

/** Whether two statements say the same. */
export function isSameStatement(a: Statement, b: Statement): boolean {
  const textOf = ({ kind, times }: Statement): string =>
    times === null
      ? 'none'
      : [kind, times.startMin, times.endMin, ...times.breaks.flatMap((one) => [one.startMin, one.endMin])].join()
  return textOf(a) === textOf(b)
}

/** The record of a day whose presence was checked. */
export function mustShift(view: ReadView, { contractId, date, seq }: ShiftKey): Shift {
  return must(days.mustGet(view, { contractId, date }).shifts[seq], 'the record was checked')
}
