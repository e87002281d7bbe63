// Owns: the door of the identity room: everything it declares. Not here: any rule.
import { defineModule } from '../../core/execution/module.ts'
import { didCreate } from './did-create.ts'
import { didRotate } from './did-rotate.ts'
import { didUpdate } from './did-update.ts'
import { IdentityError } from './errors.ts'
import { IDENTITY_EVENTS } from './events.ts'
import { initIdentity } from './genesis.ts'
import { checkIdentityInvariants } from './invariants.ts'
import { findKey, mayOnboard } from './keeper.ts'
import { getKeys, resolve } from './queries.ts'
import { IdentityGenesisSchema } from './schema.ts'

/** Room 2: an account is a DID; its keys, their purposes, their history. */
export const identity = defineModule({
  name: 'identity',
  number: 2,
  about: 'An account is a DID: its keys with their purposes, its versions, its W3C document.',
  transactions: [didCreate, didUpdate, didRotate],
  queries: [resolve, getKeys],
  events: IDENTITY_EVENTS,
  errors: IdentityError,
  genesis: { schema: IdentityGenesisSchema, init: initIdentity },
  findKey,
  mayOnboard,
  checkInvariants: checkIdentityInvariants,
})
