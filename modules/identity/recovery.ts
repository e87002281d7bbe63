// Owns: recovery of a DID by guardians: the policy in force, who is a guardian, what cancels, how new keys take over.
// Not here: the transactions (recovery-*.ts), states (life.ts).
import { fromHex } from '../../core/base/bytes.ts'
import { failure } from '../../core/base/errors.ts'
import type { Failure } from '../../core/base/errors.ts'
import type { Address, Hash32, TimeMs } from '../../core/base/ids.ts'
import { hashFields } from '../../core/crypto/hash.ts'
import type { ApplyContext, BlockEnv } from '../../core/execution/module.ts'
import type { ReadView } from '../../core/state/view.ts'
import { paramAt } from '../governance/keeper.ts'
import { IdentityError } from './errors.ts'
import { RecoveryCancelled } from './events.ts'
import type { KeyChange } from './keyset.ts'
import type { PendingRecovery } from './life-schema.ts'
import type { Key, NewKey, Recovery } from './schema.ts'
import { dids, nextPolicies, recoveries } from './store.ts'

/** The commitment that stands for a guardian in a policy: H("grd", 20-byte id, salt); the salt is 32 random bytes. */
export function guardianCommitment(guardian: Address, salt: Uint8Array): Hash32 {
  return hashFields('grd', fromHex(guardian), salt)
}

/** IDENTITY_RECOVERY_POLICY_INVALID unless a policy can be met and leaves its owner time to object. */
export function checkPolicy(view: ReadView, recovery: Recovery | null, block: BlockEnv): Failure | null {
  if (recovery === null) return null
  const { threshold, guardians, delaySec } = recovery
  const areDistinct = new Set(guardians).size === guardians.length
  const isMet = threshold >= 1 && threshold <= guardians.length
  const isSlow = BigInt(delaySec) >= paramAt(view, 'identity.recovery.minDelaySec', block)
  return areDistinct && isMet && isSlow ? null : failure(IdentityError.RECOVERY_POLICY_INVALID)
}

/** The policy in force at a time: the one set last once its predecessor's delay has passed. Null without any. */
export function policyAt(view: ReadView, did: Address, time: TimeMs): Recovery | null {
  const next = nextPolicies.get(view, did)
  return next !== null && next.effectiveAt <= time ? next.policy : (dids.get(view, did)?.recovery ?? null)
}

/** The commitment that the guardian opens, or IDENTITY_GUARDIAN_UNKNOWN; a DID is never its own guardian. */
export function openGuardian(
  policy: Pick<Recovery, 'guardians'> | null,
  claim: { did: Address; guardian: Address; salt: Uint8Array },
): Hash32 | Failure {
  const commitment = guardianCommitment(claim.guardian, claim.salt)
  const isKnown = claim.guardian !== claim.did && policy !== null && policy.guardians.includes(commitment)
  return isKnown ? commitment : failure(IdentityError.GUARDIAN_UNKNOWN)
}

/** Whether a recovery never gathered its guardians in its delay: it may still be approved, and may be replaced. */
export function isLapsed({ approvals, threshold, readyAt }: PendingRecovery, time: TimeMs): boolean {
  return approvals.length < threshold && time >= readyAt
}

/** The change that revokes every live key and adds the new ones; they proved possession when they were proposed. */
export function replacement(keys: readonly Key[], newKeys: readonly Omit<NewKey, 'proof'>[]): KeyChange {
  const revoke = keys.filter((key) => key.revokedAt === null).map((key) => key.kid)
  return { revoke, relations: [], add: newKeys.map((key) => ({ ...key, proof: null })) }
}

/** Stops the recovery under way, where there is one. */
export function cancelRecovery({ view, emit }: ApplyContext, { did, by }: { did: Address; by: Address }): void {
  if (!recoveries.has(view, did)) return
  recoveries.remove(view, did)
  emit(RecoveryCancelled, { did, by })
}

/** Stops the recovery under way and forgets a policy that was to come; for the end of a DID. */
export function dropRecovery(context: ApplyContext, cause: { did: Address; by: Address }): void {
  cancelRecovery(context, cause)
  nextPolicies.remove(context.view, cause.did)
}
