// Owns: a store out of a snapshot: proven chunk by chunk beside its place, and put in place only when it is whole.
// Not here: the format (node/snapshot), making snapshots (snapshot-folder.ts). The sign state is never touched.
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { NodeError } from '../../core/base/errors.ts'
import type { Manifest, SnapshotTrust } from '../snapshot/manifest.ts'
import { STATE_PREFIX, STORE_FORMAT } from '../storage/keys.ts'
import { headRecord, headerRecords, identityRecords, oldestRecord, setChangeRecord } from '../storage/chain-store.ts'
import { nodeFileSystem } from '../storage/file-system.ts'
import { openStore } from '../storage/level.ts'
import type { Store } from '../storage/level.ts'
import { readSnapshot } from './snapshot-folder.ts'
import type { ChunkProgress } from './snapshot-folder.ts'
import { lockDataDir, storeDirOf } from './stopped-store.ts'

/**
 * Restores a snapshot into a data directory without a store and without a write-ahead log of an older one. A crash of the machine
 * leaves a folder `store.restoring`, which the next attempt begins anew. Throws SNAPSHOT_NOT_EMPTY or another SNAPSHOT_*.
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
  try {
    assertEmpty(dataDir)
    const place = storeDirOf(dataDir)
    const draft = `${place}.restoring`
    rmSync(draft, { recursive: true, force: true })
    const store = await openStore({ dir: draft })
    let manifest: Manifest | null = null
    try {
      manifest = await writeAll(store, snapshot, trust, onProgress)
    } finally {
      await store.close()
      if (manifest === null) rmSync(draft, { recursive: true, force: true })
    }
    renameSync(draft, place)
    nodeFileSystem.syncDirectorySync(dataDir)
    return manifest
  } finally {
    lock.release()
  }
}

function assertEmpty(dataDir: string): void {
  for (const name of ['store', 'wal']) {
    const path = join(dataDir, name)
    if (!existsSync(path) || readdirSync(path).length === 0) continue
    const text = `${path} is not empty, and a snapshot replaces nothing`
    throw new NodeError('SNAPSHOT_NOT_EMPTY', `${text}: move it away (never the sign state), then restore again`)
  }
  rmSync(storeDirOf(dataDir), { recursive: true, force: true })
}

async function writeAll(store: Store, snapshot: string, trust: SnapshotTrust, onProgress: ChunkProgress): Promise<Manifest> {
  const chunks = readSnapshot(snapshot, trust)
  for (let done = 1; ; done++) {
    const step = chunks.next()
    if (step.done === true) {
      await writeHead(store, step.value)
      return step.value
    }
    await store.writeBatch(step.value.map(({ key, value }) => ({ key: STATE_PREFIX + key, value })))
    onProgress(done, null)
  }
}

// What makes the store one of this chain comes last: without it no node takes the folder for a store.
async function writeHead(store: Store, manifest: Manifest): Promise<void> {
  const { header, certificate, blockId, genesisHash, height, changes } = manifest
  await store.writeBatch([
    ...changes.map(setChangeRecord),
    ...headerRecords(header, certificate),
    oldestRecord(height + 1),
    headRecord(height, blockId),
    ...identityRecords(genesisHash, STORE_FORMAT),
  ])
}
