// Owns: the checks of every proof of 5.3 on bytes, by the fast arithmetic; the same verdicts as the reference functions beside
// the provers (schnorr.ts, equal-log.ts, ballot.ts, ring.ts), tested against them. Not here: proving, secrets.
import { concatBytes } from '../../../core/base/bytes.ts'
import { sha256Bytes } from '../../../core/crypto/hash.ts'
import { addTo, createScratch, createSummand, toSummand } from './edwards.ts'
import type { Edwards } from './edwards.ts'
import { decodePoint, encodePoint } from './encoding.ts'
import { BASE, ORDER, hashToScalar, reduce } from './group.ts'
import type { HashField } from './group.ts'
import { addPoints, baseTable, encodeSums, tableOf } from './multiples.ts'
import type { Table, Term } from './multiples.ts'
import { imageBase } from './ring.ts'
import type { BitProof } from './ballot.ts'
import type { Claim, Proof } from './schnorr.ts'

/** A point as it came, with its bytes, which are what enters hashes. */
export type ReadPoint = { readonly bytes: Uint8Array; readonly point: Edwards }
/** An option as it came. */
export type ReadOption = { readonly a: ReadPoint; readonly b: ReadPoint; readonly proof: BitProof }

const BASE_BYTES = BASE.toBytes()

/** The point of its canonical bytes; null for anything else, and for the identity unless it is allowed. */
export function readFast(bytes: Uint8Array, isIdentityAllowed = false): ReadPoint | null {
  if (bytes.length !== 32 || (!isIdentityAllowed && bytes.every((byte) => byte === 0))) return null
  const point = decodePoint(bytes)
  return point === null ? null : { bytes, point }
}

const plus = (scalar: bigint, of: Table | Edwards): Term => ({ scalar, of })
const minus = (scalar: bigint, of: Table | Edwards): Term => ({ scalar: scalar === 0n ? 0n : ORDER - scalar, of })

/** The bytes of a point more or less another; null where one is no point. */
export function addBytes(to: Uint8Array, by: Uint8Array, sign: 1 | -1): Uint8Array | null {
  const [sum, point] = [decodePoint(to), decodePoint(by)]
  if (sum === null || point === null) return null
  const summand = createSummand()
  toSummand(summand, point)
  addTo(sum, summand, sign === -1, createScratch())
  return encodePoint(sum)
}

/** A proof that a secret is held: R = zG - cP gives c (5.3, 1 and 2). */
export function checkHeld({ tag, before }: Claim, key: ReadPoint, { c, z }: Proof): boolean {
  const [r] = encodeSums([[plus(z, baseTable()), minus(c, key.point)]])
  return hashToScalar(tag, ...before, key.bytes, r as Uint8Array) === c
}

/** log_G(first) = log_base(second) (5.3, 4 and 6). */
export type EqualLogBytes = {
  readonly tag: string
  readonly before: readonly HashField[]
  readonly first: ReadPoint
  readonly base: ReadPoint
  readonly second: ReadPoint
}

/** A proof that two points have one logarithm. */
export function checkEqualLog({ tag, before, first, base, second }: EqualLogBytes, { c, z }: Proof): boolean {
  const [t1, t2] = encodeSums([
    [plus(z, baseTable()), minus(c, first.point)],
    [plus(z, base.point), minus(c, second.point)],
  ]) as [Uint8Array, Uint8Array]
  const bytes = [BASE_BYTES, first.bytes, base.bytes, second.bytes, t1, t2]
  return hashToScalar(tag, ...before, ...bytes) === c
}

/** What every proof of a ballot is bound to. */
export type BallotBytes = { readonly eh: Uint8Array; readonly ctx: Uint8Array; readonly key: ReadPoint }

// a0, b0, a1, b1 of a ciphertext, with M0 = B and M1 = B - G.
function bitTerms({ a, b, proof }: ReadOption, key: Edwards): readonly (readonly Term[])[] {
  const { c0, c1, z0, z1 } = proof
  return [
    [plus(z0, baseTable()), minus(c0, a.point)],
    [plus(z0, key), minus(c0, b.point)],
    [plus(z1, baseTable()), minus(c1, a.point)],
    [plus(z1, key), plus(c1, baseTable()), minus(c1, b.point)],
  ]
}

/** The number of the first option that is not proved to hold 0 or 1, the word sum where the sum is not proved, or null. */
export function badBallot(
  { eh, ctx, key }: BallotBytes,
  options: readonly ReadOption[],
  { selections, proof }: { selections: number; proof: Proof },
): number | 'sum' | null {
  const sumA = addPoints(options.map(({ a }) => a.point))
  const sumB = addPoints(options.map(({ b }) => b.point))
  const rest = minus(BigInt(selections), baseTable())
  const encoded = encodeSums([
    ...options.flatMap((option) => bitTerms(option, key.point)),
    [plus(1n, sumA)],
    [plus(1n, sumB), rest],
    [plus(proof.z, baseTable()), minus(proof.c, sumA)],
    [plus(proof.z, key.point), minus(proof.c, sumB), plus((proof.c * BigInt(selections)) % ORDER, baseTable())],
  ])
  const bad = options.findIndex(({ a, b, proof: { c0, c1 } }, option) => {
    const commitments = encoded.slice(4 * option, 4 * option + 4)
    return reduce(c0 + c1) !== hashToScalar('seoul-vote-v1/disj', eh, ctx, option, key.bytes, a.bytes, b.bytes, ...commitments)
  })
  if (bad !== -1) return bad
  const [first, second, t1, t2] = encoded.slice(4 * options.length) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array]
  const c = hashToScalar('seoul-vote-v1/sum', eh, ctx, BASE_BYTES, first, key.bytes, second, t1, t2)
  return c === proof.c ? null : 'sum'
}

/** What a ring signs: manifest, the keys in order, the hash of what is said; and the base of its key images. */
export type Ring = {
  readonly eh: Uint8Array
  readonly keys: readonly ReadPoint[]
  readonly hash: Uint8Array
  readonly base: Table
}

/** A ring that many signatures are checked against. */
export function readRing(eh: Uint8Array, keys: readonly ReadPoint[]): Ring | null {
  const base = decodePoint(imageBase(eh).toBytes())
  if (base === null) return null
  return { eh, keys, hash: sha256Bytes(concatBytes(...keys.map(({ bytes }) => bytes))), base: tableOf(base) }
}

/** A ring's signature as it came. */
export type RingBytes = { readonly image: ReadPoint; readonly c0: bigint; readonly responses: readonly bigint[] }

/** Checks that somebody of the ring signed, and that the image is that key's (5.3, 8). */
export function checkRing({ eh, keys, hash, base }: Ring, message: Uint8Array, { image, c0, responses }: RingBytes): boolean {
  if (keys.length === 0 || responses.length !== keys.length || image.bytes.every((byte) => byte === 0)) return false
  const images = keys.length < RING_TABLE_MIN ? image.point : tableOf(image.point, 4)
  const last = keys.reduce((c, key, i) => {
    const s = responses[i] as bigint
    const sums = [
      [plus(s, baseTable()), plus(c, key.point)],
      [plus(s, base), plus(c, images)],
    ]
    return hashToScalar('seoul-vote-v1/lsag', eh, hash, image.bytes, message, ...encodeSums(sums))
  }, c0)
  return last === c0
}

/** From so many keys on a table of the image is worth its making. */
const RING_TABLE_MIN = 6
