// Owns: what a clawback takes: first what is left of that grant, then a debt for what was used, nothing else.
// Not here: its steps (clawback-steps.ts).
import { kstDate } from '../../core/base/civil-time.ts'
import { failure } from '../../core/base/errors.ts'
import type { Failure } from '../../core/base/errors.ts'
import type { TxId } from '../../core/base/ids.ts'
import type { BlockEnv } from '../../core/execution/module.ts'
import type { ReadView, WriteView } from '../../core/state/view.ts'
import { PointsError } from './errors.ts'
import { readPerson } from './grant-rules.ts'
import { applyTakes } from './lots.ts'
import { changeBooks } from './programme.ts'
import { leftOf } from './rules.ts'
import type { Clawback } from './schema.ts'
import { clawbacks, grants, lots, persons } from './store.ts'

/** The clawback, or POINTS_CLAWBACK_UNKNOWN. */
export function findClawback(view: ReadView, caseId: TxId): Clawback | Failure {
  return clawbacks.get(view, caseId) ?? failure(PointsError.CLAWBACK_UNKNOWN)
}

/** POINTS_CLAWBACK_STATE unless the clawback is in one of these states. */
export function checkCase({ state }: Clawback, allowed: readonly Clawback['state'][]): Failure | null {
  return allowed.includes(state) ? null : failure(PointsError.CLAWBACK_STATE, { state, needs: allowed.join(' or ') })
}

/**
 * Takes the points: from the grant's lots, whoever holds them, in the order of their making; what of the rest was spent, or
 * once set against a debt, the person owes the same programme. What expired unused is owed by nobody.
 */
export function executeClawback(view: WriteView, clawback: Clawback, block: BlockEnv): { taken: bigint; owed: bigint } {
  const { programmeId, eventId, points } = clawback
  const key = { programmeId, eventId }
  const today = kstDate(block.time)
  const grant = grants.mustGet(view, key)
  let taken = 0n
  let used = grant.offset - grant.owed
  for (const lotId of grant.lots) {
    const lot = lots.mustGet(view, lotId)
    used += lot.spent + lot.burned
    const left = lot.expiresOn < today ? 0n : leftOf(lot)
    const part = left < points - taken ? left : points - taken
    if (part === 0n) continue
    applyTakes(view, { owner: lot.owner, takes: [{ lotId, points: part }], field: 'clawed', today })
    taken += part
  }
  const rest = points - taken
  const usable = used > 0n ? used : 0n
  const owed = rest < usable ? rest : usable
  grants.set(view, key, { ...grant, owed: grant.owed + owed })
  if (owed > 0n) {
    const person = readPerson(view, programmeId, grant.personTag)
    persons.set(view, { programmeId, personTag: grant.personTag }, { ...person, debt: person.debt + owed })
    changeBooks(view, programmeId, { debt: owed })
  }
  return { taken, owed }
}
