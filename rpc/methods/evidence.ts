// Owns: chain_submitEvidence, bringing in evidence. Not here: the public record of it (the governance room's queries).
import { isFailure } from '../../core/base/errors.ts'
import { EvidenceSchema, encodeEvidence, offenceId, offenceOf } from '../../core/chain/evidence.ts'
import { struct } from '../../core/codec/compound.ts'
import { hash32 } from '../../core/codec/fields.ts'
import { defineMethod } from '../method.ts'
import type { Method } from '../method.ts'
import { renderHash } from '../render.ts'

const RECORDED = 'GOVERNANCE_EVIDENCE_KNOWN'

/** chain_submitEvidence. */
export const evidenceMethods: readonly Method[] = [
  defineMethod({
    name: 'chain_submitEvidence',
    about:
      'Brings in evidence: two signed messages of one validator that an honest key never makes. It needs no account and costs ' +
      'no credits; a block takes it soon. What is on record already is no error.',
    params: struct({ evidence: EvidenceSchema }),
    result: {
      type: 'object',
      properties: { evidenceId: hash32.jsonSchema, status: { enum: ['waiting', 'recorded'] } },
      required: ['evidenceId', 'status'],
    },
    // Two signature checks, like two transactions.
    cost: 10,
    run: ({ node }, { evidence }) => {
      const evidenceId = renderHash(offenceId(offenceOf(evidence)))
      const offered = node.submitEvidence(encodeEvidence(evidence))
      if (!isFailure(offered)) return { evidenceId, status: 'waiting' }
      return offered.code === RECORDED ? { evidenceId, status: 'recorded' } : offered
    },
  }),
]
