// Owns: opening a stopped node's data directory for maintenance: lock, store, identity, sizes. Not here: running nodes (node.ts).
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { NodeError } from '../../core/base/errors.ts'
import type { Hash32 } from '../../core/base/ids.ts'
import { STORE_FORMAT } from '../storage/keys.ts'
import { createChainStore } from '../storage/chain-store.ts'
import type { ChainStore } from '../storage/chain-store.ts'
import { acquireLock } from '../storage/data-lock.ts'
import { openStore } from '../storage/level.ts'
import type { Store } from '../storage/level.ts'

/** A store that no node uses as long as it is open here. */
export type StoppedStore = {
  readonly dir: string
  readonly store: Store
  readonly chain: ChainStore
  readonly close: () => Promise<void>
}

/** The store's folder inside a data directory. */
export function storeDirOf(dataDir: string): string {
  return join(dataDir, 'store')
}

/** Takes the lock of a data directory. Throws NodeError DATA_DIR_LOCKED while a node runs on it. */
export function lockDataDir(dataDir: string): { readonly release: () => void } {
  return acquireLock({ path: join(dataDir, 'lock'), what: 'data directory' })
}

/** Opens the store of a stopped node. Throws NodeError STORE_MISSING, DATA_DIR_LOCKED or STORE_IO. */
export async function openStopped(dataDir: string): Promise<StoppedStore> {
  const dir = storeDirOf(dataDir)
  if (!existsSync(join(dir, 'CURRENT')))
    throw new NodeError('STORE_MISSING', `there is no store in ${dir}: name the node’s data directory with --data`)
  const lock = lockDataDir(dataDir)
  try {
    const store = await openStore({ dir })
    const close = async (): Promise<void> => {
      await store.close()
      lock.release()
    }
    return { dir, store, chain: createChainStore(store), close }
  } catch (error) {
    lock.release()
    throw error
  }
}

/** Refuses a store of another layout or chain. Throws NodeError STORE_FORMAT or GENESIS_MISMATCH. */
export function assertChain(chain: ChainStore, genesisHash: Hash32): void {
  const format = chain.format()
  if (format !== STORE_FORMAT) {
    const text = `the store has layout ${String(format)}, this version reads ${STORE_FORMAT}`
    throw new NodeError('STORE_FORMAT', `${text}; see UPGRADING.md`)
  }
  const stored = chain.genesisHash()
  if (stored === genesisHash) return
  const text = `the store belongs to genesis 0x${String(stored)}, the document given is 0x${genesisHash}`
  throw new NodeError('GENESIS_MISMATCH', `${text}; name the right one with --genesis`)
}

/** Bytes of all files in a folder and below. */
export function folderBytes(dir: string): number {
  let sum = 0
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    const path = join(dir, entry.name)
    sum += entry.isDirectory() ? folderBytes(path) : statSync(path).size
  }
  return sum
}
