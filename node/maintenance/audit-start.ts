// Owns: where an audit's execution begins: genesis, a state wound back by undo records, or a snapshot's state, each against a
// root that a quorum signed. Not here: going on from there (audit.ts).
import { NodeError } from '../../core/base/errors.ts'
import type { Height } from '../../core/base/ids.ts'
import type { ValidatorSet } from '../../core/chain/validator-set.ts'
import { sha256Bytes } from '../../core/crypto/hash.ts'
import type { Genesis } from '../../core/execution/init-genesis.ts'
import { initGenesis } from '../../core/execution/init-genesis.ts'
import type { Registry } from '../../core/execution/registry.ts'
import { createStateTree } from '../../core/state/tree.ts'
import type { StateTree } from '../../core/state/tree.ts'
import type { ReadView } from '../../core/state/view.ts'
import { genesisHead } from '../chain-head.ts'
import type { ChainHead } from '../chain-head.ts'
import { KEYS, STATE_END, STATE_PREFIX } from '../storage/keys.ts'
import { genesisSet } from '../recover.ts'
import { createSetHistory, readSetChanges } from '../storage/set-history.ts'
import { createChainStore } from '../storage/chain-store.ts'
import type { Store } from '../storage/level.ts'
import { refuseRecord } from './audit-fault.ts'
import { createRecentCheck, readSigned } from './audit-signed.ts'
import type { Signed } from './audit-signed.ts'

/** A state in memory that is known to be right, with the head that it belongs to. */
export type AuditStart = { readonly records: Map<string, Uint8Array>; readonly tree: StateTree; readonly head: ChainHead }

/** What every start needs to know. */
export type StartParts = { readonly store: Store; readonly registry: Registry; readonly genesis: Genesis }

/** A view over records in memory. */
export function viewOf(records: ReadonlyMap<string, Uint8Array>): ReadView {
  return { get: (key) => records.get(key) ?? null }
}

function treeOf(records: ReadonlyMap<string, Uint8Array>): StateTree {
  const tree = createStateTree({ capacityHint: records.size })
  tree.buildFrom([...records].map(([key, value]) => ({ key: sha256Bytes(key), valueHash: sha256Bytes(value) })))
  return tree
}

/** The state that the genesis document gives. */
export function buildGenesisStart({ registry, genesis }: Omit<StartParts, 'store'>): AuditStart {
  const records = new Map<string, Uint8Array>()
  for (const { key, value } of initGenesis(registry, genesis)) if (value !== null) records.set(key, value)
  const tree = treeOf(records)
  return { records, tree, head: genesisHead(genesis, registry, viewOf(records), tree.committedHash()) }
}

/** A state with the signed header that names its root. Null when the root is another one. */
export function buildStateStart(
  registry: Registry,
  records: Map<string, Uint8Array>,
  signed: Signed,
  signedBy: ValidatorSet,
): AuditStart | null {
  const tree = treeOf(records)
  const { header, blockId, certificate } = signed
  if (tree.committedHash() !== header.stateRoot) return null
  const view = viewOf(records)
  const set = registry.readNextSet(view)
  return {
    records,
    tree,
    head: { height: header.height, blockId, header, certificate, signedBy, set, params: registry.readChainParams(view) },
  }
}

/** Every state record of the store in memory. */
export async function readState(store: Store): Promise<Map<string, Uint8Array>> {
  const records = new Map<string, Uint8Array>()
  for await (const [key, value] of store.range({ gte: STATE_PREFIX, lt: STATE_END }))
    records.set(key.slice(STATE_PREFIX.length), value)
  return records
}

/**
 * The stored state wound back so that `from` is the first block to execute. Its root must be the one that the header below names.
 * Throws NodeError AUDIT_FROM when undo records do not reach so far or the validators of that header are not known.
 */
export async function buildRewoundStart(parts: StartParts, from: Height, top: Height): Promise<AuditStart> {
  const { store, registry } = parts
  const chain = createChainStore(store)
  const records = await readState(store)
  for (let height = top; height >= from; height--) {
    const undo = chain.undoAt(height)
    if (undo === null)
      throw new NodeError(
        'AUDIT_FROM',
        `there is no undo record of height ${height}: choose a higher --from, or begin at genesis`,
      )
    for (const { key, value } of undo) value === null ? records.delete(key) : records.set(key, value)
  }
  const below = from - 1
  const header = chain.headerAt(below)
  const sets = createSetHistory(genesisSet(registry, parts.genesis), await readSetChanges(store, top))
  const set = header === null ? null : sets.byHash(header.validatorsHash)
  if (set === null)
    throw new NodeError(
      'AUDIT_FROM',
      `the validators of height ${below} are not known here: choose another --from, or begin at genesis`,
    )
  const by = { chainId: parts.genesis.chainId, set, checkSignature: createRecentCheck() }
  const start = buildStateStart(registry, records, readSigned(store, below, by), set)
  if (start !== null) return start
  const what = `the stored state, wound back to height ${below}, has another root than that header names`
  return refuseRecord({
    key: KEYS.undo(from),
    height: from,
    what,
    expected: `0x${header?.stateRoot ?? ''}`,
    found: `0x${treeOf(records).committedHash()}`,
  })
}
