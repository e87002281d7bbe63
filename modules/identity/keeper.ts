// Owns: what the envelope check and later rooms may ask identity. Not here: changing a DID (did-change.ts).
import { failure } from '../../core/base/errors.ts'
import type { Failure } from '../../core/base/errors.ts'
import type { Address, TimeMs } from '../../core/base/ids.ts'
import type { BlockEnv, KeyLookup } from '../../core/execution/module.ts'
import type { ReadView } from '../../core/state/view.ts'
import { hasRole } from '../governance/keeper.ts'
import { endOf } from './accreditation.ts'
import { isEnd } from './did-document.ts'
import { IdentityError } from './errors.ts'
import { liveKey } from './keyset.ts'
import { isPastTermination, statusAt } from './life.ts'
import { isWeakKey } from './possession.ts'
import type { Did } from './schema.ts'
import { dids, history, issuers } from './store.ts'

const ONBOARDING_ROLES: readonly string[] = ['ONBOARDING', 'REG_AUTH', 'BANK']

/** A key as the envelope check needs it; null when account or signing key does not exist. */
export function findKey(view: ReadView, account: Address, keyId: string): KeyLookup | null {
  const record = dids.get(view, account)
  const key = record?.keys.find((candidate) => candidate.kid === keyId && candidate.type === 'ED25519')
  if (record === null || key === undefined) return null
  return { publicKey: key.pub, purposes: key.rel, live: key.revokedAt === null && record.status === 'ACTIVE' }
}

/** Whether the account may sponsor new DIDs on the block's day: onboarding offices, registration offices, banks. */
export function mayOnboard(view: ReadView, sponsor: Address, block: BlockEnv): boolean {
  return ONBOARDING_ROLES.some((role) => hasRole(view, { account: sponsor, role, scope: null, block }))
}

/** IDENTITY_DID_UNKNOWN or IDENTITY_STATE_INVALID unless the account is an ACTIVE DID. */
export function requireActive(view: ReadView, account: Address): Failure | null {
  const record = dids.get(view, account)
  if (record === null) return failure(IdentityError.DID_UNKNOWN)
  return record.status === 'ACTIVE' ? null : failure(IdentityError.STATE_INVALID, { status: record.status })
}

/** The present version of a DID, or null. */
export function readDid(view: ReadView, did: Address): Did | null {
  return dids.get(view, did)
}

/** One version of a DID, or null when it never had it. */
export function readDidVersion(view: ReadView, did: Address, versionId: number): Did | null {
  const current = dids.get(view, did)
  if (current === null || versionId < 1 || versionId > current.versionId) return null
  return versionId === current.versionId ? current : history.mustGet(view, { did, versionId })
}

/** The version in force at a block time, or null when the DID did not exist then; a signature is judged by it. */
export function readDidAt(view: ReadView, did: Address, time: TimeMs): Did | null {
  const current = dids.get(view, did)
  if (current === null || time < current.createdAt) return null
  let low = 1
  let high = current.versionId
  while (low < high) {
    const middle = high - Math.floor((high - low) / 2)
    const version = readDidVersion(view, did, middle)
    if (version !== null && version.updatedAt <= time) low = middle
    else high = middle - 1
  }
  return readDidVersion(view, did, low)
}

/** A claim that this key of the DID signed something at a block time, judged in `block`. */
export type SignatureOrigin = {
  readonly did: Address
  readonly keyId: string
  readonly purpose: number
  readonly signedAt: TimeMs
  readonly block: Pick<BlockEnv, 'time'>
}

/**
 * The public key by which a signature of the past is judged (domain.md 4.2): live, of the purpose, in the version and with the
 * DID ACTIVE at that time. Null otherwise, and once a terminated DID's last day has passed.
 */
export function findPastKey(view: ReadView, origin: SignatureOrigin): Uint8Array | null {
  const { did, keyId, purpose, signedAt, block } = origin
  const version = readDidAt(view, did, signedAt)
  if (version === null || statusAt(view, did, signedAt) !== 'ACTIVE' || isPastTermination(view, did, block)) return null
  const key = liveKey(version.keys, keyId)
  return key !== null && (key.rel & purpose) !== 0 ? key.pub : null
}

/** How a credential stands as to its issuer: `VERIFIER_POLICY` leaves it to the verifier while an issuer is suspended. */
export type Standing = 'VALID' | 'VERIFIER_POLICY' | 'INVALID'

/** How a credential of this type and time stands today, as to accreditation and state of its issuer (domain.md 4.2, 4.4). */
export function standingOf(view: ReadView, credential: { issuer: Address; type: string; issuedAt: TimeMs }): Standing {
  const { issuer, type, issuedAt } = credential
  const record = issuers.get(view, issuer)
  const did = dids.get(view, issuer)
  if (record === null || did === null || isEnd(did.status) || !record.types.includes(type)) return 'INVALID'
  const { spans, compromisedSince, validUntil, status } = record
  const wasAccredited = spans.some(({ from, to }) => from <= issuedAt && issuedAt <= (to ?? endOf(validUntil)))
  if (!wasAccredited || (compromisedSince !== null && issuedAt >= compromisedSince)) return 'INVALID'
  return status === 'SUSPENDED' || did.status === 'SUSPENDED' ? 'VERIFIER_POLICY' : 'VALID'
}

/** True for an Ed25519 key that signatures may be judged by: canonical and not of low order (decisions 5). */
export function isUsableKey(publicKey: Uint8Array): boolean {
  return !isWeakKey({ type: 'ED25519', pub: publicKey })
}
