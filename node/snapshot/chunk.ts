// Owns: a chunk of a snapshot: sorted state records with the proof that they are all of their range; reading one with distrust.
// Not here: the manifest (manifest.ts), files (node/maintenance).
import { fromHex } from '../../core/base/bytes.ts'
import { CodecError } from '../../core/base/errors.ts'
import { list, struct } from '../../core/codec/compound.ts'
import { bytes, text } from '../../core/codec/fields.ts'
import { decode, encode } from '../../core/codec/schema.ts'
import type { Infer } from '../../core/codec/schema.ts'
import { sha256, sha256Bytes } from '../../core/crypto/hash.ts'
import { KEY_MIN, RANGE_PROOF_BYTES_MAX, keyAfter, verifyRange } from '../../core/state/tree-range.ts'
import type { KeyRange } from '../../core/state/tree-range.ts'
import { refuseSnapshot } from './manifest.ts'
import type { Manifest } from './manifest.ts'

/** Records are cut into chunks of about this many bytes: some ten milliseconds of work for a node that votes meanwhile. */
export const CHUNK_BYTES = 262_144
/** Most records of one chunk; their list is one short array on the wire. */
export const CHUNK_RECORDS_MAX = 60_000
/** Largest encoded chunk: one that holds a single record of the largest kind. */
export const CHUNK_BYTES_MAX = 17 * 1_048_576

/**
 * Bits by which the key space is divided before chunks are cut, by the number of records alone: some thousand records each, and a
 * small state still in several parts, so that several peers can bring it.
 */
export function bucketBits(records: number): number {
  const bySize = Math.ceil(Math.log2(Math.max(1, records / 2_048)))
  const forPeers = Math.min(4, Math.floor(Math.log2(Math.max(1, records / 32))))
  return Math.min(10, Math.max(bySize, forPeers, 0))
}

const RecordSchema = struct({ key: text(256), value: bytes(16_777_216) })
const ChunkSchema = struct({ proof: bytes(RANGE_PROOF_BYTES_MAX), records: list(RecordSchema, CHUNK_RECORDS_MAX) })

/** A state record by its flat key. */
export type SnapshotRecord = Infer<typeof RecordSchema>

/** File name of a chunk. */
export function chunkName(index: number): string {
  return `chunk-${index.toString().padStart(6, '0')}.bin`
}

/** Bytes of a chunk; the records stand in the order of their keys in the tree. */
export function encodeChunk(chunk: { proof: Uint8Array; records: readonly SnapshotRecord[] }): Uint8Array {
  return encode(ChunkSchema, chunk)
}

/** The keys of the tree that a chunk answers for: from after the chunk before it to its own last one. */
export function rangeOfChunk(manifest: Pick<Manifest, 'chunks'>, index: number): KeyRange {
  const before = manifest.chunks[index - 1]
  const from = before === undefined ? KEY_MIN : (keyAfter(fromHex(before.last)) ?? KEY_MIN)
  return { from, to: fromHex((manifest.chunks[index] as Manifest['chunks'][number]).last) }
}

/** True for the very bytes that the manifest names for a chunk. */
export function isOffered(manifest: Pick<Manifest, 'chunks'>, index: number, content: Uint8Array): boolean {
  const entry = manifest.chunks[index]
  return entry !== undefined && content.length === entry.bytes && sha256(content) === entry.sha256
}

/**
 * The records of a chunk, once they are proven to be all that the state of the manifest's root holds in the chunk's range.
 * Throws NodeError SNAPSHOT_CORRUPT naming the chunk.
 */
export function readChunk(
  manifest: Pick<Manifest, 'chunks' | 'stateRoot'>,
  index: number,
  content: Uint8Array,
): readonly SnapshotRecord[] {
  const entry = manifest.chunks[index] as Manifest['chunks'][number]
  const refuse = (text: string): never => refuseSnapshot('CORRUPT', `${chunkName(index)}: ${text}`)
  if (!isOffered(manifest, index, content)) return refuse('the file is not the one that was made')
  let chunk: Infer<typeof ChunkSchema>
  try {
    chunk = decode(ChunkSchema, content, CHUNK_BYTES_MAX)
  } catch (error) {
    if (error instanceof CodecError) return refuse(error.message)
    throw error
  }
  if (chunk.records.length !== entry.records) return refuse(`${chunk.records.length} records, the manifest says ${entry.records}`)
  const leaves = chunk.records.map(({ key, value }) => ({ key: sha256Bytes(key), valueHash: sha256Bytes(value) }))
  const claim = { rootHash: manifest.stateRoot, range: rangeOfChunk(manifest, index), leaves, proof: chunk.proof }
  return verifyRange(claim) ? chunk.records : refuse('its records are not those of the certified state')
}
