// Owns: taking the last blocks of a store back by their undo records, in one batch. Not here: whether the key may go on signing
// (sign-state-file.ts, cli).
import { NodeError } from '../../core/base/errors.ts'
import type { Hash32, Height } from '../../core/base/ids.ts'
import { sha256Bytes } from '../../core/crypto/hash.ts'
import { createStateTree } from '../../core/state/tree.ts'
import { headRecord, headerWithId, oldestRecord } from '../storage/chain-store.ts'
import { KEYS, STATE_PREFIX } from '../storage/keys.ts'
import type { Store, StoreChange } from '../storage/level.ts'
import { readState } from './audit-start.ts'
import { readBlockKeys } from './block-keys.ts'
import type { BlockKeyParts } from './block-keys.ts'

/** What a rollback did. */
export type RolledBack = { readonly from: Height; readonly to: Height; readonly stateRoot: Hash32; readonly records: number }

/** The store, and what to do once everything is checked and before anything is written. */
export type RollbackParts = BlockKeyParts & { readonly store: Store; readonly onChecked?: () => void }

/**
 * Takes every block above `to` back: state, indexes and head move in one atomic batch, and only after the state was found to have
 * the root that the header of `to` names. Throws NodeError ROLLBACK_HEIGHT, ROLLBACK_UNDO or STORE_CORRUPT; then nothing changed.
 */
export async function rollbackStore(parts: RollbackParts, to: Height): Promise<RolledBack> {
  const { store, chain } = parts
  const from = chain.head()?.height ?? 0
  if (!Number.isSafeInteger(to) || to < 1 || to >= from)
    throw new NodeError('ROLLBACK_HEIGHT', `the head is ${from}: roll back to a height from 1 to ${from - 1}, not ${to}`)
  const target = headerWithId(chain, to)
  if (target === null) throw new NodeError('ROLLBACK_HEIGHT', `height ${to} is not in this store any more`)
  const state = new Map<string, Uint8Array | null>()
  const changes: StoreChange[] = []
  for (let height = from; height > to; height--) {
    const undo = chain.undoAt(height)
    if (undo === null)
      throw new NodeError(
        'ROLLBACK_UNDO',
        `there is no undo record of height ${height}: roll back to ${height} at the lowest, or restore a snapshot`,
      )
    for (const { key, value } of undo) state.set(key, value)
    for (const key of blockKeysOf(parts, height)) changes.push({ key, value: null })
    // A recovery that began the block stands with the header below it, and goes with the block.
    if (chain.recoveryAt(height) !== null) changes.push({ key: KEYS.setChange(height - 1), value: null })
  }
  await assertRoot(store, state, target.header.stateRoot)
  for (const [key, value] of state) changes.push({ key: STATE_PREFIX + key, value })
  changes.push(headRecord(to, target.blockId))
  if (chain.oldestHeight() > to) changes.push(oldestRecord(to + 1))
  parts.onChecked?.()
  await store.writeBatch(changes)
  return { from, to, stateRoot: target.header.stateRoot, records: changes.length }
}

// A pruned or never held body leaves header, certificate and index.
function blockKeysOf(parts: BlockKeyParts, height: Height): readonly string[] {
  if (height >= parts.chain.oldestHeight()) return readBlockKeys(parts, height)
  const found = headerWithId(parts.chain, height)
  const index = found === null ? [] : [KEYS.heightOfBlock(found.blockId)]
  return [KEYS.header(height), KEYS.certificate(height), KEYS.undo(height), KEYS.setChange(height), ...index]
}

async function assertRoot(store: Store, changed: ReadonlyMap<string, Uint8Array | null>, expected: Hash32): Promise<void> {
  const records = await readState(store)
  for (const [key, value] of changed) value === null ? records.delete(key) : records.set(key, value)
  const tree = createStateTree({ capacityHint: records.size })
  const found = tree.buildFrom([...records].map(([key, value]) => ({ key: sha256Bytes(key), valueHash: sha256Bytes(value) })))
  if (found === expected) return
  const text = `the undo records give root 0x${found}, the header names 0x${expected}`
  throw new NodeError('STORE_CORRUPT', `${text}: nothing was changed; run naru audit, or restore a snapshot`)
}
