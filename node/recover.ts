// Owns: opening a chain again: format, genesis, head, state tree. Not here: the WAL of the running height (driver.ts replays it).
import { NodeError } from '../core/base/errors.ts'
import { must } from '../core/base/assert.ts'
import type { Height } from '../core/base/ids.ts'
import type { Certificate } from '../core/chain/certificate.ts'
import type { City } from '../core/chain/set-change.ts'
import { sha256Bytes } from '../core/crypto/hash.ts'
import { initGenesis } from '../core/execution/init-genesis.ts'
import type { Genesis } from '../core/execution/init-genesis.ts'
import type { Registry } from '../core/execution/registry.ts'
import type { ValidatorSet } from '../core/chain/validator-set.ts'
import { createStateTree } from '../core/state/tree.ts'
import type { StateTree } from '../core/state/tree.ts'
import { genesisHead } from './chain-head.ts'
import type { ChainHead } from './chain-head.ts'
import { STATE_END, STATE_PREFIX, STORE_FORMAT } from './storage/keys.ts'
import type { Store } from './storage/level.ts'
import { createChainStore, headerWithId } from './storage/chain-store.ts'
import type { ChainStore } from './storage/chain-store.ts'
import { createSetHistory, readSetChanges } from './storage/set-history.ts'
import type { SetHistory } from './storage/set-history.ts'
import { createStateStore } from './storage/state-store.ts'
import type { StateStore } from './storage/state-store.ts'

/** An opened chain: its stores, the tree over its state, and the head. */
export type Recovered = {
  readonly chain: ChainStore
  readonly state: StateStore
  readonly tree: StateTree
  readonly head: ChainHead
  /** Who validated at which height. */
  readonly sets: SetHistory
}

/** Opens or begins the chain in a store. Throws NodeError STORE_FORMAT, GENESIS_MISMATCH or STORE_CORRUPT with what to do. */
export async function recoverChain(from: {
  store: Store
  registry: Registry
  genesis: Genesis
  cacheEntries: number
}): Promise<Recovered> {
  const { store, registry, genesis, cacheEntries } = from
  const chain = createChainStore(store)
  checkFormat(chain)
  if (chain.genesisHash() === null) await chain.writeGenesis(genesis.hash, STORE_FORMAT, initGenesis(registry, genesis))
  checkGenesis(chain, genesis)
  const state = createStateStore(store, cacheEntries)
  const tree = await buildTree(store)
  const sets = createSetHistory(genesisSet(registry, genesis), await readSetChanges(store, Number.MAX_SAFE_INTEGER))
  return { chain, state, tree, sets, head: readHead({ chain, state, tree, sets, registry, genesis }) }
}

/** The validators of the genesis document. */
export function genesisSet(registry: Registry, genesis: Genesis): ValidatorSet {
  const records = new Map(initGenesis(registry, genesis).map(({ key, value }) => [key, value]))
  return registry.readNextSet({ get: (key) => records.get(key) ?? null })
}

/** The city of a genesis document; `given` as in City. */
export function cityOf(registry: Registry, genesis: Genesis, given: City['given'] = null): City {
  const records = new Map(initGenesis(registry, genesis).map(({ key, value }) => [key, value]))
  return { genesisHash: genesis.hash, roots: registry.readRoots({ get: (key) => records.get(key) ?? null }), given }
}

// Before anything is written: a store of another layout may keep its genesis elsewhere.
function checkFormat(chain: ChainStore): void {
  const format = readable('the format record', chain.format)
  if (format === STORE_FORMAT || (format === null && chain.genesisHash() === null)) return
  const text = `the store has layout ${String(format)}, this version reads ${STORE_FORMAT}; see UPGRADING.md`
  throw new NodeError('STORE_FORMAT', text)
}

function checkGenesis(chain: ChainStore, genesis: Genesis): void {
  const stored = must(chain.genesisHash(), 'a store has a genesis')
  if (stored !== genesis.hash) {
    const text = `the store belongs to genesis 0x${stored}, the configured genesis is 0x${genesis.hash}`
    throw new NodeError('GENESIS_MISMATCH', `${text}; point data.dir or chain.genesis at the right one`)
  }
}

async function buildTree(store: Store): Promise<StateTree> {
  const tree = createStateTree()
  const entries: { key: Uint8Array; valueHash: Uint8Array }[] = []
  for await (const [key, value] of store.range({ gte: STATE_PREFIX, lt: STATE_END })) {
    entries.push({ key: sha256Bytes(key.slice(STATE_PREFIX.length)), valueHash: sha256Bytes(value) })
  }
  tree.buildFrom(entries)
  return tree
}

function readHead(from: {
  chain: ChainStore
  state: StateStore
  tree: StateTree
  sets: SetHistory
  registry: Registry
  genesis: Genesis
}): ChainHead {
  const { chain, state, tree, sets, registry, genesis } = from
  const stored = readable('the head record', chain.head)
  if (stored === null) return genesisHead(genesis, registry, state, tree.committedHash())
  const found = readable(`the header of head ${stored.height}`, () => headerWithId(chain, stored.height))
  if (found === null || found.blockId !== stored.blockId)
    throw corrupt(`the header of head ${stored.height} is missing or altered`)
  if (found.header.stateRoot !== tree.committedHash())
    throw corrupt(`the state does not have the root that block ${stored.height} names`)
  const set = registry.readNextSet(state)
  const signedBy = sets.at(stored.height)
  if (signedBy.hash !== found.header.validatorsHash || set.hash !== found.header.nextValidatorsHash)
    throw corrupt(`the validators of head ${stored.height} are not those that it names`)
  return {
    height: stored.height,
    blockId: stored.blockId,
    header: found.header,
    certificate: readCertificate(chain, stored.height),
    signedBy,
    set,
    params: registry.readChainParams(state),
  }
}

function readCertificate(chain: ChainStore, height: Height): Certificate {
  const certificate = readable(`the certificate of head ${height}`, () => chain.certificateAt(height))
  if (certificate === null) throw corrupt(`the certificate of head ${height} is missing`)
  return certificate
}

// A record that does not decode is a rotten disk, not a fault of the program.
function readable<T>(what: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof NodeError) throw error
    throw corrupt(`${what} cannot be read`)
  }
}

function corrupt(what: string): NodeError {
  return new NodeError(
    'STORE_CORRUPT',
    `${what}; restore this node’s data from a snapshot or let it sync from an empty directory`,
  )
}
