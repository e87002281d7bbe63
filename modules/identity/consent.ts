// Owns: the life of a consent receipt: who may give one, while it holds, its end by block time.
// Not here: the transactions (consent-*.ts, verify-*.ts).
import { kstDate } from '../../core/base/civil-time.ts'
import { failure, isFailure } from '../../core/base/errors.ts'
import type { Failure } from '../../core/base/errors.ts'
import type { Address, Hash32 } from '../../core/base/ids.ts'
import type { ApplyContext, BlockEnv } from '../../core/execution/module.ts'
import { readAccount } from '../../core/state/accounts.ts'
import type { ReadView } from '../../core/state/view.ts'
import { hasRole } from '../governance/keeper.ts'
import type { Consent } from './consent-schema.ts'
import { IdentityError } from './errors.ts'
import { ConsentExpired } from './events.ts'
import { policyAt } from './recovery.ts'
import { consents, issuers, pairwise, policies } from './store.ts'

/** IDENTITY_NOT_PAIRWISE unless the DID can be one that its holder uses towards this verifier and nobody else. */
export function checkPairwise(view: ReadView, use: { holder: Address; verifier: Address; block: BlockEnv }): Failure | null {
  const { holder, verifier, block } = use
  const isPlain = policyAt(view, holder, block.time) === null && readAccount(view, holder).creditClass === 0
  const isParty = holder === verifier || issuers.has(view, holder)
  const used = pairwise.get(view, holder)
  return isPlain && !isParty && (used === null || used.verifier === verifier) ? null : failure(IdentityError.NOT_PAIRWISE)
}

/** IDENTITY_POLICY_UNKNOWN, or IDENTITY_POLICY_INACTIVE unless this verifier may take new consents under the policy. */
export function checkPolicyActive(view: ReadView, policyId: string, verifier: Address): Failure | null {
  const policy = policies.get(view, policyId)
  if (policy === null) return failure(IdentityError.POLICY_UNKNOWN, { policyId })
  const isActive = policy.status === 'ACTIVE' && policy.verifier === verifier
  return isActive ? null : failure(IdentityError.POLICY_INACTIVE, { status: policy.status })
}

/** IDENTITY_NOT_AUTHORIZED unless the account holds the role VERIFIER, unrestricted or for this policy. */
export function requireVerifier(
  view: ReadView,
  question: { account: Address; policyId: string; block: BlockEnv },
): Failure | null {
  const { account, policyId, block } = question
  const isVerifier = hasRole(view, { account, role: 'VERIFIER', scope: policyId, block })
  return isVerifier ? null : failure(IdentityError.NOT_AUTHORIZED, { needs: 'VERIFIER', scope: policyId })
}

/** Whether the consent can be used on the block's day, even where its expiry still waits on the agenda. */
export function isOpen({ status, expiresOn }: Consent, block: Pick<BlockEnv, 'time'>): boolean {
  return status === 'GRANTED' && kstDate(block.time) <= expiresOn
}

/** Whether an outcome stands: a consent serves once. */
export function isUsed({ status }: Consent): boolean {
  return status === 'FULFILLED' || status === 'DISPUTED' || status === 'REVIEWED'
}

/** The consent, or IDENTITY_CONSENT_MISSING. */
export function findConsent(view: ReadView, receiptCommit: Hash32): Consent | Failure {
  return consents.get(view, receiptCommit) ?? failure(IdentityError.CONSENT_MISSING)
}

/** Null when the consent is the holder's own and in this state; else CONSENT_MISSING, NOT_AUTHORIZED or STATE_INVALID. */
export function checkHeldConsent(
  view: ReadView,
  held: { receiptCommit: Hash32; holder: Address; status: Consent['status'] },
): Failure | null {
  const consent = findConsent(view, held.receiptCommit)
  if (isFailure(consent)) return consent
  if (consent.holder !== held.holder) return failure(IdentityError.NOT_AUTHORIZED)
  return consent.status === held.status ? null : failure(IdentityError.STATE_INVALID, { status: consent.status })
}

/** Ends a consent whose last day has passed, unless it was used or withdrawn. */
export function expireConsent({ view, emit }: ApplyContext, receiptCommit: Hash32): void {
  const consent = consents.mustGet(view, receiptCommit)
  if (consent.status !== 'GRANTED') return
  consents.set(view, receiptCommit, { ...consent, status: 'EXPIRED' })
  emit(ConsentExpired, { receiptCommit, verifier: consent.verifier })
}
