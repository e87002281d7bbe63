// Owns: a small city with a poll, for the tests of the vote room. Not here: the city itself (room-bench.ts).
import { fromHex } from '../core/base/bytes.ts'
import type { Address, Hash32 } from '../core/base/ids.ts'
import { encode } from '../core/codec/schema.ts'
import { sha256 } from '../core/crypto/hash.ts'
import { REGISTRY } from '../modules/registry.ts'
import type { Ballot, ProofBytes } from '../modules/vote/ballot-schema.ts'
import { cast as castDefinition } from '../modules/vote/cast.ts'
import { create as createDefinition } from '../modules/vote/create.ts'
import { hashToScalar, scalarBytes, timesBase } from '../modules/vote/crypto/group.ts'
import { proveRollKey, signCast } from '../modules/vote/crypto/schnorr.ts'
import type { Proof } from '../modules/vote/crypto/schnorr.ts'
import { castStatement } from '../modules/vote/proofs.ts'
import { rollAdd as rollAddDefinition, rollClose } from '../modules/vote/roll.ts'
import { ManifestSchema } from '../modules/vote/schema.ts'
import type { Manifest } from '../modules/vote/schema.ts'
import { polls } from '../modules/vote/store.ts'
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
export const proofBytes = ({ c, z }: Proof): ProofBytes => ({ c: scalarBytes(c), z: scalarBytes(z) })
export const codeOf = (outcome: Outcome): string | null => outcome.failure?.code ?? null

/** The small city with an election office, a survey office, a registrar and five trustees. */
export function bench(): RoomBench {
  const document = genesisDocument() as { rooms: { governance: { roles: unknown[] } } }
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
export function withRoll(count: number, change: Partial<Manifest> = {}): RoomBench {
  const city = bench()
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
