// Owns: the door of the points room: everything it declares, and its port for payments. Not here: any rule.
import { defineModule } from '../../core/execution/module.ts'
import { claimSurveyReward } from './claim.ts'
import { clawbackDecide, clawbackExecute, clawbackObject, clawbackOpen } from './clawback-steps.ts'
import { PointsError } from './errors.ts'
import { POINTS_EVENTS } from './events.ts'
import { sweepExpired } from './expiry.ts'
import { familySet } from './family.ts'
import { initPoints } from './genesis.ts'
import { grantBatch } from './grant-batch.ts'
import { grant } from './grant.ts'
import { checkPointsInvariants } from './invariants.ts'
import { payTax } from './pay-tax.ts'
import { POINTS_PORT } from './port.ts'
import { programmeCreate } from './prog-create.ts'
import { programmeFund } from './prog-fund.ts'
import { programmeRelease } from './prog-release.ts'
import { programmeApprove, programmeClose, programmePause, programmeResume, programmeSetBudget } from './prog-state.ts'
import { POINTS_QUERIES } from './queries.ts'
import { PointsGenesisSchema } from './schema.ts'
import { settle } from './settle.ts'
import { transfer } from './transfer.ts'

/** The chain's points as payments see them. */
export const pointsPort = POINTS_PORT

/** Room 4: points of the city's programmes. */
export const points = defineModule({
  name: 'points',
  number: 4,
  about: 'Points of the city’s programmes: grants by rule, lots that expire, spending at merchants, clawback, settlement.',
  transactions: [
    ...[programmeCreate, programmeApprove, programmeFund, programmePause, programmeResume, programmeClose],
    ...[programmeSetBudget, grant, grantBatch, transfer, payTax, clawbackOpen, clawbackObject, clawbackDecide],
    ...[clawbackExecute, settle, claimSurveyReward, familySet, programmeRelease],
  ],
  queries: POINTS_QUERIES,
  events: [...POINTS_EVENTS],
  errors: PointsError,
  genesis: { schema: PointsGenesisSchema, init: initPoints },
  beginBlock: sweepExpired,
  checkInvariants: checkPointsInvariants,
})
