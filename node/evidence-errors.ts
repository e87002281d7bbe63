// Owns: what the pool of evidence itself refuses. Not here: what is wrong with evidence (modules/governance/errors.ts).
import { defineErrors } from '../core/base/errors.ts'

/** Refusals of the pool; numbers 224-255 of room 0, never in a receipt. */
export const EvidencePoolError = defineErrors('EVIDENCE_POOL', {
  FULL: [244, 'early', 'As much evidence waits here as the pool takes; it will be in a block soon, send this again then.'],
})
