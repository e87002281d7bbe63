// Owns: the key that no single trustee holds: polynomials, commitments, shares, Lagrange (5.3, 1 and 7). Not here: proofs.
import { ZERO, invert, reduce, times, timesBase } from './group.ts'
import type { Point } from './group.ts'

/** A_{i,m} = a_{i,m} G of a trustee's polynomial. */
export function commitPolynomial(coefficients: readonly bigint[]): readonly Point[] {
  return coefficients.map(timesBase)
}

/** f_i(j): what trustee i gives trustee j. */
export function shareFor(coefficients: readonly bigint[], trustee: number): bigint {
  return coefficients.reduceRight((value, coefficient) => reduce(value * BigInt(trustee) + coefficient), 0n)
}

/** f_i(j) G out of the commitments alone. */
export function committedShare(commitments: readonly Point[], trustee: number): Point {
  return commitments.reduceRight((value, commitment) => times(value, BigInt(trustee)).add(commitment), ZERO)
}

/** Whether a share is the one that was committed to. */
export function isShareOf(commitments: readonly Point[], trustee: number, share: bigint): boolean {
  return timesBase(share).equals(committedShare(commitments, trustee))
}

/** Y = sum of A_{i,0}: the key that ballots are encrypted to. */
export function pollKey(dealings: readonly (readonly Point[])[]): Point {
  return dealings.reduce((sum, commitments) => sum.add(commitments[0] ?? ZERO), ZERO)
}

/** V_j = s_j G: what trustee j's decryption share is checked against. */
export function verificationKey(dealings: readonly (readonly Point[])[], trustee: number): Point {
  return dealings.reduce((sum, commitments) => sum.add(committedShare(commitments, trustee)), ZERO)
}

/** The Lagrange coefficient at 0 of one of several trustees; their numbers count from 1 and differ. */
export function lagrangeAtZero(trustees: readonly number[], trustee: number): bigint {
  const others = trustees.filter((other) => other !== trustee)
  const above = others.reduce((product, other) => reduce(product * BigInt(other)), 1n)
  const below = others.reduce((product, other) => reduce(product * BigInt(other - trustee)), 1n)
  return reduce(above * invert(below))
}
