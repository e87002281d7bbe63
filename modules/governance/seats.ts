// Owns: which changes of the validator set and of the consensus parameters may be decided (consensus.md 4, G1, G4-G6, G12).
// Not here: when they become active (succession.ts), who decides (voting.ts).
import { toHex } from '../../core/base/bytes.ts'
import { failure } from '../../core/base/errors.ts'
import type { Failure } from '../../core/base/errors.ts'
import type { Address, Hash32 } from '../../core/base/ids.ts'
import { LIMITS } from '../../core/base/limits.ts'
import { checkParams } from '../../core/chain/params.ts'
import { SIGN_TAGS, signingBytes } from '../../core/chain/signing.ts'
import { encode } from '../../core/codec/schema.ts'
import { verifySignature } from '../../core/crypto/keys.ts'
import type { ApplyContext, BlockEnv } from '../../core/execution/module.ts'
import type { ReadView } from '../../core/state/view.ts'
import { countOnline } from './attendance.ts'
import { GovernanceError } from './errors.ts'
import { isSuspended, pardon } from './sanction-list.ts'
import type { Action } from './schema.ts'
import { PENDING_CHANGES_MAX, SeatClaimSchema } from './set-schema.ts'
import type { SetChange, ValidatorAdd, ValidatorMove, ValidatorRotate } from './set-schema.ts'
import { keyHistory, readiness, seatNonces } from './set-store.ts'
import { pendingChanges, projectedValidators, quorumOf, scheduleChange, seatOf } from './succession.ts'

/** An action of the validators' council about the set or the parameters. */
export type SetAction = Extract<
  Action,
  { kind: 'validatorAdd' | 'validatorRemove' | 'validatorRotate' | 'validatorMove' | 'chainParamsSet' }
>

/** While laid before the council only what cannot mend itself is checked; when it decides, everything. */
export type Stage = 'propose' | 'execute'

/** What a new consensus key signs for a seat. */
export function seatClaimBytes(claim: {
  genesisHash: Hash32
  authority: Address
  publicKey: Uint8Array
  nonce: number
}): Uint8Array {
  return signingBytes(SIGN_TAGS.seat, encode(SeatClaimSchema, claim))
}

/** The number that the next proof of possession for a seat is about. */
export function readSeatNonce(view: ReadView, authority: Address): number {
  return seatNonces.get(view, authority) ?? 0
}

/** Whether an action is about the set or the parameters. */
export function isSetAction(action: Action): action is SetAction {
  return subjectOf(action) !== null
}

/** What at most one open change is about: a seat, or the parameters; null for every other action. */
export function subjectOf(action: Action): string | null {
  switch (action.kind) {
    case 'validatorAdd':
    case 'validatorRemove':
    case 'validatorRotate':
    case 'validatorMove':
      return action.authority
    case 'chainParamsSet':
      return 'params'
    default:
      return null
  }
}

/** Whether a decided change of this subject waits for its height. */
export function isPending(view: ReadView, subject: string): boolean {
  return pendingChanges(view).some((change) => (seatOf(change) ?? 'params') === subject)
}

/** What keeps a change from being laid before the council, or from being carried out now. */
export function checkSetAction(view: ReadView, action: SetAction, at: { block: BlockEnv; stage: Stage }): Failure | null {
  const { block, stage } = at
  if (stage === 'execute') {
    const subject = subjectOf(action)
    if (subject !== null && isPending(view, subject)) return failure(GovernanceError.CHANGE_OPEN, { pending: true })
    if (pendingChanges(view).length >= PENDING_CHANGES_MAX) return failure(GovernanceError.CHANGES_FULL)
  }
  switch (action.kind) {
    case 'validatorAdd':
      return checkNewSeat(view, action, block) ?? (stage === 'execute' ? checkEntry(view, action, block) : null)
    case 'validatorRemove':
      return checkRemoval(view, action.authority, at)
    case 'validatorRotate':
      return (
        checkRotation(view, action, block) ?? (stage === 'execute' ? checkQuorumWithout(view, action.authority, block) : null)
      )
    case 'validatorMove':
      return checkMove(view, action)
    case 'chainParamsSet':
      return checkChainParams(view, action.params)
  }
}

/** Carries out a decided change: it waits for its height. Striking a suspended seat needs no wait, since it changes no set. */
export function applySetAction(context: ApplyContext, action: SetAction, block: BlockEnv): void {
  const { view } = context
  if (action.kind === 'validatorRemove' && !hasSeat(view, action.authority)) {
    pardon(view, action.authority)
    return
  }
  if (action.kind === 'validatorAdd' || action.kind === 'validatorRotate')
    seatNonces.set(view, action.authority, readSeatNonce(view, action.authority) + 1)
  if (action.kind === 'validatorAdd') readiness.remove(view, action.authority)
  scheduleChange(context, changeOf(action), block)
}

function changeOf(action: SetAction): SetChange {
  switch (action.kind) {
    case 'validatorAdd': {
      const { authority, publicKey, name, peerId, addresses } = action
      return { kind: 'add', authority, publicKey, name, peerId, addresses }
    }
    case 'validatorRemove':
      return { kind: 'remove', authority: action.authority }
    case 'validatorRotate':
      return { kind: 'rotate', authority: action.authority, publicKey: action.publicKey }
    case 'validatorMove':
      return { kind: 'move', authority: action.authority, peerId: action.peerId, addresses: action.addresses }
    case 'chainParamsSet':
      return { kind: 'params', params: action.params }
  }
}

function hasSeat(view: ReadView, authority: Address): boolean {
  return projectedValidators(view).some((validator) => validator.authority === authority)
}

function checkNewSeat(view: ReadView, action: ValidatorAdd, block: BlockEnv): Failure | null {
  const { authority, name, peerId } = action
  if (hasSeat(view, authority)) return failure(GovernanceError.SEAT_EXISTS)
  const set = projectedValidators(view)
  if (set.length >= LIMITS.validatorsMax) return failure(GovernanceError.SET_FULL, { max: LIMITS.validatorsMax })
  if (set.some((other) => other.name === name || other.peerId === peerId))
    return failure(GovernanceError.SEAT_TAKEN, { name, peerId })
  return checkNewKey(view, action, block)
}

function checkEntry(view: ReadView, { authority, publicKey }: ValidatorAdd, block: BlockEnv): Failure | null {
  const ready = readiness.get(view, authority)
  const { readyWindow } = block.params
  const isOfKey = ready !== null && toHex(ready.publicKey) === toHex(publicKey)
  if (!isOfKey || ready.height < block.height - readyWindow)
    return failure(GovernanceError.NOT_READY, {
      readyHeight: ready?.height ?? 0,
      oldest: Math.max(1, block.height - readyWindow),
    })
  return checkQuorum(countOnline(view, projectedValidators(view), block.height) + 1, projectedValidators(view).length + 1)
}

function checkRemoval(view: ReadView, authority: Address, { block, stage }: { block: BlockEnv; stage: Stage }): Failure | null {
  const set = projectedValidators(view)
  const rest = set.filter((validator) => validator.authority !== authority)
  if (rest.length === set.length) return isSuspended(view, authority) ? null : failure(GovernanceError.SEAT_UNKNOWN)
  const { validatorsMin } = block.params
  if (rest.length < Math.max(1, validatorsMin)) return failure(GovernanceError.SET_FLOOR, { left: rest.length, validatorsMin })
  return stage === 'execute' ? checkQuorum(countOnline(view, rest, block.height), rest.length) : null
}

function checkRotation(view: ReadView, action: ValidatorRotate, block: BlockEnv): Failure | null {
  return hasSeat(view, action.authority) ? checkNewKey(view, action, block) : failure(GovernanceError.SEAT_UNKNOWN)
}

function checkMove(view: ReadView, { authority, peerId }: ValidatorMove): Failure | null {
  if (!hasSeat(view, authority)) return failure(GovernanceError.SEAT_UNKNOWN)
  const isTaken = projectedValidators(view).some((other) => other.authority !== authority && other.peerId === peerId)
  return isTaken ? failure(GovernanceError.SEAT_TAKEN, { peerId }) : null
}

function checkChainParams(view: ReadView, params: BlockEnv['params']): Failure | null {
  const wrong = checkParams(params)
  if (wrong !== null) return failure(GovernanceError.CHAIN_PARAMS_INVALID, { wrong })
  const n = projectedValidators(view).length
  return params.validatorsMin <= n
    ? null
    : failure(GovernanceError.CHAIN_PARAMS_INVALID, { wrong: `validatorsMin is ${params.validatorsMin}, the chain has ${n}` })
}

type Claim = Pick<ValidatorRotate, 'authority' | 'publicKey' | 'possession'>

// A key is never used twice, so that what it signed stays the doing of one seat for ever (G6).
function checkNewKey(view: ReadView, { authority, publicKey, possession }: Claim, block: BlockEnv): Failure | null {
  const key = toHex(publicKey)
  const isUsed = keyHistory.has(view, key) || projectedValidators(view).some((other) => toHex(other.publicKey) === key)
  if (isUsed) return failure(GovernanceError.KEY_USED)
  const nonce = readSeatNonce(view, authority)
  const message = seatClaimBytes({ genesisHash: block.genesisHash, authority, publicKey, nonce })
  return verifySignature({ publicKey, message, signature: possession })
    ? null
    : failure(GovernanceError.POSSESSION_INVALID, { nonce })
}

// Until the new key has signed, its seat counts as absent.
function checkQuorumWithout(view: ReadView, authority: Address, block: BlockEnv): Failure | null {
  const set = projectedValidators(view)
  const others = set.filter((validator) => validator.authority !== authority)
  return checkQuorum(countOnline(view, others, block.height) + 1, set.length)
}

function checkQuorum(online: number, n: number): Failure | null {
  const quorum = quorumOf(n)
  return online >= quorum ? null : failure(GovernanceError.QUORUM_AT_RISK, { online, quorum, validators: n })
}
