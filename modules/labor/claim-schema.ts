// Owns: payloads and records of cases before the labor inspectors, and of work histories (domain.md 8.5). Not here: their course
// (claim-steps.ts).
import { choice, list, option, struct } from '../../core/codec/compound.ts'
import { address, bool, code, hash32, u16, u32, u53, u64 } from '../../core/codec/fields.ts'
import type { Infer } from '../../core/codec/schema.ts'

/** Months of one claim: wages lapse after three years (LSA 49). */
export const CLAIM_MONTHS_MAX = 37

/** Where a case stands. */
export const ClaimStateSchema = choice({
  FILED: 0,
  NOTIFIED: 1,
  INVESTIGATING: 2,
  ORDERED: 3,
  PAID: 4,
  REFERRED: 5,
  CERTIFIED: 6,
  SUBROGATED: 7,
  CLOSED: 8,
  WITHDRAWN: 9,
})

/** A claim for unpaid wages; the transaction's id is the case's. It is no filing at the ministry until that takes it. */
export const ClaimFilePayload = struct({ contractId: hash32, months: list(u32, CLAIM_MONTHS_MAX), evidenceCommit: hash32 })

/** Work without a contract; `periodCommit` hides when, `evidenceCommit` what shows it. */
export const UndeclaredPayload = struct({ brn: code(10), periodCommit: hash32, evidenceCommit: hash32 })

/** Names a case. */
export const ClaimRefPayload = struct({ caseId: hash32 })

/** A step of an inspector; `caseCommit` hides the number of the case at the ministry, or the paper of the step. */
export const ClaimStepPayload = struct({ caseId: hash32, caseCommit: hash32 })

/** An instruction to pay until a day. */
export const ClaimOrderPayload = struct({ caseId: hash32, amount: u64, dueOn: u32, caseCommit: hash32 })

/** What the fund pays in the employer's place, by month. */
export const SubrogatePayload = struct({ caseId: hash32, months: list(struct({ ym: u32, krw: u64 }), CLAIM_MONTHS_MAX) })

/** A case; `contractId` null is a report of undeclared work. */
export const ClaimSchema = struct({
  worker: address,
  contractId: option(hash32),
  brn: code(10),
  months: list(u32, CLAIM_MONTHS_MAX),
  periodCommit: option(hash32),
  evidenceCommit: hash32,
  state: ClaimStateSchema,
  filedAt: u53,
  inspector: option(address),
  /** The case's number at the ministry, hidden: from then on it is a legal filing. */
  caseCommit: option(hash32),
  /** Last day of the investigation. */
  investigateUntil: option(u32),
  isExtended: bool,
  order: option(struct({ amount: u64, dueOn: u32, orderedOn: u32 })),
  certifiedOn: option(u32),
  subrogated: u64,
  closedOn: option(u32),
})

/** Cases of one contract that can be open at a time. */
export const OPEN_CLAIMS_MAX = 8

/** Open cases of one contract. */
export const OpenClaimsSchema = struct({ cases: list(hash32, OPEN_CLAIMS_MAX) })

/** Wages that the fund has paid a worker of one contract. */
export const FundSchema = struct({ paid: u64 })

/** A worker asks the labor centre for a work history; `withHours` also asks for the band of hours (LSA 39(2)). */
export const HistoryRequestPayload = struct({ contractId: hash32, withHours: bool })

/** The centre issued the credential; its bands are the chain's own. */
export const HistoryIssuePayload = struct({ requestId: hash32, credentialCommit: hash32 })

/** Months and hours of a contract as bands, no more. */
export const HistorySchema = struct({
  contractId: hash32,
  worker: address,
  withHours: bool,
  requestedAt: u53,
  issued: option(
    struct({
      by: address,
      on: u32,
      /** Completed months up to 3, 6, 12, 24, 36, 60, and more; the lower end of the band. */
      monthsFrom: u16,
      monthsBelow: option(u16),
      /** Scheduled hours a week; both null where they were not asked for. */
      hoursFrom: option(u16),
      hoursBelow: option(u16),
      credentialCommit: hash32,
    }),
  ),
})

export type Claim = Infer<typeof ClaimSchema>
export type ClaimState = Infer<typeof ClaimStateSchema>
export type History = Infer<typeof HistorySchema>
