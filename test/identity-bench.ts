// Owns: the small city with the people of the identity room: offices, issuers, agencies, guardians, pairwise DIDs.
// Not here: the city itself (room-bench.ts), what is expected (modules/identity/*.test.ts).
import { toHex } from '../core/base/bytes.ts'
import { asHash32 } from '../core/base/ids.ts'
import type { Address } from '../core/base/ids.ts'
import { encode } from '../core/codec/schema.ts'
import type { TransactionDefinition } from '../core/execution/module.ts'
import { approve } from '../modules/governance/approve.ts'
import { propose } from '../modules/governance/propose.ts'
import type { Action } from '../modules/governance/schema.ts'
import { possessionBytes } from '../modules/identity/possession.ts'
import type { NewKey } from '../modules/identity/schema.ts'
import { REGISTRY } from '../modules/registry.ts'
import { accountOf, createRoomBench, genesisDocument, signerOf, textOf } from './room-bench.ts'
import type { Outcome, RoomBench } from './room-bench.ts'

/** A gu office (Mapo), an office of another gu, two issuers, two agencies, a reviewer, privacy officer, guardians, pairwise DIDs. */
const PEOPLE = [
  ...['mapo', 'jongno', 'issuer', 'issuer2', 'agency', 'agency2', 'reviewer', 'dpo', 'company'],
  ...['guard1', 'guard2', 'guard3', 'pair1', 'pair2', 'pair3', 'parent'],
] as const

const ORGANISATIONS: readonly string[] = ['mapo', 'jongno', 'issuer', 'issuer2', 'agency', 'agency2', 'company']

const ROLES = [
  { role: 'REG_AUTH', did: textOf('mapo'), scope: '11440' },
  { role: 'REG_AUTH', did: textOf('jongno'), scope: '11110' },
  { role: 'VERIFIER', did: textOf('agency') },
  { role: 'VERIFIER', did: textOf('agency2'), scope: 'SURVEY-1' },
  { role: 'VERIFIER', did: textOf('reviewer'), scope: 'YOUTH-2026' },
  { role: 'DPO', did: textOf('dpo') },
]

/** The genesis document of the identity room's tests. */
export function identityDocument(): Record<string, unknown> {
  const document = genesisDocument()
  const rooms = document['rooms'] as { governance: { roles: unknown[] }; identity: { dids: unknown[] } }
  const dids = PEOPLE.map((name) => ({
    account: textOf(name),
    keys: [{ kid: 'k1', publicKey: `0x${toHex(signerOf(name).publicKey)}`, purposes: 11 }],
    creditClass: ORGANISATIONS.includes(name) ? 1 : 0,
  }))
  const governance = { ...rooms.governance, roles: [...rooms.governance.roles, ...ROLES] }
  return { ...document, rooms: { ...rooms, governance, identity: { dids: [...rooms.identity.dids, ...dids] } } }
}

/** The bench on that document. */
export function createIdentityBench(): RoomBench {
  return createRoomBench(REGISTRY, identityDocument())
}

/** Two councillors of the city decide an action: three sit, two are enough. */
export function decide(city: RoomBench, action: Action): Outcome {
  const laid = city.run(propose, { sender: accountOf('city1'), payload: { action } })
  if (laid.failure !== null) return laid
  return city.run(approve, { sender: accountOf('city2'), payload: { proposalId: laid.txId } })
}

/** A new ED25519 key of a DID by the signer of a name, with its proof of possession. */
export function keyFor(city: RoomBench, did: Address, plan: { kid: string; name: string; rel?: number }): NewKey {
  const { kid, name, rel = 11 } = plan
  const signer = signerOf(name)
  const bytes = possessionBytes({ genesisHash: asHash32(city.genesisHash), did, key: { kid, pub: signer.publicKey, rel } })
  return { kid, type: 'ED25519', pub: signer.publicKey, rel, proof: signer.sign(bytes) }
}

/** A salt of one repeated byte. */
export function saltOf(byte: number): Uint8Array {
  return new Uint8Array(32).fill(byte)
}

/** A hash of one repeated byte. */
export function hashOf(byte: number): ReturnType<typeof asHash32> {
  return asHash32(byte.toString(16).padStart(2, '0').repeat(32))
}

/** The failure's code, or null. */
export function codeOf(outcome: Outcome): string | null {
  return outcome.failure?.code ?? null
}

/** The payload type of a transaction type. */
export type PayloadOf<D> = D extends TransactionDefinition<infer P> ? P : never

/** The council lets the sender send exactly this, and the sender does. */
export function runByCouncil<P>(
  city: RoomBench,
  definition: TransactionDefinition<P>,
  call: { sender: Address; payload: P },
): Outcome {
  decide(city, {
    kind: 'mandate',
    sender: call.sender,
    txType: definition.type,
    payload: encode(definition.payload, call.payload),
  })
  return city.run(definition, call)
}
