// Owns: what every change of an existing DID has in common: who may, from which version, and writing the next one.
// Not here: keys (keyset.ts), states (life.ts), the transactions (did-update.ts, did-rotate.ts).
import { toHex } from '../../core/base/bytes.ts'
import { failure } from '../../core/base/errors.ts'
import type { Failure } from '../../core/base/errors.ts'
import type { Address, TimeMs } from '../../core/base/ids.ts'
import type { ApplyContext, TxCall } from '../../core/execution/module.ts'
import type { ReadView } from '../../core/state/view.ts'
import { IdentityError } from './errors.ts'
import { DidUpdated, KeyRevoked } from './events.ts'
import { changeKeys, checkKeyChange, liveKey } from './keyset.ts'
import type { KeyChange } from './keyset.ts'
import { checkPossession } from './possession.ts'
import type { Did, Service } from './schema.ts'
import { dids, history, retiredKeys, retiredKids } from './store.ts'

/** The DID to change and the version that the change was built on. */
export type ChangeTarget = { readonly did: Address; readonly prevVersionId: number }

/** Whether the account is the DID itself or one of its controllers. */
export function isOwner(did: Address, record: Pick<Did, 'controller'>, account: Address): boolean {
  return account === did || record.controller.includes(account)
}

/** What forbids this sender to change these keys of this version. */
export function checkChange(view: ReadView, call: TxCall<ChangeTarget>, change: KeyChange): Failure | null {
  const { payload, sender, block } = call
  const { did, prevVersionId } = payload
  const record = dids.get(view, did)
  if (record === null) return failure(IdentityError.DID_UNKNOWN)
  if (!isOwner(did, record, sender)) return failure(IdentityError.NOT_AUTHORIZED)
  if (record.status !== 'ACTIVE') return failure(IdentityError.STATE_INVALID, { status: record.status })
  if (record.versionId !== prevVersionId) {
    return failure(IdentityError.VERSION_CONFLICT, { versionId: record.versionId, prevVersionId })
  }
  const refused = checkKeyChange(view, { did, keys: record.keys, change })
  return refused ?? checkPossession({ genesisHash: block.genesisHash, did, keys: change.add })
}

/** What a change replaces besides keys. */
export type DocumentChange = KeyChange & Partial<Pick<Did, 'services' | 'controller' | 'recovery'>>

/** Writes the next version of the DID that the sender changes. */
export function applyChange(context: ApplyContext, call: TxCall<ChangeTarget>, change: DocumentChange): void {
  writeVersion(context, { did: call.payload.did, by: call.sender, time: call.block.time }, change)
}

/** Writes the next version: the old one goes into the history, keys that leave a full record stay marked. */
export function writeVersion(
  context: ApplyContext,
  author: { readonly did: Address; readonly by: Address; readonly time: TimeMs },
  change: DocumentChange,
): void {
  const { view } = context
  const { did, by, time } = author
  const before = dids.mustGet(view, did)
  const { keys, retired } = changeKeys(before.keys, change, time)
  const versionId = before.versionId + 1
  const { services = before.services, controller = before.controller, recovery = before.recovery } = change
  history.set(view, { did, versionId: before.versionId }, before)
  dids.set(view, did, { ...before, versionId, keys, services, controller, recovery, updatedAt: time })
  for (const key of retired) {
    const mark = { revokedAt: key.revokedAt ?? time }
    retiredKeys.set(view, { did, mark: toHex(key.pub) }, mark)
    retiredKids.set(view, { did, mark: key.kid }, mark)
  }
  context.emit(DidUpdated, { did, versionId, by })
  for (const kid of change.revoke) {
    const revoked = liveKey(before.keys, kid)
    if (revoked !== null) context.emit(KeyRevoked, { did, versionId, kid, pub: revoked.pub })
  }
}

/** IDENTITY_SERVICES_INVALID when two services share an id. */
export function checkServices(services: readonly Service[]): Failure | null {
  return new Set(services.map((service) => service.id)).size === services.length ? null : failure(IdentityError.SERVICES_INVALID)
}

/** IDENTITY_CONTROLLER_INVALID when a DID names a controller twice or itself. */
export function checkControllers(did: Address, controller: readonly Address[]): Failure | null {
  const isSound = new Set(controller).size === controller.length && !controller.includes(did)
  return isSound ? null : failure(IdentityError.CONTROLLER_INVALID)
}
