// Owns: labor.shift.open and labor.shift.close: clocking in and out by the block's time.
// Not here: records after the fact (shift-propose.ts).
import { daysOf, kstDate, kstMinutes } from '../../core/base/civil-time.ts'
import { failure, isFailure } from '../../core/base/errors.ts'
import { KEY_PURPOSES, defineTransaction } from '../../core/execution/module.ts'
import type { BlockEnv } from '../../core/execution/module.ts'
import type { ReadView } from '../../core/state/view.ts'
import { checkParty, covers, findContractIn, sideOf } from './contract.ts'
import { enqueueDeem } from './deem.ts'
import { LaborError } from './errors.ts'
import { ShiftRecorded } from './events.ts'
import { checkOverlap, checkRoom, checkTimes, mustShift, nextSeq, writeShift } from './shift.ts'
import { ShiftClosePayload, ShiftOpenPayload } from './shift-schema.ts'
import type { Shift } from './shift-schema.ts'
import { contracts, openShifts } from './store.ts'
import type { ContractId } from './store.ts'
import type { Times } from './terms-schema.ts'
import { DAY_MIN } from './terms-shape.ts'

/** A record before anybody answered. */
export const NO_ANSWER: Pick<Shift, 'decidedAt' | 'byInspector' | 'counter' | 'correction' | 'supersededBy'> = {
  decidedAt: null,
  byInspector: false,
  counter: null,
  correction: null,
  supersededBy: null,
}

/** Clocks in; which side recorded it stays with the record. */
export const shiftOpen = defineTransaction({
  type: 0x050c,
  name: 'labor.shift.open',
  about: 'Begins a record of work at the block’s time; a device of the worker or of the employer sends it.',
  payload: ShiftOpenPayload,
  keyPurpose: KEY_PURPOSES.authentication,

  checkStateless: () => null,

  checkStateful: (view, { payload, sender, block }) => {
    const { contractId } = payload
    const contract = findContractIn(view, contractId, ['ACTIVE', 'NOTICE'])
    if (isFailure(contract)) return contract
    const stranger = checkParty(contract, sender)
    if (stranger !== null) return stranger
    const date = kstDate(block.time)
    if (!covers(contract, date)) return failure(LaborError.SHIFT_OUTSIDE, { date })
    const open = openShifts.get(view, contractId)
    if (open !== null) return failure(LaborError.SHIFT_OPEN, { date: open.date, seq: open.seq })
    const startMin = kstMinutes(block.time)
    const seq = nextSeq(view, { contractId, date })
    return (
      checkRoom(view, { contractId, date }, sideOf(contract, sender)) ??
      checkOverlap(view, { contractId, date, seq }, { startMin, endMin: startMin + 1, breaks: [] })
    )
  },

  apply: ({ view, emit }, { payload, sender, block }) => {
    const { contractId, placeCommit } = payload
    const date = kstDate(block.time)
    const seq = nextSeq(view, { contractId, date })
    const startMin = kstMinutes(block.time)
    const by = sideOf(contracts.mustGet(view, contractId), sender) ?? 'EMPLOYER'
    const times = { startMin, endMin: startMin + 1, breaks: [] }
    const record: Shift = {
      kind: 'WORK',
      times,
      state: 'OPEN',
      recordedBy: by,
      placeCommit,
      proposedAt: block.time,
      ...NO_ANSWER,
    }
    writeShift(view, { contractId, date, seq }, record)
    openShifts.set(view, contractId, { date, seq, by })
    emit(ShiftRecorded, { contractId, date, seq, by, state: 'OPEN' as const })
  },
})

// A record that was left open for longer than a day ends after a day.
function closingTimes(
  view: ReadView,
  contractId: ContractId,
  { breaks, block }: Pick<Times, 'breaks'> & { block: BlockEnv },
): Times {
  const { date, seq } = openShifts.mustGet(view, contractId)
  const { times } = mustShift(view, { contractId, date, seq })
  const startMin = times?.startMin ?? 0
  const now = (daysOf(kstDate(block.time)) - daysOf(date)) * DAY_MIN + kstMinutes(block.time)
  return { startMin, endMin: Math.min(Math.max(now, startMin + 1), startMin + DAY_MIN), breaks }
}

/** Clocks out; the other side confirms, or of a worker's record keeps silent. */
export const shiftClose = defineTransaction({
  type: 0x050d,
  name: 'labor.shift.close',
  about: 'Ends the open record at the block’s time, with the breaks that were taken; the side that opened it sends it.',
  payload: ShiftClosePayload,
  keyPurpose: KEY_PURPOSES.authentication,

  checkStateless: () => null,

  checkStateful: (view, { payload, sender, block }) => {
    const { contractId, breaks } = payload
    const contract = findContractIn(view, contractId, ['ACTIVE', 'NOTICE', 'ENDED', 'VOID'])
    if (isFailure(contract)) return contract
    const stranger = checkParty(contract, sender)
    if (stranger !== null) return stranger
    const open = openShifts.get(view, contractId)
    if (open === null) return failure(LaborError.SHIFT_UNKNOWN)
    if (open.by !== sideOf(contract, sender)) return failure(LaborError.NOT_PARTY, { needs: open.by })
    const times = closingTimes(view, contractId, { breaks, block })
    return checkTimes(times) ?? checkOverlap(view, { contractId, ...open }, times)
  },

  apply: ({ view, emit }, { payload, block }) => {
    const { contractId, breaks } = payload
    const { date, seq, by } = openShifts.mustGet(view, contractId)
    const times = closingTimes(view, contractId, { breaks, block })
    const key = { contractId, date, seq }
    writeShift(view, key, { ...mustShift(view, key), times, state: 'PROPOSED', proposedAt: block.time })
    openShifts.remove(view, contractId)
    if (by === 'WORKER') enqueueDeem(view, { ...key, proposedAt: block.time })
    emit(ShiftRecorded, { ...key, by, state: 'PROPOSED' as const })
  },
})
