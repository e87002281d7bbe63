// Owns: the states of a DID and their log: who may change them, writing a change, the state at an earlier time.
// Not here: versions (did-change.ts), recovery (recovery.ts), the transactions (did-suspend.ts and its like).
import { kstDate } from '../../core/base/civil-time.ts'
import { failure } from '../../core/base/errors.ts'
import type { Failure } from '../../core/base/errors.ts'
import type { Address, Hash32, TimeMs } from '../../core/base/ids.ts'
import { KEY_PURPOSES } from '../../core/execution/module.ts'
import type { ApplyContext, BlockEnv, TxCall } from '../../core/execution/module.ts'
import type { ReadView } from '../../core/state/view.ts'
import { hasRole } from '../governance/keeper.ts'
import { isOwner } from './did-change.ts'
import { IdentityError } from './errors.ts'
import { DidStatusChanged } from './events.ts'
import { liveKey } from './keyset.ts'
import type { Did } from './schema.ts'
import { dids, history, lives, statusChanges, suspensions } from './store.ts'

/** An act on a DID by its owner (no gu) or by an office of REG_AUTH for a gu, in a case. */
export type Act = { readonly did: Address; readonly guCode: string | null; readonly caseCommit: Hash32 | null }

/** One change of state; `by` is null for what block time does. */
export type StatusStep = {
  readonly did: Address
  readonly status: Did['status']
  readonly by: Address | null
  readonly reasonCode: string | null
  readonly caseCommit: Hash32 | null
  readonly time: TimeMs
}

/** Whether the sender acts as the owner of an existing DID: the DID itself or a controller, naming no gu. */
export function isOwnerAct(view: ReadView, { payload, sender }: TxCall<Act>): boolean {
  const record = dids.get(view, payload.did)
  return record !== null && payload.guCode === null && isOwner(payload.did, record, sender)
}

/** IDENTITY_NOT_AUTHORIZED unless the sender owns the DID and signs with a key of purpose 8. */
export function checkOwnerAct(view: ReadView, call: TxCall<Act>): Failure | null {
  const key = liveKey(dids.get(view, call.sender)?.keys ?? [], call.keyId)
  const isAllowed = isOwnerAct(view, call) && key !== null && (key.rel & KEY_PURPOSES.invocation) !== 0
  return isAllowed ? null : failure(IdentityError.NOT_AUTHORIZED, { needs: 'owner, key of purpose 8' })
}

/** IDENTITY_NOT_AUTHORIZED or IDENTITY_CASE_MISSING unless an office of the named gu acts in a case. */
export function checkOfficeAct(view: ReadView, { payload, sender, block }: TxCall<Act>): Failure | null {
  const { guCode, caseCommit } = payload
  const isOffice = guCode !== null && hasRole(view, { account: sender, role: 'REG_AUTH', scope: guCode, block })
  if (!isOffice) return failure(IdentityError.NOT_AUTHORIZED, { needs: 'REG_AUTH', scope: guCode ?? 'a gu code' })
  return caseCommit === null ? failure(IdentityError.CASE_MISSING) : null
}

/** IDENTITY_DID_UNKNOWN, or IDENTITY_STATE_INVALID unless the DID is in one of these states. */
export function checkStatus(view: ReadView, did: Address, allowed: readonly Did['status'][]): Failure | null {
  const record = dids.get(view, did)
  if (record === null) return failure(IdentityError.DID_UNKNOWN)
  return allowed.includes(record.status) ? null : failure(IdentityError.STATE_INVALID, { status: record.status })
}

/** Puts a DID into a state without a new version and logs it; a suspension's record is the caller's. */
export function writeStatus(context: ApplyContext, step: StatusStep): void {
  const { view } = context
  const { did, status, reasonCode } = step
  const record = dids.mustGet(view, did)
  if (record.status !== status) dids.set(view, did, { ...record, status })
  logStatus(context, step)
  context.emit(DidStatusChanged, { did, versionId: record.versionId, status, reasonCode })
}

/** Ends a DID: the last version keeps its keys for the verification of old signatures, the next one is the end. */
export function writeEnd(context: ApplyContext, step: StatusStep): void {
  const { view } = context
  const { did, status, reasonCode, time } = step
  const before = dids.mustGet(view, did)
  const versionId = before.versionId + 1
  history.set(view, { did, versionId: before.versionId }, before)
  dids.set(view, did, { ...before, versionId, status, updatedAt: time })
  suspensions.remove(view, did)
  logStatus(context, step)
  context.emit(DidStatusChanged, { did, versionId, status, reasonCode })
}

/** The state of an existing DID at a block time not before its creation. */
export function statusAt(view: ReadView, did: Address, time: TimeMs): Did['status'] {
  let low = 0
  let high = lives.get(view, did)?.changes ?? 0
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if (statusChanges.mustGet(view, { did, index: middle }).at <= time) low = middle + 1
    else high = middle
  }
  return low === 0 ? 'ACTIVE' : statusChanges.mustGet(view, { did, index: low - 1 }).status
}

/** Whether old signatures of the DID count no more: it is terminated and its last day has passed (domain.md 4.2). */
export function isPastTermination(view: ReadView, did: Address, block: Pick<BlockEnv, 'time'>): boolean {
  const terminatedOn = lives.get(view, did)?.terminatedOn ?? null
  return terminatedOn !== null && kstDate(block.time) > terminatedOn
}

function logStatus({ view }: ApplyContext, step: StatusStep): void {
  const { did, status, by, reasonCode, caseCommit, time } = step
  const { changes, terminatedOn } = lives.get(view, did) ?? { changes: 0, terminatedOn: null }
  statusChanges.set(view, { did, index: changes }, { status, at: time, by, reasonCode, caseCommit })
  lives.set(view, did, { changes: changes + 1, terminatedOn })
}
