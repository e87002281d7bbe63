// Owns: a voter's side of a poll that hides who took part: key image and ring signature. Not here: sealing (seal.ts), the roll
// entry (voter.ts).
import { fromHex, toHex } from '../../core/base/bytes.ts'
import { NodeError } from '../../core/base/errors.ts'
import type { Ballot } from '../../modules/vote/ballot-schema.ts'
import { readPoint, scalarBytes, timesBase } from '../../modules/vote/crypto/group.ts'
import type { Point } from '../../modules/vote/crypto/group.ts'
import { keyImage, signRing } from '../../modules/vote/crypto/ring.ts'
import { ringMessage } from '../../modules/vote/proofs.ts'
import { randomScalar } from './voter.ts'

/** The image that stands for a voter in one poll: the same for each of the voter's ballots, and linked to no key of the roll. */
export function imageOf(eh: string, secret: bigint): Uint8Array {
  return keyImage(fromHex(eh), secret).toBytes()
}

/**
 * Payload of `vote.cast.anon`: signed for the whole roll (`keys` in its order, from `vote_roll`), of which the voter's is one.
 * Throws NodeError NOT_ON_ROLL where it is not, KEY_INVALID for a roll that is no list of keys.
 */
export function authoriseAnon(
  from: { pollId: string; eh: string; keys: readonly Uint8Array[]; seq: number; secret: bigint },
  ballot: Ballot,
  random: () => bigint = randomScalar,
) {
  const { pollId, eh, keys, seq, secret } = from
  const own = timesBase(secret).toHex()
  const signer = keys.findIndex((key) => toHex(key) === own)
  if (signer === -1) throw new NodeError('NOT_ON_ROLL', 'the election key is not on the roll of this poll')
  const points = keys.map(readPoint)
  if (points.some((point) => point === null)) throw new NodeError('KEY_INVALID', 'the roll is no list of keys; ask another node')
  const image = imageOf(eh, secret)
  const statement = { eh: fromHex(eh), keys: points as readonly Point[], message: ringMessage({ image, seq }, ballot) }
  const signed = signRing(statement, { secret, signer }, { nonce: random(), fakes: keys.map(() => random()) })
  const ring = { c0: scalarBytes(signed.c0), responses: signed.responses.map(scalarBytes) }
  return { pollId, image, seq, ballot, ring }
}
