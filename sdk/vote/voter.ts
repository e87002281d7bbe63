// Owns: a voter's side of a poll: election key, its entry for the roll, an authorised ballot. Not here: sending it (sender.ts),
// recounting (verify.ts).
import { fromHex } from '../../core/base/bytes.ts'
import type { Ballot, ProofBytes } from '../../modules/vote/ballot-schema.ts'
import { ORDER, numberOf, reduce, scalarBytes, timesBase } from '../../modules/vote/crypto/group.ts'
import { proveRollKey, signCast } from '../../modules/vote/crypto/schnorr.ts'
import type { Proof } from '../../modules/vote/crypto/schnorr.ts'
import { castStatement } from '../../modules/vote/proofs.ts'

/** A scalar of 1..L-1 nobody can foresee; 64 random bytes leave no bias. */
export function randomScalar(): bigint {
  const bytes = crypto.getRandomValues(new Uint8Array(64))
  return reduce(numberOf(bytes) % (ORDER - 1n)) + 1n
}

/** The wire form of a proof. */
export function proofBytes({ c, z }: Proof): ProofBytes {
  return { c: scalarBytes(c), z: scalarBytes(z) }
}

/** An election key for one poll. The secret stays on the phone and has nothing to do with any DID. */
export function createElectionKey(secret: bigint = randomScalar()): { readonly secret: bigint; readonly key: Uint8Array } {
  return { secret, key: timesBase(secret).toBytes() }
}

/** What the registrar puts on the roll of the poll whose manifest hash (`eh`) this is. */
export function rollEntry(eh: string, secret: bigint): { readonly key: Uint8Array; readonly proof: ProofBytes } {
  return { key: timesBase(secret).toBytes(), proof: proofBytes(proveRollKey(fromHex(eh), secret, randomScalar())) }
}

/** Payload of `vote.cast` for a ballot in its place; `seq` is 1 for the voter's first ballot, one more for each later one. */
export function authorise(
  { pollId, eh, rollIndex, seq, secret }: { pollId: string; eh: string; rollIndex: number; seq: number; secret: bigint },
  ballot: Ballot,
) {
  const auth = proofBytes(signCast(castStatement({ eh, rollIndex, seq }, ballot), secret, randomScalar()))
  return { pollId, rollIndex, seq, ballot, auth }
}
