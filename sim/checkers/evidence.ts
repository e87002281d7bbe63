// Owns: evidence on the chain: it names nobody honest, each offence once. Not here: evidence that a machine found and has not
// brought into a block (watch.ts).
import type { Block } from '../../core/chain/block.ts'
import { decodeEvidence, offenceId, offenceOf } from '../../core/chain/evidence.ts'
import type { Coverage } from '../coverage.ts'
import type { World } from '../world.ts'
import type { Report } from './violation.ts'

/** What the checker is built from. */
export type EvidenceCheckerParts = {
  readonly world: World
  readonly honest: (machine: number) => boolean
  readonly report: Report
  readonly coverage: Coverage
}

/** Looks at the evidence of each final block, once per height. */
export function createEvidenceChecker({ world, honest, report, coverage }: EvidenceCheckerParts): (block: Block) => void {
  const known = new Set<string>()
  return ({ header, evidence }) => {
    if (evidence.length > 1) coverage.note(21, 'several in one block')
    for (const bytes of evidence) {
      const found = decodeEvidence(bytes)
      if (found === null) {
        report('evidence', -1, `block ${header.height} holds evidence that cannot be read`)
        continue
      }
      const offence = offenceOf(found)
      const named = world.validators.findIndex(({ address }) => address === offence.validator)
      coverage.note(21, 'on record')
      if (named === -1 || honest(named))
        report('evidence', named, `block ${header.height} accuses an honest key of ${found.kind}`)
      const id = offenceId(offence)
      if (known.has(id)) report('evidence', named, `block ${header.height} records an offence that is on record`)
      known.add(id)
    }
  }
}
