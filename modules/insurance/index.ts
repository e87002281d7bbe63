// Owns: the door of the insurance room: everything it declares, and its port for labor. Not here: any rule.
import { defineModule } from '../../core/execution/module.ts'
import { confirm, decide, reject } from './decide.ts'
import { sweepDue } from './due.ts'
import { InsuranceError } from './errors.ts'
import { INSURANCE_EVENTS } from './events.ts'
import { checkInsuranceInvariants } from './invariants.ts'
import { INSURANCE_PORT } from './port.ts'
import { premiumNotice, premiumPost, workplaceSet } from './premium-post.ts'
import { INSURANCE_QUERIES } from './queries.ts'
import { claimCoverage, lose, report } from './report.ts'
import { COVER_RESTRICTION } from './restricted.ts'

/** The insurances of this chain as labor sees them. */
export const insurancePort = INSURANCE_PORT

/** Room 6: the four social insurances. */
export const insurance = defineModule({
  name: 'insurance',
  number: 6,
  about: 'Four social insurances: who must join, reports and decisions, premiums to the won.',
  transactions: [report, claimCoverage, lose, confirm, reject, decide, premiumPost, premiumNotice, workplaceSet],
  queries: INSURANCE_QUERIES,
  events: [...INSURANCE_EVENTS],
  errors: InsuranceError,
  beginBlock: sweepDue,
  restricted: [COVER_RESTRICTION],
  checkInvariants: checkInsuranceInvariants,
})
