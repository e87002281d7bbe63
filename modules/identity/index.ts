// Owns: the door of the identity room: everything it declares. Not here: any rule.
import { defineModule } from '../../core/execution/module.ts'
import { consentGrant } from './consent-grant.ts'
import { consent, policy } from './consent-queries.ts'
import { consentWithdraw } from './consent-withdraw.ts'
import { credAnchorBatch } from './cred-anchor-batch.ts'
import { didCreate } from './did-create.ts'
import { didDeactivate } from './did-deactivate.ts'
import { didResume } from './did-resume.ts'
import { didRotate } from './did-rotate.ts'
import { didSuspend } from './did-suspend.ts'
import { didTerminate } from './did-terminate.ts'
import { didUpdate } from './did-update.ts'
import { runDueWork } from './due-work.ts'
import { erasureLog } from './erasure-log.ts'
import { IdentityError } from './errors.ts'
import { IDENTITY_EVENTS } from './events.ts'
import { initIdentity } from './genesis.ts'
import { checkIdentityInvariants } from './invariants.ts'
import { issuerAccredit } from './issuer-accredit.ts'
import { issuerPropose } from './issuer-propose.ts'
import { issuerRevoke } from './issuer-revoke.ts'
import { issuerSuspend } from './issuer-suspend.ts'
import { findKey, mayOnboard } from './keeper.ts'
import { policyRegister } from './policy-register.ts'
import { policyRetire } from './policy-retire.ts'
import { getKeys, history, recovery, resolve } from './queries.ts'
import { recoveryApprove } from './recovery-approve.ts'
import { recoveryCancel } from './recovery-cancel.ts'
import { recoveryFinish } from './recovery-finish.ts'
import { recoverySet } from './recovery-set.ts'
import { recoveryStart } from './recovery-start.ts'
import { schemaRegister } from './schema-register.ts'
import { IdentityGenesisSchema } from './schema.ts'
import { statusCreate } from './status-create.ts'
import { statusSet } from './status-set.ts'
import { anchor, issuer, issuersOfType, schema, statusList } from './trust-queries.ts'
import { verifyDispute } from './verify-dispute.ts'
import { verifyRecord } from './verify-record.ts'
import { verifyReview } from './verify-review.ts'

/** Room 2: an account is a DID; its keys, their purposes, their history. */
export const identity = defineModule({
  name: 'identity',
  number: 2,
  about:
    'An account is a DID: keys, versions, states, recovery; issuers and status lists; verification by consent without documents.',
  transactions: [
    didCreate,
    didUpdate,
    didRotate,
    didSuspend,
    didResume,
    didDeactivate,
    didTerminate,
    recoverySet,
    recoveryStart,
    recoveryApprove,
    recoveryCancel,
    recoveryFinish,
    issuerPropose,
    issuerAccredit,
    issuerSuspend,
    issuerRevoke,
    schemaRegister,
    statusCreate,
    statusSet,
    credAnchorBatch,
    policyRegister,
    policyRetire,
    consentGrant,
    consentWithdraw,
    verifyRecord,
    verifyDispute,
    verifyReview,
    erasureLog,
  ],
  queries: [resolve, getKeys, history, recovery, issuer, issuersOfType, schema, statusList, anchor, policy, consent],
  events: IDENTITY_EVENTS,
  errors: IdentityError,
  genesis: { schema: IdentityGenesisSchema, init: initIdentity },
  findKey,
  mayOnboard,
  beginBlock: runDueWork,
  checkInvariants: checkIdentityInvariants,
})
