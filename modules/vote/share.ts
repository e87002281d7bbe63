// Owns: vote.tally.share: a trustee's part of the opening; and whether counts are what enough shares open.
// Not here: stating the counts (finish.ts).
import { must } from '../../core/base/assert.ts'
import { fromHex } from '../../core/base/bytes.ts'
import { failure, isFailure } from '../../core/base/errors.ts'
import type { Failure } from '../../core/base/errors.ts'
import { KEY_PURPOSES, defineTransaction } from '../../core/execution/module.ts'
import type { ReadView } from '../../core/state/view.ts'
import type { CipherBytes } from './ballot-schema.ts'
import { checkEqualLog, readFast } from './crypto/checks.ts'
import { readAnyPoint } from './crypto/group.ts'
import { combineShares, isCount, shareClaim } from './crypto/tally.ts'
import { VoteError } from './errors.ts'
import { ShareAccepted } from './events.ts'
import { SharePayload } from './key-schema.ts'
import type { Share } from './key-schema.ts'
import { readProof, readSum } from './proofs.ts'
import type { Poll } from './schema.ts'
import { keys, polls, shares, tallies } from './store.ts'
import { findSeat } from './trustee.ts'

/** The option whose share does not verify, or null where all do. */
export function badShare(
  { eh, trustee, key }: { eh: string; trustee: number; key: Uint8Array },
  sums: readonly CipherBytes[],
  { options }: Share,
): number | null {
  const first = readFast(key)
  if (first === null || options.length !== sums.length) return 0
  const bad = sums.findIndex((sum, option) => {
    const given = options[option]
    if (given === undefined) return true
    const [base, second, proof] = [readFast(sum.a, true), readFast(given.d, true), readProof(given.proof)]
    if (base === null || second === null || proof === null) return true
    return !checkEqualLog({ ...shareClaim(fromHex(eh), trustee), first, base, second }, proof)
  })
  return bad === -1 ? null : bad
}

/** A trustee opens its part of the sums, and of nothing else. */
export const tallyShare = defineTransaction({
  type: 0x070e,
  name: 'vote.tally.share',
  about: 'A trustee gives its shares of the opening, one for each option, with proofs.',
  payload: SharePayload,
  keyPurpose: KEY_PURPOSES.authentication,
  operations: ({ options }) => 3 * options.length,
  checkStateless: () => null,

  checkStateful: (view, { payload: { pollId, options }, sender, block }) => {
    const seat = findSeat(view, { pollId, sender, phases: ['TALLYING'] }, block)
    if (isFailure(seat)) return seat
    const { poll, trustee } = seat
    if (shares.has(view, { pollId, trustee })) return failure(VoteError.TRUSTEE_DUP)
    const seatKey = keys.mustGet(view, pollId).trustees.find((held) => held.trustee === trustee)
    const { key } = must(seatKey ?? null, 'a trustee that is left has a key')
    const option = badShare({ eh: poll.eh, trustee, key }, tallies.mustGet(view, pollId).sums, { options })
    return option === null ? null : failure(VoteError.SHARE_INVALID, { option })
  },

  apply: ({ view, emit }, { payload: { pollId, options }, sender }) => {
    const trustee = polls.mustGet(view, pollId).manifest.trustees.indexOf(sender) + 1
    shares.set(view, { pollId, trustee }, { options })
    emit(ShareAccepted, { pollId, trustee })
  },
})

/** A trustee's shares with its number. */
export type GivenShare = { readonly trustee: number; readonly share: Share }

/** Shares given so far, by the trustees' numbers. */
export function givenShares(view: ReadView, { manifest: { pollId, trustees } }: Poll): readonly GivenShare[] {
  return trustees.flatMap((_, i) => {
    const share = shares.get(view, { pollId, trustee: i + 1 })
    return share === null ? [] : [{ trustee: i + 1, share }]
  })
}

/** The first option whose sum does not hold the claimed count, or null; the shares were verified and are enough. */
export function wrongCount(sums: readonly CipherBytes[], given: readonly GivenShare[], counts: readonly number[]): number | null {
  const wrong = sums.findIndex((sum, option) => {
    const cipher = must(readSum(sum), 'a sum of the chain is made of points')
    const parts = given.map(({ trustee, share }) => {
      const bytes = must(share.options[option] ?? null, 'a share has every option').d
      return { trustee, share: must(readAnyPoint(bytes), 'a share was checked') }
    })
    return !isCount(combineShares(cipher, parts), counts[option] ?? 0)
  })
  return wrong === -1 ? null : wrong
}

/** Whether enough shares open the sums to these counts. */
export function checkOpening(view: ReadView, poll: Poll, counts: readonly number[]): Failure | null {
  const { pollId, threshold } = poll.manifest
  const given = givenShares(view, poll)
  if (given.length < threshold) return failure(VoteError.SHARES_MISSING, { threshold, given: given.length })
  const option = wrongCount(tallies.mustGet(view, pollId).sums, given.slice(0, threshold), counts)
  return option === null ? null : failure(VoteError.TALLY_MISMATCH, { option })
}
