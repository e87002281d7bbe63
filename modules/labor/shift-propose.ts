// Owns: labor.shift.propose and labor.shift.confirm: a record after the fact, and the other side's yes.
// Not here: disputes (shift-dispute.ts), silence (deem.ts).
import { failure, isFailure } from '../../core/base/errors.ts'
import { isCivilDate } from '../../core/base/civil-time.ts'
import { KEY_PURPOSES, defineTransaction } from '../../core/execution/module.ts'
import { checkParty, findContractIn, otherSide, sideOf } from './contract.ts'
import { enqueueDeem } from './deem.ts'
import { LaborError } from './errors.ts'
import { ShiftRecorded } from './events.ts'
import type { InsurancePort } from './insurance-port.ts'
import { NO_ANSWER } from './shift-clock.ts'
import {
  RECORDING,
  checkDay,
  checkOverlap,
  checkRoom,
  checkTimes,
  decideShift,
  findShiftIn,
  isEmployersWord,
  mustShift,
  nextSeq,
  supersedeEmployers,
  writeShift,
} from './shift.ts'
import { ShiftProposePayload, ShiftRefPayload } from './shift-schema.ts'
import { contracts } from './store.ts'

/** Unlawful hours are recorded like lawful ones: evidence is never refused for what it shows. */
export const shiftPropose = defineTransaction({
  type: 0x050e,
  name: 'labor.shift.propose',
  about: 'A side records work, leave or a closure of a day, at most 31 days back.',
  payload: ShiftProposePayload,
  keyPurpose: KEY_PURPOSES.authentication,

  checkStateless: ({ payload }) =>
    isCivilDate(payload.date) ? checkTimes(payload.times) : failure(LaborError.SHIFT_INVALID, { date: payload.date }),

  checkStateful: (view, { payload, sender, block }) => {
    const { contractId, date, times } = payload
    const contract = findContractIn(view, contractId, RECORDING)
    if (isFailure(contract)) return contract
    const seq = nextSeq(view, { contractId, date })
    const by = sideOf(contract, sender)
    return (
      checkParty(contract, sender) ??
      checkDay(view, { contract, date, times, block }) ??
      checkRoom(view, { contractId, date }, by) ??
      checkOverlap(view, { contractId, date, seq }, times, by === 'WORKER' ? isEmployersWord : undefined)
    )
  },

  apply: ({ view, emit }, { payload, sender, block }) => {
    const { contractId, date, kind, times } = payload
    const seq = nextSeq(view, { contractId, date })
    const by = sideOf(contracts.mustGet(view, contractId), sender) ?? 'EMPLOYER'
    const key = { contractId, date, seq }
    const said = { kind, times, recordedBy: by, placeCommit: null, proposedAt: block.time }
    if (by === 'WORKER') supersedeEmployers(view, key, times)
    writeShift(view, key, { ...said, state: 'PROPOSED', ...NO_ANSWER })
    if (by === 'WORKER') enqueueDeem(view, { ...key, proposedAt: block.time })
    emit(ShiftRecorded, { ...key, by, state: 'PROPOSED' as const })
  },
})

/** The other side says yes: the record counts. */
export function createShiftConfirm(port: InsurancePort) {
  return defineTransaction({
    type: 0x050f,
    name: 'labor.shift.confirm',
    about: 'The other side confirms a record: it counts for pay.',
    payload: ShiftRefPayload,
    keyPurpose: KEY_PURPOSES.authentication,

    checkStateless: () => null,

    checkStateful: (view, { payload, sender }) => {
      const found = findShiftIn(view, payload, ['PROPOSED'])
      if (isFailure(found)) return found
      const { contract, shift } = found
      const stranger = checkParty(contract, sender)
      if (stranger !== null) return stranger
      const needs = otherSide(shift.recordedBy)
      return sideOf(contract, sender) === needs ? null : failure(LaborError.SHIFT_OWN, { needs })
    },

    apply: (context, { payload, block }) => {
      const shift = { ...mustShift(context.view, payload), state: 'CONFIRMED' as const }
      decideShift(context, payload, { shift, port, block })
    },
  })
}
