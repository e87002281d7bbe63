// Owns: plain answers about where consensus stands, for operators and the host. Not here: what peers are sent (catch-up.ts).
import type { Address, BlockId } from '../core/base/ids.ts'
import type { Certificate } from '../core/chain/certificate.ts'
import { proposerOf } from '../core/chain/validator-set.ts'
import { fullestCertificate } from './last-commit.ts'
import type { ConsensusState, Step } from './state.ts'

/**
 * The fullest commit certificate of the height in hand once it has its quorum, else of the height before it; null when the
 * machine saw neither (after a start or a catch-up by blocks). Grows while late precommits arrive; complete with n signatures.
 */
export function lateCommit(state: ConsensusState): Certificate | null {
  const last = state.lastCommit
  return last !== null && last.height >= state.height - 1 ? fullestCertificate(last) : null
}

/** Whom the present step waits for, by authority in the order of the set. */
export function whoIsMissing(state: ConsensusState): { readonly step: Step; readonly missing: readonly Address[] } {
  const { step, set, round, height } = state
  if (step === 'newHeight' || step === 'decided' || state.pendingCommit !== null) return { step, missing: [] }
  if (step === 'propose') {
    const { authority } = proposerOf(set, { height, round })
    return { step, missing: state.proposals.has(round) ? [] : [authority] }
  }
  const votes = state.votes.rounds.get(round)?.[step].votes ?? []
  const silent = set.validators.filter((_, index) => (votes[index] ?? null) === null)
  return { step, missing: silent.map(({ authority }) => authority) }
}

/** The block that a quorum committed and that we hold invalid, or null: this node is wrong or a third are; a person must look. */
export function committedButInvalid(state: ConsensusState): BlockId | null {
  const commit = state.pendingCommit
  return commit !== null && state.validity.get(commit.blockId) === 'invalid' ? commit.blockId : null
}
