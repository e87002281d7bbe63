// Owns: payloads and records of verification policies, consent receipts, outcomes, reviews and erasures.
// Not here: issuers and status lists (trust-schema.ts).
import { choice, list, option, struct } from '../../core/codec/compound.ts'
import { address, bool, code, hash32, u8, u16, u32, u53, u64 } from '../../core/codec/fields.ts'
import type { Infer } from '../../core/codec/schema.ts'

/** Clauses of one policy; all of them must hold. */
export const CLAUSES_MAX = 16
/** Alternatives of one clause; one of them must hold. */
export const ALTERNATIVES_MAX = 8

/** Why an agency may ask. */
export const LegalBasisSchema = choice({ CONSENT: 0, LAW: 1, PUBLIC_TASK: 2 })

/** A claim that must be true or false, or where `value` is given equal to it. */
export const LiteralSchema = struct({ claim: code(32), isTrue: bool, value: option(code(32)) })

const askedFields = {
  purposeCode: code(32),
  legalBasis: LegalBasisSchema,
  predicates: list(struct({ anyOf: list(LiteralSchema, ALTERNATIVES_MAX) }), CLAUSES_MAX),
  acceptedTypes: list(code(32), 16),
  minAssurance: u8,
  retentionDays: u16,
}

/** What an agency asks of holders, for which purpose, and how long it keeps what it saw. */
export const PolicyRegisterPayload = struct({ policyId: code(32), ...askedFields })

/** Names the policy to retire. */
export const PolicyRetirePayload = struct({ policyId: code(32) })

/** One version of a policy; `decidedAt` is the height of the council's decision taking effect. */
export const PolicySchema = struct({
  version: u32,
  verifier: address,
  ...askedFields,
  status: choice({ ACTIVE: 0, RETIRED: 1 }),
  registeredAt: u53,
  decidedAt: u53,
})

/** Whether the holder says that it is 14; a younger one needs the signature of its legal guardian, as the sponsor. */
export const HolderAgeSchema = choice({ AGE_GE_14: 0, UNDER_14: 1 })

/** `receiptCommit` hides policy, verifier, claims, purpose, nonce and holder; `expiresOn` is the last Korean day. */
export const ConsentGrantPayload = struct({
  receiptCommit: hash32,
  policyId: code(32),
  verifier: address,
  expiresOn: u32,
  holderAge: HolderAgeSchema,
})

/** Names the receipt of a consent. */
export const ConsentRefPayload = struct({ receiptCommit: hash32 })

/** What a verification found. */
export const OutcomeSchema = choice({ PASS: 0, FAIL: 1, ERROR: 2 })

const seen = list(struct({ issuer: address, listId: u64, seq: u64 }), 8)

/** The outcome of one consent; `statusSeqs` are the states of the status lists that were seen, `checkedAt` in ms. */
export const VerifyRecordPayload = struct({
  receiptCommit: hash32,
  outcome: OutcomeSchema,
  policyVersion: u32,
  statusSeqs: seen,
  checkedAt: u53,
})

/** The holder asks for a person to look at the outcome. */
export const VerifyDisputePayload = struct({ receiptCommit: hash32, reasonCommit: hash32 })

/** What a person decided. */
export const VerifyReviewPayload = struct({ receiptCommit: hash32, outcome: OutcomeSchema, reasonCommit: hash32 })

/** What was destroyed. */
export const ErasureActionSchema = choice({ VALUE_AND_SALT_DESTROYED: 0 })

/** `date` is the Korean day of the destruction. */
export const ErasureLogPayload = struct({ receiptCommit: hash32, action: ErasureActionSchema, date: u32 })

const consentFields = {
  policyId: code(32),
  policyVersion: u32,
  verifier: address,
  status: choice({ GRANTED: 0, WITHDRAWN: 1, EXPIRED: 2, FULFILLED: 3, DISPUTED: 4, REVIEWED: 5 }),
  grantedOn: u32,
  expiresOn: u32,
  outcome: option(struct({ outcome: OutcomeSchema, checkedOn: u32, recordedOn: u32, statusSeqs: seen })),
  dispute: option(struct({ reasonCommit: hash32, disputedOn: u32 })),
  review: option(struct({ by: address, outcome: OutcomeSchema, reasonCommit: hash32, reviewedOn: u32 })),
}

/** A consent; `holder` is a pairwise DID, every time is a day: nothing here leads from one agency to another. */
export const ConsentSchema = struct({ holder: address, ...consentFields })

/** The one verifier that a pairwise DID is for. */
export const PairwiseSchema = struct({ verifier: address })

/** A policy is in force. */
export const PolicyRegisteredEvent = struct({ policyId: code(32), version: u32, verifier: address })
/** A policy takes no new consents. */
export const PolicyRetiredEvent = struct({ policyId: code(32), version: u32 })
/** A receipt of consent, without its holder. */
export const ConsentGrantedEvent = struct({ receiptCommit: hash32, policyId: code(32), verifier: address })
/** A consent is over; the verifier destroys what it holds under it. */
export const ConsentEndedEvent = struct({ receiptCommit: hash32, verifier: address })
/** An outcome. */
export const VerificationEvent = struct({ receiptCommit: hash32, verifier: address, outcome: OutcomeSchema })
/** A dispute. */
export const DisputedEvent = struct({ receiptCommit: hash32, verifier: address })
/** A person's decision. */
export const ReviewedEvent = struct({ receiptCommit: hash32, by: address, outcome: OutcomeSchema })
/** A destruction. */
export const ErasureLoggedEvent = struct({ receiptCommit: hash32, by: address, action: ErasureActionSchema, date: u32 })

/** Answer of identity_consent: the record without its holder. */
export const ConsentResult = struct(consentFields)

export type Policy = Infer<typeof PolicySchema>
export type Consent = Infer<typeof ConsentSchema>
export type Clause = Infer<typeof PolicyRegisterPayload>['predicates'][number]
