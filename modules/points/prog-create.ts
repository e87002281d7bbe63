// Owns: points.prog.create: a city department proposes a programme.
// Not here: approving it (prog-state.ts), what makes sense (rules.ts).
import { failure } from '../../core/base/errors.ts'
import { KEY_PURPOSES, defineTransaction } from '../../core/execution/module.ts'
import { PointsError } from './errors.ts'
import { ProgrammeChanged } from './events.ts'
import { NO_BOOKS, requireProgrammeRole } from './programme.ts'
import { checkSpec } from './rules.ts'
import { ProgrammeSpecSchema } from './schema.ts'
import { programmeBooks, programmes } from './store.ts'

/** A draft grants nothing before the city approves it. */
export const programmeCreate = defineTransaction({
  type: 0x0401,
  name: 'points.prog.create',
  about: 'Proposes a programme: its rule, caps, time, budget.',
  payload: ProgrammeSpecSchema,
  keyPurpose: KEY_PURPOSES.authentication,

  checkStateless: ({ payload }) => checkSpec(payload),

  checkStateful: (view, { payload, sender, block }) => {
    const { programmeId } = payload
    const stranger = requireProgrammeRole(view, { account: sender, role: 'PROG_OP', programmeId, block })
    if (stranger !== null) return stranger
    return programmes.has(view, programmeId) ? failure(PointsError.PROGRAMME_EXISTS, { programmeId }) : null
  },

  apply: ({ view, emit }, { payload, sender }) => {
    const { programmeId, ...spec } = payload
    programmes.set(view, programmeId, { ...spec, operator: sender, state: 'DRAFT', treasury: null })
    programmeBooks.set(view, programmeId, NO_BOOKS)
    emit(ProgrammeChanged, { programmeId, state: 'DRAFT', budget: spec.budget, reasonCode: null })
  },
})
