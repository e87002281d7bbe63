// Owns: what nodes ask each other about snapshots, and how two snapshots are known to be the same.
// Not here: answering (node/upkeep/snapshot-shelf.ts), asking (node/snapshot-sync).
import type { Hash32 } from '../../core/base/ids.ts'
import { choice, list, struct } from '../../core/codec/compound.ts'
import { hash32, u32, u53 } from '../../core/codec/fields.ts'
import { encode } from '../../core/codec/schema.ts'
import type { Infer } from '../../core/codec/schema.ts'
import { createHasher } from '../../core/crypto/hash.ts'
import { HeaderSchema } from '../../core/chain/block.ts'
import { ChunkListSchema } from './manifest.ts'
import type { Manifest } from './manifest.ts'

/** `list` of snapshots, `manifest` of a height, `chunk` of a height by its index, `header` of a height. */
export const SnapRequestSchema = struct({ ask: choice({ list: 0, manifest: 1, chunk: 2, header: 3 }), height: u53, index: u32 })
export type SnapRequest = Infer<typeof SnapRequestSchema>

/** Longest request. */
export const SNAP_REQUEST_BYTES_MAX = 64
/** Longest manifest on the wire: some ten thousand chunks. */
export const MANIFEST_BYTES_MAX = 16 * 1_048_576

/** Snapshots on offer; the same content comes from every honest node. */
export const SnapListSchema = list(struct({ height: u53, content: hash32 }), 64)

/** The answer to `header`. */
export const SnapHeaderSchema = HeaderSchema

const ContentSchema = struct({ height: u53, blockId: hash32, chunks: ChunkListSchema })
const hashContent = createHasher('naru/snapshot-content/v1')

/** What two manifests have in common when the chunks of one fit the other: all but whose signatures the certificate holds. */
export function contentOf({ height, blockId, chunks }: Pick<Manifest, 'height' | 'blockId' | 'chunks'>): Hash32 {
  return hashContent(encode(ContentSchema, { height, blockId, chunks }))
}
