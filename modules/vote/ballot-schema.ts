// Owns: how ballots and proofs look on the wire. Not here: what they mean (crypto/), polls (schema.ts).
import { list, struct, union } from '../../core/codec/compound.ts'
import { fixedBytes, u8 } from '../../core/codec/fields.ts'
import type { Infer } from '../../core/codec/schema.ts'

/** Keys of one ring: the whole roll of a SECRET_ANON poll. */
export const RING_MAX = 64
/** Ciphertexts of one ballot: sixteen options and what fills up to maxSel. */
export const CIPHERS_MAX = 31

/** Challenge and response, scalars in 32 bytes. */
export const ProofSchema = struct({ c: fixedBytes(32), z: fixedBytes(32) })
/** A sum of ciphertexts, points in 32 bytes. */
export const CipherSchema = struct({ a: fixedBytes(32), b: fixedBytes(32) })
/** An encrypted option with the proof that it holds 0 or 1: 192 bytes. */
export const SealedOptionSchema = struct({
  a: fixedBytes(32),
  b: fixedBytes(32),
  c0: fixedBytes(32),
  c1: fixedBytes(32),
  z0: fixedBytes(32),
  z1: fixedBytes(32),
})
/** A ballot: numbers of options in ascending order, or each option sealed and the proof of how many are chosen. */
export const BallotSchema = union({
  open: [0, struct({ selections: list(u8, 16) })],
  secret: [1, struct({ options: list(SealedOptionSchema, CIPHERS_MAX), sum: ProofSchema })],
})

/** A linkable ring signature: the first challenge, and a response for each key of the roll in its order. */
export const RingSchema = struct({ c0: fixedBytes(32), responses: list(fixedBytes(32), RING_MAX) })

export type RingSignatureBytes = Infer<typeof RingSchema>
export type Ballot = Infer<typeof BallotSchema>
export type ProofBytes = Infer<typeof ProofSchema>
export type CipherBytes = Infer<typeof CipherSchema>
export type SealedOption = Infer<typeof SealedOptionSchema>
