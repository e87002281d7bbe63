// Owns: remembering verdicts of costly checks by the hash of all that they depend on, so that a ballot is checked once from
// submit to final. Bounded; a forgotten verdict is made again, with the same outcome. Not here: where verdicts are made
// (proof-desk.ts), what is checked (the rooms).
import { concatBytes, u32ToBytes } from '../core/base/bytes.ts'
import type { Recall } from '../core/execution/check.ts'
import { sha256 } from '../core/crypto/hash.ts'

/** Verdicts by statement. */
export type VerdictMemory = {
  /** The verdict: remembered, or made now and remembered. */
  readonly recall: Recall
  /** What stands for a statement of a transaction type. */
  readonly keyOf: (type: number, statement: Uint8Array) => string
  readonly has: (key: string) => boolean
  /** Keeps a verdict that was made elsewhere. */
  readonly keep: (key: string, verdict: string | null) => void
  readonly count: () => number
}

/** Verdicts kept: ballots of several full blocks and of a full mempool's carriers; about 10 MB. */
export const VERDICTS_MAX = 50_000

/** An empty memory; `onMade` is told of each verdict and where it was made. */
export function createVerdictMemory(
  max: number = VERDICTS_MAX,
  onMade: (where: 'loop' | 'thread') => void = () => undefined,
): VerdictMemory {
  const verdicts = new Map<string, string | null>()
  const keyOf = (type: number, statement: Uint8Array): string => sha256(concatBytes(u32ToBytes(type), statement))
  const keep = (key: string, verdict: string | null): void => {
    if (verdicts.size >= max) verdicts.delete(verdicts.keys().next().value as string)
    verdicts.set(key, verdict)
  }
  return {
    recall(type, statement, judge) {
      const key = keyOf(type, statement)
      const known = verdicts.get(key)
      if (known !== undefined) return known
      onMade('loop')
      const verdict = judge(statement)
      keep(key, verdict)
      return verdict
    },
    keyOf,
    has: (key) => verdicts.has(key),
    keep(key, verdict) {
      onMade('thread')
      keep(key, verdict)
    },
    count: () => verdicts.size,
  }
}
