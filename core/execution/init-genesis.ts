// Owns: the genesis document: its parts, its hash, and the first state. Not here: the rooms' sections (each room's genesis.ts).
import { CodecError } from '../base/errors.ts'
import type { Hash32, TimeMs } from '../base/ids.ts'
import { ZERO_HASH } from '../base/ids.ts'
import { LIMITS } from '../base/limits.ts'
import { choice, list, struct } from '../codec/compound.ts'
import { bytes, code, u53 } from '../codec/fields.ts'
import { encode } from '../codec/schema.ts'
import type { TextContext } from '../codec/schema.ts'
import { createHasher } from '../crypto/hash.ts'
import { NETWORKS, formatAddress, parseAddress, parseDid } from '../crypto/address.ts'
import type { NetworkName } from '../crypto/address.ts'
import { CITY_PARAMS } from '../chain/params.ts'
import { createOverlay } from '../state/overlay.ts'
import type { StateChange } from '../state/overlay.ts'
import type { Registry } from './registry.ts'

const GenesisSchema = struct({
  chainId: code(LIMITS.chainIdCharsMax),
  network: choice({ city: 1, test: 2, devnet: 3 }),
  time: u53,
  rooms: list(struct({ name: code(32), section: bytes(64 * 1024 * 1024) }), 64),
})

const hashGenesis = createHasher('naru/genesis/v1')

/** A parsed genesis document. `sections` are the rooms' own values, in registry order. */
export type Genesis = {
  readonly chainId: string
  readonly network: NetworkName
  readonly time: TimeMs
  readonly hash: Hash32
  readonly sections: ReadonlyMap<string, unknown>
}

// Civil dates end with 2099 (core/base/civil-time.ts), and credits count microseconds below 2^53.
const TIME_MAX = 4_102_444_800_000
const FIELDS: readonly string[] = ['chainId', 'network', 'time', 'rooms']

/** How accounts read as text on a network. */
export function textContextOf(network: NetworkName): TextContext {
  const { hrp, netId } = NETWORKS[network]
  return {
    formatAddress: (address) => formatAddress(address, hrp),
    parseAddress: (text) => (text.startsWith('did:') ? parseDid(text, netId) : parseAddress(text, hrp)),
  }
}

/** Parses `{chainId, network, time, rooms: {governance: {...}, ...}}`. Throws CodecError naming the path of what is wrong. */
export function parseGenesis(registry: Registry, json: unknown): Genesis {
  const top = recordAt(json, '$')
  const stray = Object.keys(top).find((name) => !FIELDS.includes(name))
  if (stray !== undefined) throw new CodecError(`$.${stray}: expected one of ${FIELDS.join(', ')}`)
  const network = top['network']
  if (typeof network !== 'string' || !Object.hasOwn(NETWORKS, network))
    throw new CodecError('$.network: expected city, test or devnet')
  const text = textContextOf(network as NetworkName)
  const rooms = recordAt(top['rooms'], '$.rooms')
  const known = registry.modules.filter((room) => room.genesis !== undefined)
  for (const name of Object.keys(rooms)) {
    if (!known.some((room) => room.name === name))
      throw new CodecError(`$.rooms.${name}: no room of this name takes a genesis section`)
  }
  const sections = new Map<string, unknown>()
  for (const room of known) {
    const schema = (room.genesis as NonNullable<typeof room.genesis>).schema
    sections.set(room.name, schema.fromJson(rooms[room.name], text, `$.rooms.${room.name}`))
  }
  const chainId = code(LIMITS.chainIdCharsMax).fromJson(top['chainId'], text, '$.chainId')
  const time = u53.fromJson(top['time'], text, '$.time')
  if (time > TIME_MAX) throw new CodecError(`$.time: expected at most ${TIME_MAX}, got ${time}`)
  return {
    chainId,
    network: network as NetworkName,
    time,
    sections,
    hash: hashOf(registry, { chainId, network: network as NetworkName, time, sections }),
  }
}

function hashOf(registry: Registry, parts: Omit<Genesis, 'hash'>): Hash32 {
  const rooms = registry.modules
    .filter((room) => room.genesis !== undefined)
    .map((room) => ({
      name: room.name,
      section: encode((room.genesis as NonNullable<typeof room.genesis>).schema, parts.sections.get(room.name)),
    }))
  return hashGenesis(encode(GenesisSchema, { chainId: parts.chainId, network: parts.network, time: parts.time, rooms }))
}

function recordAt(json: unknown, path: string): Record<string, unknown> {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw new CodecError(`${path}: expected an object`)
  return json as Record<string, unknown>
}

/** The first state: every room's section applied in registry order on nothing. Height 0, the genesis time. */
export function initGenesis(registry: Registry, genesis: Genesis): readonly StateChange[] {
  const view = createOverlay({ get: () => null })
  const { chainId, time, hash } = genesis
  const block = { chainId, genesisHash: hash, height: 0, time, params: CITY_PARAMS }
  for (const room of registry.modules) room.genesis?.init(view, genesis.sections.get(room.name), block)
  return view.diff()
}

/** Accounts that stand in the genesis document derive their id with this in place of the genesis hash, which depends on them. */
export const GENESIS_ACCOUNT_HASH = ZERO_HASH
