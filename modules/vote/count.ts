// Owns: what is counted: adding a ballot, taking one out, the result. Not here: whether a ballot is valid (cast.ts).
import type { Manifest, Poll, Result, Tally } from './schema.ts'
import type { Ballot } from './ballot-schema.ts'
import { ZERO } from './crypto/group.ts'
import { addBytes } from './crypto/checks.ts'
import { must } from '../../core/base/assert.ts'

const PPM = 1_000_000n

/** Nothing counted. */
export function emptyTally({ mode, options }: Manifest): Tally {
  const nothing = ZERO.toBytes()
  return mode === 'OPEN'
    ? { counted: 0, counts: options.map(() => 0), sums: [] }
    : { counted: 0, counts: [], sums: options.map(() => ({ a: nothing, b: nothing })) }
}

/** The tally with a ballot more (+1) or less (-1). */
export function countBallot(tally: Tally, ballot: Ballot, sign: 1 | -1): Tally {
  const counted = tally.counted + sign
  if (ballot.kind === 'open') {
    const chosen = new Set(ballot.selections)
    return { ...tally, counted, counts: tally.counts.map((count, option) => (chosen.has(option) ? count + sign : count)) }
  }
  const sums = tally.sums.map((sum, option) => {
    const sealed = must(ballot.options[option] ?? null, 'a ballot has every option')
    const [a, b] = [addBytes(sum.a, sealed.a, sign), addBytes(sum.b, sealed.b, sign)]
    return { a: must(a, 'sums and ballots were checked'), b: must(b, 'sums and ballots were checked') }
  })
  return { ...tally, counted, sums }
}

/** Counts with turnout, and whether turnout x 10^6 >= quorumPpm x rollCount. */
export function resultOf({ manifest, rollCount }: Poll, counts: readonly number[], turnout: number): Result {
  return { counts, turnout, isQuorate: BigInt(turnout) * PPM >= BigInt(manifest.quorumPpm) * BigInt(rollCount) }
}
