// Owns: a small city with a poll, for the tests of the vote room. Not here: the city itself (room-bench.ts).
import { fromHex } from '../core/base/bytes.ts'
import type { Address, Hash32 } from '../core/base/ids.ts'
import { encode } from '../core/codec/schema.ts'
import { sha256 } from '../core/crypto/hash.ts'
import { REGISTRY } from '../modules/registry.ts'
import type { Ballot } from '../modules/vote/ballot-schema.ts'
import { cast as castDefinition } from '../modules/vote/cast.ts'
import { castAnon as castAnonDefinition } from '../modules/vote/cast-anon.ts'
import { create as createDefinition } from '../modules/vote/create.ts'
import { hashToScalar, timesBase } from '../modules/vote/crypto/group.ts'
import { proveRollKey, signCast } from '../modules/vote/crypto/schnorr.ts'
import { castStatement } from '../modules/vote/proofs.ts'
import { rollAdd as rollAddDefinition, rollClose } from '../modules/vote/roll.ts'
import { ManifestSchema } from '../modules/vote/schema.ts'
import type { Manifest } from '../modules/vote/schema.ts'
import { tallyShare } from '../modules/vote/share.ts'
import { keys, polls, tallies } from '../modules/vote/store.ts'
import { trusteeCommit } from '../modules/vote/trustee.ts'
import { keyFinish } from '../modules/vote/key-finish.ts'
import { authoriseAnon, imageOf } from '../sdk/vote/anon.ts'
import { sealBallot } from '../sdk/vote/seal.ts'
import { createPolynomial, dealingOf, openingOf, secretOf, shareOf } from '../sdk/vote/trustee.ts'
import { proofBytes } from '../sdk/vote/voter.ts'
import { GENESIS_TIME, accountOf, createRoomBench, genesisDocument, textOf } from './room-bench.ts'
import type { Outcome, RoomBench } from './room-bench.ts'

export const MINUTE = 60_000
export const POLL = 'park-2026'
export const [election, surveyor, registrar, stranger] = ['city1', 'city2', 'cityhall', 'dave'].map(accountOf) as [
  Address,
  Address,
  Address,
  Address,
]

/** The scalar of a label: the same one each time. */
export const det = (label: string): bigint => hashToScalar('test-rng', new TextEncoder().encode(label))
/** The election secret of the n-th voter. */
export const voter = (index: number): bigint => det(`voter${index}`)
export const codeOf = (outcome: Outcome): string | null => outcome.failure?.code ?? null

/** The small city with an election office, a survey office, a registrar and five trustees. */
export function bench(from: unknown = genesisDocument()): RoomBench {
  const document = from as { rooms: { governance: { roles: unknown[] } } }
  const grant = (role: string, name: string) => ({ role, did: textOf(name) })
  const roles = [
    ...[grant('ELECTION_OFFICE', 'city1'), grant('SURVEY_OFFICE', 'city2'), { ...grant('REG_AUTH', 'cityhall'), scope: '11440' }],
    ...[...TRUSTEES, 'city3'].map((name) => grant(name === 'city3' ? 'ELECTION_OFFICE' : 'TRUSTEE', name)),
  ]
  const governance = { ...document.rooms.governance, roles: [...document.rooms.governance.roles, ...roles] }
  return createRoomBench(REGISTRY, { ...document, rooms: { ...document.rooms, governance } })
}

/** Names of the trustees, whose numbers count from 1. */
export const TRUSTEES = ['v1', 'v2', 'v3', 'v4', 'alice'] as const

export const MANIFEST: Manifest = {
  ...{ chainId: 'naru-bench', pollId: POLL, mode: 'OPEN', kind: 'SURVEY', sensitive: false },
  ...{ questionHash: sha256(new TextEncoder().encode('a park?')), options: ['yes', 'no', 'blank'], minSel: 1, maxSel: 1 },
  ...{ policyId: null, rollSource: 'MAPO', rollCloseAt: GENESIS_TIME + 2 * MINUTE, keyCloseAt: GENESIS_TIME + 4 * MINUTE },
  ...{ openAt: GENESIS_TIME + 5 * MINUTE, closeAt: GENESIS_TIME + 10 * MINUTE, trustees: [], threshold: 0, quorumPpm: 0 },
  ...{ allowRevote: false, geofenceCommit: null, rewardProgramme: null },
}

export function create(city: RoomBench, change: Partial<Manifest> = {}, sender = surveyor): Outcome {
  return city.run(createDefinition, { sender, payload: { manifest: { ...MANIFEST, ...change } } })
}

const hashOf = (city: RoomBench): Hash32 => polls.get(city.view, POLL)?.eh ?? sha256(encode(ManifestSchema, MANIFEST))

/** Voters by number join the roll. */
export function rollAdd(
  city: RoomBench,
  indexes: readonly number[],
  { sender = registrar, eh = hashOf(city), key = null as Uint8Array | null } = {},
): Outcome {
  const added = indexes.map((index) => ({
    key: key ?? timesBase(voter(index)).toBytes(),
    proof: proofBytes(proveRollKey(fromHex(eh), voter(index), det(`kr${index}`))),
  }))
  return city.run(rollAddDefinition, { sender, payload: { pollId: POLL, batchCommit: hashOf(city), voters: added } })
}

const must = (outcome: Outcome): void => {
  if (outcome.failure !== null) throw new Error(outcome.failure.code)
}

/** A poll with voters 0..count-1 on a closed roll. */
export function withRoll(count: number, change: Partial<Manifest> = {}, city: RoomBench = bench()): RoomBench {
  must(create(city, change, election))
  for (let from = 0; from < count; from += 64) {
    must(
      rollAdd(
        city,
        Array.from({ length: Math.min(64, count - from) }, (_, i) => from + i),
      ),
    )
  }
  must(city.run(rollClose, { sender: election, payload: { pollId: POLL } }))
  return city
}

/** A survey that is open: its block's time is `after` genesis. */
export function open(count: number, change: Partial<Manifest> = {}, after = 5 * MINUTE): RoomBench {
  const city = withRoll(count, change)
  city.advance(after)
  return city
}

/** How a ballot is cast, where it differs from right. */
export type CastWish = { seq?: number; secret?: bigint; signedFor?: number; eh?: string; sender?: Address }

/** A ballot of the voter at `rollIndex`, authorised by that voter's key. */
export function cast(city: RoomBench, rollIndex: number, ballot: Ballot, wish: CastWish = {}): Outcome {
  const { seq = 1, secret = voter(rollIndex), signedFor = rollIndex, eh = hashOf(city), sender = stranger } = wish
  const said = castStatement({ eh, rollIndex: signedFor, seq }, ballot)
  const auth = proofBytes(signCast(said, secret, hashToScalar('nonce', said.ballotHash, said.ctx)))
  return city.run(castDefinition, { sender, payload: { pollId: POLL, rollIndex, seq, ballot, auth } })
}

export function castOpen(city: RoomBench, rollIndex: number, selections: readonly number[], wish: CastWish = {}): Outcome {
  return cast(city, rollIndex, { kind: 'open', selections }, wish)
}

/** Chances that are the same in each run: numbered scalars of a label. */
export function chancesOf(label: string): () => bigint {
  let count = 0
  return () => det(`${label}/${count++}`)
}

/** A SECRET poll of two options, five trustees, threshold three. */
export const SECRET: Partial<Manifest> = {
  ...{ mode: 'SECRET', kind: 'POLICY_POLL', sensitive: true, options: ['yes', 'no'], allowRevote: true },
  ...{ trustees: TRUSTEES.map(accountOf), threshold: 3 },
}

export const polynomialOf = (trustee: number, threshold = 3): readonly bigint[] =>
  createPolynomial(threshold, chancesOf(`trustee${trustee}`))
export const trusteeAccount = (trustee: number): Address => accountOf(TRUSTEES[trustee - 1] ?? '')
/** s_j where these trustees dealt. */
export const trusteeSecret = (trustee: number, dealers: readonly number[] = [1, 2, 3, 4, 5], threshold = 3): bigint =>
  secretOf(dealers.map((dealer) => shareOf(polynomialOf(dealer, threshold), trustee)))

/** A trustee's part of the key, sent. */
export function commitKey(city: RoomBench, trustee: number, change: object = {}): Outcome {
  const { threshold } = polls.mustGet(city.view, POLL).manifest
  const dealing = dealingOf(hashOf(city), trustee, polynomialOf(trustee, threshold), chancesOf(`pok${trustee}`))
  return city.run(trusteeCommit, { sender: trusteeAccount(trustee), payload: { pollId: POLL, ...dealing, ...change } })
}

/** A SECRET poll that is open, its key dealt by these trustees. */
export function openSecret(
  count: number,
  change: Partial<Manifest> = {},
  dealers: readonly number[] = [1, 2, 3, 4, 5],
): RoomBench {
  const city = withRoll(count, { ...SECRET, ...change })
  for (const trustee of dealers) must(commitKey(city, trustee))
  city.advance(4 * MINUTE)
  must(city.run(keyFinish, { sender: stranger, payload: { pollId: POLL } }))
  city.advance(MINUTE)
  return city
}

/** A sealed ballot for a place. */
export function seal(city: RoomBench, rollIndex: number, selections: readonly number[], seq = 1): Ballot {
  const poll = polls.mustGet(city.view, POLL)
  const place = { manifest: poll.manifest, eh: poll.eh, key: keys.mustGet(city.view, POLL).key, rollIndex, seq }
  return sealBallot(place, selections, chancesOf(`ballot${rollIndex}/${seq}`))
}

export function castSecret(city: RoomBench, rollIndex: number, selections: readonly number[], wish: CastWish = {}): Outcome {
  return cast(city, rollIndex, seal(city, rollIndex, selections, wish.seq ?? 1), wish)
}

/** A trustee's shares of the opening, sent. */
export function giveShare(city: RoomBench, trustee: number, secret: bigint = trusteeSecret(trustee)): Outcome {
  const share = openingOf({ eh: hashOf(city), trustee, secret }, tallies.mustGet(city.view, POLL), chancesOf(`open${trustee}`))
  return city.run(tallyShare, { sender: trusteeAccount(trustee), payload: { pollId: POLL, ...share } })
}

/** The keys of the roll in their order. */
export const ringKeys = (city: RoomBench): readonly Uint8Array[] =>
  Array.from({ length: polls.mustGet(city.view, POLL).rollCount }, (_, i) => timesBase(voter(i)).toBytes())

/** A sealed ballot of a voter of a SECRET_ANON poll. */
export function sealAnon(city: RoomBench, index: number, selections: readonly number[], seq = 1): Ballot {
  const { manifest, eh } = polls.mustGet(city.view, POLL)
  const place = { manifest, eh, key: keys.mustGet(city.view, POLL).key, image: imageOf(eh, voter(index)), seq }
  return sealBallot(place, selections, chancesOf(`anon${index}/${seq}`))
}

/** A ballot of somebody of the roll, signed for the ring; `change` is put over what is right. */
export function castAnon(
  city: RoomBench,
  index: number,
  selections: readonly number[],
  { seq = 1, ballot = sealAnon(city, index, selections, seq), change = {} as object } = {},
): Outcome {
  const { eh } = polls.mustGet(city.view, POLL)
  const from = { pollId: POLL, eh, keys: ringKeys(city), seq, secret: voter(index) }
  const payload = authoriseAnon(from, ballot, chancesOf(`ring${index}/${seq}`))
  return city.run(castAnonDefinition, { sender: stranger, payload: { ...payload, ...change } })
}
