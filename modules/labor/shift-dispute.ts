// Owns: labor.shift.dispute, resolve and correct: the other side's own version, who decides, and mending what counts already.
// Not here: silence (deem.ts), the first record (shift-propose.ts).
import { failure, isFailure } from '../../core/base/errors.ts'
import type { Failure } from '../../core/base/errors.ts'
import type { Infer } from '../../core/codec/schema.ts'
import { KEY_PURPOSES, defineTransaction } from '../../core/execution/module.ts'
import type { TxCall } from '../../core/execution/module.ts'
import type { ReadView } from '../../core/state/view.ts'
import { hasRole } from '../governance/keeper.ts'
import { checkParty, isInForce, otherSide, sideOf } from './contract.ts'
import { LaborError } from './errors.ts'
import { ShiftDisputed } from './events.ts'
import type { InsurancePort } from './insurance-port.ts'
import { NO_ANSWER } from './shift-clock.ts'
import {
  checkOverlap,
  UNDECIDED,
  checkRoom,
  checkStatement,
  decideShift,
  findShiftIn,
  isSameStatement,
  mustShift,
  nextSeq,
  writeShift,
} from './shift.ts'
import { ShiftStatePayload } from './shift-schema.ts'
import type { Shift, Side, Statement } from './shift-schema.ts'
import { contracts, openShifts } from './store.ts'

type Call = TxCall<Infer<typeof ShiftStatePayload>>

function overlapOf(view: ReadView, { payload }: Call): Failure | null {
  const { times } = payload.statement
  return times === null ? null : checkOverlap(view, payload, times)
}

/** The other side states its own version; until somebody decides the record counts for nothing. */
export const shiftDispute = defineTransaction({
  type: 0x0510,
  name: 'labor.shift.dispute',
  about: 'The other side disputes a record and states its own version, or that there was no such shift.',
  payload: ShiftStatePayload,
  keyPurpose: KEY_PURPOSES.authentication,

  checkStateless: ({ payload }) => checkStatement(payload.statement),

  checkStateful: (view, call) => {
    const found = findShiftIn(view, call.payload, ['PROPOSED'])
    if (isFailure(found)) return found
    const { contract, shift } = found
    const needs = otherSide(shift.recordedBy)
    const stranger = checkParty(contract, call.sender)
    if (stranger !== null) return stranger
    if (sideOf(contract, call.sender) !== needs) return failure(LaborError.SHIFT_OWN, { needs })
    return overlapOf(view, call)
  },

  apply: ({ view, emit }, { payload }) => {
    const { contractId, date, seq, statement } = payload
    const shift = mustShift(view, payload)
    writeShift(view, payload, { ...shift, state: 'DISPUTED', counter: statement })
    emit(ShiftDisputed, { contractId, date, seq, by: otherSide(shift.recordedBy) })
  },
})

const own = ({ kind, times }: Shift): Statement => ({ kind, times })

// What the other side says now; giving in to it decides.
function saidAgainst(shift: Shift, side: Side): Statement {
  return side === shift.recordedBy ? (shift.counter ?? own(shift)) : own(shift)
}

// Once nobody works any more, what a side left open, or does not answer, would hold wages and escrow for ever: any record that
// is undecided can be decided by an inspector who is none of the two.
function isLeftBehind(view: ReadView, { payload, sender }: Pick<Call, 'payload' | 'sender'>): boolean {
  const contract = contracts.get(view, payload.contractId)
  return contract !== null && !isInForce(contract) && sideOf(contract, sender) === null
}

/** An inspector decides; or a side gives in to what the other says, else it states a new version of its own. */
export function createShiftResolve(port: InsurancePort) {
  return defineTransaction({
    type: 0x0511,
    name: 'labor.shift.resolve',
    about:
      'An inspector decides a dispute, or both sides do by saying the same; saying something else changes one’s own version.',
    payload: ShiftStatePayload,
    keyPurpose: KEY_PURPOSES.assertion,

    checkStateless: ({ payload }) => checkStatement(payload.statement),

    checkStateful: (view, call) => {
      const isInspector = hasRole(view, { account: call.sender, role: 'INSPECTOR', scope: null, block: call.block })
      const found = findShiftIn(view, call.payload, isInspector && isLeftBehind(view, call) ? UNDECIDED : ['DISPUTED'])
      if (isFailure(found)) return found
      const stranger = isInspector ? null : checkParty(found.contract, call.sender)
      return stranger ?? overlapOf(view, call)
    },

    apply: (context, call) => {
      const { payload, sender, block } = call
      const { view } = context
      const shift = mustShift(view, payload)
      const side = sideOf(contracts.mustGet(view, payload.contractId), sender)
      const { statement } = payload
      if (side === null || isSameStatement(statement, saidAgainst(shift, side))) {
        if (shift.state === 'OPEN') openShifts.remove(view, payload.contractId)
        const resolved: Shift = { ...shift, ...statement, state: 'RESOLVED', byInspector: side === null }
        decideShift(context, payload, { shift: resolved, port, block })
        return
      }
      const changed = side === shift.recordedBy ? { ...shift, ...statement } : { ...shift, counter: statement }
      writeShift(view, payload, changed)
      const { contractId, date, seq } = payload
      context.emit(ShiftDisputed, { contractId, date, seq, by: side })
    },
  })
}

const FINAL: readonly Shift['state'][] = ['CONFIRMED', 'DEEMED', 'RESOLVED']

/** Both sides say the same: a new record takes the old one's place, which stays to be seen. */
export function createShiftCorrect(port: InsurancePort) {
  return defineTransaction({
    type: 0x0512,
    name: 'labor.shift.correct',
    about: 'A side asks to correct a record that counts; once the other says the same a new record takes its place.',
    payload: ShiftStatePayload,
    keyPurpose: KEY_PURPOSES.authentication,

    checkStateless: ({ payload }) => checkStatement(payload.statement),

    checkStateful: (view, call) => {
      const found = findShiftIn(view, call.payload, FINAL)
      if (isFailure(found)) return found
      return checkParty(found.contract, call.sender) ?? overlapOf(view, call) ?? checkRoom(view, call.payload)
    },

    apply: (context, { payload, sender, block }) => {
      const { view } = context
      const { contractId, date, statement } = payload
      const shift = mustShift(view, payload)
      const by = sideOf(contracts.mustGet(view, contractId), sender) ?? 'EMPLOYER'
      const asked = shift.correction
      if (asked === null || asked.by === by || !isSameStatement(asked.statement, statement)) {
        writeShift(view, payload, { ...shift, correction: { by, statement } })
        return
      }
      const seq = nextSeq(view, { contractId, date })
      writeShift(view, payload, { ...shift, state: 'SUPERSEDED', correction: null, supersededBy: seq })
      const { recordedBy, placeCommit, proposedAt } = shift
      const mended: Shift = { ...statement, state: 'CONFIRMED', recordedBy, placeCommit, proposedAt, ...NO_ANSWER }
      decideShift(context, { contractId, date, seq }, { shift: mended, port, block })
    },
  })
}
