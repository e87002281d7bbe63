// Owns: points.grant: an operator grants points for one event. Not here: the rules (grant-rules.ts).
import { failure, isFailure } from '../../core/base/errors.ts'
import type { Failure } from '../../core/base/errors.ts'
import { KEY_PURPOSES, defineTransaction } from '../../core/execution/module.ts'
import type { BlockEnv } from '../../core/execution/module.ts'
import type { Address } from '../../core/base/ids.ts'
import type { ReadView } from '../../core/state/view.ts'
import { tellOfReceivers } from './alarms.ts'
import { PointsError } from './errors.ts'
import { PointsGranted } from './events.ts'
import { applyGrant, checkGrant } from './grant-rules.ts'
import { GrantPayload } from './payloads.ts'
import { findProgramme, requireProgrammeRole } from './programme.ts'
import { checkPoints } from './rules.ts'
import type { Programme } from './schema.ts'

/** PROGRAMME_UNKNOWN, GOVERNANCE_NOT_AUTHORIZED, PROGRAMME_INACTIVE, or RULE_MISMATCH for another kind of persons. */
export function checkGranter(
  view: ReadView,
  granter: { programmeId: string; persons: Programme['persons']; sender: Address; block: BlockEnv },
): Failure | null {
  const { programmeId, persons, sender, block } = granter
  const programme = findProgramme(view, programmeId)
  if (isFailure(programme)) return programme
  const stranger = requireProgrammeRole(view, { account: sender, role: 'PROG_OP', programmeId, block })
  if (stranger !== null) return stranger
  if (programme.state !== 'ACTIVE') return failure(PointsError.PROGRAMME_INACTIVE, { state: programme.state })
  return programme.persons === persons ? null : failure(PointsError.RULE_MISMATCH, { persons: programme.persons })
}

/** The event's number comes from the source system, never from the citizen. */
export const grant = defineTransaction({
  type: 0x0408,
  name: 'points.grant',
  about: 'Grants a person points for an event, by the programme’s rule and caps; a debt comes first.',
  payload: GrantPayload,
  keyPurpose: KEY_PURPOSES.authentication,

  checkStateless: ({ payload }) => checkPoints(payload.points),

  checkStateful: (view, { payload, sender, block }) => {
    const { programmeId, ...item } = payload
    return checkGranter(view, { programmeId, persons: 'TAG', sender, block }) ?? checkGrant(view, { programmeId, item, block })
  },

  apply: (context, { payload, block }) => {
    const { programmeId, ...item } = payload
    const { eventId, to, points } = item
    const granted = applyGrant(context.view, { programmeId, item, block })
    context.emit(PointsGranted, { programmeId, eventId, to, points, ...granted })
    tellOfReceivers(context, [{ account: to, lots: granted.lotId === null ? 0 : 1 }], block)
  },
})
