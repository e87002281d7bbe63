// Owns: payloads and records of issuers, credential schemas, status lists and batch anchors: one declaration each.
// Not here: policies and consents (consent-schema.ts).
import { choice, list, option, struct } from '../../core/codec/compound.ts'
import { address, bool, bytes, code, fixedBytes, hash32, u8, u32, u53, u64 } from '../../core/codec/fields.ts'
import type { Infer } from '../../core/codec/schema.ts'

/** Credential types of one issuer; a type is the id of its schema (`vct`). */
export const TYPES_MAX = 32
/** Accreditations of one issuer that its record remembers, the oldest forgotten first. */
export const SPANS_MAX = 32
/** Issuers of one credential type. */
export const ISSUERS_MAX = 256
/** Claims of one schema. */
export const CLAIMS_MAX = 64
/** Changes of one identity.status.set. */
export const CHANGES_MAX = 512
/** Entries of a status list: the least that hides one holder among many. */
export const STATUS_BITS = 131_072
/** Bytes of one record of a status list. */
export const PAGE_BYTES = 256

const types = list(code(32), TYPES_MAX)

/** Where an issuer stands with the city. */
export const IssuerStatusSchema = choice({ PROPOSED: 0, ACCREDITED: 1, SUSPENDED: 2, REVOKED: 3 })

/** A candidate names itself; `policyHash` is the hash of its published issuing policy. */
export const ProposeIssuerPayload = struct({ orgCode: code(32), types, policyHash: hash32 })

/** `assurance` is 1 to 3; `validUntil` the last Korean day of the accreditation. */
export const AccreditPayload = struct({ issuer: address, types, assurance: u8, validUntil: u32 })

/** What is issued after `effectiveAt` (block time in ms, not in the future) is invalid. */
export const SuspendIssuerPayload = struct({ issuer: address, effectiveAt: u53 })

/** As of a suspension, for good; with `compromisedSince` everything issued from then on is invalid, anchored or not. */
export const RevokeIssuerPayload = struct({ issuer: address, effectiveAt: u53, compromisedSince: option(u53) })

const issuerFields = {
  orgCode: code(32),
  policyHash: hash32,
  types,
  assurance: u8,
  validUntil: u32,
  status: IssuerStatusSchema,
  proposedAt: u53,
  decidedAt: option(u53),
  spans: list(struct({ from: u53, to: option(u53) }), SPANS_MAX),
  compromisedSince: option(u53),
}

/** An issuer; `spans` are its accreditations, `to` null while one is open; `decidedAt` is the height of the last decision. */
export const IssuerSchema = struct(issuerFields)

/** Issuers that are accredited for one type. */
export const IssuerIndexSchema = struct({ issuers: list(address, ISSUERS_MAX) })

/** A claim of a credential; `sdAlways` claims are disclosed one by one only. */
export const ClaimSchema = struct({
  name: code(32),
  type: choice({ BOOLEAN: 0, INTEGER: 1, STRING: 2, DATE: 3, CODE: 4 }),
  sdAlways: bool,
})

/** The next version of a credential schema; `hash` is that of its published document. */
export const SchemaRegisterPayload = struct({
  schemaId: code(32),
  version: u32,
  claims: list(ClaimSchema, CLAIMS_MAX),
  hash: hash32,
})

/** A version of a credential schema; it never changes. */
export const CredentialSchema = struct({
  claims: list(ClaimSchema, CLAIMS_MAX),
  hash: hash32,
  registeredBy: address,
  registeredAt: u53,
})

/** The latest version of a schema and who keeps it. */
export const SchemaHeadSchema = struct({ latest: u32, keeper: address })

/** What a set bit means; revocation is for ever. */
export const StatusPurposeSchema = choice({ REVOCATION: 0, SUSPENSION: 1 })

/** `size` is 131072, written out so that a reader sees it. */
export const StatusCreatePayload = struct({ listId: u64, purpose: StatusPurposeSchema, size: u32 })

/** `seq` is the list's next; setting a bit to what it is already is a decoy. */
export const StatusSetPayload = struct({
  listId: u64,
  seq: u64,
  changes: list(struct({ index: u32, bit: bool }), CHANGES_MAX),
})

/** A status list; `digest` is SHA-256 of its 16,384 bytes, so that this record proves the whole. */
export const StatusListSchema = struct({
  purpose: StatusPurposeSchema,
  size: u32,
  seq: u64,
  digest: hash32,
  createdAt: u53,
  updatedAt: u53,
})

/** 2,048 bits of a status list; index 0 is the most significant bit of the first byte. */
export const StatusPageSchema = struct({ bits: fixedBytes(PAGE_BYTES) })

/** Merkle root over H("cred", salt, credential hash) of a batch issued in a month yyyymm. */
export const AnchorPayload = struct({ schemaId: code(32), root: hash32, count: u32, period: u32 })

/** An anchored batch; `anchoredAt` shows what was issued late. */
export const AnchorSchema = struct({ schemaId: code(32), count: u32, period: u32, anchoredAt: u53 })

/** A candidate for accreditation. */
export const IssuerProposedEvent = struct({ issuer: address, orgCode: code(32), types })
/** An accreditation by the council. */
export const IssuerAccreditedEvent = struct({ issuer: address, types, assurance: u8, validUntil: u32 })
/** A suspension by the council. */
export const IssuerSuspendedEvent = struct({ issuer: address, effectiveAt: u53 })
/** The end of an accreditation. */
export const IssuerRevokedEvent = struct({ issuer: address, effectiveAt: u53, compromisedSince: option(u53) })
/** A new version of a schema. */
export const SchemaRegisteredEvent = struct({ schemaId: code(32), version: u32, by: address })
/** A new status list. */
export const StatusListCreatedEvent = struct({ issuer: address, listId: u64, purpose: StatusPurposeSchema })
/** A status list has new bits; which ones, readers see by the whole list only. */
export const StatusSetEvent = struct({ issuer: address, listId: u64, seq: u64 })
/** A batch of credentials is anchored. */
export const BatchAnchoredEvent = struct({ issuer: address, schemaId: code(32), root: hash32, count: u32, period: u32 })

/** Answer of identity_issuer; `isAccredited` on the block's day. */
export const IssuerResult = struct({ ...issuerFields, isAccredited: bool })

/** Answer of identity_schema. */
export const SchemaResult = struct({
  version: u32,
  latest: u32,
  claims: list(ClaimSchema, CLAIMS_MAX),
  hash: hash32,
  registeredBy: address,
  registeredAt: u53,
})

/** Answer of identity_statusList: the whole list, never one entry. */
export const StatusListResult = struct({
  purpose: StatusPurposeSchema,
  size: u32,
  seq: u64,
  digest: hash32,
  updatedAt: u53,
  bits: bytes(STATUS_BITS / 8),
})

export type Issuer = Infer<typeof IssuerSchema>
export type StatusChangeList = Infer<typeof StatusSetPayload>['changes']
