// Owns: finding proposals: by number, and the open one about a subject. Not here: their votes (voting.ts).
import { failure } from '../../core/base/errors.ts'
import type { Failure } from '../../core/base/errors.ts'
import type { Address, Height, TxId } from '../../core/base/ids.ts'
import type { ReadView, WriteView } from '../../core/state/view.ts'
import { GovernanceError } from './errors.ts'
import type { Action, Proposal } from './schema.ts'
import { isPending, subjectOf } from './seats.ts'
import { openChanges, proposalCount, proposalIds, proposals } from './store.ts'

type By = { readonly proposer: Address; readonly height: Height }

/**
 * GOVERNANCE_CHANGE_OPEN while another change of the same subject waits for its height (G1), or while the member has one open
 * itself. Of the others' open ones the first that is decided bars the rest: no member can bar a subject by letting its own lie.
 */
export function checkNoneOpen(view: ReadView, action: Action, { proposer, height }: By): Failure | null {
  const subject = subjectOf(action)
  if (subject === null) return null
  const proposalId = openChanges.get(view, { subject, proposer })?.proposalId ?? null
  const proposal = proposalId === null ? null : proposals.get(view, proposalId)
  if (proposal !== null && statusAt(proposal, height) === 'open')
    return failure(GovernanceError.CHANGE_OPEN, { proposalId: `0x${proposalId}` })
  return isPending(view, subject) ? failure(GovernanceError.CHANGE_OPEN, { pending: true }) : null
}

type Listed = { readonly proposalId: TxId; readonly action: Action; readonly proposer: Address }

/** Makes a new proposal findable. */
export function listProposal(view: WriteView, { proposalId, action, proposer }: Listed): void {
  const number = proposalCount.get(view, null) ?? 0
  proposalIds.set(view, number, { proposalId })
  proposalCount.set(view, null, number + 1)
  const subject = subjectOf(action)
  if (subject !== null) openChanges.set(view, { subject, proposer }, { proposalId })
}

/** What became of a proposal as of a height. */
export function statusAt({ status, expiresAt }: Proposal, height: Height): Proposal['status'] {
  return status === 'open' && height > expiresAt ? 'expired' : status
}
