// Owns: secret ballots: exponential ElGamal, proofs that each option holds 0 or 1 and how many are chosen (5.3, 2-4).
// Not here: who may cast (schnorr.ts), counting (tally.ts).
import { BASE, ZERO, hashToScalar, reduce, times, timesBase, timesSecret } from './group.ts'
import type { Point } from './group.ts'
import { proveEqualLog, verifyEqualLog } from './equal-log.ts'
import type { EqualLog } from './equal-log.ts'
import type { Proof } from './schnorr.ts'

/** (A, B) = (rG, rY + mG). */
export type Ciphertext = { readonly a: Point; readonly b: Point }

/** The disjunctive proof that a ciphertext holds 0 or 1. */
export type BitProof = { readonly c0: bigint; readonly c1: bigint; readonly z0: bigint; readonly z1: bigint }

/** What every proof of a ballot is bound to: manifest, voter and sequence, key of the poll. */
export type BallotContext = { readonly eh: Uint8Array; readonly ctx: Uint8Array; readonly key: Point }

/** The chances of one option's encryption and proof: each a scalar, each fresh, none ever used twice. */
export type BitRandomness = { readonly r: bigint; readonly w: bigint; readonly fakeC: bigint; readonly fakeZ: bigint }

/** Encrypts 0 or 1. */
export function encryptBit(key: Point, bit: 0 | 1, r: bigint): Ciphertext {
  const masked = timesSecret(key, r)
  return { a: timesBase(r), b: bit === 1 ? masked.add(BASE) : masked }
}

type BitStatement = BallotContext & { readonly option: number; readonly cipher: Ciphertext }

function bitChallenge({ eh, ctx, key, option, cipher }: BitStatement, t: readonly Point[]): bigint {
  return hashToScalar('seoul-vote-v1/disj', eh, ctx, option, key, cipher.a, cipher.b, ...t)
}

// a_b = z_b G - c_b A and b_b = z_b Y - c_b M_b, with M_0 = B and M_1 = B - G.
function bitCommitments({ key, cipher }: BitStatement, branch: 0 | 1, c: bigint, z: bigint): readonly [Point, Point] {
  const message = branch === 0 ? cipher.b : cipher.b.subtract(BASE)
  return [timesBase(z).subtract(times(cipher.a, c)), times(key, z).subtract(times(message, c))]
}

/** Proves that the ciphertext of an option holds the bit, without saying which. */
export function proveBit(statement: BitStatement, bit: 0 | 1, { r, w, fakeC, fakeZ }: BitRandomness): BitProof {
  const fake = bitCommitments(statement, bit === 1 ? 0 : 1, fakeC, fakeZ)
  const real = [timesBase(w), timesSecret(statement.key, w)] as const
  const whole = bitChallenge(statement, bit === 1 ? [...fake, ...real] : [...real, ...fake])
  const c = reduce(whole - fakeC)
  const z = reduce(w + c * r)
  return bit === 1 ? { c0: fakeC, c1: c, z0: fakeZ, z1: z } : { c0: c, c1: fakeC, z0: z, z1: fakeZ }
}

/** Checks that an option holds 0 or 1 under this manifest, voter, sequence and place. */
export function verifyBit(statement: BitStatement, { c0, c1, z0, z1 }: BitProof): boolean {
  const commitments = [...bitCommitments(statement, 0, c0, z0), ...bitCommitments(statement, 1, c1, z1)]
  return reduce(c0 + c1) === bitChallenge(statement, commitments)
}

/** The sum of ciphertexts, which holds the sum of what they hold. */
export function addCiphers(ciphers: readonly Ciphertext[]): Ciphertext {
  return ciphers.reduce((sum, { a, b }) => ({ a: sum.a.add(a), b: sum.b.add(b) }), { a: ZERO, b: ZERO })
}

function sumStatement({ eh, ctx, key }: BallotContext, ciphers: readonly Ciphertext[], selections: number): EqualLog {
  const sum = addCiphers(ciphers)
  const second = sum.b.subtract(timesBase(BigInt(selections)))
  return { tag: 'seoul-vote-v1/sum', before: [eh, ctx], first: sum.a, base: key, second }
}

/** Proves that the options hold exactly so many ones; `r` is the sum of the encryptions' scalars. */
export function proveSum(
  context: BallotContext,
  { ciphers, selections }: { ciphers: readonly Ciphertext[]; selections: number },
  { r, w }: { r: bigint; w: bigint },
): Proof {
  return proveEqualLog(sumStatement(context, ciphers, selections), r, w)
}

/** Checks that the options hold exactly so many ones. */
export function verifySum(
  context: BallotContext,
  { ciphers, selections }: { ciphers: readonly Ciphertext[]; selections: number },
  proof: Proof,
): boolean {
  return verifyEqualLog(sumStatement(context, ciphers, selections), proof)
}
