// Owns: a small city with the five programmes of points, a café and a treasury, for tests and the soak. Not here: the bench (room-bench.ts).
import { toHex, utf8ToBytes } from '../core/base/bytes.ts'
import { kstDate } from '../core/base/civil-time.ts'
import type { Address } from '../core/base/ids.ts'
import { asHash32, ZERO_HASH } from '../core/base/ids.ts'
import { sha256Bytes } from '../core/crypto/hash.ts'
import { PROGRAMMES, buildPointsGenesis } from '../modules/points/fixtures.ts'
import type { GrantItem } from '../modules/points/payloads.ts'
import type { ProgrammeSpec } from '../modules/points/schema.ts'
import { eventIdOf, personTagOf } from '../modules/points/tags.ts'
import { REGISTRY } from '../modules/registry.ts'
import { createRoomBench, GENESIS_TIME, genesisDocument, textOf } from './room-bench.ts'
import type { RoomBench } from './room-bench.ts'

/** The café of the bench. */
export const CAFE = '100000000000017'
const SALT = new Uint8Array(32).fill(9)

/** What a test wants of the city: won in each reserve, time, further programmes. */
export type PointsCity = { readonly funding?: bigint; readonly time?: number; readonly more?: readonly ProgrammeSpec[] }

/** The genesis document; the bench's `office` runs the programmes, `cityhall` is city and treasury, `city3` audits. */
export function pointsDocument(said: PointsCity = {}): Record<string, unknown> {
  const { funding = 10_000_000n, time = GENESIS_TIME, more = [] } = said
  const specs = [...PROGRAMMES, ...more]
  const document = genesisDocument() as { rooms: { governance: { roles: unknown[] }; payment: Record<string, unknown[]> } }
  const { governance, payment } = document.rooms
  const roles = [
    ...specs.map(({ programmeId }) => ({ role: 'PROG_OP', did: textOf('office'), scope: programmeId })),
    { role: 'PROG_OP', did: textOf('office'), scope: 'NEW' },
    { role: 'TREASURY', did: textOf('cityhall') },
    { role: 'AUDITOR', did: textOf('city3') },
  ]
  const cafe = {
    ...{ owner: textOf('shop'), psp: textOf('psp'), brn: '2208162517', mcc: '5814', nameAscii: 'MAPO COFFEE' },
    ...{ nameKo: '마포커피', cityAscii: 'SEOUL', guCode: '11440', tier: 'SMALL_A', qrKey: null },
  }
  const treasury = { account: textOf('cityhall'), bank: '004', amount: '1000000000', exempt: true }
  return {
    ...document,
    time,
    rooms: {
      ...document.rooms,
      governance: { ...governance, roles: [...governance.roles, ...roles] },
      payment: { ...payment, accounts: [...(payment['accounts'] ?? []), treasury], merchants: [cafe] },
      points: buildPointsGenesis({ operator: textOf('office'), treasury: textOf('cityhall'), funding }, specs),
    },
  }
}

/** Opens the city. */
export function openPointsCity(said?: PointsCity): RoomBench {
  return createRoomBench(REGISTRY, pointsDocument(said))
}

/** The tag of a person of the bench in every programme. */
export function tagOf(name: string): GrantItem['personTag'] {
  return personTagOf({ salt: SALT, pseudonym: utf8ToBytes(name) })
}

/** A hash made of a text. */
export function hashOf(text: string): GrantItem['eventId'] {
  return asHash32(toHex(sha256Bytes(text)))
}

/** A grant of a row of a programme's table, for an event of today unless said otherwise. */
export function grantOf(
  city: RoomBench,
  spec: ProgrammeSpec,
  said: { to: Address; person: string; event: string; tier?: number } & Partial<GrantItem>,
): GrantItem & { readonly programmeId: string } {
  const { to, person, event, tier = 0, ...more } = said
  const row = spec.table[tier]
  return {
    ...{ programmeId: spec.programmeId, to, personTag: tagOf(person), eventId: eventIdOf(spec.programmeId, event), tier },
    ...{ eventKind: row?.kind ?? 'NONE', eventDate: kstDate(city.block().time), points: row?.points ?? 1n },
    evidenceCommit: ZERO_HASH,
    ...more,
  }
}
