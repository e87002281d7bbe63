// Owns: vote.cast.anon: a ballot that somebody of a small roll signed, nobody sees who (5.3, 8). Not here: the ring
// (crypto/ring.ts), ballots under a voter's number (cast.ts).
import { failure, isFailure } from '../../core/base/errors.ts'
import { encode } from '../../core/codec/schema.ts'
import type { Infer } from '../../core/codec/schema.ts'
import { sha256 } from '../../core/crypto/hash.ts'
import { KEY_PURPOSES, defineTransaction } from '../../core/execution/module.ts'
import type { ReadView } from '../../core/state/view.ts'
import { BallotSchema } from './ballot-schema.ts'
import { unitsOf } from './cast.ts'
import { VoteError } from './errors.ts'
import { AnonBallotCast } from './events.ts'
import { AnonStatementSchema, judgeAnon } from './judge.ts'
import { checkPlace, findOpen, hasShape, replaceBallot, wrongBallot } from './place.ts'
import { sealedHash } from './sealed.ts'
import { CastAnonPayload } from './schema.ts'
import type { AnonCast, Poll } from './schema.ts'
import { anonCasts, images, keys, polls, sealed, tallies, voters } from './store.ts'

/** Counts a ballot in place of the former one of the same key image. */
export const castAnon = defineTransaction({
  type: 0x070f,
  name: 'vote.cast.anon',
  about: 'Casts a ballot that somebody of the roll signed, without saying who; anybody may carry it.',
  payload: CastAnonPayload,
  keyPurpose: KEY_PURPOSES.authentication,
  operations: ({ ballot, ring }) => unitsOf(ballot) + 2 * ring.responses.length,
  costly: { statementOf, judge: judgeAnon },
  checkStateless: () => null,

  checkStateful: (view, { payload, block, judge = judgeAnon }) => {
    const { pollId, image, seq, ballot, ring } = payload
    const poll = findOpen(view, pollId, block)
    if (isFailure(poll)) return poll
    const { manifest, rollCount } = poll
    if (manifest.mode !== 'SECRET_ANON') return wrongBallot(manifest, ballot)
    const refused = checkPlace(view, poll, { former: findAnon(view, pollId, image), seq, ballot })
    if (refused !== null) return refused
    const statement = statementOf(view, payload)
    const proof = statement === null || ring.responses.length !== rollCount ? 'ring' : judge(statement)
    return proof === null ? null : failure(VoteError.PROOF_INVALID, { proof })
  },

  apply: ({ view, emit }, { payload }) => {
    const { pollId, image, seq, ballot, ring } = payload
    const former = findAnon(view, pollId, image)
    const number = images.get(view, { pollId, image })?.number ?? tallies.mustGet(view, pollId).counted
    replaceBallot(view, pollId, { former: former?.ballot ?? null, ballot })
    images.set(view, { pollId, image }, { number })
    anonCasts.set(view, { pollId, number }, { image, seq, ballot, ring })
    if (ballot.kind === 'secret') sealed.set(view, { pollId, hash: sealedHash(ballot) }, { rollIndex: number })
    emit(AnonBallotCast, { pollId, image, seq, ballotHash: sha256(encode(BallotSchema, ballot)) })
  },
})

/** The counted ballot of a key image. */
export function findAnon(view: ReadView, pollId: string, image: Uint8Array): AnonCast | null {
  const found = images.get(view, { pollId, image })
  return found === null ? null : anonCasts.get(view, { pollId, number: found.number })
}

/** The keys of a roll that is a ring, in its order. */
export function ringOf(view: ReadView, { manifest: { pollId }, rollCount }: Poll): readonly Uint8Array[] {
  return Array.from({ length: rollCount }, (_, rollIndex) => voters.mustGet(view, { pollId, rollIndex }).key)
}

function statementOf(view: ReadView, { pollId, image, seq, ballot, ring }: Infer<typeof CastAnonPayload>): Uint8Array | null {
  const [poll, key] = [polls.get(view, pollId), keys.get(view, pollId)]
  if (poll === null || key === null || poll.manifest.mode !== 'SECRET_ANON') return null
  if (!hasShape(poll.manifest, ballot) || ring.responses.length !== poll.rollCount) return null
  const { eh, manifest } = poll
  const place = { keys: ringOf(view, poll), image, seq, ballot, ring }
  return encode(AnonStatementSchema, { eh, pollKey: key.key, selections: manifest.maxSel, ...place })
}
