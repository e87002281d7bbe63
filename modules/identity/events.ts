// Owns: what identity tells when a DID changed. Not here: when (the transactions).
import { defineEvent } from '../../core/execution/module.ts'
import {
  RecoveryApprovedEvent,
  RecoveryCancelledEvent,
  RecoveryFinishedEvent,
  RecoveryPolicyEvent,
  RecoveryStartedEvent,
  StatusChangedEvent,
} from './life-schema.ts'
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

/** A DID was suspended, resumed, deactivated or terminated. */
export const DidStatusChanged = defineEvent({
  type: 0x0284,
  name: 'identity.didStatusChanged',
  payload: StatusChangedEvent,
  about: 'A DID was suspended, resumed, deactivated or terminated.',
})

/** A DID has a recovery policy that is in force from a time on. */
export const RecoveryPolicySet = defineEvent({
  type: 0x0285,
  name: 'identity.recoveryPolicySet',
  payload: RecoveryPolicyEvent,
  about: 'A DID has a recovery policy that is in force from a time on.',
})

/** A guardian asks for new keys; a wallet alerts the owner, who can cancel. */
export const RecoveryStarted = defineEvent({
  type: 0x0286,
  name: 'identity.recoveryStarted',
  payload: RecoveryStartedEvent,
  about: 'A guardian asks for new keys; a wallet alerts the owner, who can cancel.',
})

/** One more guardian agrees to a recovery. */
export const RecoveryApproved = defineEvent({
  type: 0x0287,
  name: 'identity.recoveryApproved',
  payload: RecoveryApprovedEvent,
  about: 'One more guardian agrees to a recovery.',
})

/** A recovery was stopped. */
export const RecoveryCancelled = defineEvent({
  type: 0x0288,
  name: 'identity.recoveryCancelled',
  payload: RecoveryCancelledEvent,
  about: 'A recovery was stopped.',
})

/** A recovery replaced every key of a DID. */
export const RecoveryFinished = defineEvent({
  type: 0x0289,
  name: 'identity.recoveryFinished',
  payload: RecoveryFinishedEvent,
  about: 'A recovery replaced every key of a DID.',
})

/** Every event of the room. */
export const IDENTITY_EVENTS = [
  DidCreated,
  DidUpdated,
  KeyRevoked,
  DidStatusChanged,
  RecoveryPolicySet,
  RecoveryStarted,
  RecoveryApproved,
  RecoveryCancelled,
  RecoveryFinished,
] as const
