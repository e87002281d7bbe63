// Owns: genesis documents as files: reading with a useful error, adding validators to a skeleton.
// Not here: the commands (commands/genesis.ts).
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { CodecError } from '../core/base/errors.ts'
import type { NetworkName } from '../core/crypto/address.ts'
import { initGenesis, parseGenesis } from '../core/execution/init-genesis.ts'
import type { Genesis } from '../core/execution/init-genesis.ts'
import { REGISTRY } from '../modules/registry.ts'
import { CITY_PARAMS } from '../core/chain/params.ts'
import { CliError, EXIT } from './errors.ts'

/** A validator's public description. */
export type ValidatorDescription = {
  readonly name: string
  readonly authority: string
  readonly publicKey: string
  readonly peerId: string
  readonly addresses: readonly string[]
}

/** Parses a document and lets every room judge its section. Throws CliError GENESIS_MISSING or GENESIS_INVALID. */
export function readGenesis(path: string): { readonly genesis: Genesis; readonly validators: readonly string[] } {
  const json = readJson(path)
  try {
    const genesis = parseGenesis(REGISTRY, json)
    initGenesis(REGISTRY, genesis)
    const section = genesis.sections.get('governance') as { readonly validators: readonly { readonly name: string }[] }
    return { genesis, validators: section.validators.map(({ name }) => name) }
  } catch (error) {
    if (error instanceof CodecError) throw new CliError(EXIT.config, 'GENESIS_INVALID', `${path}: ${error.message}`)
    throw error
  }
}

function readJson(path: string): unknown {
  if (!existsSync(path)) throw new CliError(EXIT.config, 'GENESIS_MISSING', `there is no genesis document at ${path}`)
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw new CliError(EXIT.config, 'GENESIS_INVALID', `${path} is not JSON: ${(error as Error).message}`)
  }
}

/** A document to be filled by its founders: rooms present, nobody in them. */
export function buildSkeleton(chain: { chainId: string; network: NetworkName; timeMs: number }): Record<string, unknown> {
  return {
    chainId: chain.chainId,
    network: chain.network,
    time: chain.timeMs,
    rooms: {
      governance: {
        councils: { city: { threshold: 1, members: [] } },
        roles: [],
        validators: [],
        params: CITY_PARAMS,
        legalParams: [],
      },
      identity: { dids: [] },
      payment: { banks: [], accounts: [] },
    },
  }
}

type Skeleton = {
  rooms: {
    governance: { councils: { city: { threshold: number; members: string[] } }; validators: ValidatorDescription[] }
    identity: { dids: { account: string; keys: { kid: string; publicKey: string; purposes: number }[]; creditClass: number }[] }
  }
}

// Authentication, assertion and invocation, as every founding authority needs them.
const AUTHORITY_PURPOSES = 11
const AGENCY_CLASS = 2

/**
 * Adds validators with their authorities' identities; one that is there already is replaced. As long as nobody else sits in the
 * city council, the founding authorities do, and more than half of them decide. Returns all names.
 */
export function addValidators(path: string, added: readonly ValidatorDescription[]): readonly string[] {
  const document = readJson(path) as Skeleton
  const { governance, identity } = document.rooms
  for (const { name, authority, publicKey, peerId, addresses } of added) {
    governance.validators = [
      ...governance.validators.filter((known) => known.authority !== authority),
      { authority, publicKey, name, peerId, addresses },
    ]
    const did = { account: authority, keys: [{ kid: 'k1', publicKey, purposes: AUTHORITY_PURPOSES }], creditClass: AGENCY_CLASS }
    identity.dids = [...identity.dids.filter(({ account }) => account !== authority), did]
  }
  const founders = governance.validators.map((validator) => validator.authority)
  if (governance.councils.city.members.every((member) => founders.includes(member))) {
    governance.councils.city = { threshold: Math.floor(founders.length / 2) + 1, members: founders }
  }
  writeFileSync(`${path}.new`, `${JSON.stringify(document, null, 2)}\n`)
  renameSync(`${path}.new`, path)
  return governance.validators.map(({ name }) => name)
}
