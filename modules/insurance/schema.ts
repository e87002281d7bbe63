// Owns: payloads and records of the four insurances. Not here: rules (the transactions), keys (store.ts), events (events.ts).
import { choice, list, option, struct } from '../../core/codec/compound.ts'
import { address, bool, code, hash32, u16, u32, u53, u64, u8 } from '../../core/codec/fields.ts'
import type { Infer } from '../../core/codec/schema.ts'

/** Lines of one month's premium. */
export const LINES_MAX = 16

/** An insurance. Health brings long-term care with it. */
export const InsuranceNameSchema = choice({ PENSION: 0, HEALTH: 1, EMPLOYMENT: 2, ACCIDENT: 3 })

/** NOT_REQUIRED <-> REQUIRED -> REPORTED -> CONFIRMED -> LOST; REQUIRED -> CLAIMED by the worker (domain.md 9). */
export const EnrolmentStateSchema = choice({ NOT_REQUIRED: 0, REQUIRED: 1, REPORTED: 2, CONFIRMED: 3, CLAIMED: 4, LOST: 5 })

/** Why an insurance is mandatory or not: the test's own reasons, and DECIDED for an agency's word. */
export const ReasonSchema = choice({
  EVERYONE: 0,
  HOURS: 1,
  DAYS: 2,
  INCOME: 3,
  LONG: 4,
  OPT_IN: 5,
  NO_UNEMPLOYMENT: 6,
  SHORT_HOURS: 7,
  SHORT_TERM: 8,
  AGE: 9,
  DECIDED: 10,
})

/** Age as far as the law asks. */
export const AgeBandSchema = choice({ UNDER_18: 0, FROM_18: 1, FROM_60: 2, FROM_65: 3 })

/** One insurance of one contract. */
export const EnrolmentSchema = struct({
  state: EnrolmentStateSchema,
  reason: ReasonSchema,
  mayOptIn: bool,
  /** First day insured. */
  from: u32,
  /** Last day to report joining or leaving; 0 where nothing is to be reported. */
  dueOn: u32,
  isOverdue: bool,
  /** Last day insured, once the contract is over. */
  lostOn: option(u32),
  /** An agency's word stands until the agency says otherwise; the test does not change it. */
  isDecided: bool,
  noticeCommit: option(hash32),
  changedAt: u53,
})

/** The four of one contract. */
export const CoverSchema = struct({
  pension: EnrolmentSchema,
  health: EnrolmentSchema,
  employment: EnrolmentSchema,
  accident: EnrolmentSchema,
  /** Unguessable: without it the record's hash would tell which of a few values it holds. */
  blind: hash32,
})

/** Classes of employers for the stabilisation rate. */
export const SizeSchema = choice({ UNDER_150: 0, PRIORITY: 1, UNDER_1000: 2, FROM_1000: 3 })

/** How COMWEL classes a workplace. */
export const WorkplaceSchema = struct({ industry: code(32), size: SizeSchema, byAgency: bool, setAt: u53 })

/** What a line is for. */
export const PremiumCodeSchema = choice({
  PENSION: 0,
  HEALTH: 1,
  CARE: 2,
  EMPLOYMENT: 3,
  STABILISATION: 4,
  ACCIDENT: 5,
  WAGE_CLAIM_LEVY: 6,
})

/** One line of a month; `isNotice` where an agency's notice took the place of what the chain computes. */
export const PremiumLineSchema = struct({
  code: PremiumCodeSchema,
  base: u64,
  numer: u64,
  denom: u64,
  worker: u64,
  employer: u64,
  isNotice: bool,
})

/** A month's premium of one contract. `missing` names the parameter for lack of which part of it is not computed. */
export const PremiumSchema = struct({
  pay: u64,
  lines: list(PremiumLineSchema, LINES_MAX),
  workerTotal: u64,
  employerTotal: u64,
  levy: u64,
  missing: list(code(64), 4),
  times: u16,
  postedAt: u53,
  blind: hash32,
})

const ContractInsurance = { contractId: hash32, insurance: InsuranceNameSchema }

/** The employer reports joining. */
export const ReportPayload = struct({ contractId: hash32, insurances: list(InsuranceNameSchema, 4) })
/** An agency confirms. */
export const ConfirmPayload = struct({ ...ContractInsurance, noticeCommit: option(hash32) })
/** An agency sends a report back. */
export const RejectPayload = struct({ ...ContractInsurance, reasonCode: code(32), noticeCommit: option(hash32) })
/** An agency's own decision, whatever the test says. */
export const DecidePayload = struct({
  ...ContractInsurance,
  required: bool,
  from: u32,
  reasonCode: code(32),
  noticeCommit: hash32,
})
/** The worker asks the agency, or wishes to join the pension where the law leaves it to the two. */
export const ClaimPayload = struct(ContractInsurance)
/** The employer reports that the worker has left. */
export const LosePayload = struct({ contractId: hash32, insurances: list(InsuranceNameSchema, 4) })
/** Computes a month anew, after a rate was decided or a report came late. */
export const PostPayload = struct({ contractId: hash32, ym: u32 })
/** An agency's notice of a month: these lines stand in for the computed ones. */
export const NoticePayload = struct({
  contractId: hash32,
  ym: u32,
  lines: list(struct({ code: PremiumCodeSchema, worker: u64, employer: u64 }), LINES_MAX),
  noticeCommit: hash32,
})
/** How a workplace is classed: said once by its employer, changed by COMWEL. */
export const WorkplacePayload = struct({ employer: address, workplaceId: code(16), industry: code(32), size: SizeSchema })

/** What waits for the end of a day: whether an insurance of a contract was reported. */
export const DueItemSchema = struct({ ...ContractInsurance, dueOn: u32 })
/** How many items a day has. */
export const DueDaySchema = struct({ count: u53 })
/** Where the queue stands. */
export const DueCursorSchema = struct({ day: u32, next: u53 })

/** Events; no number of a wage stands in any of them. */
export const EnrolmentChangedEvent = struct({ ...ContractInsurance, from: EnrolmentStateSchema, to: EnrolmentStateSchema })
/** Nobody reported in time. */
export const OverdueEvent = struct({ ...ContractInsurance, kind: choice({ JOIN: 0, LEAVE: 1 }), dueOn: u32 })
/** A month is posted; `missing` says that a rate is not decided. */
export const PostedEvent = struct({ contractId: hash32, ym: u32, isMissing: bool })
/** An agency's notice replaced lines. */
export const NoticedEvent = struct({ contractId: hash32, ym: u32, by: address, noticeCommit: hash32 })
/** An agency decided. */
export const DecidedEvent = struct({ ...ContractInsurance, by: address, noticeCommit: option(hash32) })
/** A workplace has a class. */
export const WorkplaceEvent = struct({ employer: address, workplaceId: code(16), industry: code(32), size: SizeSchema })

/** Parameters of the calculators; minutes are net scheduled time. */
export const DutyParams = struct({
  age: AgeBandSchema,
  startOn: u32,
  endOn: option(u32),
  monthlyMin: u32,
  weeklyMin: u32,
  monthlyDays: u8,
  monthlyPay: u64,
  pensionOptIn: bool,
})

export type Enrolment = Infer<typeof EnrolmentSchema>
export type Cover = Infer<typeof CoverSchema>
export type PremiumRecord = Infer<typeof PremiumSchema>
export type PremiumLineRecord = Infer<typeof PremiumLineSchema>
export type Workplace = Infer<typeof WorkplaceSchema>
