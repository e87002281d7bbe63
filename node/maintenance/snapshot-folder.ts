// Owns: a snapshot as a folder: making one of a stopped store, checking one, listing some. Not here: the format (node/snapshot),
// restoring (snapshot-restore.ts).
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { must } from '../../core/base/assert.ts'
import { toHex } from '../../core/base/bytes.ts'
import { NodeError } from '../../core/base/errors.ts'
import { asHash32 } from '../../core/base/ids.ts'
import { blockIdOf } from '../../core/chain/block.ts'
import type { Header } from '../../core/chain/block.ts'
import type { ValidatorSet } from '../../core/chain/validator-set.ts'
import { sha256, sha256Bytes } from '../../core/crypto/hash.ts'
import type { Genesis } from '../../core/execution/init-genesis.ts'
import type { Registry } from '../../core/execution/registry.ts'
import { createStateTree } from '../../core/state/tree.ts'
import type { StateTree } from '../../core/state/tree.ts'
import { KEY_MAX } from '../../core/state/tree-range.ts'
import {
  CHUNK_BYTES,
  CHUNK_RECORDS_MAX,
  chunkName,
  compareTreeKeys,
  encodeChunk,
  rangeOfChunk,
  readChunk,
} from '../snapshot/chunk.ts'
import type { SnapshotRecord } from '../snapshot/chunk.ts'
import { SNAPSHOT_FORMAT, assertManifest, formatManifest, parseManifest, refuseSnapshot } from '../snapshot/manifest.ts'
import type { Manifest, SnapshotTrust } from '../snapshot/manifest.ts'
import { STATE_PREFIX } from '../storage/keys.ts'
import type { Store } from '../storage/level.ts'
import { createChainStore } from '../storage/chain-store.ts'
import { STATE_END, genesisSet } from './audit-start.ts'

const MANIFEST_NAME = 'manifest.json'

/** What a snapshot is made of. */
export type SnapshotSource = { readonly store: Store; readonly registry: Registry; readonly genesis: Genesis }

/** Told after each chunk: how many are done, and of how many where that is known. */
export type ChunkProgress = (done: number, of: number | null) => void

type Entry = { readonly key: string; readonly treeKey: Uint8Array; readonly size: number }

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
  if (existsSync(out)) throw new NodeError('SNAPSHOT_EXISTS', `${out} is already there and is not replaced: choose another name`)
  const { store, genesis } = source
  const chain = createChainStore(store)
  const head = chain.head()
  if (head === null) throw new NodeError('SNAPSHOT_EMPTY', 'the chain has no block yet: there is nothing to make a snapshot of')
  const header = must(chain.headerAt(head.height), 'a head has its header')
  const certificate = must(chain.certificateAt(head.height), 'a head has its certificate')
  const { tree, entries } = await readEntries(store)
  if (tree.committedHash() !== header.stateRoot || blockIdOf(header) !== head.blockId)
    throw new NodeError(
      'STORE_CORRUPT',
      `the stored state is not that of height ${head.height}: run naru audit, then restore another snapshot`,
    )
  const partial = `${out}.partial`
  rmSync(partial, { recursive: true, force: true })
  mkdirSync(partial, { recursive: true })
  const chunks = await writeChunks({ store, tree, entries, dir: partial, chunkBytes, onProgress })
  const manifest: Manifest = {
    format: SNAPSHOT_FORMAT,
    chainId: genesis.chainId,
    network: genesis.network,
    genesisHash: genesis.hash,
    height: head.height,
    blockId: head.blockId,
    stateRoot: header.stateRoot,
    header,
    certificate,
    validators: findSigners(source, header).validators,
    records: entries.length,
    bytes: chunks.reduce((sum, chunk) => sum + chunk.bytes, 0),
    chunks,
  }
  writeFileSync(join(partial, MANIFEST_NAME), formatManifest(manifest), { flush: true })
  renameSync(partial, out)
  return manifest
}

async function readEntries(store: Store): Promise<{ tree: StateTree; entries: Entry[] }> {
  const entries: Entry[] = []
  const leaves: { key: Uint8Array; valueHash: Uint8Array }[] = []
  for await (const [stored, value] of store.range({ gte: STATE_PREFIX, lt: STATE_END })) {
    const key = stored.slice(STATE_PREFIX.length)
    const treeKey = sha256Bytes(key)
    entries.push({ key, treeKey, size: key.length + value.length + 8 })
    leaves.push({ key: treeKey, valueHash: sha256Bytes(value) })
  }
  const tree = createStateTree({ capacityHint: leaves.length })
  tree.buildFrom(leaves)
  return { tree, entries: entries.sort(compareTreeKeys) }
}

type Writing = {
  store: Store
  tree: StateTree
  entries: readonly Entry[]
  dir: string
  chunkBytes: number
  onProgress: ChunkProgress
}

async function writeChunks({ store, tree, entries, dir, chunkBytes, onProgress }: Writing): Promise<Manifest['chunks']> {
  const chunks: Manifest['chunks'][number][] = []
  let first = 0
  do {
    const end = endOfChunk(entries, first, chunkBytes)
    const last = end === entries.length ? KEY_MAX : (entries[end - 1] as Entry).treeKey
    const entry = { last: asHash32(toHex(last)), records: end - first, bytes: 0, sha256: asHash32('') }
    const proof = tree.proveRange(rangeOfChunk({ chunks: [...chunks, entry] }, chunks.length))
    const content = encodeChunk({ proof, records: await readRecords(store, entries.slice(first, end)) })
    writeFileSync(join(dir, chunkName(chunks.length)), content, { flush: true })
    chunks.push({ ...entry, bytes: content.length, sha256: sha256(content) })
    onProgress(chunks.length, null)
    first = end
  } while (first < entries.length)
  return chunks
}

function endOfChunk(entries: readonly Entry[], first: number, chunkBytes: number): number {
  let bytes = 0
  let end = first
  while (end < entries.length && end - first < CHUNK_RECORDS_MAX && (end === first || bytes < chunkBytes))
    bytes += (entries[end++] as Entry).size
  return end
}

async function readRecords(store: Store, entries: readonly Entry[]): Promise<SnapshotRecord[]> {
  const values = await store.getMany(entries.map(({ key }) => STATE_PREFIX + key))
  return entries.map(({ key }, index) => ({ key, value: must(values[index], 'a record that was just listed') }))
}

/** The validators that signed a head. */
function findSigners({ store, registry }: SnapshotSource, header: Header): ValidatorSet {
  const found = registry.readSetAt({ get: (key) => store.get(STATE_PREFIX + key) }, header.height)
  if (found !== null && found.hash === header.validatorsHash) return found
  throw new NodeError('STORE_CORRUPT', `the validators that signed height ${header.height} are not in the store: run naru audit`)
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
  return { chainId: parts.genesis.chainId, genesisHash: parts.genesis.hash, set: genesisSet(parts), blockId }
}

/** Every chunk of a snapshot in order, each proven before it is handed out. Throws NodeError SNAPSHOT_*. */
export function* readSnapshot(dir: string, trust: SnapshotTrust): Generator<readonly SnapshotRecord[], Manifest> {
  const manifest = readManifest(dir)
  assertManifest(manifest, trust)
  const known = new Set([MANIFEST_NAME, ...manifest.chunks.map((_, index) => chunkName(index))])
  const stranger = readdirSync(dir).find((name) => !known.has(name))
  if (stranger !== undefined) refuseSnapshot('CORRUPT', `${stranger} is no part of this snapshot`)
  for (let index = 0; index < manifest.chunks.length; index++) yield readChunk(manifest, index, readChunkFile(dir, index))
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
  const chunks = readSnapshot(dir, trust)
  for (let done = 1; ; done++) {
    const step = chunks.next()
    if (step.done === true) return step.value
    onProgress(done, null)
  }
}
