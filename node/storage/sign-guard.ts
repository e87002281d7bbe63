// Owns: the pure decision whether a key may sign (consensus.md 3.2, W4): never twice, never back, never against its lock.
// Not here: the record of what was signed (sign-state.ts, journal.ts), the signature itself (node/signer.ts).
import { equalBytes } from '../../core/base/bytes.ts'
import { compareSignPoints, SIGN_BYTES_MAX, SIGN_STEP, type SignedRecord, type SignState, type SignStep } from './sign-state.ts'

/** What the consensus machine wants signed. */
export type SignRequest = {
  readonly height: number
  readonly round: number
  readonly step: SignStep
  /** 64 hex digits, or null for a nil vote. */
  readonly blockIdHex: string | null
  /** Round of the polka that a proposal or prevote rests on, -1 for none. */
  readonly validRound: number
  readonly signBytes: Uint8Array
  /** The round in which this height begins; 0 unless a recovery begins it later (G11). */
  readonly firstRound?: number
}

/** Sign; or send the stored signature again; or refuse. `conflict` marks a would-be double sign or amnesia: raise an alarm. */
export type SignDecision =
  | { readonly kind: 'sign' }
  | { readonly kind: 'resend'; readonly signature: Uint8Array }
  | { readonly kind: 'refuse'; readonly conflict: boolean; readonly reason: string }

function refuse(reason: string, conflict = false): SignDecision {
  return { kind: 'refuse', conflict, reason }
}

function describePoint({ height, round, step }: { height: number; round: number; step: number }): string {
  return `height ${height} round ${round} step ${step}`
}

/** Says what is malformed in a request, or null. A nil vote carries no valid round, so that it has one encoding (R2). */
function findMalformation(request: SignRequest): string | null {
  const { height, round, step, blockIdHex, validRound, signBytes } = request
  if (!Number.isSafeInteger(height) || height < 1) return `height ${height} is not a positive integer`
  if (!Number.isInteger(round) || round < 0 || round > 0xffffffff) return `round ${round} is not a u32`
  if (step !== SIGN_STEP.proposal && step !== SIGN_STEP.prevote && step !== SIGN_STEP.precommit)
    return `step ${String(step)} is unknown`
  if (!Number.isInteger(validRound) || validRound < -1 || validRound >= round) {
    return `valid round ${validRound} is neither -1 nor below round ${round}`
  }
  if (blockIdHex !== null && !/^[0-9a-f]{64}$/.test(blockIdHex)) return 'the block id is not 64 hex digits'
  if (blockIdHex === null && step === SIGN_STEP.proposal) return 'a proposal needs a block id'
  if (blockIdHex === null && validRound !== -1) return `a nil vote carries valid round -1, not ${validRound}`
  if (signBytes.length === 0 || signBytes.length > SIGN_BYTES_MAX)
    return `${signBytes.length} sign bytes are outside 1..${SIGN_BYTES_MAX}`
  return null
}

/** The stored signature at exactly the request's height, round and step, or null. */
function findStored(state: SignState, request: SignRequest): SignedRecord | null {
  const stored = [state.last, state.proposal, state.prevote, state.precommit]
  return stored.find((record) => record !== null && compareSignPoints(record, request) === 0) ?? null
}

/** Strict lock rule: after a non-nil precommit in round lr, a non-nil prevote of a later round needs a valid round ≥ lr. */
function isAgainstLock(state: SignState, request: SignRequest): boolean {
  const lock = state.lastLock
  if (lock === null || lock.height !== request.height) return false
  // A lock of the old validators is void: its block cannot stand under the new ones, and nobody counts votes of its round.
  if (lock.round < (request.firstRound ?? 0)) return false
  if (request.step !== SIGN_STEP.prevote || request.blockIdHex === null) return false
  return request.round > lock.round && request.validRound < lock.round
}

/**
 * Decides by (height, round, step): above the last signature signs, unless the lock or the floor forbids it; a stored point with
 * the same bytes gives the stored signature, which adds nothing to what the world may hold already; all else is refused.
 */
export function decideSign(state: SignState, request: SignRequest): SignDecision {
  const malformation = findMalformation(request)
  if (malformation !== null) return refuse(malformation)
  const { firstRound = 0 } = request
  if (request.round < firstRound) return refuse(`round ${request.round} lies before round ${firstRound}, where the height begins`)
  const stored = findStored(state, request)
  if (stored !== null) {
    if (equalBytes(stored.signBytes, request.signBytes)) return { kind: 'resend', signature: stored.signature }
    return refuse(`other bytes were already signed at ${describePoint(request)}`, true)
  }
  if (request.height <= state.floorHeight) {
    return refuse(`height ${request.height} is not above the floor ${state.floorHeight} of the sign state`)
  }
  if (state.last !== null && compareSignPoints(request, state.last) < 0) {
    return refuse(`${describePoint(request)} lies below the last signature at ${describePoint(state.last)}`)
  }
  if (isAgainstLock(state, request)) {
    const lockedRound = state.lastLock?.round ?? -1
    return refuse(`locked in round ${lockedRound}, the prevote rests on valid round ${request.validRound}`, true)
  }
  return { kind: 'sign' }
}
