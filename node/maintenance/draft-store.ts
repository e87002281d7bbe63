// Owns: a store that is being filled from a snapshot beside its place: each chunk in one durable batch with its mark, so that a
// filling that was broken off goes on where it stopped; only a whole one gets the store's name. The sign state is never touched.
// Not here: where chunks come from (snapshot-restore.ts, node/snapshot-sync).
import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { assert } from '../../core/base/assert.ts'
import { NodeError } from '../../core/base/errors.ts'
import type { SnapshotRecord } from '../snapshot/chunk.ts'
import type { Manifest } from '../snapshot/manifest.ts'
import { headRecord, headerRecords, identityRecords, oldestRecord, setChangeRecord } from '../storage/chain-store.ts'
import { nodeFileSystem } from '../storage/file-system.ts'
import { KEYS, STATE_PREFIX, STORE_FORMAT } from '../storage/keys.ts'
import { openStore } from '../storage/level.ts'

/** A store on its way. */
export type DraftStore = {
  /** The text of the manifest whose chunks it holds, or null while it is empty. */
  readonly manifestText: string | null
  /** Chunks of this many that are not kept yet, in order. */
  readonly missing: (chunks: number) => readonly number[]
  /** Keeps a proven chunk: all of its records or none, on disk when this resolves. */
  readonly keep: (index: number, records: readonly SnapshotRecord[]) => Promise<void>
  /** Makes the whole draft the store of its data directory, and closes it. */
  readonly finish: (manifest: Manifest) => Promise<void>
  readonly close: () => Promise<void>
}

/** Where the draft of a store lies. */
export function draftDirOf(storeDir: string): string {
  return `${storeDir}.restoring`
}

/** Removes a draft with everything in it. */
export function removeDraft(storeDir: string): void {
  rmSync(draftDirOf(storeDir), { recursive: true, force: true })
}

/** Refuses a data directory that holds blocks or a log of older ones. Throws NodeError SNAPSHOT_NOT_EMPTY. */
export function assertNoChain(dataDir: string): void {
  for (const name of ['store', 'wal']) {
    const path = join(dataDir, name)
    if (!existsSync(path) || readdirSync(path).length === 0) continue
    const text = `${path} is not empty, and a snapshot replaces nothing`
    throw new NodeError('SNAPSHOT_NOT_EMPTY', `${text}: move it away (never the sign state), then restore again`)
  }
}

/** Opens the draft of a store, or begins one with this manifest; `manifestText` null only opens what is there. */
export async function openDraft(storeDir: string, manifestText: string): Promise<DraftStore> {
  const dir = draftDirOf(storeDir)
  const store = await openStore({ dir })
  const found = store.get(KEYS.draftManifest)
  const text = found === null ? manifestText : new TextDecoder().decode(found)
  if (found === null) await store.writeBatch([{ key: KEYS.draftManifest, value: new TextEncoder().encode(text) }])
  const missing = (chunks: number): readonly number[] =>
    Array.from({ length: chunks }, (_, index) => index).filter((index) => store.get(KEYS.draftChunk(index)) === null)
  return {
    manifestText: text,
    missing,
    keep: (index, records) =>
      store.writeBatch([
        ...records.map(({ key, value }) => ({ key: STATE_PREFIX + key, value })),
        { key: KEYS.draftChunk(index), value: new Uint8Array([1]) },
      ]),
    async finish(manifest) {
      const { header, certificate, blockId, genesisHash, height, changes, chunks } = manifest
      assert(missing(chunks.length).length === 0, 'a draft is finished when every chunk is kept')
      // What makes the store one of this chain comes last: without it no node takes the folder for a store.
      await store.writeBatch([
        ...changes.map(setChangeRecord),
        ...headerRecords(header, certificate),
        oldestRecord(height + 1),
        headRecord(height, blockId),
        ...identityRecords(genesisHash, STORE_FORMAT),
        ...chunks.map((_, index) => ({ key: KEYS.draftChunk(index), value: null })),
        { key: KEYS.draftManifest, value: null },
      ])
      await store.close()
      rmSync(storeDir, { recursive: true, force: true })
      renameSync(dir, storeDir)
      nodeFileSystem.syncDirectorySync(dirname(storeDir))
    },
    close: store.close,
  }
}
