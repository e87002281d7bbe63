// Owns: opening a sum of ballots with shares of the key, and finding the count in it (5.3, 6-7). Not here: the sum (ballot.ts).
import { BASE, ZERO, times, timesBase, timesSecret } from './group.ts'
import type { Point } from './group.ts'
import type { Ciphertext } from './ballot.ts'
import { proveEqualLog, verifyEqualLog } from './equal-log.ts'
import type { EqualLog } from './equal-log.ts'
import { lagrangeAtZero } from './feldman.ts'
import type { Claim, Proof } from './schnorr.ts'

/** What a trustee's share of one option is about: manifest, trustee j with V_j, and the sum's A*. */
export type ShareStatement = {
  readonly eh: Uint8Array
  readonly trustee: number
  readonly verificationKey: Point
  readonly sum: Point
}

/** That a share is trustee j's. */
export const shareClaim = (eh: Uint8Array, trustee: number): Claim => ({ tag: 'seoul-vote-v1/dec', before: [eh, trustee] })

function equalLog({ eh, trustee, verificationKey, sum }: ShareStatement, share: Point): EqualLog {
  return { ...shareClaim(eh, trustee), first: verificationKey, base: sum, second: share }
}

/** D_j = s_j A*, with the proof that it is that. */
export function decryptShare(
  statement: ShareStatement,
  secret: bigint,
  nonce: bigint,
): { readonly share: Point; readonly proof: Proof } {
  const share = timesSecret(statement.sum, secret)
  return { share, proof: proveEqualLog(equalLog(statement, share), secret, nonce) }
}

/** Checks a trustee's share of one option. */
export function verifyShare(statement: ShareStatement, share: Point, proof: Proof): boolean {
  return verifyEqualLog(equalLog(statement, share), proof)
}

/** A trustee's number, from 1, and its D_j. */
export type TrusteeShare = { readonly trustee: number; readonly share: Point }

/** M = B* - sum of lambda_j D_j: the count times G. All shares given are used. */
export function combineShares(cipher: Ciphertext, shares: readonly TrusteeShare[]): Point {
  const trustees = shares.map(({ trustee }) => trustee)
  const mask = shares.reduce((sum, { trustee, share }) => sum.add(times(share, lagrangeAtZero(trustees, trustee))), ZERO)
  return cipher.b.subtract(mask)
}

/** True where a point is so many times G. */
export function isCount(point: Point, count: number): boolean {
  return point.equals(timesBase(BigInt(count)))
}

/** The count in 0..max of a point, by baby steps and giant steps; null where there is none. */
export function findCount(point: Point, max: number): number | null {
  let width = 1
  while (width * width <= max) width += 1
  const babies = new Map<string, number>()
  let baby = ZERO
  for (let i = 0; i < width; i++) {
    babies.set(baby.toHex(), i)
    baby = baby.add(BASE)
  }
  let rest = point
  for (let giant = 0; giant * width <= max; giant++) {
    const found = babies.get(rest.toHex())
    if (found !== undefined) return giant * width + found <= max ? giant * width + found : null
    rest = rest.subtract(baby)
  }
  return null
}
