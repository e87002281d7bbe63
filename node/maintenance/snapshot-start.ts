// Owns: a snapshot as the place where an audit begins. Not here: the audit (audit.ts), the format (node/snapshot).
import { NodeError } from '../../core/base/errors.ts'
import type { BlockId } from '../../core/base/ids.ts'
import { buildValidatorSet } from '../../core/chain/validator-set.ts'
import { buildStateStart } from './audit-start.ts'
import type { AuditStart, StartParts } from './audit-start.ts'
import { buildTrust, readSnapshot } from './snapshot-folder.ts'

/** The proven state of a snapshot. Throws NodeError SNAPSHOT_*. */
export function readSnapshotStart(parts: StartParts, dir: string, blockId: BlockId | null): AuditStart {
  const chunks = readSnapshot(dir, buildTrust(parts, blockId))
  const records = new Map<string, Uint8Array>()
  for (;;) {
    const step = chunks.next()
    if (step.done !== true) {
      for (const { key, value } of step.value) records.set(key, value)
      continue
    }
    const { header, certificate, validators } = step.value
    const start = buildStateStart(parts.registry, records, { ...step.value, header, certificate }, buildValidatorSet(validators))
    if (start === null) throw new NodeError('SNAPSHOT_CORRUPT', 'the records together do not have the certified root')
    return start
  }
}
