// Owns: points.clawback.open, object, decide and execute. Not here: what is taken (clawback.ts).
import { DAY_MS } from '../../core/base/civil-time.ts'
import { failure, isFailure } from '../../core/base/errors.ts'
import type { TxId } from '../../core/base/ids.ts'
import { KEY_PURPOSES, defineTransaction } from '../../core/execution/module.ts'
import type { ApplyContext, BlockEnv } from '../../core/execution/module.ts'
import type { ReadView, WriteView } from '../../core/state/view.ts'
import { paramAt } from '../governance/keeper.ts'
import { checkCase, executeClawback, findClawback } from './clawback.ts'
import { PointsError } from './errors.ts'
import { ClawbackMoved } from './events.ts'
import { ClawbackDecidePayload, ClawbackObjectPayload, ClawbackOpenPayload, ClawbackPayload } from './payloads.ts'
import { findProgramme, requireProgrammeRole } from './programme.ts'
import { checkPoints } from './rules.ts'
import type { Clawback } from './schema.ts'
import { clawbacks, grants } from './store.ts'

function noticeEnds(view: ReadView, { openedAt }: Clawback, block: BlockEnv): number {
  return openedAt + Number(paramAt(view, 'points.noticeDays', block)) * DAY_MS
}

function move({ view, emit }: ApplyContext, caseId: TxId, clawback: Clawback): void {
  clawbacks.set(view, caseId, clawback)
  const { programmeId, eventId, points, taken, owed, state } = clawback
  emit(ClawbackMoved, { caseId, programmeId, eventId, step: state === 'OPEN' ? ('OPENED' as const) : state, points, taken, owed })
}

function claim(view: WriteView, { programmeId, eventId }: Clawback, points: bigint): void {
  const grant = grants.mustGet(view, { programmeId, eventId })
  grants.set(view, { programmeId, eventId }, { ...grant, claimed: grant.claimed + points })
}

/** The transaction's id is the case's. */
export const clawbackOpen = defineTransaction({
  type: 0x040c,
  name: 'points.clawback.open',
  about: 'The operator asks points of a grant back; the grantee has 14 days to object.',
  payload: ClawbackOpenPayload,
  keyPurpose: KEY_PURPOSES.authentication,
  checkStateless: ({ payload }) => checkPoints(payload.points),
  checkStateful: (view, { payload, sender, block }) => {
    const { programmeId, eventId, points } = payload
    const programme = findProgramme(view, programmeId)
    if (isFailure(programme)) return programme
    const stranger = requireProgrammeRole(view, { account: sender, role: 'PROG_OP', programmeId, block })
    if (stranger !== null) return stranger
    const grant = grants.get(view, { programmeId, eventId })
    if (grant === null) return failure(PointsError.GRANT_UNKNOWN)
    const left = grant.points - grant.claimed
    return points > left ? failure(PointsError.CLAWBACK_EXCEEDS_GRANT, { left: left.toString() }) : null
  },
  apply: (context, { payload, txId, block }) => {
    const progress = { state: 'OPEN' as const, openedAt: block.time, objection: null, taken: 0n, owed: 0n }
    const clawback = { ...payload, ...progress }
    claim(context.view, clawback, payload.points)
    move(context, txId, clawback)
  },
})

/** Stops the clawback until the auditor decides. */
export const clawbackObject = defineTransaction({
  type: 0x040d,
  name: 'points.clawback.object',
  about: 'The grantee objects to a clawback: an auditor has to decide.',
  payload: ClawbackObjectPayload,
  keyPurpose: KEY_PURPOSES.authentication,
  checkStateless: () => null,
  checkStateful: (view, { payload, sender, block }) => {
    const clawback = findClawback(view, payload.caseId)
    if (isFailure(clawback)) return clawback
    if (grants.mustGet(view, clawback).to !== sender) return failure(PointsError.NOT_OWNER)
    const refused = checkCase(clawback, ['OPEN'])
    if (refused !== null) return refused
    return block.time > noticeEnds(view, clawback, block) ? failure(PointsError.NOTICE_OVER) : null
  },
  apply: (context, { payload }) => {
    const clawback = clawbacks.mustGet(context.view, payload.caseId)
    move(context, payload.caseId, { ...clawback, state: 'OBJECTED', objection: payload.objectionCommit })
  },
})

/** Upholds all, a part or nothing. */
export const clawbackDecide = defineTransaction({
  type: 0x040e,
  name: 'points.clawback.decide',
  about: 'An auditor upholds a clawback, in part or in full, or rejects it.',
  payload: ClawbackDecidePayload,
  keyPurpose: KEY_PURPOSES.authentication,
  checkStateless: () => null,
  checkStateful: (view, { payload, sender, block }) => {
    const clawback = findClawback(view, payload.caseId)
    if (isFailure(clawback)) return clawback
    const { programmeId, points } = clawback
    const refused =
      requireProgrammeRole(view, { account: sender, role: 'AUDITOR', programmeId, block }) ??
      checkCase(clawback, ['OPEN', 'OBJECTED'])
    if (refused !== null) return refused
    return payload.points > points ? failure(PointsError.CLAWBACK_EXCEEDS_GRANT, { left: points.toString() }) : null
  },
  apply: (context, { payload }) => {
    const { caseId, points } = payload
    const clawback = clawbacks.mustGet(context.view, caseId)
    claim(context.view, clawback, points - clawback.points)
    move(context, caseId, { ...clawback, state: points === 0n ? 'REJECTED' : 'UPHELD', points })
  },
})

/** By anyone; nothing but points of the same programme is ever touched. */
export const clawbackExecute = defineTransaction({
  type: 0x040f,
  name: 'points.clawback.execute',
  about: 'Takes the points of a clawback whose notice is over and that nobody objected to, or that was upheld.',
  payload: ClawbackPayload,
  keyPurpose: KEY_PURPOSES.authentication,
  checkStateless: () => null,
  checkStateful: (view, { payload, block }) => {
    const clawback = findClawback(view, payload.caseId)
    if (isFailure(clawback)) return clawback
    const refused = checkCase(clawback, ['OPEN', 'UPHELD'])
    if (refused !== null) return refused
    const until = noticeEnds(view, clawback, block)
    return block.time <= until ? failure(PointsError.NOTICE_RUNNING, { until }) : null
  },
  apply: (context, { payload, block }) => {
    const { view } = context
    const clawback = clawbacks.mustGet(view, payload.caseId)
    const done = executeClawback(view, clawback, block)
    move(context, payload.caseId, { ...clawback, ...done, state: 'EXECUTED' })
  },
})
