// Owns: making a failing plan smaller while it still fails in the same way: fewer faults, liars, heights, less time.
// Not here: running it (simulator.ts).
import type { Kept, Violation } from './checkers/violation.ts'
import type { Plan } from './plan.ts'

/** Says how a plan fails: the first violation, or null. */
export type Trial = (plan: Plan) => Promise<Violation | null>

function withoutPart<T>(from: readonly T[], at: number, count: number): T[] {
  return [...from.slice(0, at), ...from.slice(at + count)]
}

async function shrinkList<T>(items: readonly T[], fails: (items: T[]) => Promise<boolean>): Promise<T[]> {
  let kept = [...items]
  for (let size = Math.ceil(kept.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < kept.length; ) {
      const fewer = withoutPart(kept, at, size)
      if (await fails(fewer)) kept = fewer
      else at += size
    }
  }
  return kept
}

/** The smallest plan found that still breaks the same promise; `say` is told of each step. */
export async function shrinkPlan(plan: Plan, kind: Kept, trial: Trial, say: (plan: Plan) => void): Promise<Plan> {
  let best = plan
  const tryOne = async (candidate: Plan): Promise<boolean> => {
    const found = await trial(candidate)
    if (found?.kind !== kind) return false
    best = candidate
    say(candidate)
    return true
  }
  await shrinkList(plan.faults, (faults) => tryOne({ ...best, faults }))
  await shrinkList(best.byzantine, (byzantine) => tryOne({ ...best, byzantine }))
  for (const { machine, ways } of best.byzantine) {
    await shrinkList(ways, (fewer) =>
      tryOne({ ...best, byzantine: best.byzantine.map((liar) => (liar.machine === machine ? { machine, ways: fewer } : liar)) }),
    )
  }
  await tryOne({ ...best, txEveryMs: 0 })
  for (const faultMs of [1_000, 2_000, 4_000, 8_000]) {
    if (faultMs < best.faultMs && (await tryOne({ ...best, faultMs, faults: best.faults.filter(({ atMs }) => atMs <= faultMs) })))
      break
  }
  for (const heights of [1, 3, 8]) if (heights < best.heights && (await tryOne({ ...best, heights }))) break
  return best
}
