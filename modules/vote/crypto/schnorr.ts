// Owns: proofs that somebody holds a secret key: of a trustee (5.3, 1), of a key on the roll, and of a ballot's sender (5.3, 2).
// Not here: what the proofs are about (feldman.ts, ballot.ts).
import { hashToScalar, reduce, times, timesBase } from './group.ts'
import type { HashField, Point } from './group.ts'

/** A proof of two scalars: challenge and response. */
export type Proof = { readonly c: bigint; readonly z: bigint }

/** A statement that the hash covers before and after the public key. */
type Statement = { readonly tag: string; readonly before: readonly HashField[]; readonly key: Point }

function challenge({ tag, before, key }: Statement, commitment: Point): bigint {
  return hashToScalar(tag, ...before, key, commitment)
}

function prove(statement: Statement, secret: bigint, nonce: bigint): Proof {
  const c = challenge(statement, timesBase(nonce))
  return { c, z: reduce(nonce + c * secret) }
}

function verify(statement: Statement, { c, z }: Proof): boolean {
  return challenge(statement, timesBase(z).subtract(times(statement.key, c))) === c
}

const trusteeStatement = (eh: Uint8Array, trustee: number, key: Point): Statement => ({
  tag: 'seoul-vote-v1/pok',
  before: [eh, trustee],
  key,
})

/** Proves that trustee i holds a_{i,0}. */
export function proveTrusteeKey(eh: Uint8Array, trustee: number, secret: bigint, nonce: bigint): Proof {
  return prove(trusteeStatement(eh, trustee, timesBase(secret)), secret, nonce)
}

/** Checks a trustee's proof for its first commitment. */
export function verifyTrusteeKey(eh: Uint8Array, trustee: number, key: Point, proof: Proof): boolean {
  return verify(trusteeStatement(eh, trustee, key), proof)
}

const rollStatement = (eh: Uint8Array, key: Point): Statement => ({ tag: 'seoul-vote-v1/roll', before: [eh], key })

/** Proves that a voter holds the secret of an election key; good for one poll. */
export function proveRollKey(eh: Uint8Array, secret: bigint, nonce: bigint): Proof {
  return prove(rollStatement(eh, timesBase(secret)), secret, nonce)
}

/** Checks that the secret of an election key is held. */
export function verifyRollKey(eh: Uint8Array, key: Point, proof: Proof): boolean {
  return verify(rollStatement(eh, key), proof)
}

/** What a voter signs: `eh`, the context of the ballot, and the SHA-256 of its bytes. */
export type CastStatement = { readonly eh: Uint8Array; readonly ctx: Uint8Array; readonly ballotHash: Uint8Array }

const castStatement = ({ eh, ctx, ballotHash }: CastStatement, key: Point): Statement => ({
  tag: 'seoul-vote-v1/cast',
  before: [eh, ctx, ballotHash],
  key,
})

/** Authorises a ballot by the election key. */
export function signCast(said: CastStatement, secret: bigint, nonce: bigint): Proof {
  return prove(castStatement(said, timesBase(secret)), secret, nonce)
}

/** Checks who authorised a ballot. */
export function verifyCast(said: CastStatement, key: Point, proof: Proof): boolean {
  return verify(castStatement(said, key), proof)
}
