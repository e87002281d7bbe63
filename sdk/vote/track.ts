// Owns: finding one's own ballot: whether what was sent is what is counted, from a bundle or a node's answers. Not here: proofs
// (verify.ts), fetching.
import { toHex } from '../../core/base/bytes.ts'
import { encode } from '../../core/codec/schema.ts'
import { sha256 } from '../../core/crypto/hash.ts'
import { BallotSchema } from '../../modules/vote/ballot-schema.ts'
import type { Ballot } from '../../modules/vote/ballot-schema.ts'
import { timesBase } from '../../modules/vote/crypto/group.ts'
import { imageOf } from './anon.ts'
import type { Bundle } from './bundle.ts'

/** What a voter keeps of a ballot that was sent: nothing of it tells the choice. */
export type BallotReceipt = { readonly pollId: string; readonly seq: number; readonly ballotHash: string }

/** The receipt of a ballot; `ballotHash` is what `vote.ballotCast` tells as well. */
export function receiptOf({ pollId, seq, ballot }: { pollId: string; seq: number; ballot: Ballot }): BallotReceipt {
  return { pollId, seq, ballotHash: sha256(encode(BallotSchema, ballot)) }
}

/**
 * COUNTED: it is what is counted. REPLACED: a later ballot of the same key is. CHANGED: another ballot of the same sequence is,
 * so somebody else has the key. STRUCK: the voter was taken out for a vote on paper. ABSENT: nothing of the key is counted.
 * NOT_ON_ROLL: the key is not on the roll.
 */
export type BallotTrace = 'COUNTED' | 'REPLACED' | 'CHANGED' | 'STRUCK' | 'ABSENT' | 'NOT_ON_ROLL'

/** The counted ballot of a key in a bundle, as it stands there. */
export function findOwnBallot({ poll, rows, anon }: Bundle, secret: bigint) {
  const key = timesBase(secret).toHex()
  const row = rows.find((voter) => toHex(voter.key) === key) ?? null
  if (poll.manifest.mode !== 'SECRET_ANON') return { row, cast: row?.cast ?? null }
  const image = toHex(imageOf(poll.eh, secret))
  return { row, cast: anon.find((given) => toHex(given.image) === image) ?? null }
}

/** What became of a ballot that was sent. */
export function traceBallot(bundle: Bundle, secret: bigint, receipt: BallotReceipt): BallotTrace {
  const { row, cast } = findOwnBallot(bundle, secret)
  if (row === null || receipt.pollId !== bundle.poll.manifest.pollId) return 'NOT_ON_ROLL'
  if (row.struck) return 'STRUCK'
  if (cast === null) return 'ABSENT'
  if (cast.seq > receipt.seq) return 'REPLACED'
  if (cast.seq < receipt.seq) return 'ABSENT'
  return receiptOf({ pollId: receipt.pollId, seq: cast.seq, ballot: cast.ballot }).ballotHash === receipt.ballotHash
    ? 'COUNTED'
    : 'CHANGED'
}
