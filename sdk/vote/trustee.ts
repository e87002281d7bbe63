// Owns: a trustee's side of a poll: its part of the key, shares for the others, its part of the opening.
// Not here: bringing shares to the others (off chain, encrypted), the chain's checks (modules/vote).
import { fromHex } from '../../core/base/bytes.ts'
import { NodeError } from '../../core/base/errors.ts'
import { commitPolynomial, isShareOf, shareFor } from '../../modules/vote/crypto/feldman.ts'
import { readPoint, reduce, timesBase } from '../../modules/vote/crypto/group.ts'
import { proveTrusteeKey } from '../../modules/vote/crypto/schnorr.ts'
import { decryptShare } from '../../modules/vote/crypto/tally.ts'
import type { Dealing, Share } from '../../modules/vote/key-schema.ts'
import { readSum } from '../../modules/vote/proofs.ts'
import type { Tally } from '../../modules/vote/schema.ts'
import { proofBytes, randomScalar } from './voter.ts'

/** A trustee's secret polynomial of `threshold` coefficients. Keep it until the poll's key is made, then keep only the sum. */
export function createPolynomial(threshold: number, random: () => bigint = randomScalar): readonly bigint[] {
  return Array.from({ length: threshold }, () => random())
}

/** What trustee number `trustee` (from 1) sends in `vote.trustee.commit`. */
export function dealingOf(
  eh: string,
  trustee: number,
  polynomial: readonly bigint[],
  random: () => bigint = randomScalar,
): Dealing {
  const commitments = commitPolynomial(polynomial).map((point) => point.toBytes())
  return { commitments, proof: proofBytes(proveTrusteeKey(fromHex(eh), trustee, polynomial[0] ?? 0n, random())) }
}

/** f_i(j): the secret share for trustee j; send it encrypted, and complain of one that does not fit. */
export function shareOf(polynomial: readonly bigint[], trustee: number): bigint {
  return shareFor(polynomial, trustee)
}

/** Whether a share that another trustee gave fits what it committed to. */
export function isFittingShare(dealing: Dealing, trustee: number, share: bigint): boolean {
  const points = dealing.commitments.map(readPoint)
  return points.every((point) => point !== null) && isShareOf(points, trustee, share)
}

/** s_j: the sum of the shares of every trustee that is left, one's own included. */
export function secretOf(shares: readonly bigint[]): bigint {
  return reduce(shares.reduce((sum, share) => sum + share, 0n))
}

/** What trustee j sends in `vote.tally.share`. Throws NodeError SUM_INVALID for sums that are no points. */
export function openingOf(
  { eh, trustee, secret }: { eh: string; trustee: number; secret: bigint },
  tally: Pick<Tally, 'sums'>,
  random: () => bigint = randomScalar,
): Share {
  const verificationKey = timesBase(secret)
  const options = tally.sums.map((bytes) => {
    const sum = readSum(bytes)
    if (sum === null) throw new NodeError('SUM_INVALID', 'a sum of the tally is no point of ristretto255; ask another node')
    const { share, proof } = decryptShare({ eh: fromHex(eh), trustee, verificationKey, sum: sum.a }, secret, random())
    return { d: share.toBytes(), proof: proofBytes(proof) }
  })
  return { options }
}
