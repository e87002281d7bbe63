// Owns: payloads and records of pay: payslips, what is due, escrow (domain.md 8.5). Not here: how pay is computed (wage/).
import { choice, list, option, struct } from '../../core/codec/compound.ts'
import { address, bool, code, hash32, text, u16, u32, u53, u64 } from '../../core/codec/fields.ts'
import type { Infer } from '../../core/codec/schema.ts'
import { PartySideSchema } from './shift-schema.ts'

/** Lines of one payslip. */
export const LINES_MAX = 48
/** Deductions of one payslip. */
export const DEDUCTIONS_MAX = 12
/** Voluntary extras of one payslip. */
export const EXTRAS_MAX = 8
/** Months of one contract with wages or interest unpaid. */
export const OPEN_MONTHS_MAX = 600

/**
 * One line: of minutes krw = rate x quantity x ppm / (60 x 10^6), of days and months rate x quantity. Both are fractions.
 * A cut is taken off.
 */
export const PayLineSchema = struct({
  code: code(32),
  name: text(32),
  from: u32,
  to: u32,
  unit: choice({ MINUTE: 0, DAY: 1, MONTH: 2 }),
  quantity: struct({ num: u64, den: u64 }),
  rate: struct({ num: u64, den: u64 }),
  ppm: u32,
  krw: u64,
  isCut: bool,
})

/** A sum with its reason. */
export const SumSchema = struct({ code: code(32), krw: u64 })

/** Where the wages of a month stand; PAID says that nothing is due. */
export const DueStateSchema = choice({ DUE: 0, PART_PAID: 1, PAID: 2, ARREARS: 3 })

/** What is owed for one month: gross = withheld + paid + cash + subrogated + due, less what was paid too much. */
export const DueSchema = struct({
  state: DueStateSchema,
  dueOn: u32,
  /** What hours and terms give. */
  computed: u64,
  /** What the employer promised on top. */
  extra: u64,
  withheld: u64,
  paid: u64,
  cash: u64,
  subrogated: u64,
  interestDue: u64,
  interestPaid: u64,
  /** Payslips so far; the last one counts. */
  payslips: u16,
  /** One party's word that so much was paid outside the chain; the other's makes it so. */
  cashWord: option(struct({ by: PartySideSchema, amount: u64, paidOn: u32 })),
})

/** A payslip (LSA 48(2)); a later one of the same month takes its place. */
export const PayslipSchema = struct({
  state: choice({ ISSUED: 0, ACCEPTED: 1, OBJECTED: 2, SUPERSEDED: 3 }),
  /** Whether the chain made it because a day had come or hours had changed. */
  isAutomatic: bool,
  issuedAt: u53,
  version: u16,
  workMinutes: u32,
  lines: list(PayLineSchema, LINES_MAX),
  extras: list(SumSchema, EXTRAS_MAX),
  gross: u64,
  deductions: list(SumSchema, DEDUCTIONS_MAX),
  net: u64,
  objectionCommit: option(hash32),
})

/** A contract's books: which months are open, which come next, how many records nobody has decided, or are in dispute. */
export const BooksSchema = struct({
  /** The month that the next payday pays. */
  nextYm: u32,
  openMonths: list(u32, OPEN_MONTHS_MAX),
  openShifts: u32,
  disputes: u32,
  openClaims: u16,
})

/** The employer's payslip of a month: at least what is due, with extras and deductions by law. */
export const PayslipIssuePayload = struct({
  contractId: hash32,
  ym: u32,
  gross: u64,
  extras: list(SumSchema, EXTRAS_MAX),
  deductions: list(SumSchema, DEDUCTIONS_MAX),
})

/** Names the last payslip of a month by its number. */
export const PayslipRefPayload = struct({ contractId: hash32, ym: u32, seq: u16 })

/** The worker says why a payslip is wrong; the text stays off the chain. */
export const PayslipObjectPayload = struct({ contractId: hash32, ym: u32, seq: u16, objectionCommit: hash32 })

/** Pays wages of a month, and interest where they are late. `currency` is KRW, `payee` the worker: nothing else is a wage. */
export const WagePayPayload = struct({
  contractId: hash32,
  ym: u32,
  payee: address,
  currency: code(8),
  amount: u64,
  source: choice({ WALLET: 0, ESCROW: 1 }),
})

/** One party's word of a payment outside the chain. */
export const AttestCashPayload = struct({ contractId: hash32, ym: u32, amount: u64, paidOn: u32 })

/** Won that an employer sets aside for one contract's wages. */
export const EscrowFundPayload = struct({ contractId: hash32, amount: u64 })

export type Due = Infer<typeof DueSchema>
export type Payslip = Infer<typeof PayslipSchema>
export type PayLine = Infer<typeof PayLineSchema>
export type Sum = Infer<typeof SumSchema>
export type Books = Infer<typeof BooksSchema>
