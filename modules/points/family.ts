// Owns: points.family.set: the operator registers relatives, whom the family register named. Not here: transfers (transfer.ts).
import { failure, isFailure } from '../../core/base/errors.ts'
import { KEY_PURPOSES, defineTransaction } from '../../core/execution/module.ts'
import { PointsError } from './errors.ts'
import { FamilyChanged } from './events.ts'
import { FamilyPayload } from './payloads.ts'
import { findProgramme, requireProgrammeRole } from './programme.ts'
import { families } from './store.ts'

/** Only that they may give each other points is on the chain; how they are related is not. */
export const familySet = defineTransaction({
  type: 0x0412,
  name: 'points.family.set',
  about: 'Registers that two accounts are relatives for a programme, or are no longer.',
  payload: FamilyPayload,
  keyPurpose: KEY_PURPOSES.authentication,

  checkStateless: ({ payload }) => (payload.a === payload.b ? failure(PointsError.SELF_TRANSFER) : null),

  checkStateful: (view, { payload, sender, block }) => {
    const { programmeId } = payload
    const programme = findProgramme(view, programmeId)
    if (isFailure(programme)) return programme
    return requireProgrammeRole(view, { account: sender, role: 'PROG_OP', programmeId, block })
  },

  apply: ({ view, emit }, { payload, block }) => {
    const { related, ...pair } = payload
    if (related) families.set(view, pair, { since: block.time })
    else families.remove(view, pair)
    emit(FamilyChanged, payload)
  },
})
