// Owns: an audit that goes on from a point of an earlier run.
// Not here: the file of the point (audit-point.ts), the audit (audit.ts).
import { NodeError } from '../../core/base/errors.ts'
import { LIMITS } from '../../core/base/limits.ts'
import { genesisSet } from '../recover.ts'
import type { ChainStore } from '../storage/chain-store.ts'
import { createSetHistory, readSetChanges } from '../storage/set-history.ts'
import type { AuditPoint } from './audit-point.ts'
import { createRecentCheck, readSigned } from './audit-signed.ts'
import { buildStateStart } from './audit-start.ts'
import type { AuditStart, StartParts } from './audit-start.ts'
import type { Extent } from './audit-store.ts'

/** The state of a point, once it is the one under the signed header of its height. Throws NodeError AUDIT_RESUME. */
export async function startAtPoint(
  { store, registry, genesis }: StartParts,
  extent: Extent,
  point: AuditPoint,
): Promise<AuditStart> {
  const { height, blockId } = point
  const refuse = (): never => {
    throw new NodeError('AUDIT_RESUME', `the point of height ${height} is not of this store: remove it and begin again`)
  }
  const sets = createSetHistory(genesisSet(registry, genesis), await readSetChanges(store, extent.top))
  const set = sets.at(height)
  if (height > extent.top || height < extent.oldest) return refuse()
  const signed = readSigned(store, height, { chainId: genesis.chainId, set, checkSignature: createRecentCheck() })
  const start = signed.blockId === blockId ? buildStateStart(registry, new Map(point.records), signed, set) : null
  return start ?? refuse()
}

type Going = { readonly chain: ChainStore; readonly extent: Extent; readonly counts: Map<string, number>; txs: number }

/** Takes over what was counted up to the point; of undo records only those that are still there. */
export function goOn(run: Going, { height: reached, counts, txs }: AuditPoint): void {
  const { extent, chain } = run
  for (const [prefix, count] of counts) if (prefix !== 'v/' && prefix !== 'u/') run.counts.set(prefix, count)
  run.txs = txs
  let undone = 0
  for (let height = Math.max(1, extent.top - LIMITS.undoBlocksKept + 1); height <= reached; height++)
    if (chain.undoAt(height) !== null) undone++
  if (undone > 0) run.counts.set('u/', undone)
}
