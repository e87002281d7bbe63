// Owns: programmes, lots, grants and what a person got, as records.
// Not here: payloads and events (payloads.ts), rules, keys (store.ts).
import { choice, list, option, struct } from '../../core/codec/compound.ts'
import { address, code, hash32, u16, u32, u53, u64 } from '../../core/codec/fields.ts'
import type { Infer } from '../../core/codec/schema.ts'

/** Points of one transaction, a budget or a cap (domain.md 13.1). */
export const POINTS_MAX = 10n ** 12n
/** Rows of a rule's table. */
export const TIERS_MAX = 64
/** Grants of one batch. */
export const BATCH_MAX = 256
/** Lots with one month of expiry that one owner may be granted. */
export const GRANTED_LOTS_MAX = 128
/** As above, for transfers: strangers' crumbs never fill the place of grants. */
export const SENT_LOTS_MAX = 96
/** Lots on one page, those that a refund revived included. */
export const PAGE_LOTS_MAX = 512
/** Months of expiry that grants and transfers may open for one owner. */
export const MONTHS_MAX = 128
/** Months of one owner, those that a refund opened included. */
export const ALL_MONTHS_MAX = 160
/** Lots that one payment, tax payment or transfer may take from. */
export const TAKES_MAX = 256
/** Lots that one grant may be split into by transfers. */
export const GRANT_LOTS_MAX = 64
/** Longest life of points. */
export const EXPIRY_MONTHS_MAX = 120

/** One row of a rule: an event of this kind whose measure (won of tax, percent saved) is at least `from` earns `points`. */
export const TierSchema = struct({ kind: code(32), from: u64, points: u64 })

/** What a programme says of itself; a cap of 0 is none. */
const programmeFields = {
  ruleKind: choice({ FIXED: 0, TIER: 1 }),
  table: list(TierSchema, TIERS_MAX),
  capDay: u64,
  capYear: u64,
  capTotal: u64,
  startOn: u32,
  endOn: u32,
  expiryMonths: u16,
  transfer: choice({ NONE: 0, FAMILY: 1, ANY: 2 }),
  reserve: choice({ FULL: 0, BUDGET: 1 }),
  persons: choice({ TAG: 0, TOKEN: 1 }),
  budget: u64,
}

/** A programme as its operator proposes it. */
export const ProgrammeSpecSchema = struct({ programmeId: code(32), ...programmeFields })

/** DRAFT -> ACTIVE <-> PAUSED -> CLOSED. */
export const ProgrammeStateSchema = choice({ DRAFT: 0, ACTIVE: 1, PAUSED: 2, CLOSED: 3 })

/** A programme; `treasury` funded it first and gets what is paid as tax. */
export const ProgrammeSchema = struct({
  operator: address,
  state: ProgrammeStateSchema,
  treasury: option(address),
  ...programmeFields,
})

/**
 * A programme's points and won. granted = active + spent + burned + clawed + expired. `spent` is net of refunds, `settled` what
 * merchants were paid for; `reserve` is won.
 */
export const BooksSchema = struct({
  ...{ granted: u64, active: u64, spent: u64, burned: u64, clawed: u64, expired: u64 },
  ...{ settled: u64, reserve: u64, funded: u64, grants: u53, offset: u64, debt: u64 },
})

/** A lot; what is left of it is `points` without all the others. `extended` counts how often a refund revived it. */
export const LotSchema = struct({
  owner: address,
  programmeId: code(32),
  eventId: hash32,
  expiresOn: u32,
  points: u64,
  ...{ spent: u64, burned: u64, moved: u64, clawed: u64, expired: u64 },
  extended: u16,
})

/**
 * An owner's months of expiry in order: lots ever put there, points left there; what was transferred on a Korean day, and how
 * many lots came in on one.
 */
export const OwnerSchema = struct({
  months: list(struct({ month: u32, lots: u16, points: u64 }), ALL_MONTHS_MAX),
  sentOn: u32,
  sent: u64,
  gotOn: u32,
  got: u16,
})

/** The lots of one owner that expire in one month and have points left, by (expiresOn, lotId). */
export const PageSchema = struct({ lots: list(struct({ lotId: u53, expiresOn: u32, points: u64 }), PAGE_LOTS_MAX) })

/** A grant; `offset` went against a debt. `lots` are those that carry its points, `claimed` what clawbacks
 * ask or took, `owed` what they made a debt. */
export const GrantSchema = struct({
  to: address,
  personTag: hash32,
  eventKind: code(32),
  eventDate: u32,
  points: u64,
  offset: u64,
  grantedOn: u32,
  claimed: u64,
  owed: u64,
  evidenceCommit: hash32,
  lots: list(u53, GRANT_LOTS_MAX),
})

/** What a person got of a programme: in all, by year and by day of the event (days kept while events of them can still come). */
export const PersonSchema = struct({
  total: u64,
  years: list(struct({ year: u16, points: u64 }), 4),
  days: list(struct({ day: u32, points: u64 }), 128),
  debt: u64,
})

/** What a payment took from lots, in order; `back` is what refunds gave back. */
export const SpendSchema = struct({
  owner: address,
  lots: list(struct({ lotId: u53, points: u64, back: u64 }), TAKES_MAX),
})

/** A merchant's points of one programme on a Korean day, and how much of either a settlement has counted. */
export const TakingsSchema = struct({ spent: u64, back: u64, seenSpent: u64, seenBack: u64 })

/** Points that a merchant was paid for and that refunds took back since: later settlements pay so much less. */
export const CarrySchema = struct({ points: u64 })

/** OPEN -> OBJECTED -> UPHELD or REJECTED; OPEN and UPHELD -> EXECUTED. */
export const CaseStateSchema = choice({ OPEN: 0, OBJECTED: 1, UPHELD: 2, REJECTED: 3, EXECUTED: 4 })

/** A clawback of a grant's points. */
export const ClawbackSchema = struct({
  programmeId: code(32),
  eventId: hash32,
  points: u64,
  reasonCode: code(32),
  caseCommit: hash32,
  state: CaseStateSchema,
  openedAt: u53,
  objection: option(hash32),
  taken: u64,
  owed: u64,
})

/** The Korean day of an alarm, told once a day. */
export const AlarmSchema = struct({ day: u32 })
/** A number that a record counts. */
export const CountSchema = struct({ count: u53 })
/** A place of the queue of expiries. */
export const ExpiryEntrySchema = struct({ lotId: u53 })
/** Where the sweep of expired lots stands. */
export const ExpiryCursorSchema = struct({ day: u32, next: u53 })
/** Relatives as the operator found them in the family register. */
export const FamilySchema = struct({ since: u53 })

/** Section `points` of the genesis document: programmes that are active from the first block, with won moved to the reserve. */
export const PointsGenesisSchema = option(
  struct({
    programmes: list(struct({ operator: address, spec: ProgrammeSpecSchema, treasury: option(address), funding: u64 }), 256),
  }),
)

export type Tier = Infer<typeof TierSchema>
export type ProgrammeSpec = Infer<typeof ProgrammeSpecSchema>
export type Programme = Infer<typeof ProgrammeSchema>
export type Books = Infer<typeof BooksSchema>
export type Lot = Infer<typeof LotSchema>
export type Owner = Infer<typeof OwnerSchema>
export type Grant = Infer<typeof GrantSchema>
export type Person = Infer<typeof PersonSchema>
export type Clawback = Infer<typeof ClawbackSchema>
export type Takings = Infer<typeof TakingsSchema>
export type PointsGenesis = Infer<typeof PointsGenesisSchema>
