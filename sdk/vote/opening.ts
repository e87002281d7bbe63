// Owns: the counts that trustees' shares open, for whoever states them (vote.tally.finish). Not here: a trustee's share
// (trustee.ts), checking a stated count (verify.ts).
import { NodeError } from '../../core/base/errors.ts'
import { readAnyPoint } from '../../modules/vote/crypto/group.ts'
import { combineShares, findCount } from '../../modules/vote/crypto/tally.ts'
import { readSum } from '../../modules/vote/proofs.ts'
import type { Tally } from '../../modules/vote/schema.ts'
import type { GivenShare } from '../../modules/vote/share.ts'

/**
 * The counts by option: of an OPEN poll as the chain keeps them, of a sealed one out of the first `threshold` shares, as the
 * chain will check them. Throws NodeError SHARES_MISSING for too few, COUNT_UNKNOWN where a sum opens to no count.
 */
export function openCounts(tally: Tally, shares: readonly GivenShare[], threshold: number): readonly number[] {
  if (tally.sums.length === 0) return tally.counts
  if (shares.length < threshold)
    throw new NodeError('SHARES_MISSING', `${shares.length} of ${threshold} trustees have given their shares`)
  const given = shares.slice(0, threshold)
  return tally.sums.map((bytes, option) => {
    const sum = readSum(bytes)
    const parts = given.flatMap(({ trustee, share }) => {
      const point = readAnyPoint(share.options[option]?.d ?? new Uint8Array())
      return point === null ? [] : [{ trustee, share: point }]
    })
    const count = sum === null || parts.length < threshold ? null : findCount(combineShares(sum, parts), tally.counted)
    if (count === null) throw new NodeError('COUNT_UNKNOWN', `the shares open option ${option} to no count; ask another node`)
    return count
  })
}
