// Owns: a store out of a snapshot folder: proven chunk by chunk beside its place, and put in place only when it is whole.
// Not here: the format (node/snapshot), the store on its way (draft-store.ts), making snapshots (snapshot-make.ts).
import { mkdirSync, rmSync } from 'node:fs'
import { NodeError } from '../../core/base/errors.ts'
import { formatManifest, parseManifest } from '../snapshot/manifest.ts'
import type { Manifest, SnapshotTrust } from '../snapshot/manifest.ts'
import { contentOf } from '../snapshot/messages.ts'
import { assertNoChain, openDraft, removeDraft } from './draft-store.ts'
import type { DraftStore } from './draft-store.ts'
import { readChunkOf, readVerifiedManifest } from './snapshot-folder.ts'
import type { ChunkProgress } from './snapshot-folder.ts'
import { lockDataDir, storeDirOf } from './stopped-store.ts'

/**
 * Restores a snapshot into a data directory without a store and without a write-ahead log of an older one. What a crash leaves
 * behind goes on with the chunk where it stopped. Throws SNAPSHOT_NOT_EMPTY or another SNAPSHOT_*; then nothing is left behind.
 */
export async function restoreSnapshot(from: {
  snapshot: string
  dataDir: string
  trust: SnapshotTrust
  onProgress: ChunkProgress
}): Promise<Manifest> {
  const { snapshot, dataDir, trust, onProgress } = from
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const lock = lockDataDir(dataDir)
  const storeDir = storeDirOf(dataDir)
  try {
    assertNoChain(dataDir)
    rmSync(storeDir, { recursive: true, force: true })
    const manifest = readVerifiedManifest(snapshot, trust)
    const draft = await openSameDraft(storeDir, manifest)
    try {
      await fill(draft, { snapshot, manifest, onProgress })
    } catch (error) {
      await draft.close()
      removeDraft(storeDir)
      throw error
    }
    await draft.finish(manifest)
    return manifest
  } finally {
    lock.release()
  }
}

type Filling = { snapshot: string; manifest: Manifest; onProgress: ChunkProgress }

async function fill(draft: DraftStore, { snapshot, manifest, onProgress }: Filling): Promise<void> {
  const of = manifest.chunks.length
  const missing = draft.missing(of)
  let done = of - missing.length
  for (const index of missing) {
    await draft.keep(index, readChunkOf(snapshot, manifest, index))
    onProgress(++done, of)
  }
}

/** The draft of an earlier attempt with the same chunks, or a new one. */
async function openSameDraft(storeDir: string, manifest: Manifest): Promise<DraftStore> {
  const text = formatManifest(manifest)
  const draft = await openDraft(storeDir, text)
  if (isSame(draft.manifestText ?? '', manifest)) return draft
  await draft.close()
  removeDraft(storeDir)
  return openDraft(storeDir, text)
}

function isSame(text: string, manifest: Manifest): boolean {
  try {
    return contentOf(parseManifest(text)) === contentOf(manifest)
  } catch (error) {
    if (error instanceof NodeError) return false
    throw error
  }
}
