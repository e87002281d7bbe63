// Owns: what identity refuses, with stable numbers 0x02xx. Not here: when (the transactions, keyset.ts).
import { defineErrors } from '../../core/base/errors.ts'

/**
 * Refusals of the identity room. `stale` and `malformed` spend no nonce: nobody may burn the nonces of an account that
 * exists.
 */
export const IdentityError = defineErrors('IDENTITY', {
  DID_MISMATCH: [0x0201, 'malformed', 'The sender is not the id that genesis hash, first invocation key and nonce derive.'],
  DID_EXISTS: [0x0202, 'stale', 'The DID exists already; change it with identity.did.update.'],
  DID_UNKNOWN: [0x0203, 'failed', 'There is no such DID; create it first.'],
  KEY_POP_INVALID: [
    0x0204,
    'malformed',
    'A signing key proves possession by its own signature; a key of agreement carries none.',
  ],
  KEYSET_INVALID: [
    0x0205,
    'malformed',
    'Keys need distinct names and purposes that fit; a new DID needs one of purpose 8 and one of 1.',
  ],
  KEY_WEAK: [0x0206, 'malformed', 'The public key is not a canonical encoding or of low order; generate a new one.'],
  VERSION_CONFLICT: [0x0207, 'failed', 'The DID has changed since; read its version and build the change anew.'],
  KEY_UNKNOWN: [0x0208, 'failed', 'The DID has no live key of this name.'],
  LAST_INVOCATION_KEY: [0x0209, 'failed', 'The last live key of purpose 8 cannot go; add another first or rotate.'],
  KEY_REUSED: [0x020a, 'failed', 'A key or key name that this DID has used never returns; take a new one.'],
  STATE_INVALID: [0x020b, 'failed', 'The state of the DID does not allow this.'],
  NOT_AUTHORIZED: [0x020c, 'failed', 'Only the DID itself or one of its controllers may do this.'],
  RECOVERY_POLICY_INVALID: [
    0x020d,
    'failed',
    'A recovery policy has distinct guardians, a threshold up to their number and a long enough delay.',
  ],
  SERVICES_INVALID: [0x020e, 'malformed', 'Services have distinct ids.'],
  UPDATE_EMPTY: [0x020f, 'malformed', 'The update changes nothing.'],
  VERSION_UNKNOWN: [0x0210, 'failed', 'The DID never had this version.'],
  CONTROLLER_INVALID: [0x0211, 'malformed', 'A DID names each controller once and never itself.'],
  KEYS_FULL: [0x0212, 'failed', 'A DID has at most 16 live keys; revoke one first.'],
  RELATION_INVALID: [0x0213, 'failed', 'The purposes do not fit the type of the key.'],
  CASE_MISSING: [0x0214, 'failed', 'An office commits to the case it acts in; give caseCommit.'],
  NOT_ORGANISATION: [0x0215, 'failed', 'Only the DID of an organisation or agency is terminated.'],
  DATE_INVALID: [0x0216, 'failed', 'The day, month or time does not exist or lies on the wrong side of the block’s.'],
  RECOVERY_PENDING: [0x0217, 'failed', 'A recovery is under way; approve it, or wait until it lapses.'],
  GUARDIAN_UNKNOWN: [0x0218, 'failed', 'The sender and this salt open no guardian commitment of the policy in force.'],
  GUARDIAN_DUPLICATE: [0x0219, 'failed', 'This guardian has approved the recovery before; each counts once.'],
  RECOVERY_NONE: [0x021a, 'failed', 'No recovery is under way for this DID.'],
  RECOVERY_NOT_READY: [0x021b, 'failed', 'Guardians are missing or the delay has not passed; the owner may still cancel.'],
})
