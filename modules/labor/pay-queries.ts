// Owns: what can be read of pay and cases over JSON-RPC. Not here: contracts and hours (queries.ts), the rules.
import { kstDate } from '../../core/base/civil-time.ts'
import { failure, isFailure } from '../../core/base/errors.ts'
import type { Infer } from '../../core/codec/schema.ts'
import { list, option, struct } from '../../core/codec/compound.ts'
import { address, bool, hash32, u16, u32, u64 } from '../../core/codec/fields.ts'
import { defineQuery } from '../../core/execution/module.ts'
import type { ReadView } from '../../core/state/view.ts'
import { availableWon } from '../payment/keeper.ts'
import { ClaimSchema, HistorySchema } from './claim-schema.ts'
import { BreakdownResult, breakdownOf } from './compute-result.ts'
import { findContract } from './contract.ts'
import { grossOf, interestOn, owedOf } from './due.ts'
import { LaborError } from './errors.ts'
import type { InsurancePort } from './insurance-port.ts'
import { escrowAccount } from './escrow-account.ts'
import { DEDUCTIONS_MAX, DueSchema, PayslipSchema, SumSchema } from './pay-schema.ts'
import { checkMonth } from './payslip-issue.ts'
import { computeMonth } from './payslip.ts'
import { books, claims, contracts, dues, histories, parties, partyContracts, payslips } from './store.ts'
import type { MonthKey } from './store.ts'

const ARREARS_MAX = 200

/** The wage of a month as hours and terms give it now. */
export const laborCompute = defineQuery({
  name: 'labor_compute',
  about: 'The wage of a month line by line, from the hours that count so far: minutes, rate, formula, article of law.',
  params: struct({ contractId: hash32, ym: u32 }),
  result: BreakdownResult,
  run: (view, { contractId, ym }) => {
    const contract = findContract(view, contractId)
    if (isFailure(contract)) return contract
    const refused = checkMonth(ym)
    if (refused !== null) return refused
    if (contract.version === 0) return failure(LaborError.CONTRACT_STATE, { state: contract.state, needs: 'a signed contract' })
    return breakdownOf(computeMonth(view, { contractId, ym }))
  },
})

/** A payslip. */
export const laborPayslip = defineQuery({
  name: 'labor_payslip',
  about: 'A payslip of a month, the last one by default, with its number.',
  params: struct({ contractId: hash32, ym: u32, seq: option(u16) }),
  result: struct({ seq: u16, payslip: PayslipSchema }),
  run: (view, { contractId, ym, seq }) => {
    const asked = seq ?? dues.get(view, { contractId, ym })?.payslips ?? 0
    const payslip = payslips.get(view, { contractId, ym, seq: asked })
    return payslip === null ? failure(LaborError.PAYSLIP_UNKNOWN, { ym }) : { seq: asked, payslip }
  },
})

const DueRow = struct({ contractId: hash32, ym: u32, due: DueSchema, gross: u64, owed: u64, interestSoFar: u64 })

function rowOf(view: ReadView, key: MonthKey, today: number): Infer<typeof DueRow> {
  const due = dues.mustGet(view, key)
  const owed = owedOf(due)
  const running = interestOn(view, key, { principal: owed, on: today })
  return { contractId: key.contractId, ym: key.ym, due, gross: grossOf(due), owed, interestSoFar: due.interestDue + running }
}

/** What is owed for a month. */
export const laborDue = defineQuery({
  name: 'labor_due',
  about: 'What is owed for a month: gross, withheld, paid, due, and the interest that has run until today.',
  params: struct({ contractId: hash32, ym: u32 }),
  result: DueRow,
  run: (view, { contractId, ym }, block) =>
    dues.has(view, { contractId, ym })
      ? rowOf(view, { contractId, ym }, kstDate(block.time))
      : failure(LaborError.PAYSLIP_UNKNOWN, { ym }),
})

/** Everything that is unpaid. */
export const laborArrears = defineQuery({
  name: 'labor_arrears',
  about: 'Months of an account’s contracts, as employer or worker, with wages or interest unpaid, and their sum until today.',
  params: struct({ did: address }),
  result: struct({ months: list(DueRow, ARREARS_MAX), owed: u64, interest: u64, more: bool }),
  run: (view, { did }, block) => {
    const today = kstDate(block.time)
    const count = parties.get(view, did)?.count ?? 0
    const rows: Infer<typeof DueRow>[] = []
    let more = false
    for (let index = 0; index < count && !more; index++) {
      const { contractId } = partyContracts.mustGet(view, { did, index })
      for (const ym of books.get(view, contractId)?.openMonths ?? []) {
        if (rows.length === ARREARS_MAX) more = true
        else rows.push(rowOf(view, { contractId, ym }, today))
      }
    }
    const sum = (of: (row: (typeof rows)[number]) => bigint): bigint => rows.reduce((total, row) => total + of(row), 0n)
    return { months: rows, owed: sum(({ owed }) => owed), interest: sum(({ interestSoFar }) => interestSoFar), more }
  },
})

/** What is set aside. */
export const laborEscrow = defineQuery({
  name: 'labor_escrow',
  about: 'Won that the employer set aside for a contract’s wages, and the account that holds it.',
  params: struct({ contractId: hash32 }),
  result: struct({ account: address, held: u64 }),
  run: (view, { contractId }) => {
    if (!contracts.has(view, contractId)) return failure(LaborError.CONTRACT_UNKNOWN)
    const account = escrowAccount(contractId)
    return { account, held: availableWon(view, account) }
  },
})

/** A case. */
export const laborClaim = defineQuery({
  name: 'labor_claim',
  about: 'A case before the inspectors; until one takes it, it is no filing at the ministry (`isTaken`).',
  params: struct({ caseId: hash32 }),
  result: struct({ claim: ClaimSchema, isTaken: bool }),
  run: (view, { caseId }) => {
    const claim = claims.get(view, caseId)
    return claim === null ? failure(LaborError.CLAIM_UNKNOWN) : { claim, isTaken: claim.caseCommit !== null }
  },
})

/** A work history. */
export const laborHistory = defineQuery({
  name: 'labor_history',
  about: 'A work history that a worker asked for: bands of months and hours, once the labor centre issued it.',
  params: struct({ requestId: hash32 }),
  result: HistorySchema,
  run: (view, { requestId }) => histories.get(view, requestId) ?? failure(LaborError.HISTORY_UNKNOWN),
})

/** What a payslip of a month may take off by the insurances’ room. */
function createDeductions(port: InsurancePort) {
  return defineQuery({
    name: 'labor_deductions',
    about: 'What the insurances take off a month’s wage of so much, line by line: the most that a payslip may deduct for them.',
    params: struct({ contractId: hash32, ym: u32, gross: u64 }),
    result: struct({ lines: list(SumSchema, DEDUCTIONS_MAX), sum: u64 }),
    run: (view, { contractId, ym, gross }, block) => {
      const contract = findContract(view, contractId)
      if (isFailure(contract)) return contract
      const refused = checkMonth(ym)
      if (refused !== null) return refused
      const lines = port.deductions(view, { contractId, ym, pay: gross, block })
      return { lines, sum: lines.reduce((total, { krw }) => total + krw, 0n) }
    },
  })
}

/** Reads of pay, cases and histories. */
export function createPayQueries(port: InsurancePort) {
  return [...[laborCompute, laborPayslip, laborDue, laborArrears, laborEscrow, laborClaim, laborHistory], createDeductions(port)]
}
