// Owns: records and payloads about the validator set: changes to it, its succession, attendance, readiness.
// Not here: rules (seats.ts, succession.ts, attendance.ts), proposals (schema.ts).
import { LIMITS } from '../../core/base/limits.ts'
import { ChainParamsSchema } from '../../core/chain/params.ts'
import { ValidatorListSchema } from '../../core/chain/validator-set.ts'
import { choice, list, option, struct, union } from '../../core/codec/compound.ts'
import { address, bool, bytes, code, fixedBytes, hash32, text, u16, u32, u53 } from '../../core/codec/fields.ts'
import type { Infer } from '../../core/codec/schema.ts'

/** Decided changes that wait for their height, all activations together. */
export const PENDING_CHANGES_MAX = 64

const peerId = code(64)
const addresses = list(text(128), 4)
const publicKey = fixedBytes(32)
const signature = fixedBytes(64)

/** A new seat, or that of a suspended validator again; `possession` is by the new consensus key over SeatClaimSchema. */
export const ValidatorAddSchema = struct({
  authority: address,
  publicKey,
  name: code(32),
  peerId,
  addresses,
  possession: signature,
})
/** Ends a seat, or strikes a suspended validator. */
export const ValidatorRemoveSchema = struct({ authority: address })
/** Another consensus key for a seat; `possession` is by the new key over SeatClaimSchema. */
export const ValidatorRotateSchema = struct({ authority: address, publicKey, possession: signature })
/** Another network identity for a seat. */
export const ValidatorMoveSchema = struct({ authority: address, peerId, addresses })
/** Other consensus parameters, all of them. */
export const ChainParamsSetSchema = struct({ params: ChainParamsSchema })

/** What a new consensus key signs: `nonce` is the number of changes that the seat has had (G4). */
export const SeatClaimSchema = struct({ genesisHash: hash32, authority: address, publicKey, nonce: u32 })
/** What a candidate's consensus key signs to show that its node follows the chain. */
export const ReadyClaimSchema = struct({ genesisHash: hash32, authority: address, height: u53, blockId: hash32 })
/** Payload of governance.ready: the sender is the candidate's authority. */
export const ReadyPayload = struct({ publicKey, height: u53, blockId: hash32, signature })

/** A decided change as it waits for its height. */
export const SetChangeSchema = union({
  add: [0, struct({ authority: address, publicKey, name: code(32), peerId, addresses })],
  remove: [1, struct({ authority: address })],
  rotate: [2, struct({ authority: address, publicKey })],
  move: [3, ValidatorMoveSchema],
  params: [4, ChainParamsSetSchema],
  /** Removal by evidence: the seat stays registered and can come back with another key (G9). */
  suspend: [5, struct({ authority: address })],
})
/** Changes that become active together: the first block signed by the new set is `height`. */
export const ActivationSchema = struct({ height: u53, changes: list(SetChangeSchema, PENDING_CHANGES_MAX) })
/**
 * `epoch` counts the sets so far; `last` is the newest activation that changed seats, and how many. `pending` stands in the
 * order of heights.
 */
export const SuccessionSchema = struct({
  epoch: u32,
  last: struct({ height: u53, seats: u16 }),
  pending: list(ActivationSchema, PENDING_CHANGES_MAX),
})
/** The validators of all heights from `from` until the next epoch begins. */
export const EpochSchema = struct({ from: u53, validators: ValidatorListSchema })
/** Whose consensus key this is or was, from which height until which (exclusive); kept for ever (G6). */
export const KeyHistorySchema = struct({ authority: address, from: u53, until: option(u53) })
/** Seats that evidence suspended and nobody has struck or reinstated, and seats that keep voting but never propose (G9). */
export const SanctionsSchema = struct({
  suspended: list(struct({ authority: address, since: u53 }), 1_000),
  barred: list(address, LIMITS.validatorsMax),
})

/** Who signed a block, by its canonical certificate; bits as in a certificate, over the set of the epoch. */
export const SignedBlockSchema = struct({
  epoch: u32,
  blockId: hash32,
  bitmap: bytes(Math.ceil(LIMITS.validatorsMax / 8)),
})
/**
 * Attendance of one seat: misses at heights from `since` on inside the window, signatures in a row up to now, the last height
 * signed (0: none yet), and whether it is skipped as proposer.
 */
export const SeatAttendanceSchema = struct({
  authority: address,
  since: u53,
  missed: u32,
  streak: u32,
  lastSigned: u53,
  inactive: bool,
})
/** The window holds the blocks from `from` up to `upTo`, both included; empty while `upTo` lies below `from`. */
export const AttendanceSchema = struct({ from: u53, upTo: u53, seats: list(SeatAttendanceSchema, LIMITS.validatorsMax) })
/** The newest proof of readiness of a candidate. */
export const ReadySchema = struct({ publicKey, height: u53, at: u53 })

/** A seat was added at a height. */
export const SeatAddedEvent = struct({ authority: address, validator: code(32), publicKey, activeFrom: u53 })
/** A seat ended; `reason` says why. */
export const SeatRemovedEvent = struct({ authority: address, reason: choice({ decided: 0, suspended: 1 }), activeFrom: u53 })
/** A seat signs by another key. */
export const SeatRotatedEvent = struct({ authority: address, publicKey, activeFrom: u53 })
/** A seat has another network identity. */
export const SeatMovedEvent = struct({ authority: address, peerId, activeFrom: u53 })
/** Other consensus parameters hold. */
export const ParamsActiveEvent = struct({ paramsHash: hash32, activeFrom: u53 })
/** A decided change did not become active: no quorum online, too few seats left, or another change came first. */
export const ChangeDroppedEvent = struct({
  authority: option(address),
  reason: choice({ quorum: 0, floor: 1, conflict: 2 }),
  height: u53,
})
/** A change was decided and waits for its height; `authority` is null where it is about the parameters. */
export const ScheduledEvent = struct({
  authority: option(address),
  change: choice({ add: 0, remove: 1, rotate: 2, move: 3, params: 4, suspend: 5 }),
  activeFrom: u53,
})
/** A seat is skipped as proposer from the next block on, or no longer. */
export const ActivityEvent = struct({ authority: address, inactive: bool, missed: u32 })
/** A seat never proposes until it is replaced or rotates its key. */
export const BarredEvent = struct({ authority: address })
/** A candidate showed that its node follows the chain. */
export const ReadyEvent = struct({ authority: address, height: u53 })

export type ValidatorAdd = Infer<typeof ValidatorAddSchema>
export type ValidatorRotate = Infer<typeof ValidatorRotateSchema>
export type ValidatorMove = Infer<typeof ValidatorMoveSchema>
export type SetChange = Infer<typeof SetChangeSchema>
export type Activation = Infer<typeof ActivationSchema>
export type Succession = Infer<typeof SuccessionSchema>
export type Sanctions = Infer<typeof SanctionsSchema>
export type Attendance = Infer<typeof AttendanceSchema>
export type SeatAttendance = Infer<typeof SeatAttendanceSchema>
