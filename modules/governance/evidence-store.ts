// Owns: the key layout of evidence. Not here: what the records mean (evidence-schema.ts).
import { sortableHex } from '../../core/base/bytes.ts'
import type { Hash32 } from '../../core/base/ids.ts'
import { struct } from '../../core/codec/compound.ts'
import { hash32 } from '../../core/codec/fields.ts'
import { defineStore } from '../../core/state/store.ts'
import { CulpritSchema, EvidenceRecordSchema, EvidenceWindowSchema } from './evidence-schema.ts'
import type { EvidenceWindow } from './evidence-schema.ts'

/** Recorded offences by id; kept for ever, they are the public record. */
export const evidenceRecords = defineStore({
  prefix: 'governance/evidence',
  key: (evidenceId: Hash32) => evidenceId,
  value: EvidenceRecordSchema,
})

/** Ids of recorded offences in the order of recording. */
export const evidenceIds = defineStore({
  prefix: 'governance/evidenceId',
  key: (number: number) => sortableHex(number),
  value: struct({ evidenceId: hash32 }),
})

/** Offences by consensus key, in hex. */
export const culprits = defineStore({
  prefix: 'governance/culprit',
  key: (publicKeyHex: string) => publicKeyHex,
  value: CulpritSchema,
})

/** How far back evidence is taken, one record. */
export const evidenceWindow = defineStore<null, EvidenceWindow>({
  prefix: 'governance',
  key: () => 'evidenceWindow',
  value: EvidenceWindowSchema,
})
