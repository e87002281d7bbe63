// Owns: making a snapshot's folder out of a held view of a store and the tree of the same height: in bounded slices, with memory
// that does not grow with the state, and every chunk proven before the folder gets its name. The same state gives the same chunks
// on every node. Not here: where view and tree come from (snapshot-folder.ts, node/upkeep), the format (node/snapshot).
import { mkdir, open, readFile, rename, rm, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { compareBytes, toHex } from '../../core/base/bytes.ts'
import { asHash32 } from '../../core/base/ids.ts'
import { sha256, sha256Bytes } from '../../core/crypto/hash.ts'
import type { HeldTree } from '../../core/state/tree.ts'
import { KEY_MAX } from '../../core/state/tree-range.ts'
import { CHUNK_BYTES, CHUNK_RECORDS_MAX, bucketBits, chunkName, encodeChunk, rangeOfChunk, readChunk } from '../snapshot/chunk.ts'
import type { SnapshotRecord } from '../snapshot/chunk.ts'
import { MANIFEST_NAME, SNAPSHOT_FORMAT, formatManifest } from '../snapshot/manifest.ts'
import type { Manifest } from '../snapshot/manifest.ts'
import { STATE_END, STATE_PREFIX } from '../storage/keys.ts'
import type { StoreView } from '../storage/level.ts'
import { decodeBucket, encodeEntry } from './snapshot-bucket.ts'

/** What a manifest says besides its chunks. */
export type SnapshotHead = Omit<Manifest, 'format' | 'stateRoot' | 'records' | 'bytes' | 'chunks'>

/** What a snapshot is made from: view and tree are of the height of `head`. */
export type SnapshotMaking = {
  readonly view: StoreView
  readonly tree: Pick<HeldTree, 'rootHash' | 'size' | 'proveRange'>
  readonly head: SnapshotHead
  readonly out: string
  readonly chunkBytes?: number
  /** Waited for between slices of some milliseconds; may reject to break off. */
  readonly pace: () => Promise<void>
  readonly onProgress: (done: number, of: number | null) => void
}

/** Records between two pauses while the state is read. */
const SLICE_RECORDS = 500
const BUCKET_BUFFER_BYTES = 16_384

/** Makes the folder; without its name on a failure, which the caller removes or leaves for the next attempt to remove. */
export async function makeSnapshot(making: SnapshotMaking): Promise<Manifest> {
  const { out, tree, head } = making
  const dir = `${out}.partial`
  await rm(dir, { recursive: true, force: true })
  await mkdir(dir, { recursive: true })
  const buckets = await sortIntoBuckets(making, dir)
  const chunks: Manifest['chunks'][number][] = []
  for (let index = 0; index < buckets; index++) await writeBucket(making, { dir, index, buckets, chunks })
  const manifest: Manifest = {
    format: SNAPSHOT_FORMAT,
    ...head,
    stateRoot: tree.rootHash,
    records: chunks.reduce((sum, chunk) => sum + chunk.records, 0),
    bytes: chunks.reduce((sum, chunk) => sum + chunk.bytes, 0),
    chunks,
  }
  await syncChunks(making, dir, chunks.length)
  await writeFile(join(dir, MANIFEST_NAME), formatManifest(manifest), { flush: true })
  await rename(dir, out)
  return manifest
}

// All at the end: the first of them makes the disk write most of what the others then find written.
async function syncChunks({ pace }: SnapshotMaking, dir: string, count: number): Promise<void> {
  for (let index = 0; index < count; index++) {
    await pace()
    const file = await open(join(dir, chunkName(index)), 'r')
    try {
      await file.datasync()
    } finally {
      await file.close()
    }
  }
}

function bucketName(index: number): string {
  return `bucket-${index}.tmp`
}

// One pass over the state in the order of its own keys; each record goes to the file of the first bits of its key in the tree.
async function sortIntoBuckets({ view, tree, pace }: SnapshotMaking, dir: string): Promise<number> {
  const bits = bucketBits(tree.size)
  const waiting: { parts: Uint8Array[]; bytes: number }[] = Array.from({ length: 2 ** bits }, () => ({ parts: [], bytes: 0 }))
  const flush = async (index: number): Promise<void> => {
    const bucket = waiting[index] as (typeof waiting)[number]
    const file = await open(join(dir, bucketName(index)), 'a')
    try {
      await file.writev(bucket.parts)
    } finally {
      await file.close()
    }
    bucket.parts = []
    bucket.bytes = 0
  }
  let since = 0
  for await (const [stored, value] of view.range({ gte: STATE_PREFIX, lt: STATE_END })) {
    const key = stored.slice(STATE_PREFIX.length)
    const treeKey = sha256Bytes(key)
    const index = (((treeKey[0] as number) << 8) | (treeKey[1] as number)) >>> (16 - bits)
    const bucket = waiting[index] as (typeof waiting)[number]
    const entry = encodeEntry({ treeKey, key, value })
    bucket.parts.push(entry)
    bucket.bytes += entry.length
    if (bucket.bytes >= BUCKET_BUFFER_BYTES) await flush(index)
    if (++since < SLICE_RECORDS) continue
    since = 0
    await pace()
  }
  for (const [index, bucket] of waiting.entries()) if (bucket.bytes > 0) await flush(index)
  return waiting.length
}

type Place = { dir: string; index: number; buckets: number; chunks: Manifest['chunks'][number][] }

async function writeBucket(making: SnapshotMaking, { dir, index, buckets, chunks }: Place): Promise<void> {
  const path = join(dir, bucketName(index))
  const content = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return new Uint8Array()
    throw error
  })
  const entries = decodeBucket(content).sort((a, b) => compareBytes(a.treeKey, b.treeKey))
  let first = 0
  do {
    await making.pace()
    const end = endOfChunk(entries, first, making.chunkBytes ?? CHUNK_BYTES)
    const last = end === entries.length ? endOfBucket(index, buckets) : (entries[end - 1] as (typeof entries)[number]).treeKey
    const records = entries.slice(first, end).map(({ key, value }) => ({ key, value }))
    await writeChunk(making, { dir, chunks, last, records })
    first = end
  } while (first < entries.length)
  if (entries.length > 0) await unlink(path)
}

type Chunk = Pick<Place, 'dir' | 'chunks'> & { last: Uint8Array; records: readonly SnapshotRecord[] }

async function writeChunk({ tree, onProgress }: SnapshotMaking, { dir, chunks, last, records }: Chunk): Promise<void> {
  const index = chunks.length
  const draft = { last: asHash32(toHex(last)), records: records.length, bytes: 0, sha256: asHash32('') }
  const proof = tree.proveRange(rangeOfChunk({ chunks: [...chunks, draft] }, index))
  const content = encodeChunk({ proof, records })
  chunks.push({ ...draft, bytes: content.length, sha256: sha256(content) })
  // A chunk that does not prove itself here would cost this node its peers' trust there.
  readChunk({ stateRoot: tree.rootHash, chunks }, index, content)
  await writeFile(join(dir, chunkName(index)), content)
  onProgress(chunks.length, null)
}

// The highest key that begins with the bucket's bits.
function endOfBucket(index: number, buckets: number): Uint8Array {
  const last = KEY_MAX.slice()
  const prefix = (index + 1) * (65_536 / buckets) - 1
  last[0] = prefix >>> 8
  last[1] = prefix & 255
  return last
}

function endOfChunk(entries: readonly SnapshotRecord[], first: number, chunkBytes: number): number {
  let bytes = 0
  let end = first
  while (end < entries.length && end - first < CHUNK_RECORDS_MAX && (end === first || bytes < chunkBytes)) {
    const { key, value } = entries[end++] as SnapshotRecord
    bytes += key.length + value.length + 8
  }
  return end
}
