// Owns: who signed which block, from canonical certificates: the window, and who is skipped as proposer (consensus.md 4, G10).
// Not here: who has a seat (succession.ts), who signed against the rules (sanctions.ts).
import type { Address, Height } from '../../core/base/ids.ts'
import type { Standing, Validator } from '../../core/chain/validator-set.ts'
import type { ApplyContext, BlockEnv, BlockFacts } from '../../core/execution/module.ts'
import type { ReadView } from '../../core/state/view.ts'
import { epochAt } from './epochs.ts'
import { ValidatorActivity } from './set-events.ts'
import type { Attendance, SeatAttendance } from './set-schema.ts'
import { attendances, epochs, sanctions, signedBlocks } from './set-store.ts'
import { currentValidators } from './store.ts'

/** Signatures in a row after which an absent validator proposes again. */
export const RETURN_STREAK = 20
/** A validator counts as online when it signed one of so many blocks. */
export const ONLINE_BLOCKS = 20
/** Blocks that leave a window which became shorter, at most, in one block. */
const EVICTIONS_MAX = 16

/** Attendance of a seat that begins at a height. */
export function newSeat(authority: Address, since: Height): SeatAttendance {
  return { authority, since, missed: 0, streak: 0, lastSigned: 0, inactive: false }
}

/** Enters the certificate of the parent, drops what left the window, and says who is skipped from now on. */
export function recordAttendance(context: ApplyContext, block: BlockEnv, facts: BlockFacts): void {
  const { view, emit } = context
  const height = block.height - 1
  const epoch = epochAt(view, height)
  if (facts.lastCommit === null || epoch === null) return
  const { bitmap } = facts.lastCommit
  signedBlocks.set(view, height, { epoch: epoch.number, blockId: facts.parentId, bitmap })
  const { from, seats } = attendances.mustGet(view, null)
  const indexOf = indexIn(epoch.validators)
  const counted = seats.map((seat) =>
    height < seat.since ? seat : countBlock(seat, height, isSet(bitmap, indexOf(seat.authority))),
  )
  const kept = evict(context, { from, upTo: height, seats: counted }, block.params.attendanceWindow)
  const judged = judge(view, kept, block.params.attendanceWindow)
  attendances.set(view, null, judged)
  judged.seats.forEach((seat, index) => {
    const before = seats[index]
    if (before === undefined || before.inactive === seat.inactive) return
    emit(ValidatorActivity, { authority: seat.authority, inactive: seat.inactive, missed: kept.seats[index]?.missed ?? 0 })
  })
}

/** Who of the next block's validators does not propose. */
export function readStanding(view: ReadView): Standing {
  const inactive = attendances.mustGet(view, null).seats.filter((seat) => seat.inactive)
  return { inactive: inactive.map((seat) => seat.authority), barred: sanctions.mustGet(view, null).barred }
}

/** How many of these validators signed one of the last blocks, as of a height. */
export function countOnline(view: ReadView, validators: readonly Pick<Validator, 'authority'>[], height: Height): number {
  const { seats } = attendances.mustGet(view, null)
  const isOnline = (authority: Address): boolean => {
    const lastSigned = seats.find((seat) => seat.authority === authority)?.lastSigned ?? 0
    return lastSigned > 0 && lastSigned >= height - ONLINE_BLOCKS
  }
  return validators.filter(({ authority }) => isOnline(authority)).length
}

function countBlock(seat: SeatAttendance, height: Height, signed: boolean): SeatAttendance {
  return signed ? { ...seat, streak: seat.streak + 1, lastSigned: height } : { ...seat, streak: 0, missed: seat.missed + 1 }
}

// Drops the oldest blocks until the window is as long as the parameter says.
function evict({ view }: ApplyContext, attendance: Attendance, window: number): Attendance {
  const { upTo } = attendance
  let { from, seats } = attendance
  for (let count = 0; count < EVICTIONS_MAX && upTo - from + 1 > window; count++, from++) {
    const signed = signedBlocks.get(view, from)
    if (signed === null) continue
    const height = from
    const indexOf = indexIn(epochs.mustGet(view, signed.epoch).validators)
    const wasMissed = (seat: SeatAttendance): boolean => seat.since <= height && !isSet(signed.bitmap, indexOf(seat.authority))
    seats = seats.map((seat) => (wasMissed(seat) ? { ...seat, missed: seat.missed - 1 } : seat))
    signedBlocks.remove(view, from)
  }
  return { from, upTo, seats }
}

/**
 * More than half of a whole window missed: no single proposer that leaves out signatures reaches that (G10). So many always stay
 * eligible that one of them is honest.
 */
function judge(view: ReadView, attendance: Attendance, window: number): Attendance {
  const { barred } = sanctions.mustGet(view, null)
  const n = currentValidators.mustGet(view, null).length
  let eligible = attendance.seats.filter((seat) => !seat.inactive && !barred.includes(seat.authority)).length
  const seats = attendance.seats.map((seat) => {
    if (seat.inactive) {
      // A fresh start: the misses that led here are forgiven, or the next block would judge them again.
      return seat.streak < RETURN_STREAK ? seat : { ...seat, inactive: false, missed: 0, since: attendance.upTo + 1 }
    }
    if (seat.missed * 2 <= window || eligible <= Math.floor(n / 3) + 1) return seat
    if (!barred.includes(seat.authority)) eligible -= 1
    return { ...seat, inactive: true }
  })
  return { ...attendance, seats }
}

function indexIn(validators: readonly Validator[]): (authority: Address) => number {
  const indexes = new Map(validators.map(({ authority }, index) => [authority, index]))
  return (authority) => indexes.get(authority) ?? -1
}

function isSet(bitmap: Uint8Array, index: number): boolean {
  return index >= 0 && ((bitmap[index >> 3] ?? 0) & (0x80 >> (index & 7))) !== 0
}
