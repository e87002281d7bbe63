// Owns: cast or audit: a voter checks that the phone seals what was chosen. A prepared ballot is either opened, and then never
// cast, or cast; the phone must show its code before it knows which. Not here: sealing (seal.ts), authorising (voter.ts).
import { toHex } from '../../core/base/bytes.ts'
import { NodeError } from '../../core/base/errors.ts'
import { encode } from '../../core/codec/schema.ts'
import { sha256 } from '../../core/crypto/hash.ts'
import { BallotSchema } from '../../modules/vote/ballot-schema.ts'
import type { Ballot } from '../../modules/vote/ballot-schema.ts'
import { encryptBit } from '../../modules/vote/crypto/ballot.ts'
import { readPoint } from '../../modules/vote/crypto/group.ts'
import { badProof, ciphersOf } from '../../modules/vote/sealed.ts'
import type { Manifest } from '../../modules/vote/schema.ts'
import { contextAt, sealOpenly } from './seal.ts'
import type { Opening, SealPlace } from './seal.ts'
import { randomScalar } from './voter.ts'

/** A ballot that waits for the voter's decision. */
export type PreparedBallot = {
  /** SHA-256 of the ballot, to be written down before deciding; the chain tells the same of a counted one. */
  readonly ballotHash: string
  /** Opens the ballot for another device to check; it can never be cast from here. Throws NodeError BALLOT_SPENT. */
  readonly audit: () => AuditedBallot
  /** The ballot to authorise and send; it can never be opened from here. Throws NodeError BALLOT_SPENT. */
  readonly cast: () => Ballot
}

/** A ballot and what opens it. It holds no secret that matters: it was never cast. */
export type AuditedBallot = { readonly ballot: Ballot; readonly opening: Opening }

/** Seals a choice and shows only the hash of what it sealed. */
export function prepareBallot(
  place: SealPlace,
  selections: readonly number[],
  random: () => bigint = randomScalar,
): PreparedBallot {
  const made = sealOpenly(place, selections, random)
  let spent: 'audited' | 'cast' | null = null
  const spend = (how: 'audited' | 'cast'): void => {
    if (spent !== null) throw new NodeError('BALLOT_SPENT', `this ballot was ${spent} already; prepare another one`)
    spent = how
  }
  return {
    ballotHash: hashOf(made.ballot),
    audit() {
      spend('audited')
      return made
    },
    cast() {
      spend('cast')
      return made.ballot
    },
  }
}

const hashOf = (ballot: Ballot): string => sha256(encode(BallotSchema, ballot))

/**
 * What an opened ballot really chose, by another device that trusts nothing of the first but the written hash. Throws NodeError
 * AUDIT_FAILED naming what is not as it was said: another ballot, a ciphertext that does not open, or a proof.
 */
export function auditBallot(
  place: SealPlace & { readonly manifest: Manifest },
  { ballot, opening }: AuditedBallot,
  ballotHash: string,
): readonly number[] {
  const fail = (what: string): never => {
    throw new NodeError('AUDIT_FAILED', `${what}: do not vote with that device, and tell the election office`)
  }
  if (hashOf(ballot) !== ballotHash) return fail('the ballot is not the one whose hash was shown')
  const { manifest } = place
  const key = readPoint(place.key)
  if (ballot.kind !== 'secret' || key === null) return fail('this is no sealed ballot of the poll')
  const { bits, r } = opening
  const count = ciphersOf(manifest)
  if (ballot.options.length !== count || bits.length !== count || r.length !== count) return fail('an option is missing')
  for (const [option, { a, b }] of ballot.options.entries()) {
    const cipher = encryptBit(key, bits[option] as 0 | 1, r[option] as bigint)
    if (cipher.a.toHex() !== toHex(a) || cipher.b.toHex() !== toHex(b)) return fail(`option ${option} holds something else`)
  }
  const proof = badProof({ eh: place.eh, ctx: contextAt(place), key: place.key, selections: manifest.maxSel }, ballot)
  if (proof !== null) return fail(`the proof of ${proof} does not verify, the chain would refuse it`)
  return manifest.options.flatMap((_, option) => (bits[option] === 1 ? [option] : []))
}
