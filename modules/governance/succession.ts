// Owns: when decided changes of validators and parameters become active, and making them so (consensus.md 4, G2, G3, G5, G7).
// Not here: who decides (voting.ts), what may be decided (seats.ts).
import { toHex } from '../../core/base/bytes.ts'
import type { Address, Height } from '../../core/base/ids.ts'
import { paramsHash } from '../../core/chain/params.ts'
import { buildValidatorSet } from '../../core/chain/validator-set.ts'
import type { Validator } from '../../core/chain/validator-set.ts'
import type { ApplyContext, BlockEnv } from '../../core/execution/module.ts'
import type { ReadView, WriteView } from '../../core/state/view.ts'
import { countOnline, newSeat } from './attendance.ts'
import { pardon, suspendSeat } from './sanction-list.ts'
import { changeValidators } from './set-change.ts'
import {
  ChainParamsActive,
  ChangeDropped,
  ChangeScheduled,
  ValidatorAdded,
  ValidatorMoved,
  ValidatorRemoved,
  ValidatorRotated,
} from './set-events.ts'
import type { Activation, SetChange, Succession } from './set-schema.ts'
import { attendances, epochs, keyHistory, successions } from './set-store.ts'
import { chainParams, currentValidators } from './store.ts'

/** Seats that may change with one activation: fewer than a third, and one where that would be none (G3). */
export function seatsPerActivation(n: number): number {
  return Math.max(1, Math.floor((n - 1) / 3))
}

/** More than two thirds of n. */
export function quorumOf(n: number): number {
  return Math.floor((2 * n) / 3) + 1
}

/** The validators once every decided change is active. */
export function projectedValidators(view: ReadView): readonly Validator[] {
  return projectedBefore(view, Number.MAX_SAFE_INTEGER)
}

/** Every decided change that waits, in the order in which they become active. */
export function pendingChanges(view: ReadView): readonly SetChange[] {
  return successions.mustGet(view, null).pending.flatMap(({ changes }) => changes)
}

/** The seat that a change is about; null for the parameters. */
export function seatOf(change: SetChange): Address | null {
  return change.kind === 'params' ? null : change.authority
}

/** Lets a decided change wait for the first activation that has room for it; gives its height. */
export function scheduleChange(context: ApplyContext, change: SetChange, block: BlockEnv): Height {
  const { view } = context
  const { last, pending } = successions.mustGet(view, null)
  const { activationDelay } = block.params
  const earliest = block.height + activationDelay
  const newest = pending.at(-1)
  if (newest !== undefined && newest.height >= earliest) {
    const limit = seatsPerActivation(projectedBefore(view, newest.height).length)
    if (seatsIn(newest) + seatsOf(change) <= limit) return place(context, newest.height, change)
  }
  return place(context, Math.max(earliest, (newest ?? last).height + activationDelay), change)
}

/**
 * The same for a change that cannot wait (G9): two blocks on, where so many seats may change around that height; null where
 * they may not, and nothing is written.
 */
export function scheduleUrgently(context: ApplyContext, change: SetChange, block: BlockEnv): Height | null {
  const { view } = context
  const { last, pending } = successions.mustGet(view, null)
  const height = block.height + 2
  const isNear = (other: Height): boolean => Math.abs(other - height) < block.params.activationDelay
  const near = pending.filter((activation) => isNear(activation.height)).map(seatsIn)
  const seats = [...near, isNear(last.height) ? last.seats : 0].reduce((sum, count) => sum + count, seatsOf(change))
  return seats <= seatsPerActivation(projectedBefore(view, height).length) ? place(context, height, change) : null
}

/** Makes due changes active: the set and the parameters of the next block are those that the state names after this one. */
export function activateDue(context: ApplyContext, block: BlockEnv): void {
  const { view } = context
  const { pending } = successions.mustGet(view, null)
  const activeFrom = block.height + 1
  const due = pending.filter(({ height }) => height <= activeFrom)
  if (due.length === 0) return
  const { seats, deferred } = activateWithin(context, due, block)
  const { epoch, last } = successions.mustGet(view, null)
  const validators = currentValidators.mustGet(view, null)
  const isNew = buildValidatorSet(validators).hash !== buildValidatorSet(epochs.mustGet(view, epoch).validators).hash
  if (isNew) epochs.set(view, epoch + 1, { from: activeFrom, validators })
  const later = activeFrom + block.params.activationDelay
  successions.set(view, null, {
    epoch: isNew ? epoch + 1 : epoch,
    last: seats > 0 ? { height: activeFrom, seats } : last,
    pending: deferred.reduce<Succession['pending']>((rest, change) => insert(rest, later, change), pending.slice(due.length)),
  })
}

// A suspension in between makes the set smaller than it was when these changes were given their height, and takes its own share:
// what no longer fits waits once more.
function activateWithin(
  context: ApplyContext,
  due: readonly Activation[],
  block: BlockEnv,
): { seats: number; deferred: readonly SetChange[] } {
  const { view } = context
  const { last } = successions.mustGet(view, null)
  const isNear = block.height + 1 - last.height < block.params.activationDelay
  const limit = seatsPerActivation(currentValidators.mustGet(view, null).length) - (isNear ? last.seats : 0)
  const deferred: SetChange[] = []
  let seats = 0
  for (const change of due.flatMap(({ changes }) => changes)) {
    if (seatsOf(change) > 0 && seats + seatsOf(change) > limit) deferred.push(change)
    else seats += activate(context, change, block)
  }
  return { seats, deferred }
}

function seatsOf({ kind }: SetChange): number {
  return kind === 'move' || kind === 'params' ? 0 : 1
}

function seatsIn({ changes }: Activation): number {
  return changes.reduce((sum, change) => sum + seatsOf(change), 0)
}

function projectedBefore(view: ReadView, height: Height): readonly Validator[] {
  const due = successions.mustGet(view, null).pending.filter((activation) => activation.height < height)
  return due
    .flatMap(({ changes }) => changes)
    .reduce((set, change) => changeValidators(set, change) ?? set, currentValidators.mustGet(view, null))
}

function place({ view, emit }: ApplyContext, height: Height, change: SetChange): Height {
  const succession = successions.mustGet(view, null)
  successions.set(view, null, { ...succession, pending: insert(succession.pending, height, change) })
  emit(ChangeScheduled, { authority: seatOf(change), change: change.kind, activeFrom: height })
  return height
}

function insert(pending: Succession['pending'], height: Height, change: SetChange): Succession['pending'] {
  const at = pending.findIndex((activation) => activation.height >= height)
  const found = at === -1 ? undefined : pending[at]
  if (found?.height === height) return pending.with(at, { height, changes: [...found.changes, change] })
  return pending.toSpliced(at === -1 ? pending.length : at, 0, { height, changes: [change] })
}

/** Gives the seats that changed. A change that is no longer safe or possible is dropped: the set stays as it is. */
function activate(context: ApplyContext, change: SetChange, block: BlockEnv): number {
  const { view, emit } = context
  const before = currentValidators.mustGet(view, null)
  const activeFrom = block.height + 1
  if (change.kind === 'params') {
    chainParams.set(view, null, change.params)
    emit(ChainParamsActive, { paramsHash: paramsHash(change.params), activeFrom })
    return 0
  }
  const after = changeValidators(before, change)
  const reason = after === null ? 'conflict' : whyUnsafe(view, { before, after, block })
  if (after === null || reason !== null) {
    emit(ChangeDropped, { authority: change.authority, reason: reason ?? 'conflict', height: activeFrom })
    return 0
  }
  currentValidators.set(view, null, buildValidatorSet(after).validators)
  const held = before.find(({ authority }) => authority === change.authority) ?? null
  settle(context, { change, held, activeFrom })
  return seatsOf(change)
}

// A smaller set needs a quorum among those who stay; who stays may have gone silent since the change was decided.
function whyUnsafe(
  view: ReadView,
  { before, after, block }: { before: readonly Validator[]; after: readonly Validator[]; block: BlockEnv },
): 'quorum' | 'floor' | null {
  if (after.length >= before.length) return null
  if (after.length < block.params.validatorsMin) return 'floor'
  return countOnline(view, after, block.height) < quorumOf(after.length) ? 'quorum' : null
}

const REMOVAL_REASONS = { remove: 'decided', suspend: 'suspended' } as const

type SeatChange = Exclude<SetChange, { kind: 'params' }>
type Settled = { change: SeatChange; held: Validator | null; activeFrom: Height }

// The records around the set: whose key it is, who is judged by attendance, who is under a sanction; and the event.
function settle({ view, emit }: ApplyContext, { change, held, activeFrom }: Settled): void {
  const { authority } = change
  switch (change.kind) {
    case 'add':
      beginKey(view, change, activeFrom)
      writeSeat(view, authority, activeFrom)
      pardon(view, authority)
      emit(ValidatorAdded, { authority, validator: change.name, publicKey: change.publicKey, activeFrom })
      break
    case 'rotate':
      endKey(view, held, activeFrom)
      beginKey(view, change, activeFrom)
      writeSeat(view, authority, activeFrom)
      pardon(view, authority)
      emit(ValidatorRotated, { authority, publicKey: change.publicKey, activeFrom })
      break
    case 'remove':
    case 'suspend':
      endKey(view, held, activeFrom)
      writeSeat(view, authority, null)
      if (change.kind === 'suspend') suspendSeat(view, authority, activeFrom)
      else pardon(view, authority)
      emit(ValidatorRemoved, { authority, reason: REMOVAL_REASONS[change.kind], activeFrom })
      break
    case 'move':
      emit(ValidatorMoved, { authority, peerId: change.peerId, activeFrom })
  }
}

function beginKey(view: WriteView, seat: { authority: Address; publicKey: Uint8Array }, from: Height): void {
  keyHistory.set(view, toHex(seat.publicKey), { authority: seat.authority, from, until: null })
}

function endKey(view: WriteView, held: Validator | null, until: Height): void {
  if (held === null) return
  const key = toHex(held.publicKey)
  keyHistory.set(view, key, { ...keyHistory.mustGet(view, key), until })
}

// A seat's attendance begins anew with its key; null ends it.
function writeSeat(view: WriteView, authority: Address, since: Height | null): void {
  const attendance = attendances.mustGet(view, null)
  const others = attendance.seats.filter((seat) => seat.authority !== authority)
  attendances.set(view, null, { ...attendance, seats: since === null ? others : [...others, newSeat(authority, since)] })
}
