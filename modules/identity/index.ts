// Owns: the door of the identity room: everything it declares. Not here: any rule.
import { defineModule } from '../../core/execution/module.ts'
import { didCreate } from './did-create.ts'
import { didDeactivate } from './did-deactivate.ts'
import { didResume } from './did-resume.ts'
import { didRotate } from './did-rotate.ts'
import { didSuspend } from './did-suspend.ts'
import { didTerminate } from './did-terminate.ts'
import { didUpdate } from './did-update.ts'
import { runDueWork } from './due-work.ts'
import { IdentityError } from './errors.ts'
import { IDENTITY_EVENTS } from './events.ts'
import { initIdentity } from './genesis.ts'
import { checkIdentityInvariants } from './invariants.ts'
import { findKey, mayOnboard } from './keeper.ts'
import { getKeys, history, recovery, resolve } from './queries.ts'
import { recoveryApprove } from './recovery-approve.ts'
import { recoveryCancel } from './recovery-cancel.ts'
import { recoveryFinish } from './recovery-finish.ts'
import { recoverySet } from './recovery-set.ts'
import { recoveryStart } from './recovery-start.ts'
import { IdentityGenesisSchema } from './schema.ts'

/** Room 2: an account is a DID; its keys, their purposes, their history. */
export const identity = defineModule({
  name: 'identity',
  number: 2,
  about: 'An account is a DID: its keys with their purposes, its versions, its W3C document.',
  transactions: [
    didCreate,
    didUpdate,
    didRotate,
    didSuspend,
    didResume,
    didDeactivate,
    didTerminate,
    recoverySet,
    recoveryStart,
    recoveryApprove,
    recoveryCancel,
    recoveryFinish,
  ],
  queries: [resolve, getKeys, history, recovery],
  events: IDENTITY_EVENTS,
  errors: IdentityError,
  genesis: { schema: IdentityGenesisSchema, init: initIdentity },
  findKey,
  mayOnboard,
  beginBlock: runDueWork,
  checkInvariants: checkIdentityInvariants,
})
