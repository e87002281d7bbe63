// Owns: what can be read of recorded evidence over JSON-RPC. Not here: recording it (evidence.ts).
import { failure } from '../../core/base/errors.ts'
import { must } from '../../core/base/assert.ts'
import type { Hash32 } from '../../core/base/ids.ts'
import { offenceOf } from '../../core/chain/evidence.ts'
import { option, struct } from '../../core/codec/compound.ts'
import { hash32, u32, u53 } from '../../core/codec/fields.ts'
import { defineQuery } from '../../core/execution/module.ts'
import type { ReadView } from '../../core/state/view.ts'
import { GovernanceError } from './errors.ts'
import { EVIDENCE_PAGE_MAX, EvidencePage, EvidenceViewSchema } from './evidence-schema.ts'
import { evidenceIds, evidenceRecords, evidenceWindow } from './evidence-store.ts'

function viewOf(view: ReadView, evidenceId: Hash32) {
  const record = evidenceRecords.get(view, evidenceId)
  return record === null ? null : { evidenceId, ...offenceOf(record.evidence), record }
}

/** Recorded offences in the order of recording. */
export const listEvidence = defineQuery({
  name: 'governance_listEvidence',
  about: 'The public record of validators’ offences in the order of recording, with both signed messages and what followed.',
  params: struct({ from: option(u53), limit: option(u32) }),
  result: EvidencePage,
  run: (view, { from, limit }) => {
    const { total } = evidenceWindow.mustGet(view, null)
    const first = Math.min(from ?? 0, total)
    const end = Math.min(total, first + Math.min(Math.max(limit ?? 20, 1), EVIDENCE_PAGE_MAX))
    const numbers = Array.from({ length: end - first }, (_, i) => first + i)
    const records = numbers.map((number) => {
      const { evidenceId } = evidenceIds.mustGet(view, number)
      return must(viewOf(view, evidenceId), 'a numbered offence is recorded')
    })
    return { total, records, next: end < total ? end : null }
  },
})

/** One recorded offence. */
export const getEvidence = defineQuery({
  name: 'governance_getEvidence',
  about: 'One recorded offence of a validator, with both signed messages and what followed.',
  params: struct({ evidenceId: hash32 }),
  result: EvidenceViewSchema,
  run: (view, { evidenceId }) => viewOf(view, evidenceId) ?? failure(GovernanceError.EVIDENCE_UNKNOWN),
  keyOf: ({ evidenceId }) => evidenceRecords.keyOf(evidenceId),
})
