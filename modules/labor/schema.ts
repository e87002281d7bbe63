// Owns: payloads and public records of contracts: who, in which state, signed when. Not here: terms (terms-schema.ts), hours
// (shift-schema.ts), pay (pay-schema.ts), cases (claim-schema.ts).
import { choice, list, option, struct, union } from '../../core/codec/compound.ts'
import { address, bool, code, hash32, u16, u32, u53 } from '../../core/codec/fields.ts'
import type { Infer } from '../../core/codec/schema.ts'
import { HeadcountSchema, TermsSchema } from './terms-schema.ts'

/** Versions of one contract. */
export const VERSIONS_MAX = 64

/** Flags of one contract record. */
export const CONTRACT_FLAGS_MAX = 16

/** Where a contract stands (domain.md 8.2). */
export const ContractStateSchema = choice({
  OFFERED: 0,
  ACTIVE: 1,
  NOTICE: 2,
  ENDED: 3,
  SETTLED: 4,
  ARCHIVED: 5,
  DECLINED: 6,
  WITHDRAWN: 7,
  EXPIRED: 8,
  VOID: 9,
})

/** What an employer says of a worker under 18; papers stay at the workplace (LSA 66), salted commitments come here. */
export const MinorSchema = struct({
  guardian: address,
  /** Commitment to the family certificate. */
  familyCommit: hash32,
  /** Under 15, or in middle school: only with a permit (LSA 64). */
  needsPermit: bool,
  permitCommit: option(hash32),
})

/** Offers a contract; the transaction's id is the contract's. The worker is named by a DID used towards this employer alone. */
export const OfferPayload = struct({
  worker: address,
  brn: code(10),
  workplaceId: code(16),
  minor: option(MinorSchema),
  /** Hash of the contract text that both parties hold. */
  docHash: hash32,
  terms: TermsSchema,
})

/** A guardian's consent (LSA 66); `consentCommit` hides the signed paper. */
export const GuardianConsentPayload = struct({ contractId: hash32, consentCommit: hash32 })

/** The worker signs; `isAdult` is what the worker says of being 18 or older. */
export const AcceptPayload = struct({ contractId: hash32, docHash: hash32, isAdult: bool })

/** Names a contract. */
export const ContractRefPayload = struct({ contractId: hash32 })

/** New terms in full; they stand in for the old ones from `effectiveFrom` on. */
export const AmendProposePayload = struct({ contractId: hash32, effectiveFrom: u32, docHash: hash32, terms: TermsSchema })

/** The other party signs the proposal with this text. */
export const AmendAcceptPayload = struct({ contractId: hash32, docHash: hash32 })

/** Last day of the contract; the reason in writing stays off the chain (LSA 27). */
export const NoticePayload = struct({ contractId: hash32, endOn: u32, reasonCommit: option(hash32) })

/** A court's or inspector's finding that there never was a lawful contract. */
export const VoidPayload = struct({ contractId: hash32, courtRefCommit: hash32 })

/** One party's signature: the transaction that carried it, the key's name, its time. */
export const SignatureSchema = struct({ by: address, kid: code(16), txId: hash32, at: u53 })

/** A contract as everybody may see it: no number of its terms stands here. */
export const ContractSchema = struct({
  employer: address,
  worker: address,
  brn: code(10),
  workplaceId: code(16),
  state: ContractStateSchema,
  /** Highest signed version; 0 while it is only offered. */
  version: u16,
  docHash: hash32,
  minor: option(struct({ guardian: address, consentCommit: option(hash32) })),
  offeredAt: u53,
  expiresAt: u53,
  activatedOn: option(u32),
  startOn: u32,
  /** Last day as agreed or by notice; the day it ended once it did. */
  endOn: option(u32),
  notice: option(struct({ by: address, givenOn: u32, reasonCommit: option(hash32) })),
  settledOn: option(u32),
  voidedBy: option(struct({ by: address, courtRefCommit: hash32, on: u32 })),
  flags: list(code(32), CONTRACT_FLAGS_MAX),
})

/** One signed version: both signatures stand over one text. Written once, never changed. */
export const VersionSchema = struct({
  effectiveFrom: u32,
  docHash: hash32,
  minor: option(MinorSchema),
  terms: TermsSchema,
  proposed: SignatureSchema,
  accepted: SignatureSchema,
})

/** Public mark of a version: a hash of its record (which holds a salted commitment), so that a copy can be checked against it. */
export const VersionMarkSchema = struct({ recordHash: hash32, docHash: hash32, effectiveFrom: u32 })

/** What one party signed and the other has not yet: the offer, or a change. */
export const DraftSchema = struct({
  effectiveFrom: u32,
  docHash: hash32,
  minor: option(MinorSchema),
  terms: TermsSchema,
  proposed: SignatureSchema,
  expiresAt: u53,
})

/** Changes of size that one workplace record keeps, one a day at most; the last place is for growing alone. */
export const SIZES_MAX = 1_024

/** People with a contract in force at a workplace, and the days from which that was five and more, or fewer. */
export const WorkplaceSchema = struct({
  active: u32,
  sizes: list(struct({ from: u32, headcount: HeadcountSchema }), SIZES_MAX),
})

/** How many contracts name a party. */
export const PartySchema = struct({ count: u32 })

/** One contract of a party. */
export const PartyContractSchema = struct({ contractId: hash32 })

/** What falls due at the beginning of a Korean day. */
export const AgendaItemSchema = union({
  /** An offer or proposal may have expired. */
  offer: [0, struct({ contractId: hash32 })],
  /** The day after the last one. */
  end: [1, struct({ contractId: hash32 })],
  /** Wages of a month fall due. */
  payday: [2, struct({ contractId: hash32, ym: u32 })],
  /** The day after wages of a month fell due. */
  overdue: [3, struct({ contractId: hash32, ym: u32 })],
  /** Fourteen days after the end, and when nothing can be recorded any more. */
  settle: [4, struct({ contractId: hash32 })],
  /** Three years after settlement. */
  archive: [5, struct({ contractId: hash32 })],
  /** Three months of employment (insurance). */
  threeMonths: [6, struct({ contractId: hash32 })],
})

/** Items of one day wait from `first` up to `next`, `next` excluded. */
export const AgendaDaySchema = struct({ first: u53, next: u53 })

/** The earliest day that may still hold items. */
export const AgendaCursorSchema = struct({ day: u32 })

/** Answer of labor_getContract: the public record, and one version of the terms where there is one. */
export const ContractResult = struct({
  contract: ContractSchema,
  version: option(VersionSchema),
  draft: option(DraftSchema),
})

/** Answer of labor_contractsOf. */
export const ContractsResult = struct({
  contracts: list(struct({ contractId: hash32, contract: ContractSchema }), 100),
  more: bool,
})

export type Contract = Infer<typeof ContractSchema>
export type Version = Infer<typeof VersionSchema>
export type Draft = Infer<typeof DraftSchema>
export type Minor = Infer<typeof MinorSchema>
export type Signature = Infer<typeof SignatureSchema>
export type AgendaItem = Infer<typeof AgendaItemSchema>
