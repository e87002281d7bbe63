// Owns: what a validator's key has signed, as far as safety and re-sending need it, and how one more signature changes that.
// Not here: whether to sign (sign-guard.ts), bytes on disk (journal-slot.ts, journal.ts).
import { assert } from '../../core/base/assert.ts'

/** Order of the steps inside a round; also their numbers in the journal. */
export const SIGN_STEP = { proposal: 1, prevote: 2, precommit: 3 } as const

/** 1 proposal, 2 prevote, 3 precommit. */
export type SignStep = (typeof SIGN_STEP)[keyof typeof SIGN_STEP]

/** One signature made by this key. */
export type SignedRecord = {
  readonly height: number
  readonly round: number
  readonly step: SignStep
  /** 64 hex digits, or null for a nil vote. */
  readonly blockIdHex: string | null
  /** The very bytes that were signed, at most SIGN_BYTES_MAX. */
  readonly signBytes: Uint8Array
  readonly signature: Uint8Array
}

/** Everything the key must remember; a pure value. */
export type SignState = {
  /** Nothing new is signed at this height or below; 0 allows all heights. */
  readonly floorHeight: number
  /** The highest signature by (height, round, step): the double-sign bound (W4). */
  readonly last: SignedRecord | null
  /** The last non-nil precommit of the height of `last`, which is the lock (W1). */
  readonly lastLock: SignedRecord | null
  /** The latest own message of each step at the height of `last`, to be sent again after a restart (R12). */
  readonly proposal: SignedRecord | null
  readonly prevote: SignedRecord | null
  readonly precommit: SignedRecord | null
}

/** Bound of sign bytes in a record: the largest of ours is far smaller. */
export const SIGN_BYTES_MAX = 1024
/** Bound of a signature in a record; Ed25519 has 64 bytes. */
export const SIGNATURE_BYTES_MAX = 128

/** The state of a key that has signed nothing and may sign above the given height. */
export function createSignState(floorHeight: number): SignState {
  assert(Number.isSafeInteger(floorHeight) && floorHeight >= 0, 'a floor is a height')
  return { floorHeight, last: null, lastLock: null, proposal: null, prevote: null, precommit: null }
}

/** A point in the life of a key. */
export type SignPoint = { readonly height: number; readonly round: number; readonly step: number }

/** Order by height, then round, then step: negative, zero or positive. */
export function compareSignPoints(a: SignPoint, b: SignPoint): number {
  if (a.height !== b.height) return a.height - b.height
  if (a.round !== b.round) return a.round - b.round
  return a.step - b.step
}

/** The state after one more signature, which must lie above the last one and above the floor. */
export function addSignature(state: SignState, record: SignedRecord): SignState {
  const { height, step, blockIdHex } = record
  assert(height > state.floorHeight, `a signature at height ${height} is not above the floor ${state.floorHeight}`)
  assert(state.last === null || compareSignPoints(record, state.last) > 0, 'a signature lies above the last one')
  const sameHeight = state.last !== null && state.last.height === height
  const base = sameHeight ? state : createSignState(state.floorHeight)
  return {
    floorHeight: state.floorHeight,
    last: record,
    lastLock: step === SIGN_STEP.precommit && blockIdHex !== null ? record : base.lastLock,
    proposal: step === SIGN_STEP.proposal ? record : base.proposal,
    prevote: step === SIGN_STEP.prevote ? record : base.prevote,
    precommit: step === SIGN_STEP.precommit ? record : base.precommit,
  }
}
