// Owns: labor.claim.file, labor.claim.withdraw and labor.undeclared.report: what a worker brings before the inspectors.
// Not here: the inspectors' steps (claim-steps.ts). A filing here is none at the ministry until an inspector takes it.
import { isCivilMonth } from '../../core/base/civil-time.ts'
import { failure, isFailure } from '../../core/base/errors.ts'
import type { Hash32 } from '../../core/base/ids.ts'
import { ZERO_HASH } from '../../core/base/ids.ts'
import type { Failure } from '../../core/base/errors.ts'
import { KEY_PURPOSES, defineTransaction } from '../../core/execution/module.ts'
import type { TxCall } from '../../core/execution/module.ts'
import type { WriteView } from '../../core/state/view.ts'
import { isBrn } from '../payment/keeper.ts'
import { moveClaim } from './claim-follow.ts'
import { findClaimIn } from './claim.ts'
import { ClaimFilePayload, ClaimRefPayload, OPEN_CLAIMS_MAX, UndeclaredPayload } from './claim-schema.ts'
import type { Claim } from './claim-schema.ts'
import { checkSide, findContractIn } from './contract.ts'
import { LaborError } from './errors.ts'
import { books, claims, contracts, dues, openClaims } from './store.ts'

function newClaim({
  sender,
  block,
}: Pick<TxCall<unknown>, 'sender' | 'block'>): Omit<Claim, 'contractId' | 'brn' | 'months' | 'periodCommit' | 'evidenceCommit'> {
  return {
    ...{ worker: sender, state: 'FILED', filedAt: block.time, inspector: null, caseCommit: null, investigateUntil: null },
    ...{ isExtended: false, order: null, certifiedOn: null, subrogated: 0n, closedOn: null },
  }
}

function checkMonths(months: readonly number[]): Failure | null {
  const isOrdered = months.every((ym, at) => isCivilMonth(ym) && (at === 0 || (months[at - 1] ?? 0) < ym))
  return months.length > 0 && isOrdered ? null : failure(LaborError.CLAIM_EMPTY)
}

function openCase(view: WriteView, contractId: Hash32, caseId: Hash32): void {
  const { cases } = openClaims.get(view, contractId) ?? { cases: [] }
  openClaims.set(view, contractId, { cases: [...cases, caseId] })
  const record = books.mustGet(view, contractId)
  books.set(view, contractId, { ...record, openClaims: record.openClaims + 1 })
}

/** The transaction's id is the case's. Months need not be late: hours may be what is in dispute. */
export const claimFile = defineTransaction({
  type: 0x051a,
  name: 'labor.claim.file',
  about: 'A worker claims unpaid wages of months of a contract; it is no filing at the ministry until an inspector takes it.',
  payload: ClaimFilePayload,
  keyPurpose: KEY_PURPOSES.assertion,

  checkStateless: ({ payload }) => checkMonths(payload.months),

  checkStateful: (view, { payload, sender }) => {
    const { contractId, months } = payload
    const contract = findContractIn(view, contractId, ['ACTIVE', 'NOTICE', 'ENDED', 'VOID'])
    if (isFailure(contract)) return contract
    const stranger = checkSide(contract, sender, 'WORKER')
    if (stranger !== null) return stranger
    const unknown = months.find((ym) => !dues.has(view, { contractId, ym }))
    if (unknown !== undefined) return failure(LaborError.PAYSLIP_UNKNOWN, { ym: unknown })
    const open = openClaims.get(view, contractId)?.cases.length ?? 0
    return open < OPEN_CLAIMS_MAX ? null : failure(LaborError.CLAIM_LIMIT)
  },

  apply: (context, call) => {
    const { payload, txId } = call
    const { contractId, months, evidenceCommit } = payload
    const { brn } = contracts.mustGet(context.view, contractId)
    openCase(context.view, contractId, txId)
    moveClaim(context, txId, { ...newClaim(call), contractId, brn, months, periodCommit: null, evidenceCommit })
  },
})

/** Any time before a certificate of arrears. */
export const claimWithdraw = defineTransaction({
  type: 0x051b,
  name: 'labor.claim.withdraw',
  about: 'The worker withdraws a case before its arrears are certified.',
  payload: ClaimRefPayload,
  keyPurpose: KEY_PURPOSES.authentication,

  checkStateless: () => null,

  checkStateful: (view, { payload, sender }) => {
    const claim = findClaimIn(view, payload.caseId, ['FILED', 'NOTIFIED', 'INVESTIGATING', 'ORDERED', 'PAID', 'REFERRED'])
    if (isFailure(claim)) return claim
    return claim.worker === sender ? null : failure(LaborError.NOT_PARTY, { needs: 'WORKER' })
  },

  apply: (context, { payload }) => {
    const claim = claims.mustGet(context.view, payload.caseId)
    moveClaim(context, payload.caseId, { ...claim, state: 'WITHDRAWN' })
  },
})

/** Work that no contract shows; only inspectors see who says so (LSA 104). */
export const undeclaredReport = defineTransaction({
  type: 0x0525,
  name: 'labor.undeclared.report',
  about: 'A person reports work without a contract at a business; only inspectors see it.',
  payload: UndeclaredPayload,
  keyPurpose: KEY_PURPOSES.assertion,

  checkStateless: ({ payload }) => {
    const { brn, periodCommit, evidenceCommit } = payload
    if (!isBrn(brn)) return failure(LaborError.BRN_INVALID, { brn })
    if (periodCommit === ZERO_HASH) return failure(LaborError.TERM_MISSING, { field: 'periodCommit' })
    return evidenceCommit === ZERO_HASH ? failure(LaborError.TERM_MISSING, { field: 'evidenceCommit' }) : null
  },

  checkStateful: () => null,

  apply: (context, call) => {
    const { brn, periodCommit, evidenceCommit } = call.payload
    moveClaim(context, call.txId, { ...newClaim(call), contractId: null, brn, months: [], periodCommit, evidenceCommit })
  },
})
