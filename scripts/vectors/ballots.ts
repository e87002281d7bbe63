// Owns: vectors of ballots: statements of each kind as a node judges them, what they are made of, and the verdict on good and bad
// ones. Not here: the vectors of domain.md 15.7 (modules/vote/crypto/crypto.test.ts).
import { toHex } from '../../core/base/bytes.ts'
import { encode } from '../../core/codec/schema.ts'
import { sha256, sha256Bytes } from '../../core/crypto/hash.ts'
import { BallotSchema } from '../../modules/vote/ballot-schema.ts'
import type { Ballot } from '../../modules/vote/ballot-schema.ts'
import { hashToScalar, scalarBytes, timesBase } from '../../modules/vote/crypto/group.ts'
import { signCast } from '../../modules/vote/crypto/schnorr.ts'
import { AnonStatementSchema, CastStatementSchema, judgeAnon, judgeCast } from '../../modules/vote/judge.ts'
import { anonContextOf, castStatement, contextOf, ringMessage } from '../../modules/vote/proofs.ts'
import { authoriseAnon, imageOf } from '../../sdk/vote/anon.ts'
import { sealBallot } from '../../sdk/vote/seal.ts'
import type { SealPlace } from '../../sdk/vote/seal.ts'
import { proofBytes } from '../../sdk/vote/voter.ts'

const det = (label: string): bigint => hashToScalar('test-rng', new TextEncoder().encode(label))
const chancesOf = (label: string): (() => bigint) => {
  let count = 0
  return () => det(`${label}/${count++}`)
}
const hex = (bytes: Uint8Array): string => `0x${toHex(bytes)}`
const eh = sha256(new TextEncoder().encode('ballot-vectors'))
const pollKey = timesBase(det('ballot-vectors/key')).toBytes()
const SELECTIONS = 2
const manifest = { options: ['a', 'b', 'c'], minSel: 1, maxSel: SELECTIONS }
const secretOf = (index: number): bigint => det(`ballot-vectors/voter${index}`)

const seal = (place: Pick<SealPlace, 'seq'> & ({ rollIndex: number } | { image: Uint8Array }), label: string): Ballot =>
  sealBallot({ manifest, eh, key: pollKey, ...place }, [1], chancesOf(label))

function castVector(shows: string, { ballot, signer = 7, seq = 1 }: { ballot: Ballot; signer?: number; seq?: number }) {
  const rollIndex = 7
  const said = castStatement({ eh, rollIndex, seq }, ballot)
  const auth = proofBytes(signCast(said, secretOf(signer), det('ballot-vectors/nonce')))
  const voterKey = timesBase(secretOf(rollIndex)).toBytes()
  const key = ballot.kind === 'open' ? null : pollKey
  const place = { eh, pollKey: key, selections: SELECTIONS, voterKey, rollIndex, seq, ballot, auth }
  const statement = encode(CastStatementSchema, place)
  const bytes = encode(BallotSchema, ballot)
  return {
    ...{ shows, kind: 'cast', ctx: hex(contextOf({ rollIndex, seq })), ballot: hex(bytes), ballotHash: hex(sha256Bytes(bytes)) },
    ...{ statement: hex(statement), verdict: judgeCast(statement) },
  }
}

function ringVector(shows: string, change: { image?: Uint8Array; c0?: Uint8Array } = {}) {
  const keys = [0, 1, 2, 3, 4].map((index) => timesBase(secretOf(index)).toBytes())
  const own = imageOf(eh, secretOf(3))
  const ballot = seal({ image: own, seq: 1 }, 'ballot-vectors/anon')
  const signed = authoriseAnon({ pollId: 'P', eh, keys, seq: 1, secret: secretOf(3) }, ballot, chancesOf('ballot-vectors/ring'))
  const { image = own, c0 = signed.ring.c0 } = change
  const ring = { ...signed.ring, c0 }
  const place = { eh, pollKey, selections: SELECTIONS, keys, image, seq: 1, ballot, ring }
  const statement = encode(AnonStatementSchema, place)
  const bytes = encode(BallotSchema, ballot)
  return {
    ...{ shows, kind: 'anon', ctx: hex(anonContextOf({ image, seq: 1 })), image: hex(image), ballot: hex(bytes) },
    ...{ message: hex(ringMessage({ image, seq: 1 }, ballot)), statement: hex(statement), verdict: judgeAnon(statement) },
  }
}

/** What `test/vectors/ballot.json` holds. Chances come of labels, so that the file is the same each time. */
export function buildBallotVectors() {
  const good = seal({ rollIndex: 7, seq: 1 }, 'ballot-vectors/cast')
  const foreign = seal({ rollIndex: 8, seq: 1 }, 'ballot-vectors/foreign')
  const open: Ballot = { kind: 'open', selections: [0, 2] }
  return {
    about: 'Statements of ballots as modules/vote/judge.ts reads them, and the name of the proof that does not verify, or null.',
    ...{ eh: `0x${eh}`, pollKey: hex(pollKey), selections: SELECTIONS, options: manifest.options.length },
    vectors: [
      castVector('a sealed ballot of three options and one that fills up', { ballot: good }),
      castVector('an open ballot', { ballot: open }),
      castVector('a ballot that another key signed', { ballot: good, signer: 8 }),
      castVector('a ballot that was sealed for another voter', { ballot: foreign }),
      castVector('a ballot that was sealed for another sequence', { ballot: good, seq: 2 }),
      ringVector('a ballot of a ring of five'),
      ringVector('a ballot under another image than it was sealed for', { image: timesBase(5n).toBytes() }),
      ringVector('a ballot that nobody of the ring signed', { c0: scalarBytes(5n) }),
    ],
  }
}
