// Owns: proofs that somebody holds a secret key: of a trustee (5.3, 1), of a key on the roll, and of a ballot's sender (5.3, 2).
// Not here: what the proofs are about (feldman.ts, ballot.ts).
import { hashToScalar, reduce, times, timesBase } from './group.ts'
import type { HashField, Point } from './group.ts'

/** A proof of two scalars: challenge and response. */
export type Proof = { readonly c: bigint; readonly z: bigint }

/** What a proof is of: the tag, and what the hash covers before the public key. */
export type Claim = { readonly tag: string; readonly before: readonly HashField[] }
type Statement = Claim & { readonly key: Point }

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

/** Proves that the secret of a key is held, of any claim. */
export function proveClaim(claim: Claim, secret: bigint, nonce: bigint): Proof {
  return prove({ ...claim, key: timesBase(secret) }, secret, nonce)
}

/** That trustee i holds a_{i,0}. */
export const trusteeClaim = (eh: Uint8Array, trustee: number): Claim => ({ tag: 'seoul-vote-v1/pok', before: [eh, trustee] })

/** Proves that trustee i holds a_{i,0}. */
export function proveTrusteeKey(eh: Uint8Array, trustee: number, secret: bigint, nonce: bigint): Proof {
  return prove({ ...trusteeClaim(eh, trustee), key: timesBase(secret) }, secret, nonce)
}

/** Checks a trustee's proof for its first commitment. */
export function verifyTrusteeKey(eh: Uint8Array, trustee: number, key: Point, proof: Proof): boolean {
  return verify({ ...trusteeClaim(eh, trustee), key }, proof)
}

/** That a voter holds an election key of one poll. */
export const rollClaim = (eh: Uint8Array): Claim => ({ tag: 'seoul-vote-v1/roll', before: [eh] })

/** Proves that a voter holds the secret of an election key; good for one poll. */
export function proveRollKey(eh: Uint8Array, secret: bigint, nonce: bigint): Proof {
  return prove({ ...rollClaim(eh), key: timesBase(secret) }, secret, nonce)
}

/** Checks that the secret of an election key is held. */
export function verifyRollKey(eh: Uint8Array, key: Point, proof: Proof): boolean {
  return verify({ ...rollClaim(eh), key }, proof)
}

/** What a voter signs: `eh`, the context of the ballot, and the SHA-256 of its bytes. */
export type CastStatement = { readonly eh: Uint8Array; readonly ctx: Uint8Array; readonly ballotHash: Uint8Array }

/** That the voter casts this ballot. */
export const castClaim = ({ eh, ctx, ballotHash }: CastStatement): Claim => ({
  tag: 'seoul-vote-v1/cast',
  before: [eh, ctx, ballotHash],
})

/** Authorises a ballot by the election key. */
export function signCast(said: CastStatement, secret: bigint, nonce: bigint): Proof {
  return prove({ ...castClaim(said), key: timesBase(secret) }, secret, nonce)
}

/** Checks who authorised a ballot. */
export function verifyCast(said: CastStatement, key: Point, proof: Proof): boolean {
  return verify({ ...castClaim(said), key }, proof)
}
