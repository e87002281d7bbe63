// Owns: what a recovery does to the state: the new set takes over with this block, and decided changes of the old one are void
// (consensus.md 4, G11). Not here: whether the city decided it (core/chain/recovery.ts), who accepts it (node).
import { equalBytes, toHex } from '../../core/base/bytes.ts'
import type { Height } from '../../core/base/ids.ts'
import { recoveryHashOf } from '../../core/chain/recovery.ts'
import type { RecoveryContent, Roots } from '../../core/chain/recovery.ts'
import { buildValidatorSet } from '../../core/chain/validator-set.ts'
import type { Validator } from '../../core/chain/validator-set.ts'
import type { ApplyContext } from '../../core/execution/module.ts'
import type { ReadView, WriteView } from '../../core/state/view.ts'
import { newSeat } from './attendance.ts'
import { Recovered } from './recovery-events.ts'
import { recoveries, rootKeys } from './recovery-store.ts'
import { pardon } from './sanction-list.ts'
import { attendances, epochs, keyHistory, sanctions, successions } from './set-store.ts'
import { currentValidators } from './store.ts'

/** The city's offline root keys; null where the genesis document names none. */
export function readRoots(view: ReadView): Roots | null {
  return rootKeys.get(view, null)
}

/** Puts the new validators in the place of the old ones; the first thing in the block that they make first. */
export function applyRecovery(context: ApplyContext, content: RecoveryContent): void {
  const { view, emit } = context
  const height = content.height + 1
  const before = currentValidators.mustGet(view, null)
  const { validators } = buildValidatorSet(content.validators)
  const changed =
    validators.filter((seat) => !hasSeat(before, seat)).length + before.filter((seat) => !hasSeat(validators, seat)).length
  moveKeys(view, { before, validators, height })
  writeEpoch(view, validators, { height, seats: changed })
  moveAttendance(view, { before, validators, height })
  for (const seat of validators) if (!hasSeat(before, seat)) pardon(view, seat.authority)
  const { suspended, barred } = sanctions.mustGet(view, null)
  const isMember = (authority: string): boolean => validators.some((seat) => seat.authority === authority)
  sanctions.set(view, null, {
    suspended: suspended.filter(({ authority }) => !isMember(authority)),
    barred: barred.filter(isMember),
  })
  currentValidators.set(view, null, validators)
  const recoveryHash = recoveryHashOf(content)
  recoveries.set(view, height, { recoveryHash, firstRound: content.firstRound })
  emit(Recovered, { height, recoveryHash, validators: validators.length })
}

type Move = { readonly before: readonly Validator[]; readonly validators: readonly Validator[]; readonly height: Height }

// The same seat with the same key: its records go on.
function hasSeat(set: readonly Validator[], { authority, publicKey }: Validator): boolean {
  return set.some((seat) => seat.authority === authority && equalBytes(seat.publicKey, publicKey))
}

function moveKeys(view: WriteView, { before, validators, height }: Move): void {
  for (const seat of before) {
    if (hasSeat(validators, seat)) continue
    const key = toHex(seat.publicKey)
    keyHistory.set(view, key, { ...keyHistory.mustGet(view, key), until: height })
  }
  for (const seat of validators) {
    if (!hasSeat(before, seat))
      keyHistory.set(view, toHex(seat.publicKey), { authority: seat.authority, from: height, until: null })
  }
}

// A decided change may already have named a set for this very height; the city's word stands in its place.
function writeEpoch(view: WriteView, validators: readonly Validator[], last: { height: Height; seats: number }): void {
  const { epoch } = successions.mustGet(view, null)
  const next = epochs.mustGet(view, epoch).from === last.height ? epoch : epoch + 1
  epochs.set(view, next, { from: last.height, validators })
  successions.set(view, null, { epoch: next, last, pending: [] })
}

function moveAttendance(view: WriteView, { before, validators, height }: Move): void {
  const attendance = attendances.mustGet(view, null)
  const seats = validators.map((seat) => {
    const known = hasSeat(before, seat) ? attendance.seats.find(({ authority }) => authority === seat.authority) : undefined
    return known ?? newSeat(seat.authority, height)
  })
  attendances.set(view, null, { ...attendance, seats })
}
