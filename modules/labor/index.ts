// Owns: the door of the labor room: everything it declares. Not here: any rule.
import { defineModule } from '../../core/execution/module.ts'
import { createAccept } from './accept.ts'
import { amendPropose, createAmendAccept } from './amend.ts'
import { decline, withdraw } from './answer.ts'
import { claimFile, claimWithdraw, undeclaredReport } from './claim-file.ts'
import { claimSubrogate } from './claim-fund.ts'
import { CLAIM_STEPS, claimClose } from './claim-steps.ts'
import { createDueWork } from './due-work.ts'
import { LaborError } from './errors.ts'
import { escrowFund, escrowRelease } from './escrow.ts'
import { CONTRACT_EVENTS } from './events.ts'
import { guardianConsent } from './guardian-consent.ts'
import { historyIssue, historyRequest } from './history.ts'
import { NO_INSURANCE } from './insurance-port.ts'
import type { InsurancePort } from './insurance-port.ts'
import { checkLaborInvariants } from './invariants.ts'
import { guardianTerminate, notice } from './notice.ts'
import { offer } from './offer.ts'
import { attestCash, wagePay } from './pay.ts'
import { PAY_EVENTS } from './pay-events.ts'
import { createPayQueries } from './pay-queries.ts'
import { createPayslipIssue, payslipAccept, payslipObject } from './payslip-issue.ts'
import { CONTRACT_QUERIES } from './queries.ts'
import { createLaborRestriction } from './restriction.ts'
import { createVoid, settle } from './settle.ts'
import { shiftClose, shiftOpen } from './shift-clock.ts'
import { createShiftCorrect, createShiftResolve, shiftDispute } from './shift-dispute.ts'
import { createShiftConfirm, shiftPropose } from './shift-propose.ts'

/** Room 5: labor contracts, hours, wages, cases. The chain's insurances are handed in. */
export function createLabor(port: InsurancePort = NO_INSURANCE) {
  return defineModule({
    name: 'labor',
    number: 5,
    about:
      'Labor contracts that nobody alters, hours that nobody erases, wages with their due dates, cases before the inspectors.',
    transactions: [
      ...[offer, guardianConsent, createAccept(port), decline, withdraw, amendPropose, createAmendAccept(port)],
      ...[notice, guardianTerminate, settle, createVoid(port)],
      ...[shiftOpen, shiftClose, shiftPropose, createShiftConfirm(port), shiftDispute],
      ...[createShiftResolve(port), createShiftCorrect(port)],
      ...[createPayslipIssue(port), payslipAccept, payslipObject, wagePay, attestCash, escrowFund, escrowRelease],
      ...[claimFile, claimWithdraw, ...CLAIM_STEPS, claimSubrogate, claimClose, undeclaredReport, historyRequest, historyIssue],
    ],
    queries: [...CONTRACT_QUERIES, ...createPayQueries(port)],
    events: [...CONTRACT_EVENTS, ...PAY_EVENTS],
    errors: LaborError,
    beginBlock: createDueWork(port),
    restricted: [createLaborRestriction(port)],
    checkInvariants: checkLaborInvariants,
  })
}

/** A chain without insurances. */
export const labor = createLabor()
