// Owns: what governance tells of evidence. Not here: when (evidence.ts).
import { defineEvent } from '../../core/execution/module.ts'
import { EvidenceEvent } from './evidence-schema.ts'

/** An offence of a validator was recorded. */
export const EvidenceRecorded = defineEvent({
  type: 0x01a0,
  name: 'governance.evidenceRecorded',
  payload: EvidenceEvent,
  about: 'A validator signed two messages that an honest key never makes; the record names what followed.',
})
