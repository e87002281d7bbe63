// Owns: a snapshot as a folder: making one of a stopped store, checking one, listing some. Not here: the format (node/snapshot),
// restoring (snapshot-restore.ts).
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { must } from '../../core/base/assert.ts'
import { NodeError } from '../../core/base/errors.ts'
import { blockIdOf } from '../../core/chain/block.ts'
import { sha256Bytes } from '../../core/crypto/hash.ts'
import type { Genesis } from '../../core/execution/init-genesis.ts'
import type { Registry } from '../../core/execution/registry.ts'
import { createStateTree } from '../../core/state/tree.ts'
import type { StateTree } from '../../core/state/tree.ts'
import { cityOf, genesisSet } from '../recover.ts'
import { CHUNK_BYTES, chunkName, readChunk } from '../snapshot/chunk.ts'
import type { SnapshotRecord } from '../snapshot/chunk.ts'
import { MANIFEST_NAME, assertManifest, parseManifest, refuseSnapshot } from '../snapshot/manifest.ts'
import type { Manifest, SnapshotTrust } from '../snapshot/manifest.ts'
import { createChainStore } from '../storage/chain-store.ts'
import { STATE_END, STATE_PREFIX } from '../storage/keys.ts'
import type { Store } from '../storage/level.ts'
import { createSetHistory, readSetChanges } from '../storage/set-history.ts'
import { makeSnapshot } from './snapshot-make.ts'

/** What a snapshot is made of. */
export type SnapshotSource = { readonly store: Store; readonly registry: Registry; readonly genesis: Genesis }

/** Told after each chunk: how many are done, and of how many where that is known. */
export type ChunkProgress = (done: number, of: number | null) => void

/**
 * Makes a snapshot of the store's head in a folder that must not exist yet; it has its name only once it is whole.
 * Throws NodeError SNAPSHOT_EXISTS, SNAPSHOT_EMPTY or STORE_CORRUPT.
 */
export async function createSnapshot(
  source: SnapshotSource,
  out: string,
  onProgress: ChunkProgress,
  chunkBytes = CHUNK_BYTES,
): Promise<Manifest> {
  assertFree(out)
  const { store, genesis, registry } = source
  const chain = createChainStore(store)
  const head = chain.head()
  if (head === null) throw new NodeError('SNAPSHOT_EMPTY', 'the chain has no block yet: there is nothing to make a snapshot of')
  const { height, blockId } = head
  const header = must(chain.headerAt(height), 'a head has its header')
  const certificate = must(chain.certificateAt(height), 'a head has its certificate')
  const tree = await readTree(store)
  if (tree.committedHash() !== header.stateRoot || blockIdOf(header) !== blockId)
    throw new NodeError(
      'STORE_CORRUPT',
      `the stored state is not that of height ${height}: run naru audit, then restore another snapshot`,
    )
  const changes = await readSetChanges(store, height)
  const signers = createSetHistory(genesisSet(registry, genesis), changes).at(height)
  if (signers.hash !== header.validatorsHash)
    throw new NodeError('STORE_CORRUPT', `the validators that signed height ${height} are not in the store: run naru audit`)
  return makeSnapshot({
    view: store,
    tree: tree.hold(),
    head: { ...identityOf(genesis), height, blockId, header, certificate, validators: signers.validators, changes },
    out,
    chunkBytes,
    pace: () => Promise.resolve(),
    onProgress,
  })
}

/** Refuses a place where something is already. Throws NodeError SNAPSHOT_EXISTS. */
export function assertFree(out: string): void {
  if (existsSync(out)) throw new NodeError('SNAPSHOT_EXISTS', `${out} is already there and is not replaced: choose another name`)
}

/** What a manifest says of its chain. */
export function identityOf({ chainId, network, hash }: Genesis): Pick<Manifest, 'chainId' | 'network' | 'genesisHash'> {
  return { chainId, network, genesisHash: hash }
}

async function readTree(store: Store): Promise<StateTree> {
  const tree = createStateTree()
  const leaves: { key: Uint8Array; valueHash: Uint8Array }[] = []
  for await (const [stored, value] of store.range({ gte: STATE_PREFIX, lt: STATE_END }))
    leaves.push({ key: sha256Bytes(stored.slice(STATE_PREFIX.length)), valueHash: sha256Bytes(value) })
  tree.buildFrom(leaves)
  return tree
}

/** Reads the manifest of a snapshot folder. Throws NodeError SNAPSHOT_MISSING, SNAPSHOT_FORMAT or SNAPSHOT_CORRUPT. */
export function readManifest(dir: string): Manifest {
  const path = join(dir, MANIFEST_NAME)
  if (!existsSync(path))
    throw new NodeError('SNAPSHOT_MISSING', `there is no snapshot in ${dir}: a snapshot has a ${MANIFEST_NAME}`)
  return parseManifest(readFileSync(path, 'utf8'))
}

/** Trust in the validators of a genesis, or in a block that the operator vouches for. */
export function buildTrust(parts: Omit<SnapshotSource, 'store'>, blockId: SnapshotTrust['blockId']): SnapshotTrust {
  return {
    chainId: parts.genesis.chainId,
    genesisHash: parts.genesis.hash,
    set: genesisSet(parts.registry, parts.genesis),
    blockId,
    city: cityOf(parts.registry, parts.genesis),
  }
}

/** The manifest of a folder in which nothing else lies, final on this chain. Throws NodeError SNAPSHOT_*. */
export function readVerifiedManifest(dir: string, trust: SnapshotTrust): Manifest {
  const manifest = readManifest(dir)
  assertManifest(manifest, trust)
  const known = new Set([MANIFEST_NAME, ...manifest.chunks.map((_, index) => chunkName(index))])
  const stranger = readdirSync(dir).find((name) => !known.has(name))
  return stranger === undefined ? manifest : refuseSnapshot('CORRUPT', `${stranger} is no part of this snapshot`)
}

/** The proven records of a chunk of a folder. Throws NodeError SNAPSHOT_CORRUPT. */
export function readChunkOf(dir: string, manifest: Manifest, index: number): readonly SnapshotRecord[] {
  return readChunk(manifest, index, readChunkFile(dir, index))
}

/** Every chunk of a snapshot in order, each proven before it is handed out. Throws NodeError SNAPSHOT_*. */
export function* readSnapshot(dir: string, trust: SnapshotTrust): Generator<readonly SnapshotRecord[], Manifest> {
  const manifest = readVerifiedManifest(dir, trust)
  for (let index = 0; index < manifest.chunks.length; index++) yield readChunkOf(dir, manifest, index)
  return manifest
}

function readChunkFile(dir: string, index: number): Uint8Array {
  try {
    return new Uint8Array(readFileSync(join(dir, chunkName(index))))
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return refuseSnapshot('CORRUPT', `${chunkName(index)} cannot be read: ${reason}`)
  }
}

/** Checks a whole snapshot; nothing is written. */
export function verifySnapshot(dir: string, trust: SnapshotTrust, onProgress: ChunkProgress): Manifest {
  const of = readManifest(dir).chunks.length
  const chunks = readSnapshot(dir, trust)
  for (let done = 1; ; done++) {
    const step = chunks.next()
    if (step.done === true) return step.value
    onProgress(done, of)
  }
}
