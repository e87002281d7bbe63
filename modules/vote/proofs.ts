// Owns: proofs and ballots from their wire form, and what a ballot is bound to; the chain, voters and verifiers share it.
// Not here: the proofs themselves (crypto/).
import { concatBytes, fromHex, u32ToBytes } from '../../core/base/bytes.ts'
import { encode } from '../../core/codec/schema.ts'
import { sha256Bytes } from '../../core/crypto/hash.ts'
import { BallotSchema } from './ballot-schema.ts'
import type { Ballot, CipherBytes, ProofBytes } from './ballot-schema.ts'
import type { Ciphertext } from './crypto/ballot.ts'
import { indexBytes, readAnyPoint, readPoint, readScalar } from './crypto/group.ts'
import { verifyCast } from './crypto/schnorr.ts'
import type { CastStatement, Proof } from './crypto/schnorr.ts'

/** A proof of its bytes; null where a scalar is not reduced. */
export function readProof({ c, z }: ProofBytes): Proof | null {
  const [challenge, response] = [readScalar(c), readScalar(z)]
  return challenge === null || response === null ? null : { c: challenge, z: response }
}

/** A sum of ciphertexts of its bytes; null where a half is no point. */
export function readSum({ a, b }: CipherBytes): Ciphertext | null {
  const [left, right] = [readAnyPoint(a), readAnyPoint(b)]
  return left === null || right === null ? null : { a: left, b: right }
}

/** `ctx`: SHA-256 of the voter's number (u32) and the ballot's sequence (u16). */
export function contextOf({ rollIndex, seq }: { rollIndex: number; seq: number }): Uint8Array {
  return sha256Bytes(concatBytes(u32ToBytes(rollIndex), indexBytes(seq)))
}

/** Which voter's which ballot this is. */
export type CastPlace = { readonly eh: string; readonly rollIndex: number; readonly seq: number }

/** What the voter's key signs. */
export function castStatement({ eh, rollIndex, seq }: CastPlace, ballot: Ballot): CastStatement {
  const ballotHash = sha256Bytes(encode(BallotSchema, ballot))
  return { eh: fromHex(eh), ctx: contextOf({ rollIndex, seq }), ballotHash }
}

/** Whether the election key authorised this ballot in this place. */
export function isAuthorised(place: CastPlace, ballot: Ballot, { key, auth }: { key: Uint8Array; auth: ProofBytes }): boolean {
  const [point, proof] = [readPoint(key), readProof(auth)]
  return point !== null && proof !== null && verifyCast(castStatement(place, ballot), point, proof)
}
