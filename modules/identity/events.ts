// Owns: what identity tells when a DID changed. Not here: when (the transactions).
import { defineEvent } from '../../core/execution/module.ts'
import { CreatedEvent, KeyRevokedEvent, UpdatedEvent } from './schema.ts'

/** A DID came into being. */
export const DidCreated = defineEvent({
  type: 0x0281,
  name: 'identity.didCreated',
  payload: CreatedEvent,
  about: 'A DID came into being.',
})

/** A DID has a new version. */
export const DidUpdated = defineEvent({
  type: 0x0282,
  name: 'identity.didUpdated',
  payload: UpdatedEvent,
  about: 'A DID has a new version.',
})

/** A key was revoked and never returns. */
export const KeyRevoked = defineEvent({
  type: 0x0283,
  name: 'identity.keyRevoked',
  payload: KeyRevokedEvent,
  about: 'A key was revoked and never returns.',
})

/** Every event of the room. */
export const IDENTITY_EVENTS = [DidCreated, DidUpdated, KeyRevoked] as const
