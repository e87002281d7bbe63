// Owns: what a failure means for a transaction from a peer (ADR 0008). Not here: the answer to a submitting client.
import type { Failure } from '../../core/base/errors.ts'
import type { Verdict } from '../ports.ts'

/** `malformed` can never be valid: whoever forwards it lies. Everything else may be our own lag: ignore. */
export function verdictOf(outcome: Failure | null): Verdict {
  if (outcome === null) return 'accept'
  return outcome.class === 'malformed' ? 'reject' : 'ignore'
}
