// Owns: proofs and ballots from their wire form, and what a ballot is bound to; the chain, voters and verifiers share it.
// Not here: the proofs themselves (crypto/).
import { concatBytes, fromHex, u32ToBytes } from '../../core/base/bytes.ts'
import { encode } from '../../core/codec/schema.ts'
import { sha256Bytes } from '../../core/crypto/hash.ts'
import { BallotSchema } from './ballot-schema.ts'
import type { Ballot, CipherBytes, ProofBytes } from './ballot-schema.ts'
import type { Ciphertext } from './crypto/ballot.ts'
import { checkHeld, readFast } from './crypto/checks.ts'
import { indexBytes, readAnyPoint, readScalar } from './crypto/group.ts'
import { castClaim } from './crypto/schnorr.ts'
import type { CastStatement, Claim, Proof } from './crypto/schnorr.ts'

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

/** `ctx` of a ballot under a key image: SHA-256 of the image (32 bytes) and the ballot's sequence (u16). */
export function anonContextOf({ image, seq }: { image: Uint8Array; seq: number }): Uint8Array {
  return sha256Bytes(concatBytes(image, indexBytes(seq)))
}

/** What a ring signs: SHA-256 of `ctx` and the hash of the ballot's bytes. */
export function ringMessage(place: { image: Uint8Array; seq: number }, ballot: Ballot): Uint8Array {
  return sha256Bytes(concatBytes(anonContextOf(place), sha256Bytes(encode(BallotSchema, ballot))))
}

/** Which voter's which ballot this is. */
export type CastPlace = { readonly eh: string; readonly rollIndex: number; readonly seq: number }

/** What the voter's key signs. */
export function castStatement({ eh, rollIndex, seq }: CastPlace, ballot: Ballot): CastStatement {
  const ballotHash = sha256Bytes(encode(BallotSchema, ballot))
  return { eh: fromHex(eh), ctx: contextOf({ rollIndex, seq }), ballotHash }
}

/** Whether a key holds its secret, proved of a claim; false for bytes that are no key or no proof. */
export function isHeld(claim: Claim, key: Uint8Array, proof: ProofBytes): boolean {
  const [point, read] = [readFast(key), readProof(proof)]
  return point !== null && read !== null && checkHeld(claim, point, read)
}

/** Whether the election key authorised this ballot in this place. */
export function isAuthorised(place: CastPlace, ballot: Ballot, { key, auth }: { key: Uint8Array; auth: ProofBytes }): boolean {
  return isHeld(castClaim(castStatement(place, ballot)), key, auth)
}
