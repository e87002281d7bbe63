// Owns: what insurance refuses, with stable numbers 0x06xx. Not here: when (the transactions, premium/).
import { defineErrors } from '../../core/base/errors.ts'

/** Refusals of the insurance room. */
export const InsuranceError = defineErrors('INSURANCE', {
  MONTH_INVALID: [0x0601, 'malformed', 'A month is yyyymm.'],
  PAY_TOO_LARGE: [0x0602, 'malformed', 'Monthly pay is at most 1,000,000,000,000 won.'],
  RATE_UNDECIDED: [
    0x0603,
    'failed',
    'No rate is decided for this month: a council sets the parameter, or insurance.undecided lets the latest known one be used.',
  ],
  LIST_INVALID: [0x0604, 'malformed', 'Name one to four insurances, or lines, each once.'],
  DATE_INVALID: [0x0605, 'malformed', 'The day is no day of the calendar.'],
  CONTRACT_UNKNOWN: [0x0606, 'failed', 'No contract with this id was ever in force.'],
  NOT_EMPLOYER: [0x0607, 'failed', 'Only the employer of this contract may do this.'],
  NOT_WORKER: [0x0608, 'failed', 'Only the worker of this contract may do this.'],
  NOT_PARTY: [0x0609, 'failed', 'Only a party of this contract or an insurer may do this.'],
  STATE: [0x060a, 'failed', 'The insurance is in another state than this needs.'],
  NOT_ENDED: [0x060b, 'failed', 'The contract is still in force; leaving is reported once it is over.'],
  NO_PAYSLIP: [0x060c, 'failed', 'No payslip of this month exists; premiums follow from its pay.'],
  LINE_FOREIGN: [0x060d, 'failed', 'The line belongs to another agency’s insurance.'],
  AMOUNT_TOO_LARGE: [0x060e, 'malformed', 'A line is at most 1,000,000,000,000 won.'],
  WORKPLACE_SET: [0x060f, 'failed', 'The workplace has a class already; INS_COMWEL changes it.'],
  INDUSTRY_UNKNOWN: [0x0610, 'failed', 'No accident rate was ever decided for this industry.'],
  WORKPLACE_UNKNOWN: [0x0611, 'failed', 'The workplace has no class yet.'],
})
