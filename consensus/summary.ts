// Owns: the short report of a node's round state that peers exchange each second (consensus.md 6.2), and its bitmaps.
// Not here: what is sent in answer (catch-up.ts).
import { LIMITS } from '../core/base/limits.ts'
import { bool, bytes, roundOrNone, u32, u53 } from '../core/codec/fields.ts'
import { choice, struct } from '../core/codec/compound.ts'
import { decode, encode } from '../core/codec/schema.ts'
import type { Infer } from '../core/codec/schema.ts'
import { STEPS } from './state.ts'
import type { ConsensusState } from './state.ts'
import type { VoteBox } from './vote-keeper.ts'

/** Upper bound of an encoded summary in bytes. */
export const SUMMARY_BYTES_MAX = 512

const bitmap = bytes(Math.ceil(LIMITS.validatorsMax / 8))

/** Where a node stands; bit i (most significant first) of a bitmap = it holds a vote of validator i in this round. */
export const SummarySchema = struct({
  height: u53,
  round: u32,
  step: choice(STEPS),
  validRound: roundOrNone,
  prevotes: bitmap,
  precommits: bitmap,
  hasProposal: bool,
})

export type Summary = Infer<typeof SummarySchema>

/** Bytes of a summary. */
export function encodeSummary(summary: Summary): Uint8Array {
  return encode(SummarySchema, summary)
}

/** Summary of bytes from a peer. Throws CodecError on anything but the canonical form. */
export function decodeSummary(encoded: Uint8Array): Summary {
  return decode(SummarySchema, encoded, SUMMARY_BYTES_MAX)
}

/** Where this node stands now. */
export function summaryOf(state: ConsensusState): Summary {
  const { height, round, step, validRound, votes, proposals, set } = state
  const current = votes.rounds.get(round)
  const size = set.validators.length
  return {
    height,
    round,
    step,
    validRound,
    prevotes: bitmapOf(current?.prevote, size),
    precommits: bitmapOf(current?.precommit, size),
    hasProposal: proposals.has(round),
  }
}

function bitmapOf(box: VoteBox | undefined, size: number): Uint8Array {
  const bits = new Uint8Array(Math.ceil(size / 8))
  box?.votes.forEach((vote, index) => {
    if (vote !== null) bits[index >> 3] = (bits[index >> 3] ?? 0) | (0x80 >> (index & 7))
  })
  return bits
}

/** Whether bit `index` is set; bits beyond the bitmap are not. */
export function hasBit(bits: Uint8Array, index: number): boolean {
  return ((bits[index >> 3] ?? 0) & (0x80 >> (index & 7))) !== 0
}
