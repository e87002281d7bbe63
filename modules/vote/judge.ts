// Owns: everything that the proofs of a ballot depend on, as one statement, and the verdict on it: the same wherever and whenever
// it is made, so that it may be made on another thread and kept. Not here: state and its rules (cast.ts, cast-anon.ts).
import { fromHex } from '../../core/base/bytes.ts'
import { list, option, struct } from '../../core/codec/compound.ts'
import { fixedBytes, hash32, u16, u32, u8 } from '../../core/codec/fields.ts'
import { decodeTrusted } from '../../core/codec/schema.ts'
import type { Infer } from '../../core/codec/schema.ts'
import { BallotSchema, ProofSchema, RING_MAX, RingSchema } from './ballot-schema.ts'
import type { Ballot } from './ballot-schema.ts'
import { checkRing, readFast, readRing } from './crypto/checks.ts'
import type { ReadPoint } from './crypto/checks.ts'
import { readScalar } from './crypto/group.ts'
import { anonContextOf, contextOf, isAuthorised, ringMessage } from './proofs.ts'
import { badProof } from './sealed.ts'

/** A ballot of a voter's number: manifest's hash, key of a SECRET poll, selections that it proves, voter, place, ballot. */
export const CastStatementSchema = struct({
  eh: hash32,
  pollKey: option(fixedBytes(32)),
  selections: u8,
  voterKey: fixedBytes(32),
  rollIndex: u32,
  seq: u16,
  ballot: BallotSchema,
  auth: ProofSchema,
})
/** A ballot of a ring. */
export const AnonStatementSchema = struct({
  eh: hash32,
  pollKey: fixedBytes(32),
  selections: u8,
  keys: list(fixedBytes(32), RING_MAX),
  image: fixedBytes(32),
  seq: u16,
  ballot: BallotSchema,
  ring: RingSchema,
})

type AnonStatement = Infer<typeof AnonStatementSchema>

/** The name of the proof that does not verify, or null. */
export function judgeCast(bytes: Uint8Array): string | null {
  const { voterKey, auth, pollKey, selections, ballot, ...place } = decodeTrusted(CastStatementSchema, bytes)
  if (!isAuthorised(place, ballot, { key: voterKey, auth })) return 'auth'
  if (ballot.kind === 'open') return null
  return pollKey === null ? 'key' : badProof({ eh: place.eh, ctx: contextOf(place), key: pollKey, selections }, ballot)
}

/** The name of the proof of a ring's ballot that does not verify, or null. The cheaper proofs are checked first. */
export function judgeAnon(bytes: Uint8Array): string | null {
  const { eh, pollKey, selections, keys, ballot, ring, ...place } = decodeTrusted(AnonStatementSchema, bytes)
  if (ballot.kind === 'open') return 'ballot'
  const bad = badProof({ eh, ctx: anonContextOf(place), key: pollKey, selections }, ballot)
  return bad ?? (isOfRing({ eh, keys, ballot, ring, ...place }) ? null : 'ring')
}

type Signed = Pick<AnonStatement, 'eh' | 'keys' | 'image' | 'seq' | 'ring'> & { readonly ballot: Ballot }

/** Whether somebody of the ring signed this ballot under this key image. */
function isOfRing({ eh, keys, ballot, ring, ...place }: Signed): boolean {
  const image = readFast(place.image)
  const [c0, responses] = [readScalar(ring.c0), ring.responses.map(readScalar)]
  const points = keys.map((key) => readFast(key))
  const isRead = points.every((point): point is ReadPoint => point !== null)
  const isReduced = responses.every((response): response is bigint => response !== null)
  if (image === null || c0 === null || !isRead || !isReduced) return false
  const read = readRing(fromHex(eh), points)
  return read !== null && checkRing(read, ringMessage(place, ballot), { image, c0, responses })
}
