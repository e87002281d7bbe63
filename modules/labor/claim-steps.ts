// Owns: the steps of an inspector in a case: notify, investigate, extend, order, paid, refer, certify, close.
// Not here: filing (claim-file.ts), substitute payment (claim-fund.ts).
import { addDays, isCivilDate, kstDate } from '../../core/base/civil-time.ts'
import { failure, isFailure } from '../../core/base/errors.ts'
import type { Failure } from '../../core/base/errors.ts'
import { ZERO_HASH } from '../../core/base/ids.ts'
import type { Hash32 } from '../../core/base/ids.ts'
import type { StructSchema } from '../../core/codec/compound.ts'
import { KEY_PURPOSES, defineTransaction } from '../../core/execution/module.ts'
import type { BlockEnv, TransactionDefinition, TxCall } from '../../core/execution/module.ts'
import type { ReadView } from '../../core/state/view.ts'
import { paramAt } from '../governance/keeper.ts'
import { isClaimPaid, moveClaim } from './claim-follow.ts'
import { checkRole, findClaimIn } from './claim.ts'
import { ClaimOrderPayload, ClaimStepPayload } from './claim-schema.ts'
import type { Claim, ClaimState } from './claim-schema.ts'
import { LaborError } from './errors.ts'
import { claims } from './store.ts'
import { checkAmount } from './terms-shape.ts'

type Step = { readonly caseId: Hash32; readonly caseCommit: Hash32 }

/** What one step is: from which states, what else it asks, what it makes of the case. */
type StepSpec<P extends Step> = {
  readonly type: number
  readonly verb: string
  readonly about: string
  readonly payload: StructSchema<P>
  readonly from: readonly ClaimState[]
  readonly checkStateless?: (payload: P) => Failure | null
  readonly check?: (view: ReadView, at: { claim: Claim; payload: P; block: BlockEnv }) => Failure | null
  readonly next: (at: { claim: Claim; view: ReadView; call: TxCall<P> }) => Claim
}

// The inspector who took the case signs its steps; any inspector may take over.
function defineStep<P extends Step>(spec: StepSpec<P>): TransactionDefinition<P> {
  return defineTransaction({
    type: spec.type,
    name: `labor.claim.${spec.verb}`,
    about: spec.about,
    payload: spec.payload,
    keyPurpose: KEY_PURPOSES.assertion,
    checkStateless: ({ payload }) => {
      if (payload.caseCommit === ZERO_HASH) return failure(LaborError.TERM_MISSING, { field: 'caseCommit' })
      return spec.checkStateless?.(payload) ?? null
    },
    checkStateful: (view, { payload, sender, block }) => {
      const stranger = checkRole(view, { account: sender, role: 'INSPECTOR', block })
      if (stranger !== null) return stranger
      const claim = findClaimIn(view, payload.caseId, spec.from)
      return isFailure(claim) ? claim : (spec.check?.(view, { claim, payload, block }) ?? null)
    },
    apply: (context, call) => {
      const claim = claims.mustGet(context.view, call.payload.caseId)
      moveClaim(context, call.payload.caseId, { ...spec.next({ claim, view: context.view, call }), inspector: call.sender })
    },
  })
}

const daysLater = (view: ReadView, from: number, block: BlockEnv): number =>
  addDays(from, Number(paramAt(view, 'labor.caseDays', block)))

/** The ministry has the case, under a number that the commitment hides; from here on the employer may see it. */
export const claimNotify = defineStep({
  type: 0x051c,
  verb: 'notify',
  about: 'An inspector takes a case to the ministry and tells the employer; only now it is a filing in law.',
  payload: ClaimStepPayload,
  from: ['FILED'],
  next: ({ claim, call }) => ({ ...claim, state: 'NOTIFIED', caseCommit: call.payload.caseCommit }),
})

/** 25 days. */
export const claimInvestigate = defineStep({
  type: 0x051d,
  verb: 'investigate',
  about: 'An inspector begins the investigation, of 25 days.',
  payload: ClaimStepPayload,
  from: ['NOTIFIED'],
  next: ({ claim, view, call }) => ({
    ...claim,
    state: 'INVESTIGATING',
    investigateUntil: daysLater(view, kstDate(call.block.time), call.block),
  }),
})

/** Once, by as many days. */
export const claimExtend = defineStep({
  type: 0x051e,
  verb: 'extend',
  about: 'An inspector extends an investigation, once.',
  payload: ClaimStepPayload,
  from: ['INVESTIGATING'],
  check: (_, { claim }) => (claim.isExtended ? failure(LaborError.CLAIM_STATE, { state: 'extended', needs: 'once' }) : null),
  next: ({ claim, view, call }) => ({
    ...claim,
    isExtended: true,
    investigateUntil: daysLater(view, claim.investigateUntil ?? kstDate(call.block.time), call.block),
  }),
})

/** An instruction to pay until a day. */
export const claimOrder = defineStep({
  type: 0x051f,
  verb: 'order',
  about: 'An inspector instructs the employer to pay until a day.',
  payload: ClaimOrderPayload,
  from: ['INVESTIGATING'],
  checkStateless: ({ amount, dueOn }) =>
    checkAmount(amount) ?? (isCivilDate(dueOn) ? null : failure(LaborError.PERIOD_INVALID, { dueOn })),
  check: (_, { payload, block }) =>
    payload.dueOn < kstDate(block.time) ? failure(LaborError.CLAIM_DATE, { dueOn: payload.dueOn }) : null,
  next: ({ claim, call }) => {
    const { amount, dueOn } = call.payload
    return { ...claim, state: 'ORDERED', order: { amount, dueOn, orderedOn: kstDate(call.block.time) } }
  },
})

/** Paid outside of the chain's own payments; those make a case PAID by themselves. */
export const claimPaid = defineStep({
  type: 0x0520,
  verb: 'paid',
  about: 'An inspector records that an instruction was followed; claimed months of a contract must be paid on the chain.',
  payload: ClaimStepPayload,
  from: ['ORDERED', 'REFERRED'],
  check: (view, { claim }) => (claim.contractId === null || isClaimPaid(view, claim) ? null : failure(LaborError.CLAIM_UNPAID)),
  next: ({ claim }) => ({ ...claim, state: 'PAID' }),
})

// An instruction that was not followed in time.
function checkOverdue(view: ReadView, { claim, block }: { claim: Claim; block: BlockEnv }): Failure | null {
  const dueOn = claim.order?.dueOn ?? 0
  if (kstDate(block.time) <= dueOn) return failure(LaborError.CLAIM_DATE, { dueOn })
  return isClaimPaid(view, claim) ? failure(LaborError.CLAIM_STATE, { state: 'paid', needs: 'unpaid wages' }) : null
}

/** To the prosecution. */
export const claimRefer = defineStep({
  type: 0x0521,
  verb: 'refer',
  about: 'An inspector refers a case to the prosecution when the day to pay has passed.',
  payload: ClaimStepPayload,
  from: ['ORDERED'],
  check: checkOverdue,
  next: ({ claim }) => ({ ...claim, state: 'REFERRED' }),
})

/** A certificate of arrears opens the way to the fund. */
export const claimCertify = defineStep({
  type: 0x0522,
  verb: 'certify',
  about: 'An inspector certifies arrears, which opens the way to substitute payment.',
  payload: ClaimStepPayload,
  from: ['ORDERED', 'REFERRED'],
  check: checkOverdue,
  next: ({ claim, call }) => ({ ...claim, state: 'CERTIFIED', certifiedOn: kstDate(call.block.time) }),
})

/** The end of a case. */
export const claimClose = defineStep({
  type: 0x0524,
  verb: 'close',
  about: 'An inspector closes a case: paid, subrogated, referred, certified, or nothing found.',
  payload: ClaimStepPayload,
  from: ['INVESTIGATING', 'PAID', 'REFERRED', 'CERTIFIED', 'SUBROGATED'],
  next: ({ claim, call }) => ({ ...claim, state: 'CLOSED', closedOn: kstDate(call.block.time) }),
})

/** Steps of inspectors before the fund’s. */
export const CLAIM_STEPS = [...[claimNotify, claimInvestigate, claimExtend, claimOrder, claimPaid, claimRefer, claimCertify]]
