// Owns: vote.cast: a voter's ballot, authorised by the election key, carried by anybody. Not here: counting (count.ts), proofs
// (judge.ts), polls that hide who took part (cast-anon.ts).
import { failure, isFailure } from '../../core/base/errors.ts'
import { encode } from '../../core/codec/schema.ts'
import type { Infer } from '../../core/codec/schema.ts'
import { sha256 } from '../../core/crypto/hash.ts'
import { KEY_PURPOSES, defineTransaction } from '../../core/execution/module.ts'
import type { ReadView } from '../../core/state/view.ts'
import { BallotSchema } from './ballot-schema.ts'
import type { Ballot } from './ballot-schema.ts'
import { VoteError } from './errors.ts'
import { BallotCast } from './events.ts'
import { CastStatementSchema, judgeCast } from './judge.ts'
import { checkPlace, findOpen, hasShape, replaceBallot, wrongBallot } from './place.ts'
import { sealedHash } from './sealed.ts'
import { CastPayload } from './schema.ts'
import { casts, keys, polls, sealed, voters } from './store.ts'

/** Verification units of a ballot: about 7 for two sealed options. */
export function unitsOf(ballot: Ballot): number {
  return ballot.kind === 'open' ? 2 : 3 * ballot.options.length + 1
}

/** Counts a ballot in place of the voter's former one. */
export const cast = defineTransaction({
  type: 0x0704,
  name: 'vote.cast',
  about: 'Casts a ballot under an election key of the roll; anybody may carry it.',
  payload: CastPayload,
  keyPurpose: KEY_PURPOSES.authentication,
  operations: ({ ballot }) => unitsOf(ballot),
  costly: { statementOf, judge: judgeCast },
  checkStateless: () => null,

  checkStateful: (view, { payload, block, judge = judgeCast }) => {
    const { pollId, rollIndex, seq, ballot } = payload
    const poll = findOpen(view, pollId, block)
    if (isFailure(poll)) return poll
    const voter = voters.get(view, { pollId, rollIndex })
    if (voter === null) return failure(VoteError.NOT_ON_ROLL, { rollIndex })
    if (voter.struck) return failure(VoteError.STRUCK, { rollIndex })
    const former = casts.get(view, { pollId, rollIndex })
    const refused =
      poll.manifest.mode === 'SECRET_ANON' ? wrongBallot(poll.manifest, ballot) : checkPlace(view, poll, { former, seq, ballot })
    if (refused !== null) return refused
    const statement = statementOf(view, payload)
    const proof = statement === null ? 'key' : judge(statement)
    return proof === null ? null : failure(VoteError.PROOF_INVALID, { proof })
  },

  apply: ({ view, emit }, { payload }) => {
    const { pollId, rollIndex, seq, ballot, auth } = payload
    const former = casts.get(view, { pollId, rollIndex })
    replaceBallot(view, pollId, { former: former?.ballot ?? null, ballot })
    casts.set(view, { pollId, rollIndex }, { seq, ballot, auth })
    if (ballot.kind === 'secret') sealed.set(view, { pollId, hash: sealedHash(ballot) }, { rollIndex })
    emit(BallotCast, { pollId, rollIndex, seq, ballotHash: sha256(encode(BallotSchema, ballot)) })
  },
})

// Null where the poll, the voter or the shape is not there: then nothing is to be judged.
function statementOf(view: ReadView, { pollId, rollIndex, seq, ballot, auth }: Infer<typeof CastPayload>): Uint8Array | null {
  const [poll, voter] = [polls.get(view, pollId), voters.get(view, { pollId, rollIndex })]
  if (poll === null || voter === null || !hasShape(poll.manifest, ballot)) return null
  const pollKey = ballot.kind === 'open' ? null : (keys.get(view, pollId)?.key ?? null)
  if (ballot.kind === 'secret' && pollKey === null) return null
  const { eh, manifest } = poll
  const place = { voterKey: voter.key, rollIndex, seq, ballot, auth }
  return encode(CastStatementSchema, { eh, pollKey, selections: manifest.maxSel, ...place })
}
