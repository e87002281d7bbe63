// Owns: which records of a store belong to one block. Not here: what is done with them (prune.ts, rollback.ts).
import { NodeError, isFailure } from '../../core/base/errors.ts'
import type { Height } from '../../core/base/ids.ts'
import { BlockSchema, blockIdOf } from '../../core/chain/block.ts'
import { encode } from '../../core/codec/schema.ts'
import { checkStatelessly } from '../../core/execution/check.ts'
import type { Genesis } from '../../core/execution/init-genesis.ts'
import type { Registry } from '../../core/execution/registry.ts'
import { buildCommitRecord } from '../commit.ts'
import { buildCommitChanges } from '../storage/chain-store.ts'
import type { ChainStore } from '../storage/chain-store.ts'
import { KEYS, STATE_PREFIX } from '../storage/keys.ts'

/** What tells the records of a block. */
export type BlockKeyParts = { readonly chain: ChainStore; readonly registry: Registry; readonly genesis: Genesis }

/** The keys that the commit of a height wrote, without state and head. Throws STORE_CORRUPT where the block is not whole. */
export function readBlockKeys({ chain, registry, genesis }: BlockKeyParts, height: Height): readonly string[] {
  const block = chain.blockAt(height)
  const certificate = chain.certificateAt(height)
  const receipts = chain.receiptsAt(height)
  if (block === null || certificate === null || receipts === null)
    throw new NodeError('STORE_CORRUPT', `block ${height} is not whole in the store: run naru audit to see what is missing`)
  const txs = block.txs.map((bytes, index) => {
    const checked = checkStatelessly(registry, genesis.hash, bytes)
    if (!isFailure(checked)) return checked
    throw new NodeError(
      'STORE_CORRUPT',
      `transaction ${index} of block ${height} cannot be read (${checked.code}): run naru audit`,
    )
  })
  const candidate = {
    block,
    blockId: blockIdOf(block.header),
    encoded: encode(BlockSchema, block),
    txs,
    receipts,
    recovered: null,
    changes: [],
    faults: [],
    nextSet: null,
  }
  const record = buildCommitRecord({ registry, state: { get: () => null }, candidate, certificate })
  return [
    ...buildCommitChanges(record).flatMap(({ key, value }) =>
      value === null || key === KEYS.head || key.startsWith(STATE_PREFIX) ? [] : [key],
    ),
    ...(chain.setChangeAt(height) === null ? [] : [KEYS.setChange(height)]),
  ]
}
