// Owns: what the vote room refuses, with stable numbers 0x07xx. Not here: when (the transactions).
import { defineErrors } from '../../core/base/errors.ts'

/** Refusals of the vote room. */
export const VoteError = defineErrors('VOTE', {
  MANIFEST_INVALID: [0x0701, 'failed', 'The manifest contradicts itself, the chain, or what a poll may be.'],
  MODE_FORBIDDEN: [0x0702, 'malformed', 'A sensitive or statutory-like question is never asked with public answers.'],
  REWARD_FORBIDDEN: [0x0703, 'malformed', 'Nothing is given for taking part in a statutory-like poll.'],
  POLL_EXISTS: [0x0704, 'failed', 'A poll with this id exists.'],
  POLL_UNKNOWN: [0x0705, 'failed', 'No poll has this id.'],
  POLL_STATE: [0x0706, 'failed', 'The poll is in another state than this needs.'],
  ROLL_CLOSED: [0x0707, 'failed', 'The roll takes no more keys.'],
  ROLL_DUPLICATE: [0x0708, 'failed', 'A key stands on the roll already, or twice in the batch.'],
  ROLL_EMPTY: [0x0709, 'failed', 'There is no key on the roll or in the batch.'],
  POK_INVALID: [0x070a, 'failed', 'The proof that a secret is held does not verify, or the key is no point.'],
  NOT_OPEN: [0x070b, 'failed', 'The poll takes no ballots at this time.'],
  NOT_ON_ROLL: [0x070c, 'failed', 'No voter of the roll has this number.'],
  ALREADY_CAST: [0x070d, 'failed', 'The voter has cast a ballot, and this one does not replace it.'],
  BALLOT_INVALID: [0x070e, 'failed', 'The ballot is of another mode, or chooses too few, too many or unknown options.'],
  PROOF_INVALID: [0x070f, 'failed', 'A proof of the ballot does not verify under this poll, voter and sequence.'],
  BALLOT_COPY: [0x0710, 'failed', 'The same sealed ballot was cast by another voter, or before.'],
  STRUCK: [0x0711, 'failed', 'The voter is struck off: voted on paper, or is not counted.'],
  TALLY_MISMATCH: [0x0712, 'failed', 'The claimed counts are not what the ballots hold.'],
  NOT_TRUSTEE: [0x0713, 'failed', 'The sender is no trustee of this poll, or was removed.'],
  TRUSTEE_DUP: [0x0714, 'failed', 'The trustee has done this already.'],
  COMPLAINT_UNKNOWN: [0x0715, 'failed', 'There is no such complaint to answer, or nothing to complain of.'],
  KEYGEN_PENDING: [0x0717, 'failed', 'The time of the key is not over, or complaints wait for an answer.'],
  SHARE_INVALID: [0x0718, 'failed', 'A share of the opening does not verify.'],
  SHARES_MISSING: [0x0719, 'failed', 'Fewer than the threshold of trustees have given their shares.'],
  NO_STRIKE: [0x071b, 'failed', 'Nobody can tell whose ballot to take out of a poll that hides who took part.'],
  RING_TOO_SMALL: [0x071c, 'failed', 'A roll of fewer keys than vote.minCell hides nobody.'],
  APPROVAL_DUP: [0x071a, 'failed', 'This officer has approved already; a second one is needed.'],
})
