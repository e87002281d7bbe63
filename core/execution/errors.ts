// Owns: what can be wrong with an envelope, whatever its type. Not here: the rooms' own errors.
import { defineErrors } from '../base/errors.ts'

/** Numbers 1-255 belong to the envelope (room 0). */
export const EnvelopeError = defineErrors('', {
  MALFORMED: [1, 'malformed', 'The bytes are not a canonical transaction of a known version.'],
  BAD_SIGNATURE: [2, 'malformed', 'A signature does not verify under the named key by the strict rule.'],
  UNKNOWN_TYPE: [3, 'malformed', 'No transaction type has this number; update the client or the node.'],
  BAD_PAYLOAD: [4, 'malformed', 'The payload is not the canonical encoding of this transaction type.'],
  WRONG_CHAIN: [5, 'malformed', 'The transaction was made for another chain; build it with this chain’s tag.'],
  NONCE_TOO_LOW: [6, 'stale', 'The nonce of this lane is already used; take the next one from account_getNonce.'],
  NONCE_GAP: [7, 'early', 'An earlier nonce of this lane is missing; send that transaction first.'],
  EXPIRED: [8, 'stale', 'validUntil lies below the next height; build the transaction anew.'],
  VALID_UNTIL_TOO_FAR: [9, 'early', 'validUntil lies too far ahead; the chain’s validUntilAheadMax bounds it.'],
  UNKNOWN_KEY: [10, 'stale', 'The account has no live key of this id; register it first or name another.'],
  WRONG_KEY_PURPOSE: [11, 'stale', 'The key is not declared for this purpose; sign with a key that carries it.'],
  CREDIT_EXHAUSTED: [12, 'early', 'The account’s credits do not cover this transaction yet; wait or ask for a sponsor.'],
  SPONSOR_REQUIRED: [13, 'malformed', 'This transaction needs a sponsor’s signature.'],
  SPONSOR_NOT_ALLOWED: [14, 'stale', 'The sponsor may not sponsor this; its role or key does not allow it.'],
  SENDER_MISMATCH: [15, 'malformed', 'The sender is not the account that the payload describes.'],
  STATE_CREDIT_EXHAUSTED: [
    16,
    'failed',
    'The records that this transaction adds exceed the payer’s state credits; wait or ask for a sponsor.',
  ],
  EXECUTION_FAULT: [17, 'failed', 'The node’s own code failed on this transaction and nothing changed; please report its id.'],
})
