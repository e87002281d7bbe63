// Owns: what identity tells when a DID changed. Not here: when (the transactions).
import { defineEvent } from '../../core/execution/module.ts'
import {
  ConsentEndedEvent,
  ConsentGrantedEvent,
  DisputedEvent,
  ErasureLoggedEvent,
  PolicyRegisteredEvent,
  PolicyRetiredEvent,
  ReviewedEvent,
  VerificationEvent,
} from './consent-schema.ts'
import {
  RecoveryApprovedEvent,
  RecoveryCancelledEvent,
  RecoveryFinishedEvent,
  RecoveryPolicyEvent,
  RecoveryStartedEvent,
  StatusChangedEvent,
} from './life-schema.ts'
import {
  BatchAnchoredEvent,
  IssuerAccreditedEvent,
  IssuerProposedEvent,
  IssuerRevokedEvent,
  IssuerSuspendedEvent,
  SchemaRegisteredEvent,
  StatusListCreatedEvent,
  StatusSetEvent,
} from './trust-schema.ts'
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

/** An organisation asks to be accredited as an issuer. */
export const IssuerProposed = defineEvent({
  type: 0x028a,
  name: 'identity.issuerProposed',
  payload: IssuerProposedEvent,
  about: 'An organisation asks to be accredited as an issuer.',
})

/** The city accredited an issuer for credential types. */
export const IssuerAccredited = defineEvent({
  type: 0x028b,
  name: 'identity.issuerAccredited',
  payload: IssuerAccreditedEvent,
  about: 'The city accredited an issuer for credential types.',
})

/** The city suspended an issuer. */
export const IssuerSuspended = defineEvent({
  type: 0x028c,
  name: 'identity.issuerSuspended',
  payload: IssuerSuspendedEvent,
  about: 'The city suspended an issuer.',
})

/** The city ended an accreditation for good. */
export const IssuerRevoked = defineEvent({
  type: 0x028d,
  name: 'identity.issuerRevoked',
  payload: IssuerRevokedEvent,
  about: 'The city ended an accreditation for good.',
})

/** A version of a credential schema stands. */
export const SchemaRegistered = defineEvent({
  type: 0x028e,
  name: 'identity.schemaRegistered',
  payload: SchemaRegisteredEvent,
  about: 'A version of a credential schema stands.',
})

/** An issuer has a new status list. */
export const StatusListCreated = defineEvent({
  type: 0x028f,
  name: 'identity.statusListCreated',
  payload: StatusListCreatedEvent,
  about: 'An issuer has a new status list.',
})

/** A status list has a new sequence number; fetch the whole list. */
export const StatusChanged = defineEvent({
  type: 0x0290,
  name: 'identity.statusChanged',
  payload: StatusSetEvent,
  about: 'A status list has a new sequence number; fetch the whole list.',
})

/** An issuer anchored a batch of credentials. */
export const BatchAnchored = defineEvent({
  type: 0x0291,
  name: 'identity.batchAnchored',
  payload: BatchAnchoredEvent,
  about: 'An issuer anchored a batch of credentials.',
})

/** A verification policy is in force. */
export const PolicyRegistered = defineEvent({
  type: 0x0292,
  name: 'identity.policyRegistered',
  payload: PolicyRegisteredEvent,
  about: 'A verification policy is in force.',
})

/** A verification policy takes no new consents. */
export const PolicyRetired = defineEvent({
  type: 0x0293,
  name: 'identity.policyRetired',
  payload: PolicyRetiredEvent,
  about: 'A verification policy takes no new consents.',
})

/** A holder consented to a verification. */
export const ConsentGranted = defineEvent({
  type: 0x0294,
  name: 'identity.consentGranted',
  payload: ConsentGrantedEvent,
  about: 'A holder consented to a verification.',
})

/** A holder withdrew a consent; the verifier destroys what it holds. */
export const ConsentWithdrawn = defineEvent({
  type: 0x0295,
  name: 'identity.consentWithdrawn',
  payload: ConsentEndedEvent,
  about: 'A holder withdrew a consent; the verifier destroys what it holds.',
})

/** The last day of a consent passed unused. */
export const ConsentExpired = defineEvent({
  type: 0x0296,
  name: 'identity.consentExpired',
  payload: ConsentEndedEvent,
  about: 'The last day of a consent passed unused.',
})

/** The outcome of a verification is recorded. */
export const VerificationRecorded = defineEvent({
  type: 0x0297,
  name: 'identity.verificationRecorded',
  payload: VerificationEvent,
  about: 'The outcome of a verification is recorded.',
})

/** A holder disputes an outcome; a person must review it. */
export const VerificationDisputed = defineEvent({
  type: 0x0298,
  name: 'identity.verificationDisputed',
  payload: DisputedEvent,
  about: 'A holder disputes an outcome; a person must review it.',
})

/** A person decided a disputed outcome. */
export const VerificationReviewed = defineEvent({
  type: 0x0299,
  name: 'identity.verificationReviewed',
  payload: ReviewedEvent,
  about: 'A person decided a disputed outcome.',
})

/** Values and salts behind a receipt are destroyed. */
export const ErasureLogged = defineEvent({
  type: 0x029a,
  name: 'identity.erasureLogged',
  payload: ErasureLoggedEvent,
  about: 'Values and salts behind a receipt are destroyed.',
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
  IssuerProposed,
  IssuerAccredited,
  IssuerSuspended,
  IssuerRevoked,
  SchemaRegistered,
  StatusListCreated,
  StatusChanged,
  BatchAnchored,
  PolicyRegistered,
  PolicyRetired,
  ConsentGranted,
  ConsentWithdrawn,
  ConsentExpired,
  VerificationRecorded,
  VerificationDisputed,
  VerificationReviewed,
  ErasureLogged,
] as const
